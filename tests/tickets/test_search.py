"""One box finds references, numbers in any spelling, misspelt names and words inside messages."""

import pytest
from sqlalchemy import select

from tests.tickets.desk import CLAIM_A, OFFICE, Desk, mail
from tickets import references, search
from tickets.database import Store
from tickets.models import Party
from tickets.parties import folded_name

CNP, STEFANS = "1960801400017", references.make("CLM", 2026, 701)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.with_world(store)


def found(desk: Desk, typed: str) -> list[search.Found]:
    with desk.store.writing() as session:
        search.catch_up(session)
    with desk.store.reading() as session:
        return search.find(session, OFFICE, typed)


@pytest.mark.parametrize(
    "typed",
    [
        CLAIM_A, "clm26 004711 58", "CLM26-0047", "cas 045 1237", "0722 123 456", "+40722123456", "0722.123.456",
        "maria.popescu@example.ro", "Maria Popescu", "popescu m", "pop mar", "Popecsu", "maria popesku", "POPESCU",
    ],
)  # fmt: skip
def test_claim_is_found_by_whatever_people_know_of_it(desk: Desk, typed: str) -> None:
    assert CLAIM_A in [each.ref for each in found(desk, typed)]


@pytest.mark.parametrize("typed", ["infiltratie tavan", "INFILTRAȚIE", "infiltra", "tavanul infiltrație"])
def test_words_inside_a_message_are_found_whatever_their_diacritics(desk: Desk, typed: str) -> None:
    said = "infiltrația provine de la coloana comună, tavanul e distrus"
    desk.file_one(mail(said, subject=f"[{CLAIM_A}] pagubă"))

    [hit] = [each for each in found(desk, typed) if each.inside]

    assert hit.ref == CLAIM_A
    assert "infiltrația" in hit.words or "tavanul" in hit.words


@pytest.mark.parametrize(
    "typed", ["", "   ", "zzzzqqq", '"', "*", "a OR b", "(", "NEAR(", "'; drop table party", "%", "&|!", "-"]
)
def test_odd_words_find_nothing_and_break_nothing(desk: Desk, typed: str) -> None:
    assert [each for each in found(desk, typed) if each.ref == CLAIM_A and not each.inside] == []


def test_personal_number_is_in_no_index_and_finds_its_owner(desk: Desk) -> None:
    stefan = {"id": "stefan", "name": "Ștefan Rusu", "cnp": CNP, "emails": [], "phones": []}
    claim = {"ref": STEFANS, "type": "home", "claimant": "stefan", "loss_date": "2026-11-07",
             "reported_on": "2026-11-08", "cause": "fire", "state": "open"}  # fmt: skip
    desk.add(customers=[stefan], claims=[claim])
    desk.file_one(mail(f"CNP-ul meu este {CNP}, infiltrația continuă", sender="altul@example.ro"))

    hits = found(desk, CNP)

    assert [(each.ref, each.inside) for each in hits] == [(STEFANS, False)]
    assert [each.inside for each in found(desk, "infiltratia")] == [True]


def test_renamed_customer_is_found_by_the_new_name_alone(desk: Desk) -> None:
    with desk.store.writing() as session:
        maria = session.scalars(select(Party).where(Party.name == "Maria Popescu")).one()
        maria.name, maria.name_folded = "Maria Vrânceanu", folded_name("Maria Vrânceanu")

    assert CLAIM_A in [each.ref for each in found(desk, "vranceanu")]
    assert CLAIM_A not in [each.ref for each in found(desk, "popescu") if not each.inside]
