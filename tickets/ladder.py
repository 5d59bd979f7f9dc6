"""The ladder of a request: reminders for what is still missing, a call, and at last the proposal to close.

Steps stand in the request's row and roll to the next working day. Nothing is closed here: a person confirms it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tickets import calendars, deadlines, history, ladder_days, reach, tasks, wording
from tickets.deadlines.filing import answers, is_linked
from tickets.folding import plain
from tickets.messages import DeliveryState, MessageKind
from tickets.models import (
    SETTLED,
    WAITING,
    Claim,
    ClaimParty,
    ClaimState,
    Clock,
    Direction,
    Message,
    OutboxDelivery,
    Party,
    Request,
    RequestItem,
    Role,
    TargetKind,
    Task,
    Ticket,
    TicketState,
)
from tickets.office import Office
from tickets.reach import Recipient

if TYPE_CHECKING:
    from tickets.triage import Filed

#: Requests one transaction looks at.
PAGE = 100
ACTOR = "rule:ladder"
#: Parts in a claim that mean we write to a lawyer, not to the customer.
_LAWYERS = ("lawyer", "legal_representative")
_OVER = (TicketState.CLOSED, TicketState.RESOLVED, TicketState.MERGED, TicketState.DISCARDED)
_NOT_REACHED = (DeliveryState.REFUSED, DeliveryState.FAILED)
#: Words that tell of a death, folded; the family gets no robot's letters.
_DEATH = (
    "a decedat",
    "a murit",
    "a incetat din viata",
    "decesul",
    "passed away",
    "has died",
    "is deceased",
    "death of",
)


def take_over(office: Office, request: Request, *, now: datetime) -> None:
    """Put a request that another system has sent on the first step that is still to come."""
    if request.sent_at is None or request.state not in WAITING:
        return
    for step in range(len(office.ladder)):
        at = ladder_days.step_at(office, request.sent_at, step)
        if office.day(at) >= office.day(now):
            request.ladder_step, request.ladder_at = step, at
            return


# --- what stops it


@dataclass(slots=True, kw_only=True)
class _Around:
    """What else goes on with the claims of one page of requests."""

    complained: set[int] = field(default_factory=set)
    represented: set[int] = field(default_factory=set)
    unread: set[int] = field(default_factory=set)  #: Claims whose customer has written what nobody has read.
    owed: dict[int, list[Clock]] = field(default_factory=dict)
    least: dict[int, int] = field(default_factory=dict)  #: Days a law gives the customer.


def _look_around(session: Session, requests: Sequence[Request]) -> _Around:
    ids = sorted({each.claim_id for each in requests})
    around = _Around()
    tickets = select(Ticket.claim_id, Ticket.kind).where(Ticket.claim_id.in_(ids), Ticket.state.not_in(_OVER))
    for claim_id, kind in session.execute(tickets):
        if kind == "complaint_appeal":
            around.complained.add(claim_id or 0)
        if kind == "legal_notice":
            around.represented.add(claim_id or 0)
    lawyers = select(ClaimParty.claim_id).where(ClaimParty.claim_id.in_(ids), ClaimParty.role.in_(_LAWYERS))
    around.represented |= set(session.scalars(lawyers))
    written = select(Ticket.claim_id, Message.intents).join(Message, Message.ticket_id == Ticket.id).where(
        Ticket.claim_id.in_(ids), Ticket.unread, Message.direction == Direction.IN,
        Message.kind == MessageKind.MESSAGE, Message.at > min(each.sent_at for each in requests if each.sent_at),
    )  # fmt: skip
    around.unread = {claim_id or 0 for claim_id, found in session.execute(written) if not _is_opt_out(found)}
    _look_at_clocks(session, ids, around)
    return around


def _is_opt_out(found: Sequence[Mapping[str, object]]) -> bool:
    """A whole message of STOP says nothing that anybody has to read first."""
    return any(each.get("kind") == "sms_opt_out" for each in found[:1])


def _look_at_clocks(session: Session, ids: Sequence[int], around: _Around) -> None:
    query = select(Ticket.id, Ticket.claim_id).where(Ticket.claim_id.in_(ids))
    tickets = {ticket_id: claim_id or 0 for ticket_id, claim_id in session.execute(query)}
    for clock in deadlines.owed_by_law(session, claim_ids=ids, ticket_ids=sorted(tickets)):
        claim_id = clock.claim_id or tickets[clock.ticket_id or 0]
        around.owed.setdefault(claim_id, []).append(clock)
        least = deadlines.load()[clock.key].customer_min or 0
        around.least[claim_id] = max(around.least.get(claim_id, 0), least)


def why_stopped(request: Request, around: _Around) -> str | None:
    """The first reason for which nobody is reminded any more."""
    claim = request.claim
    if claim.state is ClaimState.SIU_HOLD:
        return "siu_hold"
    if claim.state in SETTLED:
        return f"claim {claim.state}"
    if claim.id in around.represented:
        return "legal representation"
    return "complaint" if claim.id in around.complained else None


# --- climbing


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """Whether it is worth taking the writer's lock."""
    query = select(Request.id).where(Request.state.in_(WAITING), Request.ladder_at <= now)
    return session.scalar(query.limit(1)) is not None


