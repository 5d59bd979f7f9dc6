"""Which words go out: puts a claim's facts into the templates, per medium and language, and queues the result."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

import templates
from templates import Rendered, Value, counts, dates
from templates.letters import Letter
from tickets import deadlines, ladder_days, outbox, rejections, uploads
from tickets.catalogue import ItemKind, Stage
from tickets.claim_types import load
from tickets.messages import Medium, Trust
from tickets.models import Claim, ContactStatus, OutboxDelivery, Party, Request, RequestItem, Requirement, Ticket
from tickets.office import Office
from tickets.outbox import Letterhead
from tickets.reach import LISTING, Recipient
from tickets.requirements import SETTLED, RequirementState

if TYPE_CHECKING:
    from tickets.triage import Filed

ACKNOWLEDGEMENTS = ("acknowledgement", "acknowledgement_neutral", "complaint_acknowledgement")
_DAY = timedelta(hours=24)
_WEEK = timedelta(days=7)
#: What the texts may say once reminders and closing days exist.
_NOT_YET: Mapping[str, Value] = {
    "close_day": None,
    "decide_in": None,
    "large_print": False,
    "remind_days": None,
}


@dataclass(slots=True, kw_only=True)
class Acknowledged:
    """Who has had an automatic acknowledgement within a day, and how many went out in all."""

    addresses: set[str] = field(default_factory=set)
    total: int = 0


def acknowledged(session: Session, senders: Iterable[str | None], *, now: datetime) -> Acknowledged:
    """Look up, for a batch of senders, who need not hear from us again today."""
    recent = (OutboxDelivery.template.in_(ACKNOWLEDGEMENTS), OutboxDelivery.queued_at > now - _DAY)
    known = {sender for sender in senders if sender}
    column = OutboxDelivery.to_norm
    theirs = [column.in_(sorted(known | {_mailbox(sender) for sender in known}))]
    roots = sorted({sender.partition("+")[0] for sender in known if "+" in sender.partition("@")[0]})
    theirs += [column.between(f"{root}+", f"{root},") for root in roots if root]  # "," comes right behind "+"
    answered = session.scalars(select(column).where(or_(*theirs), *recent).distinct())
    total = session.scalar(select(func.count()).select_from(OutboxDelivery).where(*recent)) or 0
    return Acknowledged(addresses=set(map(_mailbox, answered)), total=total)


def _mailbox(norm: str) -> str:
    """Where an address leads: `ion+1@` and `ion+2@` are one person's, who is not to be flooded through them."""
    local, at, domain = norm.partition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}" if at else norm


def reserve(office: Office, filed: "Filed", done: Acknowledged, *, wanted: bool) -> None:
    """Say who is to have an acknowledgement of this message, if anybody: at most one an address and day, and a cap."""
    to = _acknowledgee(office, filed) if wanted else None
    filed.acknowledged_before = to is not None and _mailbox(to.norm) in done.addresses
    if to is None or filed.acknowledged_before or done.total >= office.acknowledgements_a_day:
        return
    done.addresses.add(_mailbox(to.norm))
    done.total += 1
    filed.acknowledge_to = to


def acknowledge(session: Session, office: Office, filed: "Filed", *, now: datetime) -> None:
    """Queue the acknowledgement of a new ticket to whom it is reserved for.

    To a sender we cannot verify it says nothing about any claim: only the number of his own new ticket.
    """
    assert filed.message is not None
    ticket, claim = filed.message.ticket, filed.opened or filed.linking.claim
    may_know = ticket.verified
    values: dict[str, Value] = {
        "answer_by": None,
        "answer_by_short": None,
        "is_claim": may_know and claim is not None,
        "reference": claim.ref if may_know and claim else ticket.ref,
        "ticket": ticket.ref,
    }
    _acknowledge(session, office, filed, ticket, name=ACKNOWLEDGEMENTS[0 if may_know else 1], values=values, now=now)


