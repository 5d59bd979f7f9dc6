"""Expenses a person writes down: what they must hold, what stays in the history, and what becomes payable."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from tests.tickets.deciders import APPROVAL, Deciders, claim_called
from tests.tickets.desk import CLAIM_A, CLAIM_B, attachment, mail
from tickets import expenses, value_uses
from tickets.database import Store
from tickets.errors import GuardError, UnknownReferenceError
from tickets.expenses import Entry
from tickets.guards import Cause
from tickets.models import Claim, Event, MessageFile

TODAY = date(2026, 11, 26)
COVERAGES = ["home"]
ENTRY = Entry(description="Zugrăvit tavan", amount_minor=125_000, currency="RON", coverage="home", spent_on=TODAY)


@pytest.fixture
def desk(store: Store) -> Deciders:
    """Claim A and claim B of the scenarios."""
    return Deciders.with_world(store)


def cause(desk: Deciders, reason: str = "") -> Cause:
    return Cause(actor="staff:1", at=desk.now, reason=reason)


def lines(desk: Deciders) -> list[tuple[str, int, str]]:
    with desk.store.reading() as session:
        return [(each.description, each.total_minor, each.currency) for each in claim_called(session, CLAIM_A).lines]


def add(desk: Deciders, entry: Entry = ENTRY, ref: str = CLAIM_A) -> int:
    with desk.store.writing() as session:
        claim = claim_called(session, ref)
        entry = replace(entry, coverage=value_uses.coverages(claim)[0])
        return expenses.add(session, claim, entry, today=TODAY, cause=cause(desk)).id


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({"description": "  "}, "what the expense is for"),
        ({"amount_minor": None}, "an amount above 0"),
        ({"amount_minor": 0}, "an amount above 0"),
        ({"amount_minor": 10**14 + 1}, "an amount above 0"),
        ({"currency": "LEI"}, "the currency as RON"),
        ({"coverage": "travel"}, "a coverage of its policy"),
        ({"spent_on": date(2026, 11, 27)}, "of a day to come"),
    ],
)
def test_expense_says_what_it_lacks(change: dict[str, object], lacks: str) -> None:
    claim = Claim(ref=CLAIM_A, type="home", created_at=None)  # type: ignore[arg-type]  # no moment is asked for
    refusal = expenses.why_not(claim, replace(ENTRY, **change), coverages=COVERAGES, today=TODAY)  # type: ignore[arg-type]  # as listed
    assert refusal is not None
    assert lacks in refusal.en
    assert refusal.ro != refusal.en
    assert expenses.why_not(claim, ENTRY, coverages=COVERAGES, today=TODAY) is None


def test_expense_is_added_corrected_and_struck_and_its_history_stays(desk: Deciders) -> None:
    before = lines(desk)
    line = add(desk)
    assert lines(desk) == [*before, ("Zugrăvit tavan", 125_000, "RON")]

    with desk.store.writing() as session:
        claim = claim_called(session, CLAIM_A)
        entry = replace(ENTRY, amount_minor=120_000, coverage=value_uses.coverages(claim)[0])
        row = expenses.find(claim, line)
        expenses.correct(session, claim, row, entry, was_minor=125_000, today=TODAY, cause=cause(desk, "TVA"))
    with desk.store.writing() as session:
        claim = claim_called(session, CLAIM_A)
        row = expenses.find(claim, line)
        with pytest.raises(GuardError, match="somebody else changed"):
            expenses.strike(session, claim, row, was_minor=125_000, cause=cause(desk, "dublă"))
        with pytest.raises(GuardError, match="needs a reason"):
            expenses.strike(session, claim, row, was_minor=120_000, cause=cause(desk, " "))
        expenses.strike(session, claim, row, was_minor=120_000, cause=cause(desk, "dublă"))
    assert lines(desk) == before

    with desk.store.reading() as session:
        kept = session.scalars(select(Event).where(Event.kind.like("expense.%")).order_by(Event.id)).all()
        assert [each.kind for each in kept] == ["expense.added", "expense.corrected", "expense.struck"]
        assert kept[1].detail["before"]["amount_minor"] == 125_000
        assert kept[1].detail["after"]["amount_minor"] == 120_000
        assert (kept[2].detail["before"]["description"], kept[2].detail["reason"]) == ("Zugrăvit tavan", "dublă")
        with pytest.raises(UnknownReferenceError, match="has no expense"):
            expenses.find(claim_called(session, CLAIM_A), line)


def test_evidence_is_a_file_of_the_claim_and_of_no_other(desk: Deciders) -> None:
    desk.file_one(mail(f"deviz {CLAIM_A}", files=(attachment("deviz.pdf"),)))
    with desk.store.reading() as session:
        file = session.scalars(select(MessageFile.id)).one()
    assert add(desk, replace(ENTRY, file_id=file))
    with pytest.raises(GuardError, match="choose a file of this claim"):
        add(desk, replace(ENTRY, file_id=file), ref=CLAIM_B)


def test_decided_or_proposed_claim_takes_no_more_expenses(desk: Deciders) -> None:
    desk.decide(APPROVAL)
    with pytest.raises(GuardError, match="reopen it before"):
        add(desk, ref=CLAIM_B)