def climb(session: Session, office: Office, *, now: datetime, limit: int = PAGE) -> int:
    """Take the next step of requests whose time has come; another sweeper's are left to it. Gives how many."""
    query = (
        select(Request)
        .where(Request.state.in_(WAITING), Request.ladder_at <= now)
        .order_by(Request.ladder_at, Request.id)
        .limit(limit)
        .options(
            joinedload(Request.claim).joinedload(Claim.claimant).selectinload(Party.contacts),
            joinedload(Request.ticket),
            selectinload(Request.items).joinedload(RequestItem.requirement),
        )
        .with_for_update(skip_locked=True, of=Request)
    )
    due = list(session.scalars(query))
    if due:
        around = _look_around(session, due)
        failed = _failed(session, due)
        for request in due:
            _step(session, office, request, around, failed.get(request.id, set()), now=now)
    return len(due)


def _failed(session: Session, requests: Sequence[Request]) -> dict[int, set[str]]:
    """The addresses that each request did not get to."""
    found: dict[int, set[str]] = {}
    query = select(OutboxDelivery.request_id, OutboxDelivery.to_norm).where(
        OutboxDelivery.request_id.in_([each.id for each in requests]), OutboxDelivery.state.in_(_NOT_REACHED)
    )
    for request_id, norm in session.execute(query):
        found.setdefault(request_id or 0, set()).add(norm)
    return found


def _step(
    session: Session, office: Office, request: Request, around: _Around, failed: set[str], *, now: datetime
) -> None:
    calendar = calendars.of(office)
    if reason := why_stopped(request, around):
        stop(session, request, reason, now=now)
    elif request.claim_id in around.unread:
        request.ladder_at = calendar.opening(calendar.working_after(calendar.day(now), 1))  # a person reads it first
    elif request.ladder_step == len(office.ladder) - 1:
        _propose_closing(session, office, request, around, now=now)
    else:
        _remind(session, office, request, around, failed, now=now)


def stop(session: Session, request: Request, reason: str, *, now: datetime) -> None:
    """Remind of this request no more."""
    request.ladder_at, request.ladder_stopped = None, reason
    history.record(
        session, "ladder.stopped", actor=ACTOR, at=now, ticket=request.ticket, claim=request.claim,
        code=request.code, reason=reason,
    )  # fmt: skip


def _remind(
    session: Session, office: Office, request: Request, around: _Around, failed: set[str], *, now: datetime
) -> None:
    is_final = request.ladder_step == len(office.ladder) - 2
    assert request.sent_at is not None
    least = around.least.get(request.claim_id, 0)
    following = ladder_days.next_at(office, request.sent_at, request.ladder_step, now=now, least=least)
    recipients = _recipients(office, request, failed, everywhere=is_final)
    if recipients:
        told = (
            office.day(following)
            if following and is_final
            else ladder_days.closing(office, request.sent_at, least=least)
        )
        may_close = request.claim_id not in around.owed
        _send(session, office, request, recipients, final=is_final, closing=told if may_close else None, now=now)
    else:
        _ask_owner(
            session, request, "delivery", now=now, due_on=office.day(now),
            en="no address works any more: find another way to reach the customer",
            ro="nicio adresă nu mai funcționează: găsiți alt mod de a lua legătura cu clientul",
        )  # fmt: skip
    if is_final:
        _ask_owner(
            session, request, "phone", now=now, due_on=office.day(now),
            en="the final reminder has left: phone the customer and ask what stands in the way",
            ro="ultima reamintire a plecat: sunați clientul și întrebați ce îl împiedică",
        )  # fmt: skip
    request.ladder_step += 1
    request.ladder_at = following


