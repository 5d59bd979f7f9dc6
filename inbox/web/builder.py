"""The request builder: which items a person may tick and why, and the request as each medium would carry it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

import templates
from channels.sms.segments import Segments, fold, segments
from inbox import desk
from inbox.app import App
from templates import Rendered
from tickets import outbox, reach, requests, uploads, wording
from tickets.errors import GuardError
from tickets.messages import Medium
from tickets.models import Claim, Party, Request, Requirement, Staff
from tickets.reach import Choice, Recipient


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
    lines: int  #: What the letter lists: a question that several items depend on is put once.
    language: str
    previews: Sequence[Preview]
    ladder: Sequence[Choice]  #: Every way to the claimant, in the order they are tried, with the reason of each.
    refusal: GuardError | None  #: Why nothing can be asked for.


def draft(app: App, claim_ref: str, *, staff: Staff, ticked: Sequence[str] | None, due_on: date | None) -> Draft:
    """Prepare a claim's request and render it, and take all of it back: nothing is stored, nothing leaves.

    `ticked` None means everything the rules tick. Raises `UnknownReferenceError`.
    """
    with app.store.rehearsing() as session:
        claim = desk.find_claim(session, claim_ref)
        open_request = requests.open_of(session, claim)
        request, refusal = _prepared(session, app, claim, staff)
        options = [Option(row=item.requirement, question=item.question) for item in request.items] if request else []
        chosen = [each.row.item for each in options if ticked is None or each.row.item in ticked]
        previews = _previews(session, app, request, chosen, staff=staff, due_on=due_on) if request and chosen else []
        listed = {each.row.item for each in options}
        language = app.office.language(claim.claimant.language if claim.claimant else None)
        drafted = Draft(
            claim=claim,
            claimant=claim.claimant,
            request=request,
            open_request=open_request,
            options=options,
            settled=[row for row in claim.requirements if row.item not in listed],
            ticked=chosen,
            lines=len(wording.listed(request, language)) if request and chosen else 0,
            language=language,
            previews=previews,
            ladder=reach.ladder(claim.claimant, app.office.outlets) if claim.claimant else [],
            refusal=refusal,
        )
        session.expunge_all()  # what is shown outlives the rehearsal
        return drafted


def _prepared(session: Session, app: App, claim: Claim, staff: Staff) -> tuple[Request | None, GuardError | None]:
    """The request as it would be, or why there is none."""
    if claim.claimant is None:
        words = "the claim has no claimant yet: link a customer first"
        return None, GuardError(words, ro="dosarul nu are încă un păgubit: legați întâi un client")
    try:
        return requests.prepare(session, claim, now=app.clock(), actor=desk.actor(staff)), None
    except GuardError as error:
        return None, error


def _previews(
    session: Session, app: App, request: Request, chosen: Sequence[str], *, staff: Staff, due_on: date | None
) -> list[Preview]:
    claimant, now = request.claim.claimant, app.clock()
    assert claimant is not None
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
        previews.append(_preview(app, request, to, media=media, token=token, person=staff.name, sends=point in sending))
    return previews


def _preview(
    app: App, request: Request, to: Recipient, *, media: set[Medium], token: str, person: str, sends: bool
) -> Preview:
    language, reply_to = app.office.language(to.language), outbox.reply_address(app.office, token)
    values = wording.request_values(
        app.office, request, to, language=language, media=media, send_to=reply_to, now=app.clock(), person=person,
        upload_url=uploads.url(app.office, token),
    )  # fmt: skip
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
