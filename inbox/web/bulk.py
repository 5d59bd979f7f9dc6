"""One move on many tickets: how many it would touch first, how far it is, and the way back."""

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
from inbox.desk.tickets import PAGE, Bulk
from inbox.web.snoozing import chosen_snooze
from inbox.web.visits import Narrowed, Posted, Visit, Visiting, form, go, number, require_genuine, written
from inbox.web.words import N_
from tickets import queue, work
from tickets.errors import GuardError, UnknownReferenceError
from tickets.models import Staff, Ticket

router = APIRouter()
#: Moves that are shown and can still be undone; the oldest are forgotten first.
_MOST_KEPT = 200


@dataclass
class Run:
    """One person's move on many tickets, going on or done."""

    staff_id: int
    bulk: Bulk
    is_over: bool = False


@dataclass
class Runs:
    """The moves of the last minutes by an unguessable key; kept in memory only."""

    kept: OrderedDict[str, Run] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, run: Run) -> str:
        """Remember a move."""
        key = secrets.token_urlsafe(12)
        with self.lock:
            self.kept[key] = run
            while len(self.kept) > _MOST_KEPT:
                self.kept.popitem(last=False)
        return key

    def find(self, key: str, staff_id: int) -> Run:
        """A move of this person; raises `GuardError` if it is forgotten."""
        run = self.kept.get(key)
        if run is None or run.staff_id != staff_id:
            raise GuardError(N_("this can no longer be undone"))
        return run

    def take(self, key: str, staff_id: int) -> Run:
        """The same, once."""
        run = self.find(key, staff_id)
        with self.lock:
            self.kept.pop(key, None)
        return run


_runs = Runs()


@router.post("/inbox/{view}/bulk")
def bulk(visit: Visiting, view: str, fields: Annotated[FormData, Depends(form)]) -> Response:
    """Make one move on the chosen tickets, or say first how many it would touch."""
    require_genuine(visit, fields)
    words = {name: written(fields, name) for name in fields}
    narrowed = Narrowed.of({**dict(parse_qsl(words.get("narrow", ""))), "view": view})
    refs = _chosen(visit, narrowed, fields)
    try:
        move = _move(visit, words)
        if words.get("sure") != "yes":
            return _asked_first(visit, narrowed, refs, words)
        run = Run(staff_id=visit.staff.id, bulk=Bulk(all=len(refs)))
        key = _runs.keep(run)
        if len(refs) > PAGE:
            threading.Thread(target=_go_on, args=(visit, refs, move, run), daemon=True).start()
            return go(f"/inbox/{narrowed.view}/bulk/{key}?{narrowed.query}")
        _go_on(visit, refs, move, run)
    except GuardError as error:
        return _asked_first(visit, narrowed, refs, words, trouble=error.said(visit.language.code))
    return _over(narrowed, key, run.bulk) or _asked_first(
        visit, narrowed, refs, words, trouble=run.bulk.refused[0].said(visit.language.code)
    )


def _go_on(visit: Visit, refs: Sequence[str], move: Callable[[Session, Ticket], object], run: Run) -> None:
    try:
        desk.bulk(visit.app, refs, move, staff=visit.staff, run=run.bulk)
    finally:
        run.is_over = True


def _over(narrowed: Narrowed, key: str, done: Bulk) -> Response | None:
    """Back to the list with what was changed and the way back; None if every ticket refused."""
    if done.refused and not done.changed:
        return None
    left = done.all - len(done.changed)
    return go(f"/inbox/{narrowed.view}?{narrowed.query}&moved={len(done.changed)}&left={left}&undo={key}")


@router.get("/inbox/{view}/bulk/{key}")
def progress(visit: Visiting, view: str, key: str) -> Response:
    """How far a move is; it looks again by itself, and goes back to the list when the move is over."""
    narrowed = Narrowed.of({**visit.request.query_params, "view": view})
    try:
        run = _runs.find(key[:64], visit.staff.id)
    except GuardError as error:
        raise UnknownReferenceError("there is no such move") from error
    if run.is_over:
        return _over(narrowed, key, run.bulk) or go(f"/inbox/{narrowed.view}?{narrowed.query}")
    page = visit.page("bulk_progress.html", narrowed=narrowed, run=run.bulk)
    page.headers["Refresh"] = "1"
    return page


@router.post("/bulk/undo")
def undo(visit: Visiting, fields: Posted) -> Response:
    """Put back what the last bulk move changed."""
    run = _runs.take(fields.get("undo", ""), visit.staff.id)
    number_of = desk.undo_bulk(visit.app, run.bulk.changed, staff=visit.staff)
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
