"""Matters beside a conversation: merged, split, handed over, escalated; what a message proposes; claims closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from fastapi import APIRouter
from starlette.responses import Response

from inbox import desk
from inbox.web.tickets import keep_draft, looked, moved
from inbox.web.visits import Key, Posted, Ref, Visiting, number
from inbox.web.words import N_
from tickets.errors import GuardError, UnknownReferenceError
from tickets.identity import Question

router = APIRouter()
#: What a claim may be moved to on the page; everything else follows from decisions and payments.
_CLAIM_MOVES = ("C01", "C02", "C03", "closed", "reopened")


@router.post("/tickets/{ref}/macros/{key}")
def run_macro(visit: Visiting, ref: Ref, key: Ref, fields: Posted) -> Response:
    """Do all that a macro says, or nothing; what is being written stays a draft."""
    keep_draft(visit, ref, fields)

    def move() -> None:
        with _gone_means(N_("there is no such macro any more")):
            desk.run_macro(visit.app, ref, key, staff=visit.staff, looked=looked(fields))

    return moved(visit, ref, fields, move)


@router.post("/tickets/{ref}/merge")
def merge(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Make this conversation part of another one."""
    target = fields.get("into", "").strip().upper()

    def move() -> None:
        with _gone_means(N_("there is no ticket with this reference")):
            desk.merge_tickets(visit.app, ref, target, staff=visit.staff, reason=fields.get("reason", "").strip())

    return moved(visit, ref, fields, move, onward=f"/tickets/{target}?view={fields.get('view') or 'team'}")


@router.post("/merges/{merge_id}/undo")
def unmerge(visit: Visiting, merge_id: Key, fields: Posted) -> Response:
    """Give back all that a merge took."""

    def move() -> None:
        with _gone_means(N_("this merge is undone already")):
            desk.unmerge(visit.app, merge_id, staff=visit.staff)

    ref = fields.get("ticket", "")
    with visit.reading() as session:
        desk.find_ticket(session, ref, staff=visit.staff)
    return moved(visit, ref, fields, move)


@router.post("/tickets/{ref}/hand-off")
def hand_off(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Ask a department; the customer goes on hearing one voice."""

    def move() -> None:
        desk.hand_off(
            visit.app, ref, fields.get("department", ""), staff=visit.staff,
            question=fields.get("question", "").strip(), wait=fields.get("wait") == "yes",
            due_on=_day(fields.get("due_on", ""), N_("write the day as 2026-12-07, not before tomorrow")),
        )  # fmt: skip

    return moved(visit, ref, fields, move)


@router.post("/tickets/{ref}/escalate")
def escalate(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Hand it to a supervisor, with a reason."""
    reason = fields.get("reason", "")
    return moved(visit, ref, fields, lambda: desk.escalate(visit.app, ref, staff=visit.staff, reason=reason))


@router.post("/tickets/{ref}/extend")
def extend(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Give a clock the further time its law allows; the customer is told why."""

    def move() -> None:
        key, by = fields.get("clock", ""), fields.get("by", "").strip()
        if by and not number(by):
            raise GuardError(N_("write how much as a whole number"))
        with _gone_means(N_("this clock does not run any more")):
            desk.extend_clock(
                visit.app, ref, key, staff=visit.staff, reason=fields.get("reason", ""), number=number(by)
            )

    return moved(visit, ref, fields, move)


@router.post("/tickets/{ref}/happened")
def happened(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Note what has happened on the ticket or its claim, for the clocks that wait for it."""

    def move() -> None:
        where, _, what = fields.get("what", "").partition(" ")
        on = _day(fields.get("on", ""), N_("write the day as 2026-12-07"))
        with _gone_means(N_("choose what has happened")):
            desk.tell_clocks(visit.app, where, what, staff=visit.staff, on=on)

    return moved(visit, ref, fields, move)


@router.post("/tickets/{ref}/caller")
def caller(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Keep what a caller was asked, and whether the answers were right."""

    def move() -> None:
        asked = [each for each in Question if fields.get(f"asked-{each}") == "yes"]
        desk.verify_caller(visit.app, ref, asked, passed=fields.get("do") == "passed", staff=visit.staff)

    return moved(visit, ref, fields, move)


@router.post("/tickets/{ref}/person")
def person(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Write down what the person wants changed of what we hold."""
    what, value, shown = fields.get("what", ""), fields.get("value", "").strip(), number(fields.get("person", ""))
    return moved(
        visit, ref, fields, lambda: desk.change_of_ticket(visit.app, ref, what, value, staff=visit.staff, shown=shown)
    )


@router.post("/changes/{change_id}")
def change(visit: Visiting, change_id: Key, fields: Posted) -> Response:
    """Note the call back of a change, agree to it as a second person, or set it aside."""
    ref = fields.get("ticket", "") or "-"

    def move() -> None:
        with _gone_means(N_("this is not proposed any more")):
            match fields.get("do", ""):
                case "call":
                    desk.call_back_change(
                        visit.app, change_id, staff=visit.staff, number=fields.get("number", ""), on=ref
                    )
                case "agree":
                    desk.agree_change(visit.app, change_id, staff=visit.staff, on=ref)
                case "refuse":
                    desk.refuse_change(visit.app, change_id, staff=visit.staff, reason=fields.get("reason", ""), on=ref)
                case _:
                    raise GuardError(N_("choose what to do"))

    return moved(visit, ref, fields, move)


@router.post("/messages/{message_id}/split")
def split(visit: Visiting, message_id: Key, fields: Posted) -> Response:
    """Show a message on a ticket of its own too."""
    return moved(visit, fields.get("ticket", ""), fields, lambda: desk.split(visit.app, message_id, staff=visit.staff))


@router.post("/messages/{message_id}/promise")
def promise(visit: Visiting, message_id: Key, fields: Posted) -> Response:
    """Wait for what the customer has promised."""
    return moved(
        visit, fields.get("ticket", ""), fields, lambda: desk.accept_promise(visit.app, message_id, staff=visit.staff)
    )


@router.post("/messages/{message_id}/facts/{fact}")
def fact(visit: Visiting, message_id: Key, fact: Ref, fields: Posted) -> Response:
    """Record a fact as the message answers it."""

    def move() -> None:
        with _gone_means(N_("this is not proposed any more")):
            desk.accept_fact(visit.app, message_id, fact, staff=visit.staff)

    return moved(visit, fields.get("ticket", ""), fields, move)


@router.post("/claims/{ref}/move")
def move_claim(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Close a claim with its code, or take it up again."""

    def move() -> None:
        to, reason = fields.get("to", ""), fields.get("reason", "").strip()
        if to not in _CLAIM_MOVES:
            raise GuardError(N_("choose what to do"))
        if to == "reopened":
            desk.reopen(visit.app, ref, staff=visit.staff, reason=reason)
        else:
            desk.close(visit.app, ref, to if to.startswith("C") else None, staff=visit.staff, note=reason)

    return moved(visit, fields.get("ticket", ""), fields, move)


@contextmanager
def _gone_means(words: str) -> Iterator[None]:
    """What a move names beside its ticket may be gone: say so on the ticket's page, which looks at its own again."""
    try:
        yield
    except UnknownReferenceError as error:
        raise GuardError(words) from error


def _day(written: str, wrong: str) -> date | None:
    """A day as a form gives it, None for no day; raises `GuardError` for anything else."""
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise GuardError(wrong) from None
