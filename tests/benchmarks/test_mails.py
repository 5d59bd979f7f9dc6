"""The mail that measurements are made with: always the same, and like real mail in size and make-up."""

from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from benchmarks.mails import Written, mails
from benchmarks.people import people
from tickets import references

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def written(*, seed: int = 1, count: int = 400) -> list[Written]:
    return list(mails(people(200, seed=1), count=count, seed=seed, now=NOW))


@pytest.fixture(scope="module")
def sample() -> list[Written]:
    return written()


def test_same_seed_writes_the_same_bytes_and_another_does_not() -> None:
    assert written(count=30) == written(count=30)
    assert written(count=30) != written(count=30, seed=2)


def test_mails_have_the_size_of_real_mail_and_one_in_four_brings_a_file(sample: list[Written]) -> None:
    mean = sum(len(mail.raw) for mail in sample) / len(sample)
    with_files = sum(b"Content-Disposition: attachment" in mail.raw for mail in sample) / len(sample)

    assert 20_000 < mean < 40_000
    assert 0.18 < with_files < 0.32


def test_every_kind_of_sender_writes_and_no_two_mails_share_an_id(sample: list[Written]) -> None:
    kinds = {mail.kind for mail in sample}
    ids = {message_from_bytes(mail.raw)["Message-ID"] for mail in sample}

    assert kinds == {"answer", "first_notice", "reference", "known", "question", "stranger", "away"}
    assert len(ids) == len(sample)


def test_claim_numbers_of_invented_people_have_right_check_digits() -> None:
    assert all(references.is_valid(person.claim) for person in people(50, seed=3))
