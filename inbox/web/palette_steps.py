"""Second steps of the palette: what an action that needs an argument may take, each choice a post or one more step."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from urllib.parse import quote, urlencode

from sqlalchemy.orm import Session

from inbox import desk
from inbox.web import words
from inbox.web.snoozing import next_due, snoozes
from inbox.web.visits import Visit
from inbox.web.words import N_
from tickets import conversation, deadlines, requests, search, work
from tickets.claim_types import load
from tickets.claims import GATHERING
from tickets.deadlines import Standing
from tickets.models import Claim, Link, LinkState, Ticket, TicketState
from tickets.parties import fold
from tickets.requirements import RequirementState

_OPEN = frozenset({RequirementState.NEEDED, RequirementState.ASKED, RequirementState.REJECTED})
_ENDED = frozenset({TicketState.RESOLVED, TicketState.CLOSED, TicketState.MERGED, TicketState.DISCARDED})


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
    post: str = ""  #: Where a form is posted to: the composer's, or one of `fields`.
    fields: Mapping[str, str] = field(default_factory=dict)
    step: str = ""  #: The step it opens.
    steps: str = ""  #: What it does, one line below.
    why_not: str = ""  #: Why it is not available now; "" if it is.


@dataclass(frozen=True, kw_only=True)
class Place:
    """The ticket that is open, what was typed, and the rest of a step's name: a department, an item."""

    visit: Visit
    session: Session
    ticket: Ticket
    typed: str
    rest: str = ""

    def say(self, message: str, **values: object) -> str:
        """Give words in the reader's language."""
        return self.visit.language.gettext(message) % values if values else self.visit.language.gettext(message)

    def at(self, what: str) -> str:
        """Where a form about the ticket goes."""
        return f"/tickets/{quote(self.ticket.ref, safe='')}/{what}"

    def on_claim(self, what: str) -> str:
        """Where a form about its claim goes."""
        return f"/claims/{quote(self.claim.ref, safe='')}/{what}" if self.claim else ""

    @property
    def claim(self) -> Claim | None:
        """The claim it belongs to."""
        return self.ticket.claim

    @property
    def is_open(self) -> bool:
        """Whether it may still be set aside or marked as done."""
        return self.ticket.state not in _ENDED

    @cached_property
    def clocks(self) -> Sequence[Standing]:
        """What is owed here."""
        return desk.owed_on(self.session, self.visit.app, self.ticket)

    def item(self, key: str) -> str:
        """An item's name."""
        known = load().items.get(key)
        return known.label(self.visit.language.code) if known else key


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An action that needs an argument: how it is called, its key, and what it may take."""

    icon: str
    name: str
    takes: Callable[[Place], Iterator[Option]]
    asks: str  #: What the field is for in this step.
    key: str = ""
    closed: bool = True  #: Whether its choices are found from the first step too.
    is_typed: bool = False  #: What is typed is the argument itself: it narrows nothing.
    why_not: Callable[[Place], str] = lambda _place: ""  #: Why it is not available now, as a message.


# --- what each may take


def _assign(at: Place) -> Iterator[Option]:
    owner, me = at.ticket.owner_id, at.visit.staff
    if owner != me.id:
        yield Option(icon="user", words=at.say(N_("Take it yourself")), post=at.at("take"), fields={"to": ""})
    for key, name in at.visit.names.items():
        if key not in (owner, me.id):
            yield Option(icon="users", words=name, post=at.at("assign"), fields={"to": str(key)})
    if owner:
        yield Option(icon="close", words=at.say(N_("Nobody")), post=at.at("assign"), fields={"to": ""})


def _snooze(at: Place) -> Iterator[Option]:
    day = typed_day(at.typed, at.visit.app.office.day(at.visit.app.clock()))
    if day is not None:
        until = at.say(N_("Until %(day)s"), day=at.visit.language.date(day))
        fields = {"until": "day", "day": day.isoformat()}
        yield Option(icon="snooze", words=until, post=at.at("snooze"), fields=fields)
    for each in snoozes(at.visit, next_due(at.ticket, at.clocks)):
        more = at.visit.language.date(at.visit.language.local(each.until).date()) if each.until else ""
        yield Option(
            icon="snooze", words=at.say(each.words), more=more, post=at.at("snooze"), fields={"until": each.key}
        )


def typed_day(typed: str, today: date) -> date | None:
    """A day to come written as 2026-12-07, 7.12.2026 or 7.12, the next one of that name; None if it is none."""
    parts = typed.strip().rstrip(".").replace("/", ".").split("." if "-" not in typed else "-")
    if not all(each.isascii() and each.isdigit() for each in parts) or len(parts) not in (2, 3):
        return None
    numbers = list(map(int, parts if "-" in typed else reversed(parts)))
    years = [numbers.pop(0)] if len(parts) == 3 else [today.year, today.year + 1]  # noqa: PLR2004 - day, month, year
    for year in years:
        try:
            day = date(year, *numbers)
        except ValueError:
            continue
        if day > today:
            return day
    return None


def _tag(at: Place) -> Iterator[Option]:
    own = work.tags(at.session, [at.ticket.id]).get(at.ticket.id, [])
    new = " ".join(at.typed.replace("#", " ").replace(",", " ").split()).lower()
    known = [each for each in work.tags_in_use(at.session, beginning=new, limit=8) if each not in own]
    for word in dict.fromkeys([*known, *([new] if new and new not in own else [])]):
        yield Option(icon="pin", words=word, post=at.at("tags"), fields={"tags": ",".join([*own, word])})
    for word in own:
        if word.startswith(new):
            left = ",".join(each for each in own if each != word)
            yield Option(
                icon="close", words=at.say(N_("Take off %(tag)s"), tag=word), post=at.at("tags"), fields={"tags": left}
            )


def _link(at: Place) -> Iterator[Option]:
    refs = dict.fromkeys(_suggested(at), "")
    for found in search.find(at.session, at.visit.app.office, at.typed, limit=8) if at.typed else ():
        if found.ref.startswith("CLM") and not found.inside:
            refs[found.ref] = found.words
    for ref, name in refs.items():
        yield Option(icon="link", words=name or ref, more=ref, post=at.at("link"), fields={"claim": ref})


def _suggested(at: Place) -> list[str]:
    """Claims the ticket may belong to."""
    links = sorted(conversation.links(at.session, at.ticket), key=lambda link: -link.score)
    return list(dict.fromkeys(link.target for link in links if link.target_kind == "claim"))


def _unlink(at: Place) -> Iterator[Option]:
    for link in _holding(at):
        kind = at.say(words.TARGET[link.target_kind])
        yield Option(
            icon="unlink", words=f"{kind} {link.target}", post=f"/links/{link.id}/undo", fields={"link": str(link.id)}
        )


def _holding(at: Place) -> list[Link]:
    links = conversation.links(at.session, at.ticket)
    return [link for link in links if link.state in (LinkState.ACTIVE, LinkState.UNVERIFIED)]


def _merge(at: Place) -> Iterator[Option]:
    for found in search.find(at.session, at.visit.app.office, at.typed, limit=8) if at.typed else ():
        ref = found.path.partition("?")[0].removeprefix("/tickets/").partition("#")[0]
        if found.path.startswith("/tickets/") and ref != at.ticket.ref and "/" not in ref:
            yield Option(icon="link", words=found.words, more=ref, post=at.at("merge"), fields={"into": ref})


def _hand_over(at: Place) -> Iterator[Option]:
    if at.rest:
        asks = at.say(N_("Ask “%(words)s”"), words=at.typed) if at.typed else at.say(N_("Write the question"))
        fields = {"department": at.rest, "question": at.typed}
        yield _written(at, "users", asks, post=at.at("hand-off"), fields=fields)
        return
    for key, name in words.DEPARTMENT.items():
        yield Option(icon="users", words=at.say(name), step=f"hand-over:{key}")


def _escalate(at: Place) -> Iterator[Option]:
    asks = at.say(N_("Escalate: “%(words)s”"), words=at.typed) if at.typed else at.say(N_("Write why"))
    yield _written(at, "warn", asks, post=at.at("escalate"), fields={"reason": at.typed})


def _written(at: Place, icon: str, asks: str, *, post: str, fields: Mapping[str, str]) -> Option:
    """A choice that is what was typed; not available before anything is."""
    why_not = "" if at.typed else at.say(N_("Nothing is written yet"))
    return Option(icon=icon, words=asks, post=post, fields=fields, why_not=why_not)


def _items(at: Place, *states: RequirementState) -> list[str]:
    return [row.item for row in at.claim.requirements if row.state in states] if at.claim else []


def _accept(at: Place) -> Iterator[Option]:
    for item in _items(at, RequirementState.RECEIVED):
        yield Option(icon="check", words=at.item(item), post=at.on_claim(f"items/{item}/accept"), fields={"item": item})


def _reject(at: Place) -> Iterator[Option]:
    yield from _with_reason(at, "reject", "no", [RequirementState.RECEIVED])


def _waive(at: Place) -> Iterator[Option]:
    yield from _with_reason(at, "waive", "close", list(_OPEN))


def _with_reason(at: Place, action: str, icon: str, states: Sequence[RequirementState]) -> Iterator[Option]:
    if at.rest:
        asks = at.say(N_("Because “%(words)s”"), words=at.typed) if at.typed else at.say(N_("Write why"))
        fields = {"item": at.rest, "action": action, "reason": at.typed}
        yield _written(at, icon, asks, post=at.on_claim(f"items/{quote(at.rest, safe='')}/{action}"), fields=fields)
        return
    for item in _items(at, *states):
        yield Option(icon=icon, words=at.item(item), step=f"{action}:{item}")


def _ask(at: Place) -> Iterator[Option]:
    claim = at.claim
    if claim is None or claim.state not in GATHERING:
        return
    for row in requests.wanted(claim, requests.open_of(at.session, claim)):
        address = urlencode({"ticket": at.ticket.ref, "items": row.item, "chosen": "yes"})
        yield Option(icon="send", words=at.item(row.item), href=f"{at.on_claim('request')}?{address}")


def _happened(at: Place) -> Iterator[Option]:
    claim = at.claim if at.ticket.verified else None
    today = at.visit.app.office.day(at.visit.app.clock()).isoformat()
    places: list[Ticket | Claim] = [at.ticket, claim] if claim else [at.ticket]
    for on in places:
        for word in deadlines.may_be_told(at.visit.app.office, on, at.clocks):
            fields = {"what": f"{on.ref} {word}", "on": today}
            yield Option(icon="clock", words=at.say(words.HAPPENED[word]), post=at.at("happened"), fields=fields)


# --- what there is


def _no_claim(at: Place) -> str:
    return "" if at.claim else N_("It belongs to no claim")


def _ended(at: Place) -> str:
    return "" if at.is_open else N_("It is done already")


def _linked(at: Place) -> str:
    return N_("It is linked: undo that link first") if at.ticket.verified and at.claim else ""


def _no_link(at: Place) -> str:
    return "" if _holding(at) else N_("Nothing is linked")


def _none_came(at: Place) -> str:
    return _no_claim(at) or ("" if _items(at, RequirementState.RECEIVED) else N_("Nothing waits to be checked"))


def _none_lacks(at: Place) -> str:
    return _no_claim(at) or ("" if _items(at, *_OPEN) else N_("Nothing is missing"))


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "assign": Step(icon="users", name=N_("Assign"), asks=N_("to whom?"), takes=_assign, key="a"),
        "snooze": Step(
            icon="snooze", name=N_("Snooze"), asks=N_("until when? 7.12 is a day"), takes=_snooze, key="s",
            why_not=_ended,
        ),
        "ask": Step(icon="send", name=N_("Ask for"), asks=N_("what?"), takes=_ask, key="q", why_not=_none_lacks),
        "accept": Step(icon="check", name=N_("Accept as"), asks=N_("which item?"), takes=_accept, why_not=_none_came),
        "reject": Step(
            icon="no", name=N_("Reject as"), asks=N_("which item?"), takes=_reject, closed=False, why_not=_none_came
        ),
        "waive": Step(
            icon="close", name=N_("Do without"), asks=N_("which item?"), takes=_waive, closed=False, why_not=_none_lacks
        ),
        "tag": Step(icon="pin", name=N_("Tag"), asks=N_("which?"), takes=_tag, closed=False, is_typed=True),
        "link": Step(
            icon="link", name=N_("Link"), asks=N_("to which claim? a number, a name, a phone"), takes=_link, key="l",
            closed=False, is_typed=True, why_not=_linked,
        ),
        "unlink": Step(
            icon="unlink", name=N_("Undo a link"), asks=N_("which?"), takes=_unlink, closed=False, why_not=_no_link
        ),
        "merge": Step(
            icon="link", name=N_("Merge into"), asks=N_("which ticket? a number, a name, words"), takes=_merge,
            closed=False, is_typed=True,
        ),
        "hand-over": Step(icon="users", name=N_("Ask a department"), asks=N_("which?"), takes=_hand_over, closed=False),
        "escalate": Step(
            icon="warn", name=N_("Escalate"), asks=N_("why?"), takes=_escalate, closed=False, is_typed=True
        ),
        "happened": Step(icon="clock", name=N_("It has happened"), asks=N_("what?"), takes=_happened, closed=False),
    }
)  # fmt: skip


def taken(at: Place, name: str) -> list[Option]:
    """What a step offers for what was typed; nothing for a step there is not."""
    step = STEPS.get(name)
    if step is None:
        return []
    options = list(step.takes(at))
    if step.is_typed or at.rest:
        return options
    return [each for each in options if fits(at.typed, each.words) or _is_day(at, each)]


def _is_day(at: Place, option: Option) -> bool:
    """A day that was written is found by its figures, not by its words."""
    return option.fields.get("until") == "day" and bool(at.typed)


def title(at: Place, name: str) -> tuple[str, str]:
    """What a step is called, and what its field asks for."""
    step = STEPS[name]
    if not at.rest:
        return at.say(step.name), at.say(step.asks)
    known = words.DEPARTMENT.get(at.rest)
    rest = at.say(known) if known and name == "hand-over" else at.item(at.rest)
    return f"{at.say(step.name)}: {rest}", at.say(N_("what?") if name == "hand-over" else N_("why?"))


def fits(typed: str, name: str) -> bool:
    """Each word typed begins a word of the name, whatever its diacritics."""
    names: Sequence[str] = fold(name).split()
    return all(any(word.startswith(each) for word in names) for each in fold(typed).split())
