"""Complaints and appeals: their register, who handles them - never who decided - and what a founded one undoes."""

from collections import Counter as Counts
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tickets import deadlines, history, ladder, moves, numbering, requests, tables, ticket_moves
from tickets.deadlines import Occurrence
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import (
    SETTLED,
    WAITING,
    Claim,
    ClaimState,
    Complaint,
    Decision,
    DecisionState,
    Message,
    Request,
    Role,
    SharedMessage,
    Staff,
    Ticket,
    TicketState,
)
from tickets.office import Office

KIND = "complaint_appeal"
QUEUE = "complaints"
#: Decisions that a complaint may be about, the last of them.
_STOOD = (DecisionState.IN_FORCE, DecisionState.OVERTURNED, DecisionState.SUPERSEDED)


def register(
    session: Session,
    office: Office,
    ticket: Ticket,
    *,
    claim: Claim | None,
    message: Message | None,
    subject: str,
    cause: Cause,
    product: str = "",
    sal_request: bool = False,
) -> Complaint:
    """Enter a complaint in the register and give it to somebody who did not decide; once a ticket."""
    known = session.scalar(select(Complaint).where(Complaint.ticket_id == ticket.id))
    if known is not None:
        return known
    entry = _Entry(
        ticket=ticket, claim=claim, message=message, subject=subject, product=product, sal_request=sal_request
    )
    [complaint] = _enter(session, office, [entry], cause=cause)
    return complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One line to be entered in the register."""

    ticket: Ticket
    claim: Claim | None
    message: Message | None
    subject: str
    product: str = ""
    sal_request: bool = False

    def received_at(self, cause: Cause) -> datetime:
        return self.message.at if self.message else cause.at


def _enter(session: Session, office: Office, entries: Sequence[_Entry], *, cause: Cause) -> list[Complaint]:
    """Enter many with one look-up of each kind and one flush, in their order."""
    decisions = _decisions(session, [each.claim for each in entries if each.claim])
    handlers = _Handlers(session)
    made = [
        _complaint(session, each, decisions.get(each.claim.id) if each.claim else None, handlers, cause=cause)
        for each in entries
    ]
    session.add_all(made)
    session.flush()  # the history names them by number, which must be nobody else's
    for each, complaint in zip(entries, made, strict=True):
        history.record(
            session, "complaint.registered", actor=cause.actor, at=cause.at, ticket=each.ticket, claim=each.claim,
            message=each.message, number=complaint.number, handler=complaint.handler_id,
        )  # fmt: skip
    _remind_of_nothing(session, entries, now=cause.at)
    told = [one for each in entries for one in _occurrences(each, cause)]
    deadlines.happened_all(session, office, told, now=cause.at)
    return made


def _complaint(
    session: Session, entry: _Entry, decision: Decision | None, handlers: "_Handlers", *, cause: Cause
) -> Complaint:
    deciders = _deciders(decision) or _owner_who_decided(entry.claim)
    received, ticket = entry.received_at(cause), entry.ticket
    ticket.kind, ticket.queue, ticket.priority = KIND, QUEUE, 1
    ticket.claim, ticket.owner_id = entry.claim, handlers.take(deciders)
    return Complaint(
        number=_number(session, received.year), ticket=ticket, claim=entry.claim, received_at=received,
        medium=str(entry.message.medium) if entry.message else "phone", subject=entry.subject, product=entry.product,
        decision_id=decision.id if decision else None,
        decider_id=decision.proposed_by_id if decision else min(deciders, default=None),
        handler_id=ticket.owner_id, sal_request=entry.sal_request,
    )  # fmt: skip


def _remind_of_nothing(session: Session, entries: Sequence[_Entry], *, now: datetime) -> None:
    """Who complains is not reminded of what we wait for."""
    if not (ids := {each.claim.id for each in entries if each.claim is not None}):
        return
    query = select(Request).where(Request.claim_id.in_(ids), Request.state.in_(WAITING)).order_by(Request.id)
    for request in session.scalars(query.options(joinedload(Request.ticket), joinedload(Request.claim))):
        if request.ladder_at is not None:
            ladder.stop(session, request, "complaint", now=now)


def _occurrences(entry: _Entry, cause: Cause) -> list[Occurrence]:
    return [
        Occurrence(
            what=what, ticket=entry.ticket, claim=entry.claim, at=entry.received_at(cause), message=entry.message
        )
        for what in ("complaint.received", "complaint.registered", "appeal_received")
    ]


def _number(session: Session, year: int) -> str:
    """The next number of the year's register; the locked row keeps it without gaps or doubles."""
    counter = numbering.counter(session, f"complaint{year}")
    counter.value += 1
    return f"{year}/{counter.value}"


