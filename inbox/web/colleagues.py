"""Colleagues: who works here, their roles and what these may decide; changed by whoever leads, never by oneself."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from inbox import desk
from inbox.web.visits import Key, Posted, Visit, Visiting, go
from inbox.web.words import N_, STAFF_ROLE
from tickets import authority, colleagues
from tickets.authority import Person
from tickets.errors import GuardError, UnknownReferenceError
from tickets.models import Role, Staff
from tickets.office import Authority

router = APIRouter()
#: Who sees everybody's roles and limits.
SEES = frozenset({Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A sign-in that was just made: its password is on this page and nowhere else."""

    email: str
    password: str


@router.get("/colleagues")
def show(visit: Visiting) -> Response:
    """Everybody, with roles and limits."""
    return _page(visit)


@router.post("/colleagues")
def add(visit: Visiting, fields: Posted) -> Response:
    """Add somebody; the password stands on the answer alone."""
    email = fields.get("email", "").strip()
    try:
        password = desk.add_colleague(
            visit.app, staff=visit.staff, name=fields.get("name", ""), email=email, roles=_roles(fields)
        )
    except GuardError as error:
        return _page(visit, trouble=error.said(visit.language.code), typed=fields)
    return _page(visit, shown=Shown(email=email.casefold(), password=password))


@router.post("/colleagues/{colleague_id}")
def change(visit: Visiting, colleague_id: Key, fields: Posted) -> Response:
    """Change somebody's roles and language, shut him out or let him in, or give him a new password."""
    try:
        match fields.get("do", ""):
            case "out":
                desk.shut_out(visit.app, colleague_id, staff=visit.staff)
            case "in":
                desk.let_in(visit.app, colleague_id, staff=visit.staff)
            case "password":
                return _page(visit, shown=_anew(visit, colleague_id))
            case "roles":
                desk.change_colleague(
                    visit.app, colleague_id, staff=visit.staff, roles=_roles(fields),
                    language=fields.get("language", ""),
                )  # fmt: skip
            case _:
                return _page(visit, trouble=N_("choose what to do"))
    except GuardError as error:
        return _page(visit, trouble=error.said(visit.language.code))
    return go("/colleagues")


def _anew(visit: Visit, colleague_id: int) -> Shown:
    password = desk.new_password(visit.app, colleague_id, staff=visit.staff)
    with visit.reading() as session:
        return Shown(email=colleagues.find(session, colleague_id).email, password=password)


def _roles(fields: Mapping[str, str]) -> list[str]:
    return [role for role in Role if fields.get(f"role-{role}") == "yes"]


def _page(
    visit: Visit,
    *,
    trouble: str | None = None,
    typed: Mapping[str, str] | None = None,
    shown: Shown | None = None,
) -> Response:
    if not SEES & set(visit.staff.roles):
        raise UnknownReferenceError("there is no such page for you")
    with visit.reading() as session:
        people = colleagues.listed(session)
    answer = visit.page(
        "colleagues.html",
        status=409 if trouble else 200,
        people=people,
        may_change={each.id for each in people if colleagues.may_change(visit.staff, each)},
        gives=[role for role in STAFF_ROLE if role in colleagues.may_give(visit.staff)],
        limits={each.id: _limits(visit, each) for each in people},
        trouble=trouble,
        typed=dict(typed or {}),
        shown=shown,
    )
    answer.headers["Cache-Control"] = "no-store"  # it may hold a password
    return answer


def _limits(visit: Visit, staff: Staff) -> list[Authority]:
    """What somebody may do by himself, as the configuration says it."""
    return authority.held(authority.rows(visit.app.office.authority), Person.of(staff))
