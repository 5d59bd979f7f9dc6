"""Values read in files become the claim's only by a person, only as what they are, and never once it is decided."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.tickets.desk import CLAIM_A, Desk, attachment, mail
from tickets import value_uses
from tickets.database import Store
from tickets.errors import GuardError
from tickets.models import Claim, ClaimState, DocumentValue, MessageFile
from tickets.value_uses import Use


@pytest.fixture
def desk(store: Store) -> Desk:
    """Claim A, and an invoice that came for it and says what an invoice says."""
    desk = Desk.with_world(store)
    desk.file_one(mail(f"factura {CLAIM_A}", files=(attachment("factura.pdf"),)))
    return desk


def says(desk: Desk, **values: str) -> None:
    with desk.store.writing() as session:
        file = session.scalars(select(MessageFile)).one()
        session.add_all(
            DocumentValue(file=file, name=name, value=value, score=0.9 - number / 10)
            for number, (name, value) in enumerate(values.items())
        )


def take(desk: Desk, name: str, use: Use, coverage: str = "") -> Claim:
    with desk.store.writing() as session:
        value = session.scalars(select(DocumentValue).where(DocumentValue.name == name)).one()
        claim = _claim(session)
        value_uses.take(session, desk.office, claim, value, use=use, coverage=coverage)
        assert claim.lines is not None
        return claim


def _claim(session: Session) -> Claim:
    return session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()


def test_total_is_what_is_claimed_in_all(desk: Desk) -> None:
    says(desk, total="215000")

    assert take(desk, "total", Use.TOTAL).total_minor == 215_000


def test_total_in_another_currency_is_an_expense_and_not_what_is_claimed(desk: Desk) -> None:
    says(desk, total="43000", currency="EUR")

    with pytest.raises(GuardError, match="the total is in EUR, the claim in RON: take it as an expense"):
        take(desk, "total", Use.TOTAL)
    [line] = take(desk, "total", Use.LINE, "home").lines

    assert (line.description, line.total_minor, line.unit_minor, line.currency) == (
        "factura.pdf", 43_000, 43_000, "EUR",
    )  # fmt: skip


@pytest.mark.parametrize("coverage", ["", "rca"])
def test_expense_stands_under_a_coverage_of_the_claims_policy(desk: Desk, coverage: str) -> None:
    says(desk, total="215000")

    with pytest.raises(GuardError, match="choose a coverage of its policy"):
        take(desk, "total", Use.LINE, coverage)


def test_claim_without_a_policy_has_no_coverage_to_choose(desk: Desk) -> None:
    with desk.store.writing() as session:
        _claim(session).policy = None

    with desk.store.reading() as session:
        assert value_uses.coverages(_claim(session)) == []


def test_date_may_be_the_day_of_the_loss(desk: Desk) -> None:
    says(desk, date="2026-11-13")

    assert take(desk, "date", Use.LOSS_DATE).loss_date == date(2026, 11, 13)


@pytest.mark.parametrize(
    ("name", "value", "use"),
    [("date", "2026-11-13", Use.TOTAL), ("total", "1", Use.LOSS_DATE), ("plate", "B123ABC", Use.LINE)],
)
def test_value_becomes_nothing_that_it_is_not(desk: Desk, name: str, value: str, use: Use) -> None:
    says(desk, **{name: value})

    with pytest.raises(GuardError) as told:
        take(desk, name, use, "home")

    assert told.value.guard == "value"


def test_value_changes_nothing_of_a_claim_that_is_decided(desk: Desk) -> None:
    says(desk, total="215000")
    with desk.store.writing() as session:
        _claim(session).state = ClaimState.DENIED

    with pytest.raises(GuardError, match="reopen it before changing"):
        take(desk, "total", Use.TOTAL)
