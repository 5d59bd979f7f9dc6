"""The palette: every action of the page, every view, and whatever a reference, a number, a name or words find."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from inbox import desk
from inbox.web import macros, words
from inbox.web.visits import Visit, Visiting
from inbox.web.words import N_
from tickets import extensions, search
from tickets.errors import UnknownReferenceError
from tickets.parties import fold

router = APIRouter()
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One line of the palette: what it does, or where it leads."""

    icon: str
    words: str
    key: str = ""  #: The key that does the same.
    press: str = ""  #: The key whose button on the page it presses.
    act: str = ""  #: The key whose action it does.
    href: str = ""
    more: str = ""  #: Words at its end: a reference, a state.
    post: str = ""  #: Where the composer's form is posted to.
    steps: str = ""  #: What it does, one line below.
    why_not: str = ""  #: Why it is not available now; "" if it is.


#: What can be done with the ticket that is open, by the key that does it.
_ON_TICKET = (
    ("r", "mail", N_("Reply"), False),
    ("n", "note", N_("Note, staff only"), False),
    ("p", "phone", N_("Phone call"), False),
    ("f", "clip", N_("Attach files"), True),
    ("q", "send", N_("Ask for what is missing"), True),
    ("a", "users", N_("Assign"), True),
    ("s", "snooze", N_("Snooze"), True),
    ("e", "check", N_("Done"), True),
    ("c", "panel", N_("Case panel"), False),
    ("y", "phone", N_("Who calls?"), True),
    ("h", "user", N_("Change what we hold"), True),
    (".", "file", N_("Copy the reference"), False),
)
_ANYWHERE = (("w", "scale", N_("Work on the next best"), "/best"),)
_GO = {"mine": "g m", "team": "g t", "waiting": "g w", "due": "g d", "not_reached": "g n", "unlinked": "g u"}


@router.get("/palette")
def palette(visit: Visiting, q: str = "", ticket: str = "") -> Response:
    """What fits the words typed so far, as a part of the page."""
    typed = q[:_LONGEST].strip()
    groups = [
        (N_("Do"), [*_actions(visit, typed, ticket), *_clocks(visit, typed, ticket)]),
        (N_("Macros"), list(_macros(visit, typed, ticket))),
        (N_("Go to"), list(_places(visit, typed))),
    ]
    if typed:
        with visit.reading() as session:
            found = search.find(session, visit.app.office, typed, limit=8)
        groups += [(N_("Tickets and claims"), [_hit(each) for each in found if not each.inside])]
        groups += [(N_("Inside messages and scans"), [_hit(each) for each in found if each.inside])]
    return visit.part("palette.html", groups=[(name, its) for name, its in groups if its], typed=typed)


def _actions(visit: Visit, typed: str, ticket: str) -> Iterator[Option]:
    say = visit.language.gettext
    for key, icon, name, presses in _ON_TICKET:
        if _fits(typed, say(name)):
            why_not = "" if ticket else say(N_("No ticket is open"))
            yield Option(icon=icon, words=say(name), key=key, why_not=why_not, **{"press" if presses else "act": key})
    for key, icon, name, href in _ANYWHERE:
        if _fits(typed, say(name)):
            yield Option(icon=icon, words=say(name), key=key, href=href)


def _clocks(visit: Visit, typed: str, ticket: str) -> Iterator[Option]:
    """The clocks of the open ticket to which whoever looks may add time."""
    name = visit.language.gettext(N_("More time"))
    if not ticket or not _fits(typed, name):
        return
    now, language = visit.app.clock(), visit.language.code
    with visit.reading() as session, suppress(UnknownReferenceError):
        for each in desk.owed(session, visit.app, ticket, staff=visit.staff):
            if extensions.why_not(each.clock, each.definition, staff=visit.staff, now=now) is None:
                clock = each.definition.name.in_language(language)
                yield Option(icon="clock", words=f"{name}: {clock}", key="b", press="b")


def _macros(visit: Visit, typed: str, ticket: str) -> Iterator[Option]:
    say = visit.language.gettext
    why_not = "" if ticket else say(N_("No ticket is open"))
    for each in macros.shown(visit.app, visit.language):
        if _fits(typed, f"{say(N_('Macro'))} {each.name}"):
            post = f"/tickets/{quote(ticket, safe='')}/macros/{each.key}" if ticket else ""
            yield Option(icon="macro", words=each.name, steps=each.steps, post=post, why_not=why_not)


def _places(visit: Visit, typed: str) -> Iterator[Option]:
    say = visit.language.gettext
    for view, it in words.VIEW.items():
        if _fits(typed, say(it.name)):
            yield Option(icon=it.icon, words=say(it.name), key=_GO.get(view, ""), href=f"/inbox/{view}")
    if _fits(typed, say(N_("Quarantined"))):
        yield Option(icon="shield", words=say(N_("Quarantined")), href="/intake")


def _hit(found: search.Found) -> Option:
    icon = words.MEDIUM[found.medium].icon if found.medium else "file"
    return Option(icon=icon, words=found.words, more=found.ref, href=found.path)


def _fits(typed: str, name: str) -> bool:
    """Each word typed begins a word of the name, whatever its diacritics."""
    names: Sequence[str] = fold(name).split()
    return all(any(word.startswith(each) for word in names) for each in fold(typed).split())
