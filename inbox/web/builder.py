"""The request builder: which items a person may tick and why, and the request as each medium would carry it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import templates
from channels.sms.segments import Segments, fold, segments
from inbox import desk
from inbox.app import App
from sqlalchemy.orm import Session
from templates import Rendered
from tickets import outbox, reach, requests, wording
from tickets.claim_types import load
from tickets.errors import GuardError
from tickets.messages import Medium
from tickets.models import Claim, Party, Request, Requirement, Staff
from tickets.reach import Recipient
from tickets.requirements import ALWAYS, SETTLED, RequirementState

_WAITS = (RequirementState.MAYBE, RequirementState.NEEDED, RequirementState.ASKED, RequirementState.REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One item that can be asked for."""

    row: Requirement
    question: str | None  #: The fact it depends on, in place of the item.


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The request as one medium would carry it to one address."""

    to: Recipient
    words: Rendered
    sends: bool  #: False: this address is kept for when the others fail.
    reply_to: str | None
    bill: Segments | None  #: Of a text, as it leaves.
    bill_unfolded: Segments | None  #: Of a text, if it kept its diacritics.


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request about to be sent."""

    claim: Claim
    claimant: Party | None
    request: Request | None  #: None: nothing is left to ask for.
    open_request: Request | None
    options: Sequence[Option]
    settled: Sequence[Requirement]  #: Not asked for, with their states: what is in, or belongs to a later stage.
    ticked: Sequence[str]
    language: str
    previews: Sequence[Preview]


def draft(
    app: App,
    claim_ref: str,
    *,
    staff: Staff,
    ticked: Sequence[str] | None,
    due_on: date | None,
    lenient: bool = False,
) -> Draft:
    """Prepare a claim's request and render it, and take all of it back: nothing is stored, nothing leaves.

    `ticked` None means everything the rules tick. `lenient` leaves out what a refusal of the desk would have shown.
    """
    with app.store.rehearsing() as session:
        claim = desk.find_claim(session, claim_ref)
        open_request = requests.open_of(session, claim)
        request = _prepared(session, app, claim, staff, lenient=lenient)
        options = [Option(row=item.requirement, question=item.question) for item in request.items] if request else []
        chosen = [each.row.item for each in options if ticked is None or each.row.item in ticked]
        previews = _previews(session, app, request, chosen, staff=staff, due_on=due_on) if request and chosen else []
        listed = {each.row.item for each in options}
        return Draft(
            claim=claim,
            claimant=_loaded(claim.claimant),
            request=request,
            open_request=_loaded_request(open_request),
            options=options,
            settled=[row for row in claim.requirements if row.item not in listed],
            ticked=chosen,
            language=app.office.language(claim.claimant.language if claim.claimant else None),
            previews=previews,
        )


def _prepared(session: Session, app: App, claim: Claim, staff: Staff, *, lenient: bool) -> Request | None:
    try:
        return requests.prepare(session, claim, now=app.clock(), actor=desk.actor(staff))
    except GuardError:
        if not lenient:
            raise
        return None


def _previews(
    session: Session, app: App, request: Request, chosen: Sequence[str], *, staff: Staff, due_on: date | None
) -> list[Preview]:
    claimant, now = request.claim.claimant, app.clock()
    if claimant is None:
        raise GuardError(f"{request.claim.ref} has no claimant yet: link a customer first")
    requests.keep_only(request, chosen)
    request.due_on = due_on
    sending = reach.for_request(claimant, app.office.outlets)
    media = {point.medium for point in sending}
    others = [each for each in reach.usable(claimant, app.office.outlets) if each.medium not in media]
    ticket = requests.latest_ticket(session, request.claim) or requests.open_ticket(session, request.claim, now=now)
    previews = []
    for point in [*sending, *others]:
        to = reach.recipient(point)
        token = outbox.reply_token(session, app.office, ticket, to, request=request, now=now)
        reply_to = outbox.reply_address(app.office, token)
        previews.append(
            _preview(app, request, to, media=media, reply_to=reply_to, person=staff.name, sends=point in sending)
        )
    return previews


def _preview(
    app: App, request: Request, to: Recipient, *, media: set[Medium], reply_to: str | None, person: str, sends: bool
) -> Preview:
    language = app.office.language(to.language)
    values = wording.request_values(
        app.office, request, to, language=language, media=media, send_to=reply_to, now=app.clock(), person=person
    )
    words = templates.render(
        "request", language=language, medium=to.medium, values=values, folders=app.office.templates
    )
    is_text = to.medium is Medium.SMS
    leaves = fold(words.text) if is_text and app.settings.sms.fold_diacritics else words.text
    return Preview(
        to=to,
        words=Rendered(subject=words.subject, text=leaves, html=words.html),
        sends=sends,
        reply_to=reply_to,
        bill=segments(leaves) if is_text else None,
        bill_unfolded=segments(words.text) if is_text else None,
    )


def _loaded(claimant: Party | None) -> Party | None:
    """The claimant with contacts, read while the store is still open."""
    if claimant is not None:
        assert claimant.contacts is not None
    return claimant


def _loaded_request(request: Request | None) -> Request | None:
    if request is not None:
        assert [item.requirement.item for item in request.items] is not None
    return request


def reason(row: Requirement, language: str) -> str | None:
    """Why the rules tick an item: what it shows us, in the words the customer reads; None if nobody has said."""
    item = load().items[row.item]
    return item.why.in_language(language) or None


def is_certain(row: Requirement) -> bool:
    """Whether the type needs the item whatever the facts."""
    return row.because == ALWAYS


def is_settled(row: Requirement) -> bool:
    """Whether nobody waits for the item any more."""
    return row.state in SETTLED


def still_waits(row: Requirement) -> bool:
    """Whether the item has not come yet."""
    return row.state in _WAITS
