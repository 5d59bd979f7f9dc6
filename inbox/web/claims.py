"""What is done on a claim: judging what came for its items, and asking for what it lacks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, Response

from inbox import desk
from inbox.web import builder
from inbox.web.builder import Draft
from inbox.web.security import FRAMED_POLICY
from inbox.web.tickets import moved
from inbox.web.visits import Posted, PostedItems, Ref, Visit, Visiting, go, number
from inbox.web.words import N_
from tickets import requests
from tickets.errors import DisclosureError, GuardError, UnknownReferenceError
from tickets.messages import Medium
from tickets.queue import View

router = APIRouter()


@router.post("/claims/{ref}/items/{item}/accept")
def accept(visit: Visiting, ref: Ref, item: Ref, fields: Posted) -> Response:
    """Accept what came for an item."""
    return _judged(
        visit,
        ref,
        fields,
        lambda document: desk.accept(visit.app, ref, item, staff=visit.staff, document_id=document),
    )


@router.post("/claims/{ref}/items/{item}/reject")
def reject(visit: Visiting, ref: Ref, item: Ref, fields: Posted) -> Response:
    """Reject what came for an item, with a reason that goes into the next request."""

    def move(document: int | None) -> None:
        desk.reject(
            visit.app, ref, item, staff=visit.staff, reason=fields.get("reason", "").strip(), document_id=document
        )

    return _judged(visit, ref, fields, move)


@router.post("/claims/{ref}/items/{item}/waive")
def waive(visit: Visiting, ref: Ref, item: Ref, fields: Posted) -> Response:
    """Do without an item."""
    reason = fields.get("reason", "").strip()
    return _judged(
        visit, ref, fields, lambda _document: desk.waive(visit.app, ref, item, staff=visit.staff, reason=reason)
    )


def _judged(visit: Visit, ref: str, fields: Mapping[str, str], move: Callable[[int | None], object]) -> Response:
    document = number(fields.get("document", ""))
    return moved(visit, _ticket(visit, ref, fields.get("ticket", "")), fields, lambda: move(document))


@router.get("/claims/{ref}/request")
def show(  # noqa: PLR0917 - a form's fields in an address
    visit: Visiting,
    ref: Ref,
    items: Annotated[list[str] | None, Query()] = None,
    due_on: str = "",
    ticket: str = "",
    view: str = View.TEAM,
    chosen: str = "",
) -> Response:
    """The request builder: what to ask for and why, and how it reads in each medium."""
    ticked = items or [] if chosen else None
    return _builder(visit, ref, ticked, due_on, ticket=ticket, view=view)


@router.get("/claims/{ref}/request/{medium}")
def preview(
    visit: Visiting,
    ref: Ref,
    medium: Medium,
    items: Annotated[list[str] | None, Query()] = None,
    due_on: str = "",
) -> Response:
    """One medium's page of the request as it would leave, to be shown in a frame."""
    draft = builder.draft(visit.app, ref, staff=visit.staff, ticked=items or [], due_on=_day(visit, due_on))
    words = next((each.words for each in draft.previews if each.to.medium is medium), None)
    if words is None or words.html is None:
        raise UnknownReferenceError(f"{ref} has no page for {medium}")
    headers = {"Content-Security-Policy": FRAMED_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(words.html, headers=headers)


@router.post("/claims/{ref}/ask")
def ask(visit: Visiting, ref: Ref, fields: Posted, items: PostedItems) -> Response:
    """Send the request for what is ticked, on every medium the customer allows."""
    due_on, view = fields.get("due_on", ""), fields.get("view") or View.TEAM
    try:
        code = desk.ask(visit.app, ref, staff=visit.staff, due_on=_day(visit, due_on), only=_ticked(items))
    except (GuardError, DisclosureError) as error:
        said = error.said(visit.language.code)
        return _builder(visit, ref, items, due_on, ticket=fields.get("ticket", ""), view=view, trouble=said)
    with visit.reading() as session:
        sent = requests.find(session, code)
        onward = sent.ticket.ref if sent.ticket else ""
    return go(f"/tickets/{onward}?view={view}")


def _builder(
    visit: Visit,
    ref: str,
    ticked: Sequence[str] | None,
    due_on: str,
    *,
    ticket: str,
    view: str,
    trouble: str | None = None,
) -> Response:
    day = None
    try:
        day = _day(visit, due_on)
    except GuardError as error:
        trouble = trouble or error.said(visit.language.code)
    draft = builder.draft(visit.app, ref, staff=visit.staff, ticked=ticked, due_on=day)
    return visit.page(
        "request.html",
        status=409 if trouble else 200,
        draft=draft,
        due_on=due_on or _default_day(visit).isoformat(),
        earliest=_tomorrow(visit).isoformat(),
        query=_query(draft, due_on if day else ""),
        ticket_ref=_ticket(visit, ref, ticket),
        view=view if view in list(View) else View.TEAM,
        trouble=trouble,
    )


def _ticked(items: Sequence[str]) -> Sequence[str]:
    if not items:
        raise GuardError(N_("tick at least one item"))
    return items


def _query(draft: Draft, due_on: str) -> list[tuple[str, str]]:
    """The fields of the builder as they stand in the address of a preview."""
    return [*(("items", item) for item in draft.ticked), ("due_on", due_on)]


def _day(visit: Visit, written: str) -> date | None:
    """The day an answer is asked for by; raises `GuardError` for what is no day to come."""
    if not written:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = date.min
    if not _tomorrow(visit) <= day <= _tomorrow(visit) + timedelta(days=365):
        raise GuardError(N_("write the day as 2026-12-07, not before tomorrow"))
    return day


def _tomorrow(visit: Visit) -> date:
    return visit.app.office.day(visit.app.clock()) + timedelta(days=1)


def _default_day(visit: Visit) -> date:
    return visit.app.office.day(visit.app.clock()) + timedelta(days=visit.app.office.due_days)


def _ticket(visit: Visit, claim_ref: str, named: str) -> str:
    """The ticket a claim is worked on: the one named, else its newest; "" if it has none."""
    if named:
        return named
    with visit.reading() as session:
        newest = requests.latest_ticket(session, desk.find_claim(session, claim_ref))
        return newest.ref if newest else ""