def acknowledge_with(
    session: Session, office: Office, filed: "Filed", ticket: Ticket, *, letter: Letter, now: datetime
) -> None:
    """Queue a letter as the acknowledgement of a message, on the ticket that it opened."""
    to, language = filed.acknowledge_to, _language_of(office, filed)
    assert to is not None  # reserved
    values = {
        **_addressed(office, to, reference=ticket.ref, language=language, now=now), "large_print": False,
        "list_by": None, "person": _department(language), **letter.values(language),
    }  # fmt: skip
    _acknowledge(session, office, filed, ticket, name=letter.template, values=values, now=now)


def _acknowledge(
    session: Session,
    office: Office,
    filed: "Filed",
    ticket: Ticket,
    *,
    name: str,
    values: Mapping[str, Value],
    now: datetime,
) -> None:
    to, language = filed.acknowledge_to, _language_of(office, filed)
    if to is None:
        return
    words = templates.render(
        name, language=language, medium=to.medium, values={**_office_values(office), **values},
        folders=office.templates,
    )  # fmt: skip
    head = Letterhead(
        template=name, language=language, automatic=True, in_reply_to=filed.inbound.message_id,
        references=" ".join([*filed.inbound.references[-10:], filed.inbound.message_id or ""]).strip(),
    )  # fmt: skip
    token = outbox.reply_token(session, office, ticket, to, request=None, now=now)
    filed.queued.append(
        outbox.enqueue(
            session, office, ticket=ticket, to=to, words=words, head=head, now=now, touched=False,
            reply_to=outbox.reply_address(office, token),
        )
    )  # fmt: skip


def _language_of(office: Office, filed: "Filed") -> str:
    return office.language(filed.linking.party.language if filed.linking.party else None, filed.inbound.language)


def _acknowledgee(office: Office, filed: "Filed") -> Recipient | None:
    """Who may be answered automatically: a plain sender, never one our server calls forged."""
    inbound, sender = filed.inbound, filed.clue.sender
    may = inbound.acknowledge and inbound.trust is not Trust.FAIL
    if not may or not sender or inbound.medium not in office.outlets:
        return None
    party = filed.linking.party
    if inbound.medium is Medium.SMS and not _takes_texts(party, sender):
        return None  # a text to a stranger's number costs money and may be a forged sender
    if _is_own(office, inbound.medium, sender):
        return None
    return Recipient(
        medium=inbound.medium,
        address=inbound.sender.address or sender,
        norm=sender,
        name=party.name if party else "",
        party_id=party.id if party else None,
    )


def _takes_texts(party: Party | None, number: str) -> bool:
    points = [each for each in party.contacts if each.value_norm == number] if party else []
    return any(each.status is ContactStatus.OK for each in points)


def _is_own(office: Office, medium: Medium, sender: str) -> bool:
    """Whether somebody writes in our own name, perhaps with a token: we do not answer ourselves."""
    local, at, domain = sender.partition("@")
    return f"{local.partition('+')[0]}{at}{domain}" == office.outlets[medium].address.casefold()


def send_request(
    session: Session,
    office: Office,
    request: Request,
    recipients: Sequence[Recipient],
    *,
    now: datetime,
    hold: timedelta,
    automatic: bool,
    author_id: int | None = None,
    person: str | None = None,
) -> list[OutboxDelivery]:
    """Queue a request on every medium given, each in its own words, all under one code."""
    media = {to.medium for to in recipients}
    head = Letterhead(template="request", language="", automatic=automatic, author_id=author_id, hold=hold)
    return [
        _queue_request(
            session, office, request, to, head=head, media=media, person=person, now=now,
            more=_what_comes(office, request, language=office.language(to.language), now=now),
        )
        for to in recipients
    ]  # fmt: skip


