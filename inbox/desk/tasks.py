"""Tasks: handed to a department, answered, given to somebody, called off."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from inbox.app import App
from inbox.desk.subjects import actor, find_claim, find_ticket, must_work
from tickets import tasks, ticket_moves
from tickets.guards import Cause
from tickets.models import Staff, Task, TicketState


def hand_off(
    app: App,
    ref: str,
    department: str,
    *,
    staff: Staff,
    question: str,
    due_on: date | None = None,
    kind: str = "question",
    shows: Sequence[str] = ("summary",),
    restricted: bool = False,
    wait: bool = False,
) -> Task:
    """Ask a department about a ticket or claim; with `wait` the ticket waits inside the house until it answers."""
    must_work(staff)
    with app.store.writing() as session:
        ticket = find_ticket(session, ref, staff=staff) if ref.upper().startswith("TKT") else None
        claim = ticket.claim if ticket else find_claim(session, ref)
        task = tasks.hand_off(
            session, app.office, department, question, claim=claim, ticket=ticket, by=actor(staff), now=app.clock(),
            due_on=due_on, kind=kind, shows=shows, restricted=restricted,
        )  # fmt: skip
        if wait and ticket is not None:
            _follow(app, session, task, TicketState.WAITING_INTERNAL, staff=staff)
        return task


def answer_task(app: App, task_id: int, *, staff: Staff, text: str) -> Task:
    """Give the answer back to whoever asked."""
    must_work(staff)
    with app.store.writing() as session:
        task = tasks.find(session, task_id, staff=staff)
        tasks.answer(session, app.office, task, text, staff=staff, now=app.clock())
        if task.ticket is not None and task.ticket.state is TicketState.WAITING_INTERNAL:
            _follow(app, session, task, TicketState.IN_PROGRESS, staff=staff)
        return task


def _follow(app: App, session: Session, task: Task, to: TicketState, *, staff: Staff) -> None:
    """The ticket waits for the department, or goes on."""
    assert task.ticket is not None  # both callers have looked
    cause = Cause(actor=actor(staff), at=app.clock(), reason=f"task {task.id}", ticket=task.ticket)
    ticket_moves.follow(session, task.ticket, to, cause=cause)


def give_task(app: App, task_id: int, to: Staff, *, staff: Staff) -> Task:
    """Put a task into one person's hands."""
    must_work(staff)
    with app.store.writing() as session:
        task = tasks.find(session, task_id, staff=staff)
        tasks.give(session, task, to, by=actor(staff), now=app.clock())
        return task


def cancel_task(app: App, task_id: int, *, staff: Staff, reason: str) -> Task:
    """Nobody waits for the answer any more."""
    must_work(staff)
    with app.store.writing() as session:
        task = tasks.find(session, task_id, staff=staff)
        tasks.cancel(session, task, staff=staff, now=app.clock(), reason=reason)
        return task
