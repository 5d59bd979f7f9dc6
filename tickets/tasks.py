"""Tasks: a question handed to a department or a person, by when, what may be seen, and the answer.

The claim's owner stays the owner; the customer hears one voice. Tasks of SIU and legal may be restricted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session, joinedload

from tickets import deadlines, history, leaves
from tickets.deadlines import Occurrence
from tickets.errors import GuardError, UnknownReferenceError
from tickets.intents import IntentKind
from tickets.models import Claim, Message, Role, Staff, Task, TaskState, Ticket
from tickets.office import Office

#: Whoever may see what is restricted.
RESTRICTED_TO = frozenset({Role.SIU, Role.LEGAL})
#: Parts of a claim that a department may be shown.
PARTS = frozenset({"summary", "policy", "documents", "messages", "findings", "decisions", "payments", "customer"})
DEPARTMENTS = frozenset(Role) - {Role.TRAINER, Role.ADMIN, Role.AUDITOR}
#: Kinds of task whose clock runs on the task itself, and the words that start and meet it.
CLOCKED: Mapping[str, tuple[str, str]] = MappingProxyType({"asf_file": ("asf.request_received", "file_sent")})
#: What a rule made, in place of a person.
RULE = "triage"
_BOTH = " / "


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What a kind of message sets going beside its ticket."""

    kind: str
    department: Role
    days: int
    en: str
    ro: str
    shows: tuple[str, ...] = ("summary", "messages")
    restricted: bool = False


#: The other matters that reach a representative (domain: message kinds), each with the department it is handed to.
FLOWS: Mapping[str, Flow] = MappingProxyType(
    {
        IntentKind.PAYMENT_DELAY: Flow(
            kind="payment_delay",
            department=Role.PAYMENTS_CLERK,
            days=2,
            shows=("summary", "payments", "decisions"),
            en="The customer waits for a payment: how does it stand, and who is waited for?",
            ro="Persoana asigurată așteaptă o plată: în ce stadiu este și pe cine așteptăm?",
        ),
        IntentKind.RENEWAL_PROBLEM: Flow(
            kind="renewal_problem",
            department=Role.RENEWALS,
            days=3,
            shows=("policy", "customer", "messages"),
            en="A problem with a renewal: what holds it up, and what may we tell the customer?",
            ro="O problemă cu o reînnoire: ce o blochează și ce îi putem spune persoanei asigurate?",
        ),
        IntentKind.ACCOUNT_CHANGE: Flow(
            kind="account_change",
            department=Role.ACCOUNT_SERVICES,
            days=3,
            shows=("customer", "messages"),
            en="Change what we hold on the customer; a name or bank account: call back on a number on file, four eyes.",
            ro="Modificați datele persoanei; la nume sau cont bancar: sunați la un număr din evidență, patru ochi.",
        ),
        IntentKind.CANCELLATION: Flow(
            kind="cancellation",
            department=Role.ACCOUNT_SERVICES,
            days=3,
            shows=("policy", "customer", "messages"),
            en="The customer wants to cancel: which policy, from when, and what happens to open claims?",
            ro="Persoana vrea să renunțe: la ce poliță, de când și ce se întâmplă cu dosarele deschise?",
        ),
        IntentKind.DATA_REQUEST: Flow(
            kind="data_request",
            department=Role.DPO,
            days=7,
            shows=("customer", "messages"),
            en="A request about personal data: check who asks, then answer within the legal time.",
            ro="O cerere privind datele personale: verificați cine cere și răspundeți în termenul legal.",
        ),
        IntentKind.WRONG_ADDRESS: Flow(
            kind="wrong_address",
            department=Role.DPO,
            days=1,
            shows=("messages",),
            en="A message reached the wrong person: was anybody's data disclosed?",
            ro="Un mesaj a ajuns la altă persoană: au fost dezvăluite datele cuiva?",
        ),
        IntentKind.FRAUD_TIP: Flow(
            kind="fraud_tip",
            department=Role.SIU,
            days=2,
            restricted=True,
            en="A tip about a claim: is there anything to look into?",
            ro="O sesizare despre un dosar: este ceva de verificat?",
        ),
        IntentKind.LEGAL_NOTICE: Flow(
            kind="legal_notice",
            department=Role.LEGAL,
            days=1,
            restricted=True,
            en="A legal notice: what must be answered, by when, and by whom?",
            ro="O notificare juridică: ce trebuie răspuns, până când și de către cine?",
        ),
    }
)
_BY_KIND = {flow.kind: flow for flow in FLOWS.values()}


