"""Work across tickets: the next best one, named views, and one move on many tickets with its count first."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from inbox import desk
from inbox.desk.tickets import Before
from inbox.web.snoozing import chosen_snooze
from inbox.web.visits import Key, Narrowed, Posted, Visit, Visiting, form, go, number, require_genuine, written
from inbox.web.words import N_
from tickets import queue, work
from tickets.errors import GuardError
from tickets.models import Staff, Ticket

router = APIRouter()
#: Bulk moves that can still be undone; the oldest are forgotten first.
_MOST_UNDOS = 200


@router.get("/best")
def best(visit: Visiting, skip: str = "") -> Response:
    """Go to the ticket to work on next; the page says why it is this one."""
    skipped = [ref for ref in skip.split(",") if ref][:50]
    found = desk.next_best(visit.app, staff=visit.staff, skip=skipped)
    if found is None:
        return visit.page("notice.html", notice="nothing_next", why="")
    why = f"&why={found.clock.key}" if found.clock else "&why=age"
    return go(f"/tickets/{found.ticket.ref}?view=mine{why}&skip={','.join(skipped)}")


@router.post("/best/skip")
def skip(visit: Visiting, fields: Posted) -> Response:
    """Leave the ticket that was next for later, with a reason."""
    ref = fields.get("ticket", "")
    desk.skip(visit.app, ref, fields.get("reason", ""), staff=visit.staff)
    return go(f"/best?skip={','.join(filter(None, (fields.get('skip', ''), ref)))}")


# --- named views


@router.post("/views")
def save_view(visit: Visiting, fields: Posted) -> Response:
    """Name the list as it stands."""
    words = {"view": fields.get("view", "")} | dict(parse_qsl(fields.get("narrow", "")))
    narrowed = Narrowed.of(words)
    filters = {"view": str(narrowed.view)} | dict(parse_qsl(narrowed.query))
    with visit.app.store.writing() as session:
        work.save_view(session, visit.staff.id, fields.get("name", ""), filters, shared=fields.get("shared") == "yes")
    return go(f"/inbox/{narrowed.view}?{narrowed.query}")


@router.post("/views/{view_id}/drop")
def drop_view(visit: Visiting, view_id: Key, fields: Posted) -> Response:  # noqa: ARG001 - posted by our page: checked in `Posted`
    """Forget a named view."""
    with visit.app.store.writing() as session:
        work.drop_view(session, view_id, visit.staff.id)
    return go("/inbox/team")


# --- many at once


@dataclass
class Undos:
    """What bulk moves of the last minutes have changed, by an unguessable key; kept in memory only."""

    kept: OrderedDict[str, tuple[int, Sequence[Before]]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, staff_id: int, before: Sequence[Before]) -> str:
        """Remember what one person's move has changed."""
        key = secrets.token_urlsafe(12)
        with self.lock:
            self.kept[key] = (staff_id, before)
            while len(self.kept) > _MOST_UNDOS:
                self.kept.popitem(last=False)
        return key

    def take(self, key: str, staff_id: int) -> Sequence[Before]:
        """What a move of this person has changed, once; raises `GuardError` if it is forgotten."""
        with self.lock:
            owner, before = self.kept.pop(key, (0, ()))
        if owner != staff_id:
            raise GuardError(N_("this can no longer be undone"))
        return before


_undos = Undos()


@router.post("/inbox/{view}/bulk")
def bulk(visit: Visiting, view: str, fields: Annotated[FormData, Depends(form)]) -> Response:
    """Make one move on the chosen tickets, or say first how many it would touch."""
    require_genuine(visit, fields)
    words = {name: written(fields, name) for name in fields}
    narrowed = Narrowed.of({**dict(parse_qsl(words.get("narrow", ""))), "view": view})
    refs = _chosen(visit, narrowed, fields)
    back = f"/inbox/{narrowed.view}?{narrowed.query}"
    try:
        move = _move(visit, words)
        if words.get("sure") != "yes":
            return _asked_first(visit, narrowed, refs, words)
        changed = desk.bulk(visit.app, refs, move)
    except GuardError as error:
        return _asked_first(visit, narrowed, refs, words, trouble=str(error))
    key = _undos.keep(visit.staff.id, changed)
    return go(f"{back}&moved={len(changed)}&undo={key}")


@router.post("/bulk/undo")
def undo(visit: Visiting, fields: Posted) -> Response:
    """Put back what the last bulk move changed."""
    before = _undos.take(fields.get("undo", ""), visit.staff.id)
    number_of = desk.undo_bulk(visit.app, before, staff=visit.staff)
    return go(f"/inbox/{fields.get('view') or 'team'}?{fields.get('narrow', '')}&restored={number_of}")


def _chosen(visit: Visit, narrowed: Narrowed, fields: FormData) -> list[str]:
    """The ticked tickets, or every one of the list across its pages."""
    if written(fields, "all") != "yes":
        return list(dict.fromkeys(str(each) for each in fields.getlist("refs")))
    with visit.reading() as session:
        return queue.refs(session, narrowed.view, visit.looking, narrowed.only, limit=desk.MOST_AT_ONCE)


def _asked_first(
    visit: Visit, narrowed: Narrowed, refs: Sequence[str], words: Mapping[str, str], *, trouble: str | None = None
) -> Response:
    """How many tickets a move would touch, before it is made."""
    return visit.page(
        "bulk.html", status=409 if trouble else 200, narrowed=narrowed, refs=refs, given=words, trouble=trouble,
        people=visit.names,
    )  # fmt: skip


def _move(visit: Visit, words: Mapping[str, str]) -> Callable[[Session, Ticket], object]:
    """The move that was chosen, as a function of one ticket; raises `GuardError` for none."""
    actor, now, office = desk.actor(visit.staff), visit.app.clock(), visit.app.office
    match words.get("action"):
        case "assign":
            to = number(words.get("to", ""))
            return lambda session, ticket: work.hand_over(
                session, office, ticket, _member(session, to), actor=actor, now=now
            )
        case "snooze":
            until, reason = chosen_snooze(visit, words, None)
            return lambda session, ticket: work.snooze(session, ticket, until, reason=reason, actor=actor, now=now)
        case "done":
            return lambda session, ticket: work.resolve(session, office, ticket, actor=actor, now=now)
    raise GuardError(N_("choose what to do"))


def _member(session: Session, staff_id: int | None) -> Staff | None:
    return session.get(Staff, staff_id) if staff_id is not None else None
