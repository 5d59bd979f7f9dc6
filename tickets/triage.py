"""Triage: files a batch of read messages - links, intents, answers, drafts; queues acknowledgements, sends nothing.

One transaction, one set of look-ups and one flush for the whole batch; each step of each message leaves an event.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tickets import (
    answers,
    bank_accounts,
    claims,
    deadlines,
    file_readings,
    findings,
    gist,
    history,
    intents,
    ladder,
    leaves,
    linking,
    machine_mail,
    matters,
    numbering,
    requests,
    storable,
    ticket_moves,
    told,
    uploads,
    wording,
)
from tickets.answers import Answer
from tickets.deadlines.filing import of_filed
from tickets.directory import Directory, look_up
from tickets.evidence import Reason
from tickets.gist import Gist
from tickets.guards import Cause
from tickets.intents import Intent, IntentKind
from tickets.kind_reasons import kept
from tickets.leaves import Leaf
from tickets.linking import Candidate, Clues, Linking
from tickets.messages import InboundMessage, Medium, MessageKind, Trust
from tickets.models import (
    Arrival,
    ArrivalState,
    Claim,
    Direction,
    Document,
    DocumentState,
    Link,
    LinkState,
    Message,
    MessageFile,
    OutboxDelivery,
    Request,
    TargetKind,
    Ticket,
    TicketState,
)
from tickets.office import Office, SendMode
from tickets.reach import Recipient

#: An intent below this is a guess; it never opens a claim.
SURE_INTENT = 0.5
#: So many words tell what happened.
STORY_WORDS = 8
#: Kinds of message that speak of a matter we already have.
ABOUT_A_CLAIM = frozenset(
    {"reply_to_request", "additional_document", "status_question", "payment_delay", "complaint_appeal"}
)
#: Of these, what is asked about one.
ASKED_OF_A_CLAIM = ABOUT_A_CLAIM - {"reply_to_request", "additional_document"}


@dataclass(slots=True, kw_only=True)
class Filed:
    """What became of one message."""

    arrival: Arrival
    gist: Gist
    clue: Clues
    linking: Linking = field(default_factory=Linking)
    intents: list[Intent] = field(default_factory=list)
    message: Message | None = None  #: None for a second copy of a message we show already.
    files: dict[str, Leaf] = field(default_factory=dict)  #: The rows of its files, by part.
    answers: list[Answer] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)  #: What its words say of the open request, to be accepted.
    new_ticket: bool = False
    reopened: bool = False  #: It came on a ticket that was done.
    acknowledged_before: bool = False  #: Its sender has had an acknowledgement today.
    acknowledge_to: Recipient | None = None  #: Who is to have one of this message.
    opened: Claim | None = None
    drafted: Request | None = None
    queued: list[OutboxDelivery] = field(default_factory=list)

    @property
    def inbound(self) -> InboundMessage:
        """The message itself, as any store takes it."""
        return self.gist.inbound

    @property
    def restricted(self) -> bool:
        """Whether SIU or legal alone may see it."""
        return matters.is_restricted(self.intents)

    @property
    def disclose(self) -> bool:
        """Whether facts of the claim may go to this sender; the number of a text or a call proves nobody's identity."""
        by_number = self.inbound.medium in (Medium.SMS, Medium.PHONE)
        return self.linking.verified and self.linking.claim is not None and not by_number


def file(
    session: Session, office: Office, batch: Sequence[tuple[Arrival, InboundMessage | Gist]], *, now: datetime
) -> list[Filed]:
    """File read messages in the order they arrived; the caller's transaction holds all of it or nothing."""
    if not batch:
        return []  # somebody else has filed them meanwhile
    filed = [_begun(arrival, read, office) for arrival, read in batch]
    prints = [_fingerprint(each.clue) for each in filed]
    directory = look_up(session, [each.clue for each in filed], filter(None, prints), office)
    acknowledged = wording.acknowledged(session, [each.clue.sender for each in filed], now=now)
    for each, fingerprint in zip(filed, prints, strict=True):
        _file_one(session, office, directory, each, fingerprint, now=now, acknowledged=acknowledged)
    ladder.heard(session, filed, now=now)
    deadlines.happened_all(session, office, [one for each in filed for one in of_filed(each, office)], now=now)
    matters.follow(session, office, filed, now=now)
    findings.refresh(session, office, _touched(filed), now=now)
    return filed


