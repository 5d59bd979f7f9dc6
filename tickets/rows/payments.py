"""Storing payments: kept in the record of their claim."""

from collections.abc import Iterable
from typing import Any

from tickets.errors import ImportRowError
from tickets.models import Claim
from tickets.rows.claims import by_foreign_number
from tickets.rows.loading import Given, Loading
from tickets.rows.shapes import PaymentRow


def store(loading: Loading, rows: Iterable[Given[PaymentRow]]) -> None:
    """Add each to its claim, or bring the same one up to date: an equal amount, paid on the same day or not yet."""
    listed = list(rows)
    loading.find_claims(each.row.claim for each in listed)
    renamed = by_foreign_number(loading, {each.row.claim for each in listed} - loading.claims.keys())
    loading.find_claims(renamed.values())
    checked = loading.passing("payment", listed, lambda row: _claim(loading, renamed, row))
    of_claims: dict[str, list[PaymentRow]] = {}
    for each in checked:
        of_claims.setdefault(_claim(loading, renamed, each.row).ref, []).append(each.row)
    for ref, its in of_claims.items():
        _apply(loading.claims[ref], its)
    loading.session.flush()  # what the store would refuse shows here
    loading.count("payments", len(checked))


def _claim(loading: Loading, renamed: dict[str, str], row: PaymentRow) -> Claim:
    claim = loading.claims.get(renamed.get(row.claim, row.claim))
    if claim is None:
        raise ImportRowError("claim: there is no such claim")
    return claim


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
    said = row.model_dump(mode="json", exclude={"claim"})
    return {**said, "currency": row.currency or claim.currency, "state": row.state or _usual(row)}


def _usual(row: PaymentRow) -> str:
    return "paid" if row.paid_on else "proposed"
