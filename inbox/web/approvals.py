"""Approvals: what was decided, the limits in force and the evidence, side by side; approve, or return with a reason."""

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.responses import Response

from inbox import desk
from inbox.web.deciding import case_of, refused
from inbox.web.evidence import WIDE, ZOOMS, Place, Sheet, sheets_of
from inbox.web.visits import Key, Posted, Visit, Visiting, go, number
from tickets import conversation, decisions, queue
from tickets.errors import DisclosureError, GuardError, UnknownReferenceError
from tickets.models import Clock, Decision, DecisionState, Staff

router = APIRouter()


@router.get("/approvals")
def approvals(visit: Visiting, decision: str = "") -> Response:
    """What waits for a second person, the oldest legal clock first: the proposal beside the facts and the evidence."""
    return _page(visit, number(decision))


@router.post("/approvals/{decision_id}")
def answer(visit: Visiting, decision_id: Key, fields: Posted) -> Response:
    """Approve, or give it back with a reason; never one's own."""
    note = fields.get("note", "").strip()
    try:
        if fields.get("do") == "approve":
            desk.approve(visit.app, decision_id, staff=visit.staff, note=note)
        else:
            desk.return_decision(visit.app, decision_id, staff=visit.staff, note=note)
    except (GuardError, DisclosureError) as error:
        return _page(visit, decision_id, status=409, trouble=refused(error, visit), note=note)
    return go("/approvals")


def _page(
    visit: Visit, chosen: int | None, *, status: int = 200, trouble: str | None = None, note: str = ""
) -> Response:
    with visit.reading() as session:
        waiting = decisions.listed(session, state=DecisionState.PROPOSED)
        clocks = queue.claim_clocks(session, [each.claim_id for each in waiting])
        ordered = sorted(waiting, key=lambda each: _urgency(each, clocks))
        shown = next((each for each in ordered if each.id == chosen), ordered[0] if ordered else None)
        if chosen is not None and shown is not None and shown.id != chosen:
            raise UnknownReferenceError(f"decision {chosen} does not wait for approval")
        return visit.page(
            "approvals.html",
            status=status,
            waiting=ordered,
            clocks=clocks,
            chosen=shown,
            names=visit.names,
            trouble=trouble,
            note=note,
            **(_beside(session, visit, shown) if shown else {}),
        )


def _beside(session: Session, visit: Visit, decision: Decision) -> dict[str, object]:
    """What a proposal is judged by: the case, the limits in force, the claim's files."""
    messages = conversation.of_claim(session, decision.claim, restricted=visit.looking.restricted)
    sheets = sheets_of(session, messages)
    words, proposer = visit.request.query_params, session.get_one(Staff, decision.proposed_by_id)
    return {
        "case": case_of(session, visit, decision.claim.ref),
        "limits": decisions.limits(visit.app.office, decision, proposer, visit.staff, now=visit.app.clock()),
        "place": Place.of(sheets, words, first=_first(sheets)) if sheets else None,
        "zooms": ZOOMS,
        "wide": WIDE,
    }


def _first(sheets: list[Sheet]) -> int:
    """The file that stands open: the newest in which an amount was read, else the newest that can be shown."""
    told = [at for at, each in enumerate(sheets) if any(value.name == "total" for value in each.values)]
    seen = [at for at, each in enumerate(sheets) if each.can_be_shown]
    return (told or seen or [0])[-1]


def _urgency(decision: Decision, clocks: Mapping[int, Clock]) -> tuple[bool, datetime, int]:
    clock = clocks.get(decision.claim_id)
    return clock is None, clock.due_at if clock else decision.proposed_at, decision.id
