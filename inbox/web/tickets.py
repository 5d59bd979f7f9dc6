"""One ticket: its page with timeline and case, and every move a person makes on it."""

import contextlib
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from fastapi import APIRouter
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from starlette.responses import PlainTextResponse, Response

from channels.sms.segments import fold, segments
from inbox import desk
from inbox.web import macros, timeline
from inbox.web.lists import listing, unlisted
from inbox.web.snoozing import chosen_snooze, next_due, snoozes
from inbox.web.visits import Key, Posted, Ref, Visit, Visiting, go, number
from inbox.web.words import N_
from tickets import (
    at_hand,
    cover,
    deadlines,
    enclosures,
    extensions,
    findings,
    identity,
    merging,
    outbox,
    requests,
    work,
)
from tickets.claims import GATHERING
from tickets.conversation import Conversation
from tickets.conversation import conversation as read
from tickets.errors import DisclosureError, GuardError, UnknownReferenceError
from tickets.messages import Medium
from tickets.models import WAITING, Coverage, Direction, Event, LinkState, Request, Ticket, TicketState
from tickets.queue import View
from tickets.requirements import RequirementState

router = APIRouter()

#: By what a representative may write; notes and calls have routes of their own.
_WRITTEN = (Medium.EMAIL, Medium.SMS, Medium.LETTER)
_MOST_LISTED = 50
_MINUTE, _DAY = 60, 24 * 60 * 60  #: In seconds.
#: Messages that a page shows at first, and at most; of a longer exchange the earlier ones are asked for.
NEWEST, _MOST_SHOWN = 50, 2000


@router.get("/tickets/{ref}")
def show(visit: Visiting, ref: Ref) -> Response:
    """A ticket beside its list; htmx gets the ticket alone."""
    with visit.reading() as session:
        answer = ticket_page(visit, ref, visit.request.query_params)
        news = work.is_news_to(session, ref, visit.staff.id)
    if news:
        desk.read(visit.app, ref, staff=visit.staff)
    return answer