def _begun(arrival: Arrival, read: InboundMessage | Gist, office: Office) -> Filed:
    known = gist.of(read, day=office.day(arrival.received_at), formats=office.formats)
    return Filed(arrival=arrival, gist=known, clue=linking.clues(known, received_at=arrival.received_at, office=office))


def _touched(filed: Iterable[Filed]) -> list[Claim]:
    """The claims that a batch has opened, or brought something for."""
    claims_of = (each.opened or (each.linking.claim if each.answers else None) for each in filed)
    return list({claim.ref: claim for claim in claims_of if claim is not None}.values())


def _file_one(
    session: Session,
    office: Office,
    directory: Directory,
    filed: Filed,
    fingerprint: str | None,
    *,
    now: datetime,
    acknowledged: wording.Acknowledged,
) -> None:
    filed.arrival.kind, filed.arrival.message_id = filed.inbound.kind, filed.inbound.message_id
    filed.arrival.error = None
    if fingerprint in directory.fingerprints:
        _keep_as_duplicate(session, filed, directory.fingerprints[fingerprint], now)
        return
    filed.arrival.state = ArrivalState.FILED
    _understand(session, filed, directory, office)
    ticket = _ticket(session, filed, now)
    filed.message = _message(filed, ticket, fingerprint)
    session.add(filed.message)
    _add_links(session, filed, filed.message)
    filed.files = _add_files(session, filed, filed.message, now=now)
    if filed.inbound.kind is MessageKind.MESSAGE and not (filed.inbound.opt_out or filed.inbound.opt_in):
        _work_on(session, office, directory, filed, now=now)
        _acknowledge(session, office, filed, acknowledged, now=now)
    else:
        machine_mail.act(session, directory, filed, now=now)
    _record(session, filed, now)
    directory.add_message(filed.message, brings_files=bool(filed.files))


def _acknowledge(
    session: Session, office: Office, filed: Filed, acknowledged: wording.Acknowledged, *, now: datetime
) -> None:
    """A complaint is acknowledged once it stands in the register, with its number and day, wherever it came."""
    appeals = matters.is_acknowledged_as_complaint(filed)
    wording.reserve(office, filed, acknowledged, wanted=filed.new_ticket or appeals)
    if not appeals:
        wording.acknowledge(session, office, filed, now=now)


# --- understanding


def _understand(session: Session, filed: Filed, directory: Directory, office: Office) -> None:
    """Intents and links depend on each other: words first, then the links, then what the links make of the words."""
    inbound = filed.inbound
    if inbound.kind is not MessageKind.MESSAGE:
        filed.intents = intents.classify(_intent_clues(filed, office))
        filed.linking = machine_mail.link(filed.clue, directory)
        return
    first = intents.classify(_intent_clues(filed, office))
    new_matter = _is_new_matter(first)
    loss = filed.gist.loss
    filed.linking = linking.decide(filed.clue, directory, new_matter=new_matter, loss_date=loss.day if loss else None)
    if filed.linking.claim is not None and not filed.linking.claim.id:
        session.flush()  # opened by an earlier message of this batch: what it lacks is read from the store
    filed.answers = _answers(filed, directory)
    filed.told = _told(filed)
    filed.intents = intents.classify(_intent_clues(filed, office)) if filed.linking.claim else first
    _drop_doubtful_claim(filed)
    _link_request(filed)


def _is_new_matter(found: Sequence[Intent]) -> bool:
    """A loss is told, and not rather asked about: "any news on my claim" has words of both."""
    told = max((each.score for each in found if each.kind == "new_claim"), default=0)
    asked = max((each.score for each in found if each.kind in ASKED_OF_A_CLAIM), default=0)
    return told >= SURE_INTENT and told >= asked


