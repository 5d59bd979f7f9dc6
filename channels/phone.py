"""Telephone calls: the note a representative types about one is a message like any other."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from channels.base import HandedIn
from tickets.errors import UnreadableError
from tickets.messages import Address, InboundMessage, Medium, Sender

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_UNSTORABLE = str.maketrans({"\x00": "", **dict.fromkeys(map(chr, range(0xD800, 0xE000)), "\ufffd")})
_LONGEST_NUMBER = 40


class Settings(BaseModel):
    """`[channels.<name>]` with `kind = "phone"`: nothing has to be set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["phone"] = "phone"
    number: str = ""  #: Ours, for people.
    country: str = ""  #: Two letters: how a number without `+` is read; empty: not at all.
    poll: str = "1h"


class Direction(StrEnum):
    """Who called whom."""

    IN = "in"
    OUT = "out"


def connect(name: str, settings: Settings) -> HandedIn:  # noqa: ARG001 - every kind is made like this
    """Make the channel `name`."""
    cannot_send, says = (
        "a telephone sends no texts, somebody has to call",
        "call notes are typed by people, nothing to reach",
    )
    return HandedIn(name, Medium.PHONE, cannot_send=cannot_send, says=says)


def note(
    text: str,
    *,
    number: str = "",
    caller: str = "",
    direction: Direction = Direction.IN,
    outcome: str = "",
    at: datetime,
    by: str,
) -> bytes:
    """Write the raw form of a call note: one JSON object.

    `number` and `caller` are the other person's; `at` is when the call was, aware; `by` is who of us spoke.
    """
    told = {
        "text": text,
        "number": number,
        "caller": caller,
        "direction": direction.value,
        "outcome": outcome,
        "by": by,
    }
    return json.dumps({**told, "at": at.astimezone(UTC).isoformat()}, sort_keys=True, separators=(",", ":")).encode()


def read(raw: bytes, settings: BaseModel | None = None) -> InboundMessage:
    """Say what a call note means; raises `UnreadableError` if `raw` is not one JSON object.

    No automatic answer ever goes to a call.
    """
    told = _told(raw)
    country = settings.country if isinstance(settings, Settings) else ""
    number = _number(told.get("number", ""), country)
    text = told.get("text", "").strip()
    return InboundMessage(
        medium=Medium.PHONE,
        sender=Address(address=number, name=told.get("caller", "").strip()),
        sender_state=Sender.PLAIN if number else Sender.MISSING,
        text=text,
        new_text=text,
        sent_at=_moment(told.get("at", "")),
        notes=tuple(_notes(told)),
    )


def extract(raw: bytes, part: str) -> bytes:
    """Give the note itself; raises `UnreadableError` for any part, because a note holds no files."""
    if part:
        raise UnreadableError("a call note holds no files")
    return raw


def _told(raw: bytes) -> dict[str, str]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"not a JSON object: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise UnreadableError("not a JSON object")
    return {key: value.translate(_UNSTORABLE) for key, value in found.items() if isinstance(value, str)}


def _notes(told: Mapping[str, str]) -> list[str]:
    """Say what the text does not: who called, how it ended, who typed."""
    notes = ["we called" if told.get("direction") == Direction.OUT else "they called"]
    return notes + [f"{key}: {told[key]}" for key in ("outcome", "by") if told.get(key)]


def _number(typed: str, country: str) -> str | None:
    """Write a number as typed in E.164; None if it has no country or is not possible there."""
    bare = re.sub(r"[\s().\-/]", "", typed[:_LONGEST_NUMBER])
    bare = f"+{bare[2:]}" if bare.startswith("00") else bare
    if bare.startswith("+") or not country:
        return bare if _E164.fullmatch(bare) else None
    return _in_country(bare, country.upper())


def _in_country(bare: str, country: str) -> str | None:
    import phonenumbers  # only for numbers without a country

    try:
        found = phonenumbers.parse(bare, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found):
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