def _what_comes(office: Office, request: Request, *, language: str, now: datetime) -> dict[str, Value]:
    """When we write again, and when we would close; never where a law wants an answer of us whatever comes."""
    closing = ladder_days.closing(office, now)
    if deadlines.is_owed_from_notice(request.claim, office):
        closing = None
    return {
        "remind_days": dates.several_days(ladder_days.reminders(office, now), language) or None,
        "close_day": dates.weekday_date(closing, language) if closing else None,
    }


def remind(
    session: Session,
    office: Office,
    request: Request,
    recipients: Sequence[Recipient],
    *,
    template: str,
    closing: date | None,
    now: datetime,
    hold: timedelta,
) -> list[OutboxDelivery]:
    """Queue a reminder of what a request still lacks; `closing` is the day on which we would close, if we may."""
    media = {to.medium for to in recipients}
    head = Letterhead(template=template, language="", automatic=True, hold=hold)
    return [
        _queue_request(
            session, office, request, to, head=head, media=media, person=None, now=now,
            more=_reminder_values(office, request, closing, language=office.language(to.language), now=now),
        )
        for to in recipients
    ]  # fmt: skip


def _reminder_values(
    office: Office, request: Request, closing: date | None, *, language: str, now: datetime
) -> dict[str, Value]:
    """A day to answer by that has passed is no use: then it is the day of closing."""
    assert request.sent_at is not None
    today = office.day(now)
    due = request.due_on if request.due_on and request.due_on >= today else closing or today + _WEEK
    return {
        **_due_values(due, language),
        "asked_on": dates.weekday_date(office.day(request.sent_at), language),
        "close_day": dates.weekday_date(closing, language) if closing else None,
        "close_short": dates.short_date(closing, language) if closing else None,
    }


def _queue_request(
    session: Session,
    office: Office,
    request: Request,
    to: Recipient,
    *,
    head: Letterhead,
    media: Iterable[Medium],
    person: str | None,
    more: Mapping[str, Value],
    now: datetime,
) -> OutboxDelivery:
    assert request.ticket is not None
    language = office.language(to.language)
    token = outbox.reply_token(session, office, request.ticket, to, request=request, now=now)
    reply_to = outbox.reply_address(office, token)
    values = request_values(
        office, request, to, language=language, media=media, send_to=_send_to(office, to, reply_to), now=now,
        person=person, upload_url=uploads.url(office, token),
    )  # fmt: skip
    words = templates.render(
        head.template, language=language, medium=to.medium, values={**values, **more}, folders=office.templates
    )
    return outbox.enqueue(
        session, office, ticket=request.ticket, to=to, words=words, head=replace(head, language=language), now=now,
        request=request, reply_to=reply_to,
    )  # fmt: skip


def _send_to(office: Office, to: Recipient, reply_to: str | None) -> str | None:
    """Where the answer goes: nobody types a token from a text message, and it would not fit into one."""
    mailbox = office.outlets.get(Medium.EMAIL)
    return mailbox.address if mailbox and to.medium is Medium.SMS else reply_to


def request_values(
    office: Office,
    request: Request,
    to: Recipient,
    *,
    language: str,
    media: Iterable[Medium],
    send_to: str | None,
    now: datetime,
    person: str | None = None,
    upload_url: str | None = None,
) -> dict[str, Value]:
    """Everything a request's templates may say, for one recipient; `media` are those the request goes by."""
    claim = request.claim
    due = request.due_on or office.day(now) + timedelta(days=office.due_days)
    items = listed(request, language)
    answers = sum(isinstance(each, dict) and bool(each["question"]) for each in items)
    listing = next((medium for medium in LISTING if medium in media), None)
    return {
        **_NOT_YET,
        **_office_values(office),
        **_due_values(due, language),
        "address_lines": to.address.split(", ") if to.medium is Medium.LETTER else [],
        "code": request.code,
        "items": items,
        "list_by": str(listing) if listing else "link" if upload_url else None,
        "loss_day": dates.day_month(claim.loss_date, language) if claim.loss_date else None,
        "name": to.name,
        "needed": counts.wanted(len(items) - answers, answers, language),
        "needed_short": counts.wanted_short(len(items) - answers, answers, language),
        "person": person or _department(language),
        "policy_held": claim.policy_id is not None,
        "purpose": _purpose(request),
        "reference": claim.ref,
        "request_no": f"R{request.number}",
        "send_to": send_to or office.postal_address,
        "today": dates.long_date(office.day(now), language),
        "upload_url": upload_url,
    }