def _intent_clues(filed: Filed, office: Office) -> intents.Clues:
    inbound, link = filed.inbound, filed.linking
    answers_request = any(each.kind is TargetKind.REQUEST for each in link.links)
    brings = any(each.requirement is not None for each in filed.answers)
    return intents.Clues(
        kind=inbound.kind,
        medium=inbound.medium,
        text=inbound.new_text,
        subject=inbound.subject,
        opt_out=inbound.opt_out,
        answers_open_request=link.request is not None and (answers_request or brings or bool(filed.told)),
        on_linked_claim=link.claim is not None,
        has_attachments=bool(answers.evidence(inbound)),
        learned=office.learned,
        judged=filed.gist.judged,
    )


def _answers(filed: Filed, directory: Directory) -> list[Answer]:
    """Only a linked claim's items are answered, and only by a sender it knows or by our own code on paper."""
    link = filed.linking
    active = any(each.kind is TargetKind.CLAIM and each.state is LinkState.ACTIVE for each in link.links)
    if link.claim is None or not active or not answers.evidence(filed.inbound):
        return []
    announced = "\n".join(directory.said[link.ticket.ref][-3:]) if link.ticket else ""
    return answers.match(link.claim, link.request, filed.inbound, hints=announced)


def _told(filed: Filed) -> dict[str, Any]:
    """What is said of an open request: by when it comes, what a question is answered, what there is not."""
    by_form = filed.inbound.link_token is not None
    if filed.linking.request is None or by_form or not _claim_is_active(filed.linking):
        return {}
    return told.proposals(filed.inbound, filed.linking.request, received=filed.gist.received)


def _drop_doubtful_claim(filed: Filed) -> None:
    """The only open claim of a known address is meant only if the message speaks of a claim or brings what it lacks."""
    link = filed.linking
    by_sender_alone = [
        each
        for each in link.links
        if each.kind is TargetKind.CLAIM
        and each.state is LinkState.ACTIVE
        and all(reason.evidence.startswith("sender_") for reason in each.reasons)
    ]
    brings = bool(filed.told) or any(each.requirement for each in filed.answers)
    about = ABOUT_A_CLAIM if link.request else ABOUT_A_CLAIM - {"reply_to_request"}  # nothing to reply to
    fits = brings or any(each.kind in about and each.score >= SURE_INTENT for each in filed.intents)
    if by_sender_alone and not fits:
        for each in by_sender_alone:
            each.state, each.score = LinkState.SUGGESTED, linking.WEAK
        link.claim = link.request = None
        link.verified = False
        if not any(each.kind is TargetKind.TICKET for each in link.links):
            link.ticket = None
        filed.answers, filed.told = [], {}


def _link_request(filed: Filed) -> None:
    """A message that brings what an open request asks for is an answer to it, whatever it was matched by."""
    link = filed.linking
    asked = {item.requirement for item in link.request.items} if link.request else set()
    brought = [each for each in filed.answers if each.requirement in asked]
    if link.request is None or not brought or any(each.kind is TargetKind.REQUEST for each in link.links):
        return
    reasons = [Reason(evidence="document_kind", where="attachment", value=each.kind or "") for each in brought]
    link.links.append(
        Candidate(
            kind=TargetKind.REQUEST,
            target=link.request.code,
            score=linking.KNOWN_POLICY,
            state=LinkState.ACTIVE,
            reasons=reasons,
        )
    )


# --- writing


def _keep_as_duplicate(session: Session, filed: Filed, shown: Message, now: datetime) -> None:
    """The same Message-ID with the same words and files: shown once, the second copy kept."""
    filed.arrival.state = ArrivalState.DUPLICATE
    filed.arrival.duplicate_of_id = shown.arrival_id or (shown.arrival.id if shown.arrival else None)
    history.record(session, "arrival.duplicate", actor="triage", at=now, ticket=shown.ticket, arrival=filed.arrival.id)


