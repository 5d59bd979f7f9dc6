"""The words that switch texts off and on: whole messages only, so that "cancel my policy please" is no opt-out."""

from collections.abc import Iterable
from enum import StrEnum

from channels.sms.segments import fold

#: What the carrier itself blocks a number for (Twilio, "Advanced Opt-Out"), and the Romanian for it.
_OUT = (
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "OPT-OUT",
    "CANCEL",
    "DEZABONARE",
    "OPRIRE",
    "STOP SMS",
)
_IN = ("START", "UNSTOP")
_FINAL = ".,;:!?… "


class Choice(StrEnum):
    """What a text asks the carrier to do, instead of saying something to us."""

    OUT = "out"
    IN = "in"
    HELP = "help"


def choice(text: str, carrier: str = "", words: Iterable[str] = ()) -> Choice | None:
    """Say whether a whole text is a switch; `carrier` is what the carrier already did about it (`OptOutType`).

    `words` are the office's own for opting out. Case, blanks, diacritics and final punctuation do not matter.
    """
    acted = {"STOP": Choice.OUT, "START": Choice.IN, "HELP": Choice.HELP}.get(carrier.strip().upper())
    if acted:
        return acted
    said = _bare(text)
    if said in _bares((*_OUT, *words)):
        return Choice.OUT
    return Choice.IN if said in _bares(_IN) else None


def _bares(words: Iterable[str]) -> frozenset[str]:
    return frozenset(_bare(word) for word in words) - {""}


def _bare(text: str) -> str:
    """Take away what does not matter; a long text is no switch, whatever it says."""
    if len(text) > 100:  # noqa: PLR2004 - far longer than any switch
        return ""
    return fold("".join(text.split())).casefold().rstrip(_FINAL)
