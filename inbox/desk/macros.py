"""Macros: the configured actions on one ticket as one move, all of them or none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from inbox.app import App
from inbox.desk.conversations import (
    DOES_NOT_SAY,
    Looked,
    answer,
    correspondents,
    require_nothing_new,
    way_back,
    write_note,
)
from inbox.desk.subjects import actor, find_staff, find_ticket, must_work
from inbox.macros import Action, Macro, filled
from tickets import history, ticket_moves, work
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import Staff, Ticket, TicketState
from tickets.reach import Recipient
from tickets.work import Snooze


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One ticket, and who runs a macro on it when."""

    session: Session
    app: App
    ticket: Ticket
    staff: Staff
    now: datetime

    @property
    def actor(self) -> str:
        return actor(self.staff)


def run_macro(app: App, ticket_ref: str, key: str, *, staff: Staff, looked: Looked = DOES_NOT_SAY) -> None:
    """Do all that a macro says, in its order; what one action cannot do undoes the others (`GuardError`).

    One that answers stops if something has come, or was done, since the person `looked`.
    """
    must_work(staff)
    macro, now = _find(app, key), app.clock()
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        if any(each.reply for each in macro.actions):
            require_nothing_new(session, ticket, looked, staff=staff)
        run = _Run(session=session, app=app, ticket=ticket, staff=staff, now=now)
        for each in macro.actions:
            _DO[each.kind](run, each)
        name = macro.name[app.office.languages[0]]
        history.record(session, "macro.run", actor=run.actor, at=now, ticket=ticket, macro=macro.key, target=name)


def _find(app: App, key: str) -> Macro:
    found = next((each for each in app.settings.macros if each.key == key), None)
    if found is None:
        raise UnknownReferenceError(f"there is no macro {key}")
    return found


def _tag(run: _Run, action: Action) -> None:
    held = work.tags(run.session, [run.ticket.id]).get(run.ticket.id, [])
    work.tag(run.session, run.ticket, [*held, *action.tags], actor=run.actor, now=run.now)


def _assign(run: _Run, action: Action) -> None:
    name = action.assign or ""
    known: dict[str, Staff | None] = {"me": run.staff, "nobody": None}
    to = known[name] if name in known else _colleague(run.session, name)
    work.hand_over(run.session, run.app.office, run.ticket, to, actor=run.actor, now=run.now)


def _colleague(session: Session, name: str) -> Staff:
    try:
        return find_staff(session, name)
    except UnknownReferenceError as error:
        raise GuardError(
            f"the macro hands over to {name}, who does not work here: change it in the configuration",
            ro=f"macrocomanda predă către {name}, care nu lucrează aici: schimbați configurația",
            guard="macro",
        ) from error


def _snooze(run: _Run, action: Action) -> None:
    lasts = action.lasts
    reason = Snooze.TIME if lasts else Snooze(action.snooze or "")
    until = run.now + lasts if lasts else None
    work.snooze(run.session, run.ticket, until, reason=reason, actor=run.actor, now=run.now)


def _note(run: _Run, action: Action) -> None:
    write_note(run.session, run.ticket, staff=run.staff, text=action.note or "", now=run.now)


def _reply(run: _Run, action: Action) -> None:
    medium = way_back(run.session, run.app, run.ticket)
    to = correspondents(run.session, run.app, run.ticket)[medium]
    words = (action.reply or {})[run.app.office.language(to.language)]
    body, lacking = filled(words, _values(run, to))
    if lacking:
        raise GuardError(
            f"the answer names {', '.join(lacking)}, which this ticket has not: answer by hand",
            ro=f"răspunsul conține {', '.join(lacking)}, care lipsește la acest tichet: răspundeți manual",
            guard="macro",
        )
    answer(run.session, run.app, run.ticket, staff=run.staff, body=body, medium=medium, now=run.now)


def _values(run: _Run, to: Recipient) -> Mapping[str, str | None]:
    """What an answer may name; of a claim only where who reads it may be told."""
    claim = run.ticket.claim if run.ticket.verified else None
    return {
        "name": to.name,
        "claim": claim.ref if claim else None,
        "ticket": run.ticket.ref,
        "policy": claim.policy.ref if claim and claim.policy else None,
        "me": run.staff.name,
        "office": run.app.office.name,
    }


def _wait(run: _Run, action: Action) -> None:
    cause = Cause(actor=run.actor, at=run.now)
    ticket_moves.move(run.session, run.app.office, run.ticket, TicketState(f"waiting_{action.wait}"), cause=cause)


def _done(run: _Run, action: Action) -> None:  # noqa: ARG001 - one signature for all
    work.resolve(run.session, run.app.office, run.ticket, actor=run.actor, now=run.now)


_DO: Mapping[str, Callable[[_Run, Action], None]] = MappingProxyType(
    {"tag": _tag, "assign": _assign, "snooze": _snooze, "note": _note, "reply": _reply, "wait": _wait, "done": _done}
)