#: What a ticket becomes when its customer writes; every other state stays.
_WRITTEN_TO = {
    TicketState.WAITING_CUSTOMER: TicketState.IN_PROGRESS,
    TicketState.RESOLVED: TicketState.REOPENED,
    TicketState.CLOSED: TicketState.REOPENED,
}


def _ticket(session: Session, filed: Filed, now: datetime) -> Ticket:
    """The ticket the message joins, or one of its own; a tip or legal notice never joins what others read."""
    ticket = _after_merges(session, filed.linking.ticket)
    if ticket is None or (filed.restricted and not ticket.restricted):
        filed.new_ticket = True
        return _open_ticket(session, filed, now)
    ticket.last_message_at = now
    if ticket.claim is None and _claim_is_active(filed.linking):
        ticket.claim, ticket.verified = filed.linking.claim, True
    if filed.inbound.kind is MessageKind.MESSAGE:
        ticket.unread = True
        filed.reopened = ticket.state in (TicketState.RESOLVED, TicketState.CLOSED)
        ticket.snoozed_until = ticket.snoozed_for = None
        cause = Cause(actor="triage", at=now, reason="written to")
        ticket_moves.follow(session, ticket, _WRITTEN_TO.get(ticket.state, ticket.state), cause=cause)
        ticket.priority = min(ticket.priority, intents.priority(filed.intents))
    return ticket


def _after_merges(session: Session, ticket: Ticket | None) -> Ticket | None:
    """Where a conversation went on after it was merged; merges are rare, and each was found by its own message."""
    while ticket is not None and ticket.merged_into_id is not None:
        ticket = session.get(Ticket, ticket.merged_into_id)
    return ticket


def _open_ticket(session: Session, filed: Filed, now: datetime) -> Ticket:
    link, inbound = filed.linking, filed.inbound
    kind = _most_urgent(filed.intents)
    claim = link.claim if link.verified or _claim_is_active(link) else None
    [ref] = numbering.take(session, "TKT", year=now.year)
    quiet = inbound.kind not in (MessageKind.MESSAGE, MessageKind.BOUNCE)
    ticket = Ticket(
        ref=ref,
        kind=kind,
        queue=intents.routing(_most_urgent(filed.intents)).queue,
        subject=inbound.subject or inbound.new_text[:80].strip(),
        state=TicketState.CLOSED if quiet else TicketState.NEW,
        priority=intents.priority(filed.intents),
        claim=claim,
        party=link.party,
        owner_id=claim.owner_id if claim and not filed.restricted else None,
        verified=(link.verified or _claim_is_active(link)) and not filed.restricted,
        restricted=filed.restricted,
        opened_at=filed.arrival.received_at,
        last_message_at=now,
        unread=not quiet,
    )
    session.add(ticket)
    in_file = None if filed.restricted else claim
    history.record(session, "ticket.opened", actor="triage", at=now, ticket=ticket, claim=in_file)
    return ticket


def _most_urgent(found: Sequence[Intent]) -> IntentKind:
    """The intent that decides the queue: the highest priority, then the surest."""
    ranked = sorted(found, key=lambda each: (intents.routing(each.kind).priority, -each.score))
    return ranked[0].kind if ranked else IntentKind.GENERAL_QUESTION


def _claim_is_active(link: Linking) -> bool:
    return any(each.kind is TargetKind.CLAIM and each.state is LinkState.ACTIVE for each in link.links)


def _message(filed: Filed, ticket: Ticket, fingerprint: str | None) -> Message:
    inbound = filed.inbound
    return Message(
        ticket=ticket,
        arrival=filed.arrival,
        medium=inbound.medium,
        channel=filed.arrival.channel,
        direction=Direction.IN,
        kind=inbound.kind,
        at=filed.arrival.received_at,
        received_on=filed.gist.stamped,
        from_name=inbound.sender.name,
        from_address=inbound.sender.address,
        from_norm=filed.clue.sender,
        sender_state=inbound.sender_state,
        trust=inbound.trust,
        to=[storable.row(each) for each in inbound.to[:20]],
        cc=[storable.row(each) for each in inbound.cc[:20]],
        subject=inbound.subject,
        text=inbound.text,
        new_text=inbound.new_text,
        has_html=filed.gist.has_html,
        language=inbound.language,
        message_id=inbound.message_id,
        fingerprint=fingerprint,
        intents=[storable.row(each) for each in filed.intents],
        proposals=_proposals(filed),
        pages=inbound.pages,
    )


