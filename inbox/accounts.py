"""Sign-ins of the people who work here: passwords (argon2), sessions kept on the server, one CSRF token a session."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pwdlib import PasswordHash
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import joinedload

from inbox import desk
from inbox.app import App
from tickets import colleagues
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import SignIn, Staff

SESSION = timedelta(hours=12)
#: Letters of a password that somebody chooses.
SHORTEST = 12
#: Checked for an unknown address, so that answering takes as long as for a known one.
_NOBODY = PasswordHash.recommended().hash(secrets.token_urlsafe(16))
_SIGNED_IN = select(SignIn).where(SignIn.secret_hash == bindparam("hash")).options(joinedload(SignIn.staff))


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The person a request comes from."""

    staff: Staff
    csrf_token: str


def add(app: App, *, name: str, email: str, roles: Sequence[str], password: str | None = None) -> str:
    """Add a person who may sign in, or let in who is on the list; returns the password, shown only here.

    Raises `GuardError` for somebody who signs in already: he chooses a new password himself, or a colleague gives one.
    """
    chosen = password or secrets.token_urlsafe(12)
    with app.store.writing() as session:
        cause = Cause(actor="command", at=app.clock())
        staff = colleagues.enter(session, name=name, email=email, roles=roles, cause=cause)
        staff.password_hash = PasswordHash.recommended().hash(chosen)
    return chosen


def change(
    app: App, email: str, *, staff: Staff, roles: Sequence[str] | None, language: str | None, active: bool | None
) -> None:
    """Change what is named of somebody, as the page does; None leaves it."""
    with app.store.reading() as session:
        who = session.scalar(select(Staff).where(Staff.email == email.strip().casefold()))
    if who is None:
        raise UnknownReferenceError(f"nobody signs in as {email}: `user list` names everybody")
    if active is not None:
        (desk.let_in if active else desk.shut_out)(app, who.id, staff=staff)
    if roles is not None or language is not None:
        wanted = who.language or "" if language is None else language
        desk.change_colleague(app, who.id, staff=staff, roles=who.roles if roles is None else roles, language=wanted)


def everybody(app: App) -> list[Staff]:
    """Everybody on the list, by name."""
    with app.store.reading() as session:
        return list(session.scalars(select(Staff).order_by(Staff.name)))


def sign_in(app: App, *, email: str, password: str) -> str | None:
    """Check a password; returns the secret for the cookie, or None. Always a new session: none can be preset."""
    with app.store.reading() as session:
        staff = session.scalar(select(Staff).where(Staff.email == email.strip().casefold(), Staff.active))
    known = staff is not None and staff.password_hash is not None
    right = PasswordHash.recommended().verify(password, (staff.password_hash if staff else None) or _NOBODY)
    if not (known and right and staff):
        return None
    secret, now = secrets.token_urlsafe(32), app.clock()
    with app.store.writing() as session:
        session.execute(delete(SignIn).where(SignIn.expires_at < now))
        session.add(
            SignIn(
                secret_hash=_hash(secret),
                staff=session.get_one(Staff, staff.id),
                csrf_token=secrets.token_urlsafe(24),
                made_at=now,
                expires_at=now + SESSION,
            )
        )
    return secret


def choose_password(app: App, staff: Staff, *, current: str, chosen: str) -> None:
    """Give oneself a new password; raises `GuardError` for a wrong current one, or a short or equal new one."""
    hasher = PasswordHash.recommended()
    with app.store.reading() as session:
        kept = session.get_one(Staff, staff.id).password_hash or _NOBODY
    if not hasher.verify(current, kept):
        raise GuardError("the password so far is wrong", ro="parola de până acum nu este corectă", guard="password")
    if len(chosen) < SHORTEST or chosen == current:
        raise GuardError(
            f"choose another password, of at least {SHORTEST} letters",
            ro=f"alegeți altă parolă, de cel puțin {SHORTEST} caractere",
            guard="password",
        )
    hashed = hasher.hash(chosen)
    with app.store.writing() as session:
        cause = Cause(actor=desk.actor(staff), at=app.clock())
        colleagues.choose_password(session, session.get_one(Staff, staff.id), hashed, cause=cause)


def visitor(app: App, secret: str | None) -> Visitor | None:
    """Who the cookie belongs to; None if nobody, or not any more."""
    if not secret:
        return None
    with app.store.reading() as session:
        found = session.scalar(_SIGNED_IN, {"hash": _hash(secret)})
    if found is None or found.expires_at < app.clock() or not found.staff.active:
        return None
    return Visitor(staff=found.staff, csrf_token=found.csrf_token)


def sign_out(app: App, secret: str) -> None:
    """End one session."""
    with app.store.writing() as session:
        session.execute(delete(SignIn).where(SignIn.secret_hash == _hash(secret)))


def choose_language(app: App, staff: Staff, language: str) -> None:
    """Keep in which language somebody reads the pages; raises `GuardError` for one the office does not use."""
    if language not in app.office.languages:
        raise GuardError(f"the pages are not written in {language!r}", ro=f"paginile nu sunt scrise în {language!r}")
    with app.store.writing() as session:
        session.get_one(Staff, staff.id).language = language


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