def hand_off(
    session: Session,
    office: Office,
    department: str,
    question: str,
    *,
    claim: Claim | None,
    ticket: Ticket | None,
    by: str,
    now: datetime,
    due_on: date | None = None,
    kind: str = "question",
    shows: Sequence[str] = ("summary",),
    restricted: bool = False,
    assignee: Staff | None = None,
    once: str | None = None,
) -> Task:
    """Ask a department something about a claim or ticket; raises `GuardError` for a question nobody can answer."""
    _must_be_askable(department, question, shows)
    task = Task(
        kind=kind, department=department, claim=claim, ticket=ticket, question=question.strip(), due_on=due_on,
        shows=list(shows), restricted=restricted, assignee_id=assignee.id if assignee else None, made_by=by,
        made_at=now, once=once,
    )  # fmt: skip
    session.add(task)
    session.flush()  # its number is what people name a task by
    _tell_of(session, office, [task], now=now)
    return task


def _must_be_askable(department: str, question: str, shows: Iterable[str]) -> None:
    if department not in DEPARTMENTS:
        raise GuardError(
            f"there is no department {department}: {', '.join(sorted(DEPARTMENTS))}",
            ro=f"nu există departamentul {department}: {', '.join(sorted(DEPARTMENTS))}",
            guard="department",
        )
    if not question.strip():
        raise GuardError("the question is empty", ro="întrebarea lipsește", guard="question")
    if unknown := set(shows) - PARTS:
        raise GuardError(
            f"{', '.join(sorted(unknown))} is no part of a claim: {', '.join(sorted(PARTS))}",
            guard="what may be seen",
            ro=f"{', '.join(sorted(unknown))} nu este o parte a dosarului: {', '.join(sorted(PARTS))}",
        )


def _tell_of(session: Session, office: Office, opened: Sequence[Task], *, now: datetime) -> None:
    for task in opened:
        _record(session, "task.opened", task, by=task.made_by, now=now)
    _tell_clocks(session, office, opened, which=0, now=now)


def _tell_clocks(session: Session, office: Office, told: Iterable[Task], *, which: int, now: datetime) -> None:
    occurrences = [
        Occurrence(what=CLOCKED[task.kind][which], task=task, claim=task.claim, at=now)
        for task in told
        if task.kind in CLOCKED
    ]
    deadlines.happened_all(session, office, occurrences, now=now)


def answer(session: Session, office: Office, task: Task, text: str, *, staff: Staff, now: datetime) -> None:
    """Give the answer back; a ticket that waited inside the house is its owner's turn again."""
    _must_be_open(task)
    if not text.strip():
        raise GuardError("the answer is empty", ro="răspunsul lipsește", guard="answer")
    task.answer, task.state = text.strip(), TaskState.DONE
    task.done_by_id, task.done_at = staff.id, now
    if task.ticket is not None and not task.restricted:
        task.ticket.unread = True
    _record(session, "task.done", task, by=f"staff:{staff.id}", now=now)
    _tell_clocks(session, office, [task], which=1, now=now)


def cancel(session: Session, task: Task, *, staff: Staff, now: datetime, reason: str) -> None:
    """Nobody waits for the answer any more."""
    _must_be_open(task)
    task.state, task.done_by_id, task.done_at, task.answer = TaskState.CANCELLED, staff.id, now, reason or None
    _record(session, "task.cancelled", task, by=f"staff:{staff.id}", now=now)


def give(session: Session, task: Task, to: Staff, *, by: str, now: datetime) -> None:
    """Put a task into one person's hands; only whoever may see a restricted one may have it."""
    _must_be_open(task)
    if not may_see(to, task):
        raise GuardError(
            f"task {task.id} is restricted: {to.name} may not see it",
            ro=f"sarcina {task.id} este restricționată: {to.name} nu o poate vedea",
            guard="restricted",
        )
    task.assignee_id = to.id
    _record(session, "task.given", task, by=by, now=now)


def _must_be_open(task: Task) -> None:
    if task.state is not TaskState.OPEN:
        raise GuardError(
            f"task {task.id} is {task.state}", ro=f"sarcina {task.id} este deja încheiată", guard="open task"
        )


def _record(session: Session, kind: str, task: Task, *, by: str, now: datetime) -> None:
    """A restricted task leaves no trace in the customer's file."""
    claim = None if task.restricted else task.claim
    ticket = task.ticket if not task.restricted or (task.ticket and task.ticket.restricted) else None
    history.record(
        session, kind, actor=by, at=now, claim=claim, ticket=ticket,
        task=task.id, department=task.department, what=task.kind,
    )  # fmt: skip


# --- who sees what


def sees_restricted(staff: Staff | None) -> bool:
    """Whether somebody works for SIU or legal."""
    return staff is not None and bool(RESTRICTED_TO & set(staff.roles))


