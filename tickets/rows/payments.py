"""Storing payments: what the bank says of our own goes to them, all others into the record of their claim."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tickets import moves, payments
from tickets.errors import ImportRowError
from tickets.models import Claim, Payment, PaymentState
from tickets.rows.claims import by_foreign_number
from tickets.rows.loading import Given, Loading
from tickets.rows.shapes import PaymentRow

#: Our payments that a bank can know of.
_SPOKEN_OF = (*moves.GONE, PaymentState.RETURNED)
#: Words of a bank's files for money that arrived, and for money that came back.
_PAID = frozenset({"paid", "confirmed", "settled", "executed"})
_RETURNED = frozenset({"returned", "rejected", "failed"})


def store(loading: Loading, rows: Iterable[Given[PaymentRow]]) -> None:
    """Add each to its claim, or bring the same one up to date: an equal amount, paid on the same day or not yet."""
    listed = list(rows)
    loading.find_claims(each.row.claim for each in listed)
    renamed = by_foreign_number(loading, {each.row.claim for each in listed} - loading.claims.keys())
    loading.find_claims(renamed.values())
    ours = _ours(loading)
    checked = loading.passing("payment", listed, lambda row: _known(loading, renamed, ours, row))
    of_claims: dict[str, list[PaymentRow]] = {}
    told = 0
    for each in checked:
        own = _own(ours, _claim(loading, renamed, each.row), each.row)
        if own is not None:
            told += len(loading.passing("payment", [each], partial(_tell, loading, own)))
            continue
        of_claims.setdefault(_claim(loading, renamed, each.row).ref, []).append(each.row)
    for ref, its in of_claims.items():
        _apply(loading.claims[ref], its)
    loading.session.flush()  # what the store would refuse shows here
    loading.count("payments", told + sum(map(len, of_claims.values())))


def _claim(loading: Loading, renamed: dict[str, str], row: PaymentRow) -> Claim:
    claim = loading.claims.get(renamed.get(row.claim, row.claim))
    if claim is None:
        raise ImportRowError("claim: there is no such claim")
    return claim


def _known(loading: Loading, renamed: dict[str, str], ours: dict[str, list[Payment]], row: PaymentRow) -> None:
    claim = _claim(loading, renamed, row)
    if row.payment is None:
        return
    own = next((each for each in ours.get(claim.ref, []) if each.once == row.payment), None)
    if own is None:
        raise ImportRowError("payment: the claim has no such payment that has left us")
    if (own.amount_minor, own.currency) != (row.amount_minor, row.currency or own.currency):
        raise ImportRowError("amount: the payment is of another amount")


def _ours(loading: Loading) -> dict[str, list[Payment]]:
    """Every payment of these claims that the bank may speak of, oldest first."""
    ids = [claim.id for claim in loading.claims.values() if claim.id]
    query = select(Payment).where(Payment.claim_id.in_(ids), Payment.state.in_(_SPOKEN_OF)).order_by(Payment.id)
    found: dict[str, list[Payment]] = {}
    for payment in loading.session.scalars(query.options(joinedload(Payment.claim))):
        found.setdefault(payment.claim.ref, []).append(payment)
    return found


def _own(ours: dict[str, list[Payment]], claim: Claim, row: PaymentRow) -> Payment | None:
    """Our payment that a row speaks of: by its reference, else of its amount - told already, or the next to be told."""
    its = ours.get(claim.ref, [])
    if row.payment is not None:
        return next((each for each in its if each.once == row.payment), None)
    wanted = (row.amount_minor, row.currency or claim.currency)
    alike = [each for each in its if (each.amount_minor, each.currency) == wanted]
    return next(iter([*_told(alike, row), *_to_be_told(alike, row)]), None)


def _told(alike: list[Payment], row: PaymentRow) -> list[Payment]:
    """Those of which we have heard this very thing before."""
    if (row.state or _usual(row)) in _RETURNED:
        return [each for each in alike if each.state is PaymentState.RETURNED]
    return [each for each in alike if each.paid_on is not None and each.paid_on == row.paid_on]


def _to_be_told(alike: list[Payment], row: PaymentRow) -> list[Payment]:
    """Those of which it would be news: the next that waits, or the last that went out and came back."""
    if (row.state or _usual(row)) in _RETURNED:
        return alike[::-1]
    return [each for each in alike if each.paid_on is None and each.state is not PaymentState.RETURNED]


def _tell(loading: Loading, payment: Payment, row: PaymentRow) -> None:
    state = row.state or _usual(row)
    if state in _RETURNED:
        payments.come_back(loading.session, payment, reason=row.reason or state, actor=loading.actor, now=loading.now)
    elif state in _PAID:
        if payment.state is PaymentState.RETURNED:
            raise ImportRowError("state: the payment has come back; it is not paid after that")
        day = row.paid_on or loading.office.day(loading.now)
        payments.confirm(loading.session, payment, paid_on=day, actor=loading.actor, now=loading.now)


def _apply(claim: Claim, rows: Iterable[PaymentRow]) -> None:
    """Two equal payments of one file are two; the same file again finds both."""
    left = [dict(each) for each in claim.record.get("payments", [])]
    done: list[dict[str, Any]] = []
    for row in rows:
        wanted = _payment(row, claim)
        same = _same(left, wanted)
        if same is not None:
            left.remove(same)
        done.append(wanted)
    kept = sorted([*left, *done], key=lambda each: (each["paid_on"] or "", each["amount_minor"]))
    if kept != claim.record.get("payments"):
        claim.record = {**claim.record, "payments": kept}


def _same(payments: list[dict[str, Any]], wanted: dict[str, Any]) -> dict[str, Any] | None:
    """The payment that this row speaks of: the one of its day first, then one that had no day yet."""
    alike = [each for each in payments if all(each[key] == wanted[key] for key in ("amount_minor", "currency"))]
    for day in (wanted["paid_on"], None):
        found = next((each for each in alike if each["paid_on"] == day), None)
        if found is not None:
            return found
    return None


def _payment(row: PaymentRow, claim: Claim) -> dict[str, Any]:
    said = row.model_dump(mode="json", exclude={"claim", "payment", "reason"})
    return {**said, "currency": row.currency or claim.currency, "state": row.state or _usual(row)}


def _usual(row: PaymentRow) -> str:
    return "paid" if row.paid_on else "proposed"