def _decisions(session: Session, about: Sequence[Claim]) -> dict[int, Decision]:
    """By claim, the last decision that a complaint may be about."""
    if not (ids := {claim.id for claim in about if claim.id}):
        return {}
    query = select(Decision).where(Decision.claim_id.in_(ids), Decision.state.in_(_STOOD))
    query = query.order_by(Decision.number).options(selectinload(Decision.approvals))
    return {decision.claim_id: decision for decision in session.scalars(query)}


def _deciders(decision: Decision | None) -> set[int]:
    """Everybody who had a part in a decision."""
    if decision is None:
        return set()
    return {decision.proposed_by_id, *(each.staff_id for each in decision.approvals)}


def _excluded(session: Session, complaint: Complaint) -> set[int]:
    """Who may not handle a complaint."""
    decision = session.get(Decision, complaint.decision_id) if complaint.decision_id else None
    return _deciders(decision) | ({complaint.decider_id} if complaint.decider_id is not None else set())


def _owner_who_decided(claim: Claim | None) -> set[int]:
    """A claim that came decided from another system was decided by its owner, as far as we know."""
    decided = claim is not None and claim.state in (*SETTLED, ClaimState.APPROVED, ClaimState.PARTIALLY_APPROVED)
    return {claim.owner_id} if claim is not None and decided and claim.owner_id is not None else set()


class _Handlers:
    """Those who handle complaints, and how many each has open."""

    def __init__(self, session: Session) -> None:
        staff = session.scalars(select(Staff).where(Staff.active).order_by(Staff.id))
        self._ids = [each.id for each in staff if Role.COMPLAINTS in each.roles]
        self._open = Counts(session.scalars(select(Complaint.handler_id).where(Complaint.responded_at.is_(None))))

    def take(self, deciders: Container[int]) -> int | None:
        """Give one more to whoever did not decide and has the fewest open."""
        able = [each for each in self._ids if each not in deciders]
        chosen = min(able, key=lambda each: (self._open[each], each), default=None)
        self._open[chosen] += 1
        return chosen


def assign(session: Session, complaint: Complaint, to: Staff, *, cause: Cause) -> None:
    """Give a complaint to somebody who handles complaints and had no part in the decision."""
    if Role.COMPLAINTS not in to.roles and Role.SUPERVISOR not in to.roles:
        raise GuardError(
            f"complaint {complaint.number}: {to.name} does not handle complaints",
            ro=f"reclamația {complaint.number}: {to.name} nu tratează reclamații",
            guard="role",
        )
    if to.id in _excluded(session, complaint):
        raise _is_the_decider(complaint, to)
    complaint.handler_id = complaint.ticket.owner_id = to.id
    _record(session, "complaint.assigned", complaint, cause, handler=to.id)


def _is_the_decider(complaint: Complaint, staff: Staff) -> GuardError:
    return GuardError(
        f"complaint {complaint.number}: {staff.name} took part in the decision; somebody else handles it",
        ro=f"reclamația {complaint.number}: {staff.name} a participat la decizie; o tratează altcineva",
        guard="not the decider",
    )