def _due_values(due: date, language: str) -> dict[str, Value]:
    return {
        "due": dates.long_date(due, language),
        "due_day": dates.weekday_date(due, language),
        "due_short": dates.short_date(due, language),
    }


def listed(request: Request, language: str) -> list[Value]:
    """What a request still lacks, in its order; a question that several items depend on is put once."""
    lines = [item_words(item, language) for item in request.items if not _is_in(item)]
    return [line for position, line in enumerate(lines) if line not in lines[:position]]


def _is_in(item: RequestItem) -> bool:
    return item.requirement.state is RequirementState.RECEIVED or item.requirement.state in SETTLED


def item_words(item: RequestItem, language: str) -> dict[str, Value]:
    """One line of a request: a document is asked for, an unknown fact and a field are put as a question."""
    catalogue = load()
    if item.question is not None:
        fact = catalogue.facts[item.question]
        return {"label": getattr(fact, language), "why": "", "counts": "", "question": True}
    entry = catalogue.items[item.requirement.item]
    return {
        "label": getattr(entry, language),
        "why": _why(item.requirement, getattr(entry.why, language), language),
        "counts": getattr(entry.counts, language),
        "question": entry.kind is ItemKind.FIELD,
    }


def _why(requirement: Requirement, why: str, language: str) -> str:
    """What was wrong with what came, if something came, and what the item shows us."""
    again = requirement.state in (RequirementState.REJECTED, RequirementState.ASKED) and requirement.reason
    if not again:
        return why
    about = "Despre ce am primit:" if language == "ro" else "About what we have received:"
    return " ".join(filter(None, [about, rejections.words(requirement.reason, language), why]))


def _purpose(request: Request) -> str:
    """What the items are for: the earliest stage they belong to."""
    stages = {item.requirement.stage for item in request.items}
    if Stage.FNOL in stages:
        return "open"
    return "decide" if Stage.DECISION in stages else "pay"


def _department(language: str) -> str:
    return "Daune" if language == "ro" else "Claims"


def reply(
    session: Session,
    office: Office,
    ticket: Ticket,
    to: Recipient,
    *,
    body: str,
    person: str,
    author_id: int,
    now: datetime,
    in_reply_to: str | None = None,
    references: str = "",
) -> OutboxDelivery:
    """Queue a representative's own words; to an address not on file nothing of ours names the claim."""
    claim: Claim | None = ticket.claim if ticket.verified else None
    if claim is not None:
        outbox.require_on_file(session, claim, to)
    language = office.language(to.language)
    words = reply_words(office, ticket, to, body=body, person=person, now=now)
    token = outbox.reply_token(session, office, ticket, to, request=None, now=now)
    head = Letterhead(
        template="reply", language=language, author_id=author_id, in_reply_to=in_reply_to, references=references,
        hold=timedelta(seconds=office.undo_seconds),
    )  # fmt: skip
    return outbox.enqueue(
        session, office, ticket=ticket, to=to, words=words, head=head, now=now,
        reply_to=outbox.reply_address(office, token),
    )  # fmt: skip


def reply_words(office: Office, ticket: Ticket, to: Recipient, *, body: str, person: str, now: datetime) -> Rendered:
    """A representative's own words as they would leave."""
    language = office.language(to.language)
    reference = ticket.claim.ref if ticket.claim and ticket.verified else ticket.ref
    values = _reply_values(office, to, body, person, reference=reference, language=language, now=now)
    return templates.render("reply", language=language, medium=to.medium, values=values, folders=office.templates)