def _recipients(office: Office, request: Request, failed: set[str], *, everywhere: bool) -> list[Recipient]:
    """The first way that works, another one where the request did not get through; the final one goes by all."""
    claimant = request.claim.claimant
    points = reach.for_request(claimant, office.outlets, failed=failed) if claimant is not None else []
    return [reach.recipient(point) for point in (points if everywhere else points[:1])]


def _send(
    session: Session,
    office: Office,
    request: Request,
    recipients: Sequence[Recipient],
    *,
    final: bool,
    closing: date | None,
    now: datetime,
) -> None:
    template = "final_reminder" if final else "reminder"
    hold = calendars.of(office).in_hours(now) - now  # nobody is woken by what a night's restart has caught up
    wording.remind(
        session, office, request, recipients, template=template, closing=closing, now=now, hold=max(hold, timedelta())
    )
    history.record(
        session, "request.reminded", actor=ACTOR, at=now, ticket=request.ticket, claim=request.claim, code=request.code,
        step=request.ladder_step + 1, media=[str(each.medium) for each in recipients], template=template,
    )  # fmt: skip


def _propose_closing(session: Session, office: Office, request: Request, around: _Around, *, now: datetime) -> None:
    """Propose C01 to the owner; where a law wants an answer of us, refuse, and say which."""
    if owed := around.owed.get(request.claim_id):
        demands = [tuple(deadlines.demand(each, language) for each in owed) for language in ("en", "ro")]
        _ask_owner(
            session, request, "closing_refused", now=now, due_on=min(each.due_on for each in owed),
            en=f"not closed without an answer: {'; '.join(demands[0])}",
            ro=f"nu se închide fără răspuns: {'; '.join(demands[1])}",
        )  # fmt: skip
        stop(session, request, "statutory clock", now=now)
        return
    _ask_owner(
        session, request, "closing", now=now, due_on=office.day(now),
        en="no answer after the final reminder: close with C01, or say why not",
        ro="niciun răspuns după ultima reamintire: închideți cu C01 sau spuneți de ce nu",
    )  # fmt: skip
    request.ladder_step += 1
    stop(session, request, "closing proposed", now=now)


def _ask_owner(session: Session, request: Request, kind: str, *, now: datetime, due_on: date, en: str, ro: str) -> None:
    """Give the claim's owner a task, once for each step."""
    session.add(
        Task(
            kind=kind, department=Role.REPRESENTATIVE, claim=request.claim, ticket=request.ticket, due_on=due_on,
            question=tasks.in_both(request.code, en, ro), assignee_id=request.claim.owner_id, made_by=ACTOR,
            made_at=now, once=f"ladder:{request.id}:{request.ladder_step}:{kind}",
        )
    )  # fmt: skip
    history.record(
        session, f"ladder.{kind}", actor=ACTOR, at=now, ticket=request.ticket, claim=request.claim, code=request.code,
        why=en,
    )  # fmt: skip


# --- what customers send


def heard(session: Session, filed: Iterable["Filed"], *, now: datetime) -> None:
    """An answer in words stops the reminders, and so does news of a death; documents leave those for the rest."""
    for each in filed:
        request, message = each.linking.request, each.message
        if message is None or message.kind is not MessageKind.MESSAGE or not is_linked(each, TargetKind.CLAIM):
            continue
        if request is None or request.ladder_at is None:
            continue
        if tells_of_death(message.new_text):
            stop(session, request, "death notice", now=now)
            message.ticket.priority = min(message.ticket.priority, 2)
        elif answers(each, request) and not any(answer.requirement for answer in each.answers):
            stop(session, request, "answered", now=now)


def tells_of_death(text: str) -> bool:
    """Whether a message tells that somebody has died."""
    folded = f" {plain(text)} "
    return any(f" {cue} " in folded for cue in _DEATH)


def returned(session: Session, delivery: OutboxDelivery, *, now: datetime) -> None:
    """What we sent came back: the owner hears of it; the next step goes another way by itself."""
    ticket, claim = delivery.message.ticket, delivery.request.claim if delivery.request else None
    session.add(
        Task(
            kind="delivery", department=Role.REPRESENTATIVE, claim=claim or ticket.claim, ticket=ticket,
            question=f"{ticket.ref}: our {delivery.medium} came back / mesajul prin {delivery.medium} s-a întors",
            assignee_id=claim.owner_id if claim else ticket.owner_id, made_by=ACTOR, made_at=now,
            once=f"returned:{delivery.id}",
        )
    )  # fmt: skip
