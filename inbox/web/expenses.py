"""The expenses of a claim on its page: written down, corrected, struck."""

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter
from starlette.responses import Response

from inbox import desk
from inbox.web.deciding import amount_in_minor, case_page
from inbox.web.visits import Key, Posted, Ref, Visit, Visiting, go, number
from inbox.web.words import N_
from tickets.errors import GuardError, UnknownReferenceError
from tickets.expenses import Entry

router = APIRouter()


@router.post("/claims/{ref}/expenses")
def add(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Write down one more."""
    try:
        desk.add_expense(visit.app, ref, _entry(fields), staff=visit.staff)
    except GuardError as error:
        return _refused(visit, ref, error, fields)
    return go(f"/claims/{ref}/decide#expenses")


@router.post("/claims/{ref}/expenses/{line}")
def change(visit: Visiting, ref: Ref, line: Key, fields: Posted) -> Response:
    """Correct one, or strike it with a reason."""
    was, reason = number(fields.get("was", "")), fields.get("reason", "")[:300]
    try:
        if fields.get("do") == "strike":
            desk.strike_expense(visit.app, ref, line, was_minor=was, staff=visit.staff, reason=reason)
        else:
            entry = _entry(fields)
            desk.correct_expense(visit.app, ref, line, entry, was_minor=was, staff=visit.staff, reason=reason)
    except GuardError as error:
        return _refused(visit, ref, error, {**fields, "line": str(line)})
    except UnknownReferenceError:  # the claim's own is looked at again when its page is shown
        return case_page(visit, ref, status=409, trouble=N_("this expense is not there any more"))
    return go(f"/claims/{ref}/decide#expenses")


def _refused(visit: Visit, ref: str, error: GuardError, fields: Mapping[str, str]) -> Response:
    return case_page(
        visit, ref, status=409, trouble=error.said(visit.language.code), typed={**fields, "kind": "approve"}
    )


def _entry(fields: Mapping[str, str]) -> Entry:
    """What the form says; raises `GuardError` for what is no amount or no day."""
    day = fields.get("spent_on", "")
    try:
        spent_on = date.fromisoformat(day) if day else None
    except ValueError:
        raise GuardError(N_("write the day as 2026-12-07")) from None
    return Entry(
        description=fields.get("description", ""),
        amount_minor=amount_in_minor(fields.get("expense", "")),
        currency=fields.get("currency", "").strip().upper(),
        coverage=fields.get("coverage", ""),
        spent_on=spent_on,
        file_id=number(fields.get("evidence", "")) or None,
    )
