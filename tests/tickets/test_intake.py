"""The intake ledger: every copy once, one fate each."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.tickets.ledger import claims_mail, mail, post, record, states
from tickets import intake
from tickets.blobs import INLINE_BYTES, Blobs
from tickets.database import Store
from tickets.errors import GuardError
from tickets.messages import Pickup
from tickets.models import ArrivalState

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def test_mail_fetched_twice_has_one_line_in_the_ledger(store: Store, blobs: Blobs) -> None:
    assert record(store, blobs, claims_mail, mail(1)) == [True]

    assert record(store, blobs, claims_mail, mail(1), mail(2)) == [False, True]

    assert states(store) == [ArrivalState.RECEIVED, ArrivalState.RECEIVED]


def test_two_mails_with_the_same_content_are_two_arrivals(store: Store, blobs: Blobs) -> None:
    same = b"Subject: twice\r\n\r\nthe same words"

    assert record(store, blobs, claims_mail, mail(1, raw=same), mail(2, raw=same)) == [True, True]


def test_mailbox_that_was_numbered_anew_brings_nothing_twice(store: Store, blobs: Blobs) -> None:
    record(store, blobs, claims_mail, *(mail(uid) for uid in range(1, 6)))

    first = record(store, blobs, claims_mail, *(mail(uid, validity=2) for uid in range(1, 4)))
    rest = record(store, blobs, claims_mail, *(mail(uid, validity=2) for uid in range(4, 7)))

    assert first == [False, False, False]
    assert rest == [False, False, True]


def test_renumbered_copies_are_matched_one_by_one(store: Store, blobs: Blobs) -> None:
    same = b"Subject: twice\r\n\r\nthe same words"
    record(store, blobs, claims_mail, mail(1, raw=same))

    again = record(store, blobs, claims_mail, mail(1, raw=same, validity=2), mail(2, raw=same, validity=2))

    assert again == [False, True]


def test_scan_put_in_again_is_a_new_arrival_and_a_duplicate(store: Store, blobs: Blobs) -> None:
    record(store, blobs, post, Pickup(handle="a", external_id="c0ffee", raw=b"%PDF", source="inode 1"))

    again = record(store, blobs, post, Pickup(handle="b", external_id="c0ffee", raw=b"%PDF", source="inode 2"))

    assert again == [True]
    assert states(store) == [ArrivalState.RECEIVED, ArrivalState.DUPLICATE]
    with store.reading() as session:
        assert [line.arrival.external_id for line in intake.ledger(session)] == ["c0ffee", "c0ffee#2"]


def test_scan_not_yet_moved_is_the_same_copy(store: Store, blobs: Blobs) -> None:
    scan = Pickup(handle="a", external_id="c0ffee", raw=b"%PDF", source="inode 1")
    record(store, blobs, post, scan)

    assert record(store, blobs, post, scan) == [False]


def test_third_failure_quarantines_and_a_person_can_try_again(store: Store, blobs: Blobs) -> None:
    record(store, blobs, claims_mail, mail(1))
    with store.writing() as session:
        [arrival] = intake.waiting(session, media=[claims_mail.medium], limit=9)
        for _ in range(intake.ATTEMPTS):
            assert arrival.state is ArrivalState.RECEIVED
            intake.failed(arrival, "the reader died")
    assert states(store) == [ArrivalState.QUARANTINED]

    with store.writing() as session:
        intake.retry(session, 1, actor="staff:1")

    assert states(store) == [ArrivalState.RECEIVED]


def test_discarding_needs_a_person_with_a_reason(store: Store, blobs: Blobs) -> None:
    record(store, blobs, claims_mail, mail(1))
    with store.writing() as session:
        [arrival] = intake.waiting(session, media=[claims_mail.medium], limit=9)
        intake.failed(arrival, "not a message", final=True)

    with pytest.raises(GuardError, match="reason"), store.writing() as session:
        intake.discard(session, 1, actor="staff:1", reason=" ")


@pytest.mark.parametrize("size", [10, INLINE_BYTES + 1])
def test_raw_bytes_come_back_as_they_arrived(store: Store, blobs: Blobs, size: int) -> None:
    raw = bytes(range(256)) * (size // 256 + 1)
    record(store, blobs, claims_mail, mail(1, raw=raw))

    with store.reading() as session:
        [line] = intake.ledger(session)
        assert blobs.get(session, line.arrival.sha256) == raw