def write(
    session: Session,
    office: Office,
    ticket: Ticket,
    recipients: Sequence[Recipient],
    letters: Mapping[str, Letter],
    *,
    person: str,
    author_id: int | None,
    now: datetime,
    reference: str | None = None,
    large_print: bool = False,
) -> list[OutboxDelivery]:
    """Queue one letter about the ticket's claim on every medium given; `letters` holds it in each language written.

    Nothing of a claim goes to an address that is not on file for it. `reference` is the claim's unless another is
    given (a complaint has its own). `KeyError` if a recipient's language has no letter.
    """
    claim: Claim | None = ticket.claim if ticket.verified else None
    if claim is not None:
        for to in recipients:
            outbox.require_on_file(session, claim, to)
    words = rendered(
        office, recipients, letters, person=person, reference=reference or (claim.ref if claim else ticket.ref),
        now=now, large_print=large_print,
    )  # fmt: skip
    return [
        _queue_letter(
            session, office, ticket, to, each, template=letters[office.language(to.language)].template,
            author_id=author_id, now=now,
        )
        for to, each in words
    ]  # fmt: skip


def rendered(
    office: Office,
    recipients: Sequence[Recipient],
    letters: Mapping[str, Letter],
    *,
    person: str,
    reference: str,
    now: datetime,
    large_print: bool = False,
) -> list[tuple[Recipient, Rendered]]:
    """A letter as each addressee gets it, before anything is queued."""
    listing = next((medium for medium in LISTING if medium in {to.medium for to in recipients}), None)
    common = {"large_print": large_print, "list_by": str(listing) if listing else None, "person": person}
    words = []
    for to in recipients:
        language = office.language(to.language)
        letter = letters[language]
        values = {
            **_addressed(office, to, reference=reference, language=language, now=now), **common,
            **letter.values(language),
        }  # fmt: skip
        shown = templates.render(
            letter.template, language=language, medium=to.medium, values=values, folders=office.templates
        )
        words.append((to, shown))
    return words


def _queue_letter(
    session: Session,
    office: Office,
    ticket: Ticket,
    to: Recipient,
    words: Rendered,
    *,
    template: str,
    author_id: int | None,
    now: datetime,
) -> OutboxDelivery:
    token = outbox.reply_token(session, office, ticket, to, request=None, now=now, again=True)
    hold = timedelta(seconds=office.undo_seconds)
    head = Letterhead(
        template=template, language=office.language(to.language), automatic=author_id is None, author_id=author_id,
        hold=hold,
    )  # fmt: skip
    return outbox.enqueue(
        session, office, ticket=ticket, to=to, words=words, head=head, now=now,
        reply_to=outbox.reply_address(office, token),
    )  # fmt: skip


def _addressed(office: Office, to: Recipient, *, reference: str, language: str, now: datetime) -> dict[str, Value]:
    """What every message to one addressee may say."""
    return {
        **_office_values(office),
        "address_lines": to.address.split(", ") if to.medium is Medium.LETTER else [],
        "code": reference,
        "name": to.name,
        "reference": reference,
        "today": dates.long_date(office.day(now), language),
    }


def _reply_values(
    office: Office, to: Recipient, body: str, person: str, *, reference: str, language: str, now: datetime
) -> Mapping[str, Value]:
    return {
        **_addressed(office, to, reference=reference, language=language, now=now),
        "body": body,
        "large_print": False,
        "person": person,
        "subject": "Răspuns la mesajul dvs." if language == "ro" else "Your message to us",
    }


def _office_values(office: Office) -> dict[str, Value]:
    return {
        "office": office.name,
        "office_short": office.short_name,
        "office_address": office.postal_address or None,
        "phone": office.phone or None,
    }
