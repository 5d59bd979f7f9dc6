"""The palette: every action of the page, every view, and whatever a reference, a number, a name or words find."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from urllib.parse import quote

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.responses import Response

from inbox import desk
from inbox.web import macros, palette_steps, words
from inbox.web.palette_steps import STEPS, Option, Place, fits
from inbox.web.visits import Visit, Visiting
from inbox.web.words import N_
from tickets import extensions, search
from tickets.errors import UnknownReferenceError
from tickets.parties import fold

router = APIRouter()
_LONGEST = 200


#: What can be done with the ticket that is open, by the key that does it.
_ON_TICKET = (
    ("r", "mail", N_("Reply"), False),
    ("n", "note", N_("Note, staff only"), False),
    ("p", "phone", N_("Phone call"), False),
    ("f", "clip", N_("Attach files"), True),
    ("q", "send", N_("Ask for what is missing"), True),
    ("v", "eye", N_("Files"), True),
    ("d", "stamp", N_("Decide"), True),
    ("z", "undo", N_("Undo"), True),
    ("e", "check", N_("Done"), True),
    ("c", "panel", N_("Case panel"), False),
    ("y", "phone", N_("Who calls?"), True),
    ("h", "user", N_("Change what we hold"), True),
    (".", "file", N_("Copy the reference"), False),
)
_ANYWHERE = (
    ("w", "scale", N_("Work on the next best"), "/best"),
    ("", "lock", N_("Choose another password"), "/password"),
)
_ON_PAGE = (
    ("?", "keys", N_("Keys")),
    ("theme", "theme", N_("Light or dark")),
    ("\\", "panel", N_("Fold the views")),
)
_GO = {"mine": "g m", "team": "g t", "waiting": "g w", "due": "g d", "not_reached": "g n", "unlinked": "g u"}

_ON_CLAIM = (
    ("check", N_("Expenses"), "decide#expenses"),
    ("note", N_("Close or reopen the claim"), "decide#close"),
    ("link", N_("The same loss twice"), "decide#twice"),
    ("scale", N_("Account to pay to"), "decide#account"),
    ("letter", N_("Print the claim file"), "file"),
)
_PAGES = (
    ("stamp", N_("Needs approval"), "g a", "/approvals"),
    ("shield", N_("Quarantined"), "g q", "/intake"),
    ("wait", N_("Tasks"), "g k", "/tasks"),
    ("send", N_("Payments"), "g p", "/payments"),
    ("scale", N_("Complaints"), "g c", "/complaints"),
    ("chart", N_("Figures"), "g l", "/lead"),
    ("users", N_("Colleagues"), "g o", "/colleagues"),
)


@router.get("/palette")
def palette(visit: Visiting, q: str = "", ticket: str = "", step: str = "") -> Response:
    """What fits the words typed so far, as a part of the page; within `step`, what that action may take."""
    typed = q[:_LONGEST].strip()
    with visit.reading() as session:
        place = _place(visit, session, typed, ticket, step)
        if step:
            return _step(visit, place, step)
        groups = [
            (
                N_("Do"),
                [*_actions(visit, place, typed, ticket), *_steps(visit, place, typed), *_clocks(visit, typed, ticket)],
            ),
            (N_("Macros"), list(_macros(visit, typed, ticket))),
            (N_("Go to"), list(_places(visit, typed))),
        ]
        if typed:
            found = search.find(session, visit.app.office, typed, limit=8)
            groups += [(N_("Tickets and claims"), [_hit(each) for each in found if not each.inside])]
            groups += [(N_("Inside messages and scans"), [_hit(each) for each in found if each.inside])]
    return _part(visit, [(name, its) for name, its in groups if its], typed)


def _part(
    visit: Visit, groups: Sequence[tuple[str, Sequence[Option]]], typed: str, *, title: str = "", asks: str = ""
) -> Response:
    return visit.part(
        "palette.html", groups=groups, typed=typed, marked=marked, as_json=json.dumps, title=title, asks=asks
    )


def _place(visit: Visit, session: Session, typed: str, ticket: str, step: str) -> Place | None:
    """The ticket that is open; None if none is, or not for whoever looks."""
    if ticket:
        with suppress(UnknownReferenceError):
            found = desk.find_ticket(session, ticket, staff=visit.staff)
            return Place(visit=visit, session=session, ticket=found, typed=typed, rest=step.partition(":")[2])
    return None


def _step(visit: Visit, place: Place | None, step: str) -> Response:
    name = step.partition(":")[0]
    if place is None or name not in STEPS:
        return _part(visit, [], "")
    title, asks = palette_steps.title(place, name)
    options = palette_steps.taken(place, name)
    return _part(visit, [(title, options)] if options else [], place.typed, title=title, asks=asks)


def _steps(visit: Visit, place: Place | None, typed: str) -> Iterator[Option]:
    """Actions that need an argument; of those whose choices are few, each choice that was typed too."""
    say = visit.language.gettext
    for key, step in STEPS.items():
        why_not = step.why_not(place) if place else N_("No ticket is open")
        name = say(step.name)
        if fits(typed, name):
            yield Option(icon=step.icon, words=name, key=step.key, step=key, why_not=say(why_not) if why_not else "")
        if typed and place and step.closed and not why_not:
            for each in palette_steps.taken(place, key):
                yield replace(each, words=f"{name}: {each.words}")


_WORD = re.compile(r"\w+")


def marked(words: str, typed: str) -> list[tuple[str, bool]]:
    """The pieces of `words`, each with whether its letters are those that were typed at the beginning of a word."""
    wanted, pieces, done = [each for each in _WORD.findall(fold(typed)) if each], [], 0
    for found in _WORD.finditer(words):
        length = max((_length(found[0], each) for each in wanted), default=0)
        if length:
            pieces += [(words[done : found.start()], False), (words[found.start() : found.start() + length], True)]
            done = found.start() + length
    return [piece for piece in (*pieces, (words[done:], False)) if piece[0]]


def _length(word: str, typed: str) -> int:
    """How many letters of a word are what was typed, however they are written; 0 if it does not begin so."""
    if not fold(word).startswith(typed):
        return 0
    return next(number for number in range(1, len(word) + 1) if len(fold(word[:number])) >= len(typed))


def _actions(visit: Visit, place: Place | None, typed: str, ticket: str) -> Iterator[Option]:
    say = visit.language.gettext
    for key, icon, name, presses in _ON_TICKET:
        if fits(typed, say(name)):
            why_not = "" if ticket else say(N_("No ticket is open"))
            yield Option(
                icon=icon,
                words=say(name),
                key=key,
                why_not=why_not,
                press=key if presses else "",
                act="" if presses else key,
            )
    yield from _on_claim(visit, place, typed)
    for key, icon, name in _ON_PAGE:
        if fits(typed, say(name)):
            yield Option(icon=icon, words=say(name), key=key if len(key) == 1 else "", act=key)
    for key, icon, name, href in _ANYWHERE:
        if fits(typed, say(name)):
            yield Option(icon=icon, words=say(name), key=key, href=href)


def _on_claim(visit: Visit, place: Place | None, typed: str) -> Iterator[Option]:
    """Pages of the open ticket's claim."""
    say = visit.language.gettext
    for icon, name, page in _ON_CLAIM:
        if fits(typed, say(name)):
            why_not = (
                "" if place and place.claim else N_("It belongs to no claim") if place else N_("No ticket is open")
            )
            href = place.on_claim(page) if place else ""
            yield Option(icon=icon, words=say(name), href=href, why_not=say(why_not) if why_not else "")


def _clocks(visit: Visit, typed: str, ticket: str) -> Iterator[Option]:
    """The clocks of the open ticket to which whoever looks may add time."""
    name = visit.language.gettext(N_("More time"))
    if not ticket or not fits(typed, name):
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
        if fits(typed, f"{say(N_('Macro'))} {each.name}"):
            post = f"/tickets/{quote(ticket, safe='')}/macros/{each.key}" if ticket else ""
            yield Option(icon="macro", words=each.name, steps=each.steps, post=post, why_not=why_not)


def _places(visit: Visit, typed: str) -> Iterator[Option]:
    say = visit.language.gettext
    for view, it in words.VIEW.items():
        if fits(typed, say(it.name)):
            yield Option(icon=it.icon, words=say(it.name), key=_GO.get(view, ""), href=f"/inbox/{view}")
    for icon, name, key, href in _PAGES:
        if fits(typed, say(name)):
            yield Option(icon=icon, words=say(name), key=key, href=href)


def _hit(found: search.Found) -> Option:
    icon = words.MEDIUM[found.medium].icon if found.medium else "file"
    return Option(icon=icon, words=found.words, more=found.ref, href=found.path)