def may_see(staff: Staff | None, task: Task) -> bool:
    """A restricted task is seen by its department and legal, and by whoever it was given to."""
    if not task.restricted:
        return True
    return staff is not None and bool({task.department, Role.LEGAL} & set(staff.roles))


def visible(staff: Staff | None) -> ColumnElement[bool]:
    """The tasks somebody may see, as a condition."""
    roles = {str(role) for role in staff.roles} if staff else set()
    if Role.LEGAL in roles:
        return Task.restricted.is_(False) | Task.restricted.is_(True)
    mine = Task.department.in_(sorted(roles)) if roles else false()
    return or_(Task.restricted.is_(False), mine)


def find(session: Session, task_id: int, *, staff: Staff | None) -> Task:
    """The task; raises `UnknownReferenceError` also for one that this person may not see."""
    task = session.scalar(
        select(Task).where(Task.id == task_id).options(joinedload(Task.claim), joinedload(Task.ticket))
    )
    if task is None or not may_see(staff, task):
        raise UnknownReferenceError(f"there is no task {task_id}")
    return task


def get(session: Session, task_id: int) -> Task:
    """The task, for whoever has just changed it."""
    query = select(Task).where(Task.id == task_id).options(joinedload(Task.claim), joinedload(Task.ticket))
    return session.scalars(query).one()


def listed(
    session: Session,
    *,
    staff: Staff | None,
    claim: Claim | None = None,
    department: str = "",
    assignee: Staff | None = None,
    state: TaskState | None = TaskState.OPEN,
) -> list[Task]:
    """Tasks that somebody may see, the soonest due first."""
    query = select(Task).where(visible(staff)).options(joinedload(Task.claim), joinedload(Task.ticket))
    if claim is not None:
        query = query.where(Task.claim_id == claim.id)
    if department:
        query = query.where(Task.department == department)
    if assignee is not None:
        query = query.where(Task.assignee_id == assignee.id)
    if state is not None:
        query = query.where(Task.state == state)
    return list(session.scalars(query.order_by(Task.due_on.is_(None), Task.due_on, Task.id)))


def words(task: Task, language: str) -> str:
    """The question as typed, or a rule's in the reader's language."""
    flow = _BY_KIND.get(task.kind) if task.made_by == RULE else None
    if flow is not None:
        return str(getattr(flow, language))
    if not (task.made_by.startswith("rule:") and _BOTH in task.question):
        return task.question
    english, romanian = task.question.split(_BOTH, 1)
    about = english.partition(": ")[0]
    return f"{about}: {romanian}" if language == "ro" else english


def in_both(about: str, en: str, ro: str) -> str:
    """A rule's question about something, so that `words` finds each reader's half."""
    return f"{about}: {en}{_BOTH}{ro}"


# --- what messages set going


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A filed message and the sure kinds of matter in it."""

    message: Message
    kinds: tuple[IntentKind, ...]


def open_flows(session: Session, office: Office, came: Iterable[Came], *, now: datetime) -> None:
    """Open the tasks that messages call for, unless the same matter is open on the ticket already."""
    wanted = [(each.message, FLOWS[kind]) for each in came for kind in each.kinds if kind in FLOWS]
    if not wanted:
        return
    session.flush()  # tickets and messages of this batch get their numbers
    open_now = {
        (ticket_id, kind)
        for ticket_id, kind in session.execute(
            select(Task.ticket_id, Task.kind).where(
                Task.state == TaskState.OPEN, Task.ticket_id.in_({message.ticket.id for message, _ in wanted})
            )
        )
    }
    opened = []
    for message, flow in wanted:
        if (message.ticket.id, flow.kind) not in open_now:
            open_now.add((message.ticket.id, flow.kind))
            opened.append(_flow_task(office, message, flow, now=now))
    for task in opened:
        leaves.plant(session, task, under={"claim_id": task.claim, "ticket_id": task.ticket})
    leaves.flush(session)
    _tell_of(session, office, opened, now=now)
    asked = [message for message, flow in wanted if flow.department is Role.DPO and flow.kind == "data_request"]
    told = [Occurrence(what="request.received", at=each.at, ticket=each.ticket, message=each) for each in asked]
    deadlines.happened_all(session, office, told, now=now)


def _flow_task(office: Office, message: Message, flow: Flow, *, now: datetime) -> Task:
    ticket = message.ticket
    return Task(
        kind=flow.kind, department=flow.department, claim=ticket.claim, ticket=ticket, question=flow.en,
        due_on=office.day(now) + timedelta(days=flow.days), shows=list(flow.shows),
        restricted=flow.restricted and ticket.restricted, made_by=RULE, made_at=now,
        once=f"{flow.kind}:message:{message.id}",
    )  # fmt: skip