def settle(
    session: Session,
    office: Office,
    complaint: Complaint,
    *,
    founded: bool,
    outcome: str,
    staff: Staff,
    cause: Cause,
    external_body: str = "",
) -> Decision | None:
    """Close a complaint. A founded one overturns the decision it is about and reopens the claim; returns that one."""
    _may_settle(session, complaint, staff)
    if not outcome.strip():
        raise GuardError("the outcome needs its reasons", ro="rezultatul are nevoie de motive", guard="outcome")
    complaint.founded, complaint.outcome, complaint.responded_at = founded, outcome.strip(), cause.at
    complaint.external_body = external_body or complaint.external_body
    overturned = _overturn(session, complaint, cause) if founded else None
    if complaint.ticket.state not in moves.DONE_TICKETS:
        ticket_moves.move(session, office, complaint.ticket, TicketState.RESOLVED, cause=cause)
    _record(session, "complaint.settled", complaint, cause, founded=founded)
    deadlines.happened(
        session,
        office,
        "final_response_sent",
        ticket=complaint.ticket,
        at=cause.at,
        now=cause.at,
        message=cause.message,
    )
    return overturned


def _may_settle(session: Session, complaint: Complaint, staff: Staff) -> None:
    if complaint.responded_at is not None:
        raise GuardError(
            f"complaint {complaint.number} is settled",
            ro=f"reclamația {complaint.number} este deja soluționată",
            guard="open complaint",
        )
    if staff.id in _excluded(session, complaint):
        raise _is_the_decider(complaint, staff)
    if staff.id != complaint.handler_id and Role.SUPERVISOR not in staff.roles:
        raise GuardError(
            f"complaint {complaint.number} is in other hands than {staff.name}'s",
            ro=f"reclamația {complaint.number} este la altcineva, nu la {staff.name}",
            guard="handler",
        )


def _overturn(session: Session, complaint: Complaint, cause: Cause) -> Decision | None:
    claim = complaint.claim
    decision = session.get(Decision, complaint.decision_id) if complaint.decision_id else None
    if claim is None:
        return None
    if decision is not None and decision.state is DecisionState.IN_FORCE:
        decision.state = DecisionState.OVERTURNED
        history.record(
            session, "decision.overturned", actor=cause.actor, at=cause.at, claim=claim,
            decision=decision.id, number=decision.number, complaint=complaint.number,
        )  # fmt: skip
    if ClaimState.REOPENED in moves.NEXT[claim.state]:
        moves.move(session, claim, ClaimState.REOPENED, cause=cause)
        moves.settle(session, claim, cause=cause)
    return decision


def _record(
    session: Session,
    kind: str,
    complaint: Complaint,
    cause: Cause,
    *,
    handler: int | None = None,
    founded: bool | None = None,
) -> None:
    history.record(
        session, kind, actor=cause.actor, at=cause.at, ticket=complaint.ticket, claim=complaint.claim,
        number=complaint.number, handler=handler, founded=founded,
    )  # fmt: skip


def handlers(session: Session) -> list[Staff]:
    """Everybody to whom a complaint may be given, by name."""
    staff = session.scalars(select(Staff).where(Staff.active).order_by(Staff.name, Staff.id))
    return [each for each in staff if {Role.COMPLAINTS, Role.SUPERVISOR} & set(each.roles)]


def find(session: Session, number: str) -> Complaint:
    """One line of the register; raises `UnknownReferenceError`."""
    found = session.scalar(_rows().where(Complaint.number == number))
    if found is None:
        raise UnknownReferenceError(f"there is no complaint {number} in the register")
    return found


def listed(session: Session, *, year: int | None = None, claim: Claim | None = None) -> list[Complaint]:
    """The register, oldest first."""
    query = _rows()
    if year is not None:
        query = query.where(Complaint.number.like(f"{year}/%"))
    if claim is not None:
        query = query.where(Complaint.claim_id == claim.id)
    return list(session.scalars(query.order_by(Complaint.received_at, Complaint.id)))


