"""Macros on a page: what each of them does, in the reader's words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from inbox.app import App
from inbox.macros import Action
from inbox.web.language import Language
from inbox.web.words import N_

_LONGEST = 90  #: Letters of an answer or a note that are shown before it is written.
_HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A macro as a page offers it."""

    key: str
    name: str
    steps: str  #: What it does, in its order.


def shown(app: App, language: Language) -> Iterator[Shown]:
    """Every macro there is, in the reader's language."""
    for each in app.settings.macros:
        name = each.name.get(language.code) or next(iter(each.name.values()))
        steps = "; ".join(_SAY[action.kind](action, language) for action in each.actions)
        yield Shown(key=each.key, name=name, steps=steps)


def _tag(action: Action, language: Language) -> str:
    return language.gettext(N_("tag %(words)s")) % {"words": ", ".join(each.strip() for each in action.tags)}


def _assign(action: Action, language: Language) -> str:
    plain = {"me": N_("take it"), "nobody": N_("leave it to nobody")}.get(action.assign or "")
    return language.gettext(plain) if plain else language.gettext(N_("assign to %(who)s")) % {"who": action.assign}


def _snooze(action: Action, language: Language) -> str:
    if action.lasts is None:
        return language.gettext(N_("snooze until a reply") if action.snooze == "reply" else N_("snooze until an item"))
    hours = int(action.lasts.total_seconds()) // 3600
    if hours % _HOURS_A_DAY:
        words = language.translations.ngettext("snooze for %(num)s hour", "snooze for %(num)s hours", hours)
        return words % {"num": hours}
    days = hours // _HOURS_A_DAY
    return language.translations.ngettext("snooze for %(num)s day", "snooze for %(num)s days", days) % {"num": days}


def _note(action: Action, language: Language) -> str:
    return language.gettext(N_("note “%(words)s”")) % {"words": _short(action.note or "")}


def _reply(action: Action, language: Language) -> str:
    words = action.reply or {}
    said = words.get(language.code) or next(iter(words.values()))
    return language.gettext(N_("answer “%(words)s”")) % {"words": _short(said)}


def _wait(action: Action, language: Language) -> str:
    waits = {
        "customer": N_("wait for the customer"),
        "third_party": N_("wait for somebody else"),
        "internal": N_("wait for a department"),
    }
    words = waits[action.wait or "customer"]
    return language.gettext(words)


def _done(action: Action, language: Language) -> str:  # noqa: ARG001 - one signature for all
    return language.gettext(N_("mark as done"))


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"


_SAY: Mapping[str, Callable[[Action, Language], str]] = MappingProxyType(
    {"tag": _tag, "assign": _assign, "snooze": _snooze, "note": _note, "reply": _reply, "wait": _wait, "done": _done}
)
