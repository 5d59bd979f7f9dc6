"""Registers: tasks of one's department, payments on their way, complaints; each with the moves that its rows allow."""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import Response

from inbox import desk
from inbox.web.deciding import amount_in_minor
from inbox.web.visits import Key, Posted, Visit, Visiting, go
from tickets import complaints, payments, tasks
from tickets.errors import GuardError, UnknownReferenceError
from tickets.models import Role, Staff

router = APIRouter()
_LATEST = 200  #: Payments shown; older ones stand in the claim's file.


@router.get("/tasks")
def show_tasks(visit: Visiting) -> Response:
    """What one's own departments are asked, and what one was given, the soonest due first."""
    return _tasks(visit)


@router.post("/tasks/{task_id}/answer")
def answer_task(visit: Visiting, task_id: Key, fields: Posted) -> Response:
    """Give the answer back to whoever asked."""
    text = fields.get("answer", "").strip()
    return _moved(visit, _tasks, "/tasks", lambda: desk.answer_task(visit.app, task_id, staff=visit.staff, text=text))


def _tasks(visit: Visit, *, trouble: str | None = None) -> Response:
    with visit.app.store.reading() as session:
        seen = tasks.listed(session, staff=visit.staff)
        mine = [each for each in seen if _is_for(visit.staff, each.department, each.assignee_id)]
        return visit.page(
            "tasks.html", status=409 if trouble else 200, tasks=mine, trouble=trouble, names=visit.names(),
            said=lambda task: tasks.words(task, visit.language.code),
        )  # fmt: skip


def _is_for(staff: Staff, department: str, assignee_id: int | None) -> bool:
    return assignee_id == staff.id or department in staff.roles or Role.SUPERVISOR in staff.roles


@router.get("/payments")
def show_payments(visit: Visiting) -> Response:
    """Payments with their states, the newest first."""
    return _payments(visit)


@router.post("/payments")
def propose(visit: Visiting, fields: Posted) -> Response:
    """Propose to pay what a decision leaves, or a part of it."""

    def move() -> None:
        ref = fields.get("claim", "").strip().upper()
        amount = amount_in_minor(fields.get("amount", ""))
        desk.propose_payment(visit.app, ref, staff=visit.staff, amount_minor=amount)

    return _moved(visit, _payments, "/payments", move)


@router.post("/payments/release")
def release(visit: Visiting, fields: Posted) -> Response:
    """Let a payment go, as somebody who had no part in it; or take it back."""
    once, reason = fields.get("once", ""), fields.get("reason", "").strip()

    def move() -> None:
        if fields.get("do") == "withdraw":
            desk.withdraw_payment(visit.app, once, staff=visit.staff, reason=reason)
        else:
            desk.release_payment(visit.app, once, staff=visit.staff)

    return _moved(visit, _payments, "/payments", move)


def _payments(visit: Visit, *, trouble: str | None = None) -> Response:
    with visit.app.store.reading() as session:
        found = payments.latest(session, limit=_LATEST)
        return visit.page(
            "payments.html", status=409 if trouble else 200, payments=found, trouble=trouble, names=visit.names()
        )


@router.get("/complaints")
def show_complaints(visit: Visiting) -> Response:
    """The register of complaints."""
    return _complaints(visit)


@router.post("/complaints")
def register(visit: Visiting, fields: Posted) -> Response:
    """Enter a complaint that came by another way."""
    ref, subject = fields.get("ref", "").strip().upper(), fields.get("subject", "").strip()
    return _moved(
        visit, _complaints, "/complaints",
        lambda: desk.register_complaint(
            visit.app, ref, staff=visit.staff, subject=subject, sal_request=fields.get("sal") == "yes"
        ),
    )  # fmt: skip


def _complaints(visit: Visit, *, trouble: str | None = None) -> Response:
    with visit.app.store.reading() as session:
        rows = complaints.listed(session)
        lines = [(row, complaints.line(row, visit.app.office, now=visit.app.clock())) for row in rows]
        return visit.page(
            "complaints.html", status=409 if trouble else 200, lines=lines, trouble=trouble, names=visit.names()
        )


def _moved(visit: Visit, page: Callable[..., Response], onward: str, move: Callable[[], object]) -> Response:
    """Make a move and show the register again; where the desk refuses, with its reason."""
    try:
        move()
    except GuardError as error:
        return page(visit, trouble=error.said(visit.language.code))
    except UnknownReferenceError as error:
        return page(visit, trouble=str(error))
    return go(onward)