@router.post("/tickets/{ref}/reply")
def reply(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Queue an answer; it is held for some seconds in which it can be taken back."""

    def move() -> None:
        medium = fields.get("medium", "")
        if medium not in _WRITTEN:
            raise GuardError(N_("choose how to answer"))
        try:
            desk.reply(
                visit.app, ref, staff=visit.staff, body=fields.get("body", ""), medium=Medium(medium),
                looked=looked(fields), enclosed=_keys(fields.get("enclosed", "")),
            )  # fmt: skip
        except GuardError:
            keep_draft(visit, ref, fields)  # the page may be closed before its words are sent again
            raise

    return moved(visit, ref, fields, move)


@router.post("/tickets/{ref}/discard")
def discard_draft(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Give up what was being written."""
    return moved(visit, ref, fields, lambda: _give_up(visit, ref))


def _give_up(visit: Visit, ref: str) -> None:
    with visit.app.store.writing() as session:
        work.drop_draft(session, desk.find_ticket(session, ref, staff=visit.staff).id, visit.staff.id)


def looked(fields: Mapping[str, str]) -> desk.Looked:
    """What whoever sends a form had before him."""
    return desk.Looked(number(fields.get("seen", "")), number(fields.get("done", "")))


def _keys(listed: str) -> list[int]:
    """The keys that a field lists with commas between them."""
    return [key for each in listed.split(",")[:_MOST_LISTED] if (key := number(each)) is not None]


@router.post("/tickets/{ref}/note")
def note(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Keep a note that only staff see."""
    return moved(visit, ref, fields, lambda: desk.note(visit.app, ref, staff=visit.staff, text=fields.get("body", "")))


@router.post("/tickets/{ref}/call")
def call(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Keep what was said on the telephone."""

    def move() -> None:
        desk.call_note(
            visit.app, ref, staff=visit.staff, text=_with_length(visit, fields),
            number=fields.get("number", "").strip(), outgoing=fields.get("outgoing") == "yes",
        )  # fmt: skip

    return moved(visit, ref, fields, move)


def _with_length(visit: Visit, fields: Mapping[str, str]) -> str:
    """A call note, and how long the call took by the clock beside it: a minute and more, less is no conversation."""
    body, seconds = fields.get("body", "").strip(), number(fields.get("seconds", "")) or 0
    if not body or not _MINUTE <= seconds <= _DAY:
        return body
    took = visit.language.gettext(N_("The call took %(time)s minutes.")) % {
        "time": f"{seconds // 60}:{seconds % 60:02}"
    }
    return f"{body}\n\n{took}"


@router.post("/tickets/{ref}/take")
def take(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Become its owner."""
    return moved(visit, ref, fields, lambda: desk.take(visit.app, ref, staff=visit.staff))


@router.post("/tickets/{ref}/assign")
def assign(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Hand it over to somebody, or to nobody."""
    to = number(fields.get("to", ""))
    return moved(visit, ref, fields, lambda: desk.assign(visit.app, ref, to, staff=visit.staff))


@router.post("/tickets/{ref}/snooze")
def snooze(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Set it aside until a moment, a reply or an item; back to the list."""

    def move() -> None:
        with visit.reading() as session:
            ticket = desk.find_ticket(session, ref)
            due = next_due(ticket, desk.owed_on(session, visit.app, ticket))
        until, reason = chosen_snooze(visit, fields, due)
        desk.snooze(visit.app, ref, until, reason=reason, staff=visit.staff)

    onward = _list(fields)
    return moved(visit, ref, fields, move, onward=onward)


@router.post("/tickets/{ref}/wake")
def wake(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Bring it back."""
    return moved(visit, ref, fields, lambda: desk.wake(visit.app, ref, staff=visit.staff))


@router.post("/tickets/{ref}/tags")
def tag(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Make its tags these words."""
    words = fields.get("tags", "").replace("#", " ").split(",")
    return moved(visit, ref, fields, lambda: desk.tag(visit.app, ref, words, staff=visit.staff))


@router.post("/tickets/{ref}/draft")
def draft(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Keep what is being written; the page says when."""
    keep_draft(visit, ref, fields)
    if fields.get("medium") == Medium.SMS and fields.get("body", "").strip():
        with contextlib.suppress(GuardError):
            return PlainTextResponse(_bill(visit, desk.reply_text(
                visit.app, ref, staff=visit.staff, body=fields["body"], medium=Medium.SMS
            )))  # fmt: skip
    return Response(status_code=204)


def _bill(visit: Visit, text: str) -> str:
    """What a text costs with the words around it: `1 segment, 92 of 160 characters`, and what diacritics would cost."""
    language = visit.language
    leaves = fold(text) if visit.app.settings.sms.fold_diacritics else text
    bill, unfolded = segments(leaves), segments(text)
    said = language.translations.ngettext("%(num)s segment", "%(num)s segments", bill.count) % {"num": bill.count}
    room = {"n": bill.length, "all": bill.length + bill.left}
    said += ", " + language.gettext("%(n)s of %(all)s characters") % room
    if unfolded.count > bill.count:
        folded = language.translations.ngettext(
            "Diacritics folded. With them: %(num)s segment.", "Diacritics folded. With them: %(num)s segments.",
            unfolded.count,
        )  # fmt: skip
        said += ". " + folded % {"num": unfolded.count}
    return said


def keep_draft(visit: Visit, ref: str, fields: Mapping[str, str]) -> None:
    """Keep what the composer holds."""
    with visit.app.store.writing() as session:
        work.keep_draft(
            session, desk.find_ticket(session, ref, staff=visit.staff), visit.staff.id,
            medium=fields.get("medium", "")[:20], body=fields.get("body", "")[:20_000], now=visit.app.clock(),
        )  # fmt: skip


@router.post("/tickets/{ref}/done")
def done(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Mark it as done and go back to the list."""
    onward = _list(fields)
    return moved(visit, ref, fields, lambda: desk.done(visit.app, ref, staff=visit.staff), onward=onward)


@router.post("/tickets/{ref}/link")
def link(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Say that it belongs to a claim, and that who writes here may be told of it."""

    def move() -> None:
        try:
            desk.link(visit.app, ref, fields.get("claim", "").strip().upper(), staff=visit.staff)
        except UnknownReferenceError as error:  # the ticket's own is looked at again when its page is shown
            raise GuardError(N_("there is no claim with this reference")) from error

    return moved(visit, ref, fields, move)


@router.post("/links/{link_id}/undo")
def unlink(visit: Visiting, link_id: Key, fields: Posted) -> Response:
    """Undo one link."""
    return moved(visit, fields.get("ticket", ""), fields, lambda: desk.unlink(visit.app, link_id, staff=visit.staff))


@router.post("/deliveries/{delivery_id}/undo")
def take_back(visit: Visiting, delivery_id: Key, fields: Posted) -> Response:
    """Take a held reply or request back: its words stand in the composer again, or its draft on the claim."""
    ref = fields.get("ticket", "")
    try:
        message = desk.take_back(visit.app, delivery_id, staff=visit.staff)
    except GuardError as error:
        return ticket_page(visit, ref, fields, status=409, trouble=error.said(visit.language.code))
    typed = {"medium": message.medium, "body": message.new_text} if message else None
    return ticket_page(visit, ref, fields, typed=typed)


@router.post("/deliveries/{delivery_id}/again")
def send_again(visit: Visiting, delivery_id: Key, fields: Posted) -> Response:
    """Send once more what may not have arrived."""
    return moved(
        visit, fields.get("ticket", ""), fields, lambda: desk.send_again(visit.app, delivery_id, staff=visit.staff)
    )


def moved(
    visit: Visit, ref: str, fields: Mapping[str, str], move: Callable[[], object], *, onward: str | None = None
) -> Response:
    """Make a move and show the ticket again; where the desk refuses, with its reason and all that was typed."""
    try:
        move()
    except GuardError as error:
        trouble, is_news = error.said(visit.language.code), error.guard == desk.NEW
        return ticket_page(visit, ref, fields, status=409, trouble=trouble, typed=fields, is_news=is_news)
    except DisclosureError as error:
        return ticket_page(visit, ref, fields, status=409, trouble=error.said(visit.language.code), typed=fields)
    except StaleDataError:
        trouble = N_("somebody else changed this at the same moment: look at it and try again")
        return ticket_page(visit, ref, fields, status=409, trouble=trouble, typed=fields)
    return go(onward or f"/tickets/{ref}?{beside(fields)}")


def _list(fields: Mapping[str, str]) -> str:
    """The list a form was posted beside."""
    narrow = fields.get("narrow")
    return f"/inbox/{fields.get('view') or View.TEAM}" + (f"?{narrow}" if narrow else "")


def beside(fields: Mapping[str, str]) -> str:
    """The list a ticket stands beside, as its address says it."""
    words = (f"view={fields.get('view') or View.TEAM}", fields.get("after") and f"after={fields['after']}")
    return "&".join(filter(None, (*words, fields.get("narrow"))))


def _beside_what(words: Mapping[str, str]) -> Mapping[str, str]:
    """What an address says of the list beside a ticket."""
    words = {**dict(parse_qsl(words.get("narrow", ""))), **words}
    return words if words.get("view") in list(View) else {**words, "view": View.TEAM}


def ticket_page(
    visit: Visit,
    ref: str,
    words: Mapping[str, str],
    *,
    status: int = 200,
    trouble: str | None = None,
    typed: Mapping[str, str] | None = None,
    is_news: bool = False,
) -> Response:
    """The page of one ticket beside the list that `words` name; raises `UnknownReferenceError`."""
    shown = _beside_what(words)
    after = shown.get("after", "")
    with visit.reading() as session:
        standing = unlisted(shown, after) if visit.is_partial else listing(visit, shown, after)
        newest = min(number(shown.get("newest", "")) or NEWEST, _MOST_SHOWN)
        conversation = read(session, ref, restricted=visit.looking.restricted, newest=newest)
        return visit.page(
            "partial.html" if visit.is_partial else "ticket.html",
            status=status,
            listing=standing,
            **_of(conversation),
            more=newest * 4 if conversation.is_cut and newest < _MOST_SHOWN else None,
            recipients=desk.correspondents(session, visit.app, conversation.ticket),
            seen_before=(seen := number((typed or {}).get("seen", "")) if trouble else None),
            news=[each for each in conversation.messages if is_news and each.id > (seen or 0)],
            done_since=_done_since(session, visit, conversation.ticket, typed) if is_news else None,
            done=desk.last_done(session),
            merged=_merged(session, conversation.ticket),
            macros=list(macros.shown(visit.app, visit.language)),
            findings_kept=findings.kept(session, conversation.ticket.claim) if conversation.ticket.claim else [],
            caller=identity.last_of(conversation.events, now=visit.app.clock()),
            covers=_covers(conversation),
            **_at_hand(session, visit, conversation.ticket),
            **_clocks(session, visit, conversation.ticket),
            names=visit.names,
            trouble=trouble,
            typed=dict(typed or {}),
        )


def _done_since(session: Session, visit: Visit, ticket: Ticket, typed: Mapping[str, str] | None) -> Event | None:
    return desk.done_since(session, ticket, looked(typed or {}), staff=visit.staff)


def _of(conversation: Conversation) -> dict[str, object]:
    """What the page says of a conversation without asking the store again."""
    return {
        "refused": "",
        "most_bytes": enclosures.MOST_BYTES,
        "it": conversation,
        "ticket": conversation.ticket,
        "claim": conversation.ticket.claim,
        "person": desk.person_of(conversation.ticket),
        "entries": timeline.entries(conversation),
        "timeline": timeline,
        "candidates": _candidates(conversation),
        "open_request": _open_request(conversation),
        "to_check": _in_state(conversation, RequirementState.RECEIVED),
        "to_ask": _to_ask(conversation),
        "lost": _lost(conversation),
        "seen": _seen(conversation),
        "has_files": conversation.is_cut or any(came.files for came in conversation.messages if came.direction == "in"),
    }


def _covers(conversation: Conversation) -> list[Coverage]:
    """The covers of the day of loss that name the cause; without one that does, all of them."""
    claim, version = conversation.ticket.claim, conversation.version
    held = list(version.coverages) if version else []
    cause = cover.word(claim.cause) if claim and claim.cause else ""
    return [each for each in held if cause in map(cover.word, each.perils)] or held


def _merged(session: Session, ticket: Ticket) -> tuple[int, str] | None:
    """The number of the merge by which this ticket went, and into which it went."""
    merge = merging.standing(session, ticket) if ticket.state is TicketState.MERGED else None
    target = session.get(Ticket, merge.target_id) if merge else None
    return (merge.id, target.ref) if merge and target else None


def _at_hand(session: Session, visit: Visit, ticket: Ticket) -> dict[str, object]:
    """Its tags, what whoever looks has begun to answer, and changes that wait."""
    found = at_hand.read(session, ticket, visit.staff.id, person=desk.person_of(ticket))
    return {"tags": found.tags, "draft": found.draft, "enclosed": found.enclosed, "changes": found.changes}


def _clocks(session: Session, visit: Visit, ticket: Ticket) -> dict[str, object]:
    """What is owed here by when, how much longer it may take, what may be told of it, and until when to snooze."""
    standings, now = desk.owed_on(session, visit.app, ticket), visit.app.clock()
    extendable = {
        each.clock.id: (extensions.left(each.clock, each.definition), extensions.unit(each.definition))
        for each in standings
        if extensions.why_not(each.clock, each.definition, staff=visit.staff, now=now) is None
    }
    claim = ticket.claim if ticket.verified else None
    told = [
        (on.ref, word)
        for on in (ticket, claim)
        if on is not None
        for word in deadlines.may_be_told(visit.app.office, on, standings)
    ]
    return {
        "clocks": standings,
        "extendable": extendable,
        "tellable": told,
        "snoozes": snoozes(visit, next_due(ticket, standings)),
    }


def _candidates(conversation: Conversation) -> list[str]:
    """References of claims that the ticket may belong to, the likeliest first, as long as it belongs to none."""
    if conversation.ticket.claim is not None and conversation.ticket.verified:
        return []
    links = [link for message in conversation.messages for link in message.links]
    likely = sorted(links, key=lambda link: -link.score)
    found = [each.target for each in likely if each.target_kind == "claim" and each.state is not LinkState.UNDONE]
    return list(dict.fromkeys(found))


def _open_request(conversation: Conversation) -> Request | None:
    return next((each for each in conversation.requests if each.state in WAITING), None)


def _to_ask(conversation: Conversation) -> int:
    """How many items the next request would hold; the builder shows which."""
    claim = conversation.ticket.claim
    if claim is None or claim.state not in GATHERING:
        return 0
    return requests.lines(claim, requests.wanted(claim, _open_request(conversation)))


def _in_state(conversation: Conversation, *states: RequirementState) -> int:
    claim = conversation.ticket.claim
    return sum(row.state in states for row in claim.requirements) if claim else 0


def _lost(conversation: Conversation) -> object:
    """The last message of ours that reached nobody, unless something has come in since."""
    for message in reversed(conversation.messages):
        delivery = conversation.deliveries.get(message.id)
        if delivery is not None and delivery.state in ("failed", "refused") and delivery.detail != outbox.TAKEN_BACK:
            return delivery
        if message.direction is Direction.IN and message.kind == "message":
            return None
    return None


def _seen(conversation: Conversation) -> int:
    """The last message of the ticket's own: one that is shared with another ticket is no news on this one."""
    own = (message.id for message in conversation.messages if message.ticket_id == conversation.ticket.id)
    return max(own, default=0)
