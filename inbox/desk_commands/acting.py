"""What every command of the desk does: who acts, one move, and the record it leaves."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox.cli import _app, _console, _print_json, _ready, options
from tickets.errors import ConfigurationError

if TYPE_CHECKING:
    from enum import StrEnum

    from sqlalchemy.orm import Session

    from inbox.app import App
    from tickets.models import Staff

_HUNDRED = 100
Acting = Annotated[str, typer.Option("--as", help="Who acts: id, e-mail address or name.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]


def act(acting: str, move: "Callable[[App, Staff], Any]") -> "tuple[App, Any]":
    """Make one move on a live store as somebody who works here."""
    from inbox import desk

    app = _ready(_app(changes=True))
    staff = colleague(app, acting)
    desk.must_work(staff)
    return app, move(app, staff)


def colleague(app: "App", name: str) -> "Staff":
    """Who works here under a name, e-mail address or id; raises `UnknownReferenceError`."""
    from inbox import desk

    with app.store.reading() as session:
        return desk.find_staff(session, name)


def say(record: Mapping[str, Any], words: str) -> None:
    """Print the record with --json, else the words."""
    if options.json:
        _print_json(record)
    else:
        _console().print(words)


def show_ref(app: "App", ref: str, words: str) -> None:
    """Print a ticket or claim as `show` does."""
    from tickets import shown

    with app.store.reading() as session:
        say(shown.any(session, ref, app.office, now=app.clock(), restricted=True), words)


def say_row(app: "App", shape: "Callable[[Session, Mapping[int, str]], Mapping[str, Any]]", words: str) -> None:
    """Print a row that was just changed, read anew."""
    from tickets import shown_work

    with app.store.reading() as session:
        say(shape(session, shown_work.names(session)), words)


def read_minor(text: str, option: str) -> int:
    """An amount as typed, in hundredths of its currency; raises `ConfigurationError` naming the option."""
    try:
        amount = Decimal(text) * _HUNDRED
    except InvalidOperation:
        raise ConfigurationError(f"{option} {text}: write an amount as 2450.00") from None
    if amount != amount.to_integral_value() or not amount.is_finite():
        raise ConfigurationError(f"{option} {text}: at most two decimals")
    return int(amount)


def read_day(text: str, option: str) -> date | None:
    """A day as typed, None for nothing; raises `ConfigurationError` naming the option."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ConfigurationError(f"{option} {text}: write a day as 2026-12-07") from None


def read_pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """Words with their values as typed, KEY=VALUE each; raises `ConfigurationError` naming the option."""
    pairs = [each.partition("=") for each in texts]
    if wrong := [key for key, _, value in pairs if not key or not value.strip()]:
        raise ConfigurationError(f"{option} {wrong[0]}: write KEY=VALUE")
    return {key: value.strip() for key, _, value in pairs}


def read_word(kind: "type[StrEnum]", text: str, what: str) -> Any:
    """One of the words of `kind`; raises `ConfigurationError` naming what there is."""
    with suppress(ValueError):
        return kind(text)
    raise ConfigurationError(f"{what} {text}: there are {', '.join(kind)}")
