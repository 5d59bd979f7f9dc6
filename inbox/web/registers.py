"""Registers: tasks of one's department, payments on their way, complaints; each with the moves that its rows allow."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter
from starlette.responses import Response

from inbox import desk
from inbox.web.deciding import amount_in_minor
from inbox.web.downloads import download
from inbox.web.visits import Key, Posted, Ref, Visit, Visiting, go, number
from inbox.web.words import N_
from tickets import complaints, payments, tasks
from tickets.errors import GuardError, UnknownReferenceError
from tickets.models import PaymentState, Role, Staff

router = APIRouter()
_FILES = 10  #: Files for the bank shown.
#: What a file for the bank is: its ending and type.
_FORMS = {"pain.001": ("xml", "application/xml"), "csv": ("csv", "text/csv")}
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
    with visit.reading() as session:
        seen = tasks.listed(session, staff=visit.staff)
        mine = [each for each in seen if _is_for(visit.staff, each.department, each.assignee_id)]
        return visit.page(
            "tasks.html", status=409 if trouble else 200, tasks=mine, trouble=trouble, names=visit.names,
            said=lambda task: tasks.words(task, visit.language.code),
        )  # fmt: skip


def _is_for(staff: Staff, department: str, assignee_id: int | None) -> bool:
    return assignee_id == staff.id or department in staff.roles or Role.SUPERVISOR in staff.roles


@router.get("/payments")
def show_payments(visit: Visiting) -> Response:
    """Payments with their states, the newest first."""
    return payments_page(visit)


@router.post("/payments")
def propose(visit: Visiting, fields: Posted) -> Response:
    """Propose to pay what a decision leaves, or a part of it."""

    def move() -> None:
        ref = fields.get("claim", "").strip().upper()
        amount = amount_in_minor(fields.get("amount", ""))
        desk.propose_payment(visit.app, ref, staff=visit.staff, amount_minor=amount)

    return _moved(visit, payments_page, "/payments", move)


@router.post("/payments/release")
def release(visit: Visiting, fields: Posted) -> Response:
    """Let a payment go, as somebody who had no part in it; or take it back."""
    once, reason = fields.get("once", ""), fields.get("reason", "").strip()

    def move() -> None:
        if fields.get("do") == "withdraw":
            desk.withdraw_payment(visit.app, once, staff=visit.staff, reason=reason)
        else:
            desk.release_payment(visit.app, once, staff=visit.staff)

    return _moved(visit, payments_page, "/payments", move)


@router.post("/payments/file")
def make_file(visit: Visiting, fields: Posted) -> Response:
    """Put all that is released into one file for the bank, which is listed from then on."""
    form = fields.get("form", "")

    def move() -> None:
        if form not in _FORMS:
            raise GuardError(N_("choose a format"))
        desk.make_payment_file(visit.app, form, staff=visit.staff)

    return _moved(visit, payments_page, "/payments", move)


@router.get("/payments/files/{name}")
def payment_file(visit: Visiting, name: Ref) -> Response:
    """A file for the bank, always the same bytes."""
    made = desk.payment_file_again(visit.app, name, staff=visit.staff)
    ending, media_type = _FORMS[made.file.format]
    return download(made.content, name=f"{made.file.name}.{ending}", media_type=media_type)


@router.post("/payments/state")
def note_state(visit: Visiting, fields: Posted) -> Response:
    """Note what the bank says of a payment."""
    state, reason = fields.get("state", ""), fields.get("reason", "").strip()

    def move() -> None:
        if state not in (PaymentState.CONFIRMED, PaymentState.RETURNED):
            raise GuardError(N_("choose what the bank says"))
        if state == PaymentState.RETURNED and not reason:
            raise GuardError(N_("say why the bank has returned it"))
        desk.payment_state(visit.app, fields.get("once", ""), PaymentState(state), staff=visit.staff, reason=reason)

    return _moved(visit, payments_page, "/payments", move)


def payments_page(visit: Visit, *, trouble: str | None = None, looked: Mapping[str, object] | None = None) -> Response:
    """The register of payments; `looked` is what a file of the bank says, looked at or stored."""
    with visit.reading() as session:
        found = payments.latest(session, limit=_LATEST)
        return visit.page(
            "payments.html",
            status=409 if trouble else 200,
            payments=found,
            trouble=trouble,
            names=visit.names,
            files=list(dict.fromkeys(each.file for each in found if each.file))[:_FILES],
            forms=_FORMS,
            may_pay=desk.may_pay(visit.staff),
            looked=looked,
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


@router.post("/complaints/assign")
def assign(visit: Visiting, fields: Posted) -> Response:
    """Give a complaint to somebody who had no part in what it is about."""

    def move() -> None:
        with visit.reading() as session:
            to = session.get(Staff, number(fields.get("to", "")) or 0)
        if to is None:
            raise GuardError(N_("choose somebody"))
        desk.assign_complaint(visit.app, fields.get("number", ""), to, staff=visit.staff)

    return _moved(visit, _complaints, "/complaints", move)


@router.post("/complaints/settle")
def settle(visit: Visiting, fields: Posted) -> Response:
    """Say whether a complaint is founded and why; what is written below goes to who complained."""

    def move() -> None:
        founded = {"founded": True, "unfounded": False}.get(fields.get("founded", ""))
        if founded is None:
            raise GuardError(N_("say whether it is founded"))
        desk.settle_complaint(
            visit.app, fields.get("number", ""), staff=visit.staff, founded=founded,
            outcome=fields.get("outcome", ""), answer=fields.get("answer", ""),
        )  # fmt: skip

    return _moved(visit, _complaints, "/complaints", move)


def _complaints(visit: Visit, *, trouble: str | None = None) -> Response:
    with visit.reading() as session:
        rows = complaints.listed(session)
        lines = [(row, complaints.line(row, visit.app.office, now=visit.app.clock())) for row in rows]
        return visit.page(
            "complaints.html",
            status=409 if trouble else 200,
            lines=lines,
            trouble=trouble,
            names=visit.names,
            handlers=complaints.handlers(session),
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