def _rows() -> Select[Complaint]:
    return select(Complaint).options(joinedload(Complaint.ticket), joinedload(Complaint.claim))


def overturned(session: Session) -> int:
    """How many claims a founded complaint has reopened."""
    query = (
        select(func.count()).select_from(Complaint).where(Complaint.founded.is_(True), Complaint.claim_id.is_not(None))
    )
    return session.scalar(query) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the register as the authority asks for it."""

    number: str
    received_on: str
    channel: str
    subject: str
    product: str
    claim: str
    outcome: str  #: founded | unfounded | ""
    days: int
    sal: bool


def line(complaint: Complaint, office: Office, *, now: datetime) -> Line:
    """How a complaint stands in the register; days until it was answered, or until now."""
    received = office.day(complaint.received_at)
    until = office.day(complaint.responded_at or now)
    outcome = {True: "founded", False: "unfounded", None: ""}[complaint.founded]
    return Line(
        number=complaint.number, received_on=received.isoformat(), channel=complaint.medium,
        subject=complaint.subject, product=complaint.product, claim=complaint.claim.ref if complaint.claim else "",
        outcome=outcome, days=(until - received).days, sal=complaint.sal_request,
    )  # fmt: skip


def as_csv(lines: Iterable[Line]) -> str:
    """The register as a table."""
    columns = Line.__slots__
    return tables.as_csv(columns, ([getattr(each, column) for column in columns] for each in lines))


# --- what messages set going


def from_messages(
    session: Session, office: Office, messages: Sequence[Message], *, now: datetime
) -> dict[int, Complaint]:
    """Register the complaints that customers wrote on a claim, each on a ticket of its own, once a ticket.

    Gives those registered now by the keys of their messages.
    """
    if not messages:
        return {}
    session.flush()  # tickets of this batch get their numbers
    taken = set(
        session.scalars(
            select(Complaint.ticket_id).where(Complaint.ticket_id.in_({each.ticket.id for each in messages}))
        )
    )
    entries = []
    for message in messages:
        if message.ticket.id in taken:
            continue
        ticket, claim = message.ticket, message.ticket.claim
        if ticket.kind == KIND:
            taken.add(ticket.id)
        else:
            ticket = _own_ticket(session, message, now)
        entries.append(
            _Entry(
                ticket=ticket, claim=claim, message=message, subject=_about(message),
                product=claim.type if claim else "",
            )
        )  # fmt: skip
    made = _enter(session, office, entries, cause=Cause(actor="triage", at=now))
    return {each.message.id: one for each, one in zip(entries, made, strict=True) if each.message is not None}


def answer_days(session: Session, registered: Iterable[Complaint]) -> dict[int, date]:
    """By when the law has each answered, by the keys of their tickets; the last day where several have one."""
    ids = [each.ticket.id for each in registered]
    known = deadlines.load()
    owed = deadlines.owed_by_law(session, claim_ids=(), ticket_ids=ids) if ids else []
    return {
        each.ticket_id: each.due_on for each in owed if each.ticket_id and "final_response_sent" in known[each.key].stop
    }


def _about(message: Message) -> str:
    """What a register says a message complains of: its subject, else how it begins."""
    return message.subject.strip() or " ".join(message.new_text.split())[:80] or "-"


def _own_ticket(session: Session, message: Message, now: datetime) -> Ticket:
    """A complaint inside another conversation is work for somebody else: its own ticket shares the message."""
    assert message.ticket.claim is not None  # complaints are registered on claims
    ticket = requests.open_ticket(session, message.ticket.claim, now=now, kind=KIND, state=TicketState.NEW)
    ticket.unread, ticket.subject = True, message.subject
    ticket.verified = message.ticket.verified
    session.add(SharedMessage(ticket=ticket, message=message, shared_by="triage", at=now))
    return ticket
