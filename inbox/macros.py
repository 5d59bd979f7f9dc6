"""Macros: several actions under one name, as the configuration says them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tickets.errors import ConfigurationError
from tickets.parties import fold

_VARIABLE = re.compile(r"\{(\w*)\}")
_DURATION = re.compile(r"([1-9]\d{0,3})(h|d)")
_UNIT = {"h": "hours", "d": "days"}
#: What an answer may name; one that has no value for a ticket stops the macro there.
VARIABLES = ("name", "claim", "ticket", "policy", "me", "office")
_Words = Annotated[str, Field(min_length=1, max_length=5_000)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Action(_Table):
    """One thing a macro does; exactly one key is set."""

    tag: str | None = None  #: Words with commas between, put to those the ticket has.
    assign: str | None = None  #: `me`, `nobody`, or somebody's id, e-mail address or name.
    snooze: str | None = None  #: `reply`, `item`, or for how long: `4h`, `3d`.
    note: _Words | None = None  #: What staff alone see.
    reply: dict[str, _Words] | None = None  #: By language.
    wait: Literal["customer", "third_party", "internal"] | None = None
    done: Literal[True] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "Action":
        if len(self.model_fields_set) != 1:
            raise ValueError(f"holds exactly one of {', '.join(type(self).model_fields)}")
        return self

    @field_validator("snooze")
    @classmethod
    def _is_until(cls, until: str) -> str:
        if until not in ("reply", "item") and _DURATION.fullmatch(until) is None:
            raise ValueError('is neither "reply" nor "item" nor a duration such as "4h" or "3d"')
        return until

    @field_validator("reply")
    @classmethod
    def _knows_its_variables(cls, words: dict[str, str]) -> dict[str, str]:
        unknown = sorted({name for each in words.values() for name in _VARIABLE.findall(each)} - set(VARIABLES))
        if unknown:
            raise ValueError(f"knows no {{{unknown[0]}}}: there are {', '.join(VARIABLES)}")
        return words

    @property
    def kind(self) -> str:
        """Which key is set."""
        [kind] = self.model_fields_set
        return kind

    @property
    def tags(self) -> list[str]:
        """The words to put on."""
        return (self.tag or "").split(",")

    @property
    def lasts(self) -> timedelta | None:
        """For how long it snoozes; None: until something comes."""
        found = _DURATION.fullmatch(self.snooze or "")
        return timedelta(**{_UNIT[found[2]]: int(found[1])}) if found else None


class Macro(_Table):
    """`[[macros]]`: several actions that a person makes as one."""

    name: dict[str, Annotated[str, Field(min_length=1, max_length=60)]]
    actions: list[Action] = Field(min_length=1, max_length=10)

    @model_validator(mode="after")
    def _goes_together(self) -> "Macro":
        counted = Counter(each.kind for each in self.actions)
        if twice := next((kind for kind, number in counted.items() if number > 1), None):
            raise ValueError(f"does {twice} twice")
        if len({"snooze", "wait", "done"} & counted.keys()) > 1:
            raise ValueError("may do one of snooze, wait and done")
        return self

    @property
    def key(self) -> str:
        """How addresses and events name it: its English name, else its first, as one word."""
        name = self.name.get("en") or next(iter(self.name.values()))
        return "-".join(re.findall(r"[a-z0-9]+", fold(name)))


def check(macros: Sequence[Macro], languages: Iterable[str]) -> None:
    """Raise `ConfigurationError` for a macro that some of the office's readers could not read, or two of one name."""
    for number, macro in enumerate(macros):
        where = f"macros.{number}"
        _check_words(macro.name, languages, f"{where}.name")
        if not macro.key or any(each.key == macro.key for each in macros[:number]):
            raise ConfigurationError(f"{where}.name: another macro has this name, or it has no letters")
        for place, action in enumerate(macro.actions):
            if action.reply is not None:
                _check_words(action.reply, languages, f"{where}.actions.{place}.reply")


def _check_words(words: Mapping[str, str], languages: Iterable[str], where: str) -> None:
    if lacking := sorted(set(languages) - words.keys()):
        raise ConfigurationError(f"{where}: needs the words in {', '.join(lacking)} too")
    if unknown := sorted(words.keys() - {"en", "ro"}):
        raise ConfigurationError(f"{where}: no pages are written in {', '.join(unknown)}: take en, ro")


def filled(words: str, values: Mapping[str, str | None]) -> tuple[str, list[str]]:
    """Put the values in; gives the words, and the names of variables that have none."""
    lacking = [name for name in _VARIABLE.findall(words) if not values.get(name)]
    return _VARIABLE.sub(lambda found: values.get(found[1]) or "", words), lacking
