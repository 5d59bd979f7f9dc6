"""The words that switch texts off and on: whole messages only, so that "cancel my policy please" is no opt-out."""

import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from itertools import dropwhile

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
    "DEZABONEAZA",
    "OPRIRE",
    "STOP SMS",
)
_IN = ("START", "UNSTOP")
_CARRIER_HELP = ("HELP", "INFO")  #: To which the carrier answers by itself.
_HELP = ("AJUTOR",)
_SIGNS = frozenset("PSZMC")  #: Of Unicode's categories: punctuation, emoji, blanks and what shapes them.


class Choice(StrEnum):
    """What a text asks the carrier to do, instead of saying something to us."""

    OUT = "out"
    IN = "in"
    HELP = "help"  #: Answered by the carrier.
    ASKED = "asked"  #: The same in a word that the carrier does not know: a person answers.


def choice(text: str, carrier: str = "", words: Iterable[str] = ()) -> Choice | None:
    """Say whether a whole text is a switch; `carrier` is what the carrier already did about it (`OptOutType`).

    `words` are the office's own for opting out. Case, blanks, diacritics, and signs or emoji around it do not matter.
    """
    acted = {"STOP": Choice.OUT, "START": Choice.IN, "HELP": Choice.HELP}.get(carrier.strip().upper())
    if acted:
        return acted
    said = _bare(text)
    if said in _bares((*_OUT, *words)):
        return Choice.OUT
    if said in _bares(_IN):
        return Choice.IN
    if said in _bares(_CARRIER_HELP):
        return Choice.HELP
    return Choice.ASKED if said in _bares(_HELP) else None


def _bares(words: Iterable[str]) -> frozenset[str]:
    return frozenset(_bare(word) for word in words) - {""}


def _bare(text: str) -> str:
    """Take away what does not matter; a long text is no switch, whatever it says."""
    if len(text) > 100:  # noqa: PLR2004 - far longer than any switch
        return ""
    said = fold("".join(text.split())).casefold()
    return _without_signs(_without_signs(said)[::-1])[::-1]


def _without_signs(said: str) -> str:
    """Leave out what is no letter or digit at the beginning."""
    return "".join(dropwhile(lambda character: unicodedata.category(character)[0] in _SIGNS, said))