def _proposals(filed: Filed) -> dict[str, Any]:
    notes = [*filed.inbound.notes, *filed.linking.notes]
    return filed.told | ({"notes": notes} if notes else {})


def _add_files(session: Session, filed: Filed, message: Message, *, now: datetime) -> dict[str, Leaf]:
    """The message's files, by their part of the raw message; what they say is read later, in a queue of its own."""
    rows = {
        each.part: leaves.add(
            session, MessageFile, under={"message_id": message},
            part=each.part, name=each.name, media_type=each.media_type, size=each.size, sha256=each.sha256,
            inline=each.inline, phash=None,
        )
        for each in filed.inbound.files
    }  # fmt: skip
    if filed.inbound.kind is MessageKind.MESSAGE:
        for each in file_readings.worth_reading(filed.inbound):
            file_readings.queue(session, rows[each.part])
        if filed.inbound.medium is Medium.LETTER and len(filed.inbound.files) == 1:
            file_readings.keep_scan(session, rows[filed.inbound.files[0].part], filed.inbound, now=now)
    return rows


def _add_links(session: Session, filed: Filed, message: Message) -> None:
    for each in filed.linking.links:
        leaves.add(
            session, Link, under={"message_id": message},
            target_kind=each.kind, target=each.target, state=each.state, score=each.score, made_by="triage",
            reasons=[storable.row(reason) for reason in each.reasons], at=filed.arrival.received_at,
        )  # fmt: skip


def _work_on(session: Session, office: Office, directory: Directory, filed: Filed, *, now: datetime) -> None:
    """What the message changes: items received, a draft claim, a draft request; what is restricted leaves no trace."""
    if filed.restricted:
        return
    _receive(session, filed, now)
    _take_in_form(session, office, filed, now)
    filed.drafted = _perhaps_open_claim(session, directory, filed, now=now)
    if filed.opened is None and filed.linking.claim is not None and _claim_is_active(filed.linking):
        filed.drafted = _draft_request(session, directory, filed, filed.linking.claim, now=now)
    if filed.drafted is not None:
        directory.note_draft(filed.drafted)
        _perhaps_ask(session, office, filed, filed.drafted, now=now)


def _receive(session: Session, filed: Filed, now: datetime) -> None:
    claim, message = filed.linking.claim, filed.message
    if claim is None or message is None:
        return
    for answer in filed.answers:
        leaves.add(
            session, Document,
            under={"claim_id": claim, "file_id": filed.files[answer.file.part], "requirement_id": answer.requirement},
            kind=answer.kind, score=answer.score, reasons=kept(answer.reasons), state=DocumentState.PROPOSED,
            received_at=filed.arrival.received_at,
        )  # fmt: skip
    received = {answer.requirement.item: answer.requirement for answer in filed.answers if answer.requirement}
    if received:
        requests.receive(session, filed.linking.request, received.values(), message=message, now=now)
        history.record(
            session, "items.received", actor="triage", at=now, ticket=message.ticket, claim=claim, message=message,
            items=sorted(received),
        )  # fmt: skip


def _take_in_form(session: Session, office: Office, filed: Filed, now: datetime) -> None:
    """What the customer typed on the upload page: values are received, answers to questions wait for a person."""
    claim, message, inbound = filed.linking.claim, filed.message, filed.inbound
    if claim is None or message is None or inbound.link_token is None or not filed.disclose:
        return
    values = answers.stated(claim, inbound)
    holder = dict(inbound.stated).get("account_holder", "")
    for row, value in values:
        if row.item in uploads.GUARDED:
            bank_accounts.give(session, claim, value, holder=holder, on=office.day(now), source="form")
    kept = {row.item: value for row, value in values if row.item not in uploads.GUARDED}
    told = {"values": kept, "facts": dict(inbound.answered_facts), "lacking": dict(inbound.lacking)}
    message.proposals = message.proposals | {key: value for key, value in told.items() if value}
    if values:
        requests.receive(session, filed.linking.request, [row for row, _ in values], message=message, now=now)
        history.record(
            session, "items.received", actor="triage", at=now, ticket=message.ticket, claim=claim, message=message,
            items=sorted(row.item for row, _ in values),
        )  # fmt: skip


