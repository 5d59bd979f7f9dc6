"""One ticket: its page with timeline and case, and every move a person makes on it."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter
from sqlalchemy.orm.exc import StaleDataError
from starlette.responses import Response

from inbox import desk
from inbox.web import timeline
from inbox.web.lists import listing
from inbox.web.visits import Key, Posted, Ref, Visit, Visiting, go, number
from inbox.web.words import N_
from tickets import outbox, queue, requests
from tickets.claims import GATHERING
from tickets.errors import DisclosureError, GuardError, UnknownReferenceError
from tickets.messages import Medium
from tickets.models import WAITING, Direction, LinkState, Party, Request, Ticket
from tickets.queue import Conversation, View
from tickets.requirements import RequirementState

router = APIRouter()

#: By what a representative may write; notes and calls have routes of their own.
_WRITTEN = (Medium.EMAIL, Medium.SMS, Medium.LETTER)


@router.get("/tickets/{ref}")
def show(visit: Visiting, ref: Ref, view: str = View.TEAM, after: str = "") -> Response:
    """A ticket beside its list; htmx gets the ticket alone."""
    answer = ticket_page(visit, ref, view=view, after=after)
    with visit.app.store.reading() as session:
        unread = desk.find_ticket(session, ref).unread
    if unread:
        desk.read(visit.app, ref)
    return answer


@router.post("/tickets/{ref}/reply")
def reply(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Queue an answer; it is held for some seconds in which it can be taken back."""

    def move() -> None:
        medium = fields.get("medium", "")
        if medium not in _WRITTEN:
            raise GuardError(N_("choose how to answer"))
        desk.reply(
            visit.app, ref, staff=visit.staff, body=fields.get("body", ""), medium=Medium(medium),
            seen=number(fields.get("seen", "")),
        )  # fmt: skip

    return moved(visit, ref, fields, move)


@router.post("/tickets/{ref}/note")
def note(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Keep a note that only staff see."""
    return moved(visit, ref, fields, lambda: desk.note(visit.app, ref, staff=visit.staff, text=fields.get("body", "")))


@router.post("/tickets/{ref}/call")
def call(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Keep what was said on the telephone."""

    def move() -> None:
        desk.call_note(
            visit.app, ref, staff=visit.staff, text=fields.get("body", ""), number=fields.get("number", "").strip(),
            outgoing=fields.get("outgoing") == "yes",
        )  # fmt: skip

    return moved(visit, ref, fields, move)


@router.post("/tickets/{ref}/take")
def take(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Become its owner."""
    return moved(visit, ref, fields, lambda: desk.take(visit.app, ref, staff=visit.staff))


@router.post("/tickets/{ref}/done")
def done(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Mark it as done and go back to the list."""
    onward = f"/inbox/{fields.get('view') or View.TEAM}"
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
    """Take a held reply back; its words stand in the composer again."""
    ref, view = fields.get("ticket", ""), fields.get("view") or View.TEAM
    try:
        message = desk.take_back(visit.app, delivery_id, staff=visit.staff)
    except GuardError as error:
        return ticket_page(visit, ref, view=view, status=409, trouble=str(error))
    return ticket_page(visit, ref, view=view, typed={"medium": message.medium, "body": message.new_text})


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
    view, after = fields.get("view") or View.TEAM, fields.get("after", "")
    try:
        move()
    except (GuardError, DisclosureError) as error:
        return ticket_page(visit, ref, view=view, after=after, status=409, trouble=str(error), typed=fields)
    except StaleDataError:
        trouble = N_("somebody else changed this at the same moment: look at it and try again")
        return ticket_page(visit, ref, view=view, after=after, status=409, trouble=trouble, typed=fields)
    return go(onward or f"/tickets/{ref}?view={view}" + (f"&after={after}" if after else ""))


def ticket_page(
    visit: Visit,
    ref: str,
    *,
    view: str = View.TEAM,
    after: str = "",
    status: int = 200,
    trouble: str | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The page of one ticket; raises `UnknownReferenceError`."""
    shown = view if view in list(View) else View.TEAM
    beside = listing(visit, shown, after)
    names = visit.names()
    with visit.app.store.reading() as session:
        conversation = queue.conversation(session, ref)
        return visit.page(
            "partial.html" if visit.is_partial else "ticket.html",
            status=status,
            listing=beside,
            it=conversation,
            ticket=conversation.ticket,
            claim=conversation.ticket.claim,
            person=_person(conversation.ticket),
            entries=timeline.entries(conversation),
            timeline=timeline,
            recipients=desk.correspondents(session, visit.app, conversation.ticket),
            candidates=_candidates(conversation),
            open_request=_open_request(conversation),
            to_check=_in_state(conversation, RequirementState.RECEIVED),
            to_ask=_to_ask(conversation),
            lost=_lost(conversation),
            seen=max((message.id for message in conversation.messages), default=0),
            version=_version(conversation),
            names=names,
            trouble=trouble,
            typed=dict(typed or {}),
        )


def _person(ticket: Ticket) -> Party | None:
    return ticket.claim.claimant if ticket.claim and ticket.claim.claimant else ticket.party


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
    return len(requests.wanted(claim, _open_request(conversation)))


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


def _version(conversation: Conversation) -> object:
    claim = conversation.ticket.claim
    return queue.version_on(claim.policy, claim.loss_date) if claim and claim.policy else None
