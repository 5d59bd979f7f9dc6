"""Colleagues: added, given roles and a language, let in and shut out; by whoever may, never by oneself."""

import secrets
from collections.abc import Iterable

from pwdlib import PasswordHash

from inbox.app import App
from inbox.desk.subjects import actor, must_work
from tickets import colleagues
from tickets.guards import Cause
from tickets.models import Staff


def add_colleague(app: App, *, staff: Staff, name: str, email: str, roles: Iterable[str]) -> str:
    """Add somebody who may sign in; returns the password, shown only here."""
    must_work(staff)
    password, hashed = _password()
    with app.store.writing() as session:
        cause = Cause(actor=actor(staff), at=app.clock())
        added = colleagues.enter(session, name=name, email=email, roles=roles, by=staff, cause=cause)
        added.password_hash, added.password_given = hashed, True
    return password


def change_colleague(app: App, colleague_id: int, *, staff: Staff, roles: Iterable[str], language: str) -> None:
    """Give somebody these roles and this language."""
    must_work(staff)
    with app.store.writing() as session:
        cause, who = Cause(actor=actor(staff), at=app.clock()), colleagues.find(session, colleague_id)
        colleagues.give_roles(session, who, roles, by=staff, cause=cause)
        colleagues.speak(session, app.office, who, language, by=staff, cause=cause)


def let_in(app: App, colleague_id: int, *, staff: Staff) -> None:
    """Let somebody sign in again."""
    _set_active(app, colleague_id, True, staff)


def shut_out(app: App, colleague_id: int, *, staff: Staff) -> None:
    """End somebody's sessions and let nobody in under this name."""
    _set_active(app, colleague_id, False, staff)


def _set_active(app: App, colleague_id: int, active: bool, staff: Staff) -> None:  # noqa: FBT001 - the state itself
    must_work(staff)
    with app.store.writing() as session:
        cause, who = Cause(actor=actor(staff), at=app.clock()), colleagues.find(session, colleague_id)
        colleagues.set_active(session, who, active, by=staff, cause=cause)


def new_password(app: App, colleague_id: int, *, staff: Staff) -> str:
    """A new password for somebody who lost his; returned once, and all his sessions end."""
    must_work(staff)
    password, hashed = _password()
    with app.store.writing() as session:
        cause, who = Cause(actor=actor(staff), at=app.clock()), colleagues.find(session, colleague_id)
        colleagues.sign_in_anew(session, who, hashed, by=staff, cause=cause)
    return password


def _password() -> tuple[str, str]:
    """A password and its hash, which takes its time on purpose: make it before the store is locked."""
    password = secrets.token_urlsafe(12)
    return password, PasswordHash.recommended().hash(password)