def _perhaps_open_claim(session: Session, directory: Directory, filed: Filed, *, now: datetime) -> Request | None:
    """A new matter becomes a draft claim with its type proposed, and a draft request; nothing is decided by it."""
    link, message = filed.linking, filed.message
    is_new = _is_new_matter(filed.intents)
    doubtful = link.claim is not None or filed.inbound.trust is Trust.FAIL or "several_claims" in link.notes
    if not is_new or doubtful or message is None or not filed.new_ticket:
        return None
    text = f"{filed.inbound.subject}\n{filed.inbound.new_text}"
    proposed = intents.claim_type(text, link.policy.line if link.policy else None)
    if proposed is None:
        return None
    cause, loss = intents.cause(text), filed.gist.loss
    [ref] = numbering.take(session, "CLM", year=now.year)
    filed.opened, lacking = claims.open_draft(
        session,
        ref,
        type_name=proposed.name,
        claimant=link.party,
        policy=link.policy,
        loss_date=loss.day if loss else None,
        loss_date_from=loss.words if loss else None,
        cause=cause.name if cause else None,
        story=_story(filed, message.ticket),
        now=now,
        today=filed.gist.received,
    )
    message.ticket.claim = filed.opened
    message.ticket.verified = link.party is not None
    directory.add_claim(filed.opened)
    lines = requests.first_lines(lacking)
    if not lines:
        return None
    return requests.draft_of_lines(session, filed.opened, lines, ticket=message.ticket, now=now, actor="triage")


def _story(filed: Filed, ticket: Ticket) -> str | None:
    """Where the customer has told what happened, if in enough words to count (domain: `min_words:8`)."""
    return f"told on {ticket.ref}" if len(filed.inbound.new_text.split()) >= STORY_WORDS else None


def _draft_request(
    session: Session, directory: Directory, filed: Filed, claim: Claim, *, now: datetime
) -> Request | None:
    assert filed.message is not None
    return requests.draft(
        session,
        claim,
        ticket=filed.message.ticket,
        now=now,
        actor="triage",
        open_request=directory.waiting.get(claim.ref),
        held=directory.drafts.get(claim.ref),
        number=directory.numbers.get(claim.ref, 0) + 1,
    )


def _perhaps_ask(session: Session, office: Office, filed: Filed, request: Request, *, now: datetime) -> None:
    """Where the office lets rules send, a request whose every item is certain leaves by itself."""
    if office.send is not SendMode.AUTO or not filed.disclose:
        return
    session.flush()  # the request's items are read from the store, and its deliveries need its id
    if requests.is_certain(request):
        filed.queued += requests.ask(session, office, request, now=now, actor="rule:auto")


def _record(session: Session, filed: Filed, now: datetime) -> None:
    assert filed.message is not None
    history.record(
        session,
        "message.filed",
        actor="triage",
        at=now,
        ticket=filed.message.ticket,
        claim=None if filed.restricted else filed.message.ticket.claim,
        message=filed.message,
        links=[f"{link.kind}:{link.target}:{link.state}" for link in filed.linking.links],
        intents=[each.kind for each in filed.intents],
    )


def _fingerprint(clue: Clues) -> str | None:
    """The same Message-ID, words and files of the same sender; None where the medium has no such id.

    Without the sender, a copy sent on by somebody else, or forged, would hide the customer's own.
    """
    inbound = clue.inbound
    if inbound.medium is not Medium.EMAIL or inbound.message_id is None:
        return None
    files = (each.sha256 for each in inbound.files)
    parts: Iterable[str] = (inbound.message_id, clue.sender or "", inbound.text, *files)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
