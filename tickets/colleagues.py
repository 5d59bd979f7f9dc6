"""Colleagues: who works here, in which roles, and who may change that; nobody changes his own roles.

So whoever shuts an administrator out is one who stays: there is always one left.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tickets import history
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import Role, SignIn, Staff
from tickets.office import Office

#: Which roles somebody may give and take: a team lead those of the team, an administrator every one.
_GIVES: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        Role.ADMIN: frozenset(Role),
        Role.SUPERVISOR: frozenset({Role.REPRESENTATIVE, Role.SENIOR_REPRESENTATIVE}),
    }
)
_LONGEST = 200
_NAMES = select(Staff.id, Staff.name).order_by(Staff.name)


def may_give(staff: Staff) -> frozenset[Role]:
    """The roles that somebody may give and take; none for whoever leads nobody."""
    return frozenset().union(*(_GIVES.get(Role(role), frozenset()) for role in staff.roles))


def may_change(by: Staff, who: Staff) -> bool:
    """Whether somebody may change a colleague: another person, all whose roles he could have given."""
    return by.id != who.id and bool(may_give(by)) and set(who.roles) <= may_give(by)


def listed(session: Session) -> list[Staff]:
    """Everybody, those who work here first, by name."""
    return list(session.scalars(select(Staff).order_by(Staff.active.desc(), Staff.name, Staff.id)))


def names(session: Session) -> dict[int, str]:
    """What everybody is called, by key, in the order of the alphabet."""
    return {row.id: row.name for row in session.execute(_NAMES)}


def find(session: Session, staff_id: int) -> Staff:
    """One colleague, locked; raises `UnknownReferenceError`."""
    found = session.scalar(select(Staff).where(Staff.id == staff_id).with_for_update())
    if found is None:
        raise UnknownReferenceError(f"nobody who works here has the number {staff_id}")
    return found


def enter(
    session: Session, *, name: str, email: str, roles: Iterable[str], cause: Cause, by: Staff | None = None
) -> Staff:
    """Add somebody, or take up who stands on the list without a sign-in; `by` None is whoever runs the machine."""
    name, address, chosen = " ".join(name.split())[:_LONGEST], email.strip().casefold()[:_LONGEST], _chosen(roles)
    if not name or "@" not in address:
        raise GuardError("name and e-mail address are needed", ro="numele și adresa de e-mail sunt necesare")
    staff = session.scalar(select(Staff).where(Staff.email == address))
    if staff is not None and staff.password_hash is not None:
        raise GuardError(
            f"somebody signs in as {address} already: give a new password on the page of colleagues",
            ro=f"cineva se conectează deja ca {address}: dați o parolă nouă în pagina colegilor",
        )
    if by is not None:
        _must_give(by, {*chosen, *(staff.roles if staff else ())})
    if staff is None:
        staff = Staff(name=name, email=address)
        session.add(staff)
    staff.name, staff.roles = name, chosen
    session.flush()  # the event names its number
    _record(session, "added", staff, cause, after=chosen)
    return staff


def give_roles(session: Session, staff: Staff, roles: Iterable[str], *, by: Staff, cause: Cause) -> None:
    """Make these somebody's roles."""
    chosen = _chosen(roles)
    _must_change(by, staff)
    _must_give(by, chosen)
    if set(chosen) == set(staff.roles):
        return
    before, staff.roles = list(staff.roles), chosen
    _record(session, "roles", staff, cause, before=before, after=chosen)


def speak(session: Session, office: Office, staff: Staff, language: str, *, by: Staff, cause: Cause) -> None:
    """In which language somebody reads the pages; "" leaves it to his browser."""
    _must_change(by, staff)
    if language and language not in office.languages:
        raise GuardError(
            f"the pages are not written in {language!r:.20}", ro="paginile nu sunt scrise în această limbă"
        )
    if (staff.language or "") == language:
        return
    before, staff.language = staff.language, language or None
    _record(session, "language", staff, cause, before=before, after=staff.language)


def set_active(session: Session, staff: Staff, active: bool, *, by: Staff, cause: Cause) -> None:  # noqa: FBT001 - the state itself
    """Let somebody in again, or end every session and let nobody in under this name; what he did stays his."""
    _must_change(by, staff)
    if staff.active is active:
        return
    staff.active = active
    if not active:
        session.execute(delete(SignIn).where(SignIn.staff_id == staff.id))
    _record(session, "activated" if active else "deactivated", staff, cause)


def sign_in_anew(session: Session, staff: Staff, password_hash: str, *, by: Staff, cause: Cause) -> None:
    """A new password, good for choosing one's own; whoever had signed in with the old one signs in again.

    So whoever made it cannot act under this name unnoticed: he would have to choose, and its owner could not sign in.
    """
    _must_change(by, staff)
    staff.password_hash, staff.password_given = password_hash, True
    session.execute(delete(SignIn).where(SignIn.staff_id == staff.id))
    _record(session, "password", staff, cause)


def choose_password(session: Session, staff: Staff, password_hash: str, *, cause: Cause) -> None:
    """One's own password; every session ends, also those that somebody else has begun."""
    staff.password_hash, staff.password_given = password_hash, False
    session.execute(delete(SignIn).where(SignIn.staff_id == staff.id))
    _record(session, "password_chosen", staff, cause)


def _chosen(roles: Iterable[str]) -> list[str]:
    wanted = set(roles)
    if unknown := wanted - set(Role):
        raise GuardError(f"{len(unknown)} of these roles are not known", ro="unul dintre roluri nu este cunoscut")
    if not wanted:
        raise GuardError("somebody needs at least one role", ro="este nevoie de cel puțin un rol", guard="role")
    return [role.value for role in Role if role in wanted]


def _must_change(by: Staff, who: Staff) -> None:
    if by.id == who.id:
        raise GuardError(
            "nobody changes his own roles or sign-in: somebody else does",
            ro="nimeni nu își schimbă singur rolurile sau contul: o face altcineva",
            guard="four eyes",
        )
    _must_give(by, who.roles)


def _must_give(by: Staff, roles: Iterable[str]) -> None:
    if not may_give(by) or not set(roles) <= may_give(by):
        raise GuardError(
            f"{by.name} may not give or take these roles: an administrator does",
            ro=f"{by.name} nu poate da sau lua aceste roluri: o face un administrator",
            guard="role",
        )


def _record(
    session: Session, what: str, staff: Staff, cause: Cause, *, before: object = None, after: object = None
) -> None:
    history.record(session, f"staff.{what}", actor=cause.actor, at=cause.at, staff=staff.id, before=before, after=after)
