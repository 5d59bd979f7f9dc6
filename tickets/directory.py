"""The directory: everything the store knows that a batch of messages may be about, looked up set by set.

One batch costs a fixed number of queries, whatever its size and the size of the store; each goes through an index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from tickets import address_holders, tokens, traces
from tickets.address_holders import AddressHolders
from tickets.claims import party_ids
from tickets.messages import DeliveryState, Medium
from tickets.models import (
    SETTLED,
    WAITING,
    Claim,
    Direction,
    Message,
    OutboxDelivery,
    Party,
    Policy,
    PolicyPerson,
    ReplyToken,
    Request,
    RequestState,
    Ticket,
    TicketState,
)
from tickets.references import POLICY_KINDS, near_policies
from tickets.statements import among
from tickets.traces import Said, Traces

if TYPE_CHECKING:
    from tickets.linking import Clues
    from tickets.office import Office

Row = TypeVar("Row")
Key = TypeVar("Key", int, str)

#: Parameters one statement takes safely on every store.
PAGE = 500
#: Claims of one customer or policy we look at; a broker's address may stand for thousands.
CLAIMS = 50
#: Requests to one phone we look at, the latest.
ASKED = 20
#: Claims merged into merged claims are followed this far.
MERGES = 5
#: Policy numbers of one message that do not exist and whose neighbours are looked up.
MOST_NEAR = 3
#: For this long, what a customer announced says what comes without a word.
ANNOUNCED = timedelta(days=7)
#: A delivery in one of these states has left us for its address.
LEFT = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.UNKNOWN, DeliveryState.TRANSMITTING)


class Directory:
    """What a batch of messages may be about; grows with what the batch itself makes."""

    def __init__(self) -> None:
        """Begin empty; `look_up` fills it."""
        self.tokens: dict[str, ReplyToken] = {}
        self.sent: dict[str, OutboxDelivery] = {}
        self.received: dict[str, list[Message]] = defaultdict(list)  #: Several may bear one Message-ID.
        self.claims: dict[str, Claim] = {}
        self.tickets: dict[str, Ticket] = {}
        self.requests: dict[str, Request] = {}
        self.policies: dict[str, Policy] = {}
        self.near_policies: dict[str, list[Policy]] = {}  #: By a reference that no policy has: those one slip away.
        self.waiting: dict[str, Request] = {}  #: Claim reference to the request open on it.
        self.drafts: dict[str, Request] = {}  #: Claim reference to the request waiting to be sent.
        self.numbers: dict[str, int] = {}  #: Claim reference to the number of its last request.
        self.fingerprints: dict[str, Message] = {}
        self.holders = AddressHolders()  #: Of the senders' addresses.
        self.by_party: dict[int, list[Claim]] = defaultdict(list)
        self.by_policy: dict[int, list[Claim]] = defaultdict(list)
        self.by_id: dict[int, Claim] = {}
        self.tickets_of: dict[str, list[Ticket]] = defaultdict(list)
        self.asked: dict[str, list[OutboxDelivery]] = defaultdict(list)  #: By the number asked by text; the latest.
        self.asked_about: dict[str, set[int]] = defaultdict(set)  #: By an address nobody's own: claims.
        self.said: dict[str, list[str]] = defaultdict(list)  #: Ticket reference to recent words that brought no file.
        self.writers: dict[str, set[str]] = defaultdict(set)  #: Ticket reference to who has written on it.
        self.traces = Traces()
        self.sayings: dict[int, Said] = {}  #: What each message says of itself; by the identity of its clues.

    # --- questions that linking asks

    def customer(self, sender: str | None) -> Party | None:
        """The one customer this address belongs to; None for an address that several share."""
        return self.holders.alone.get(sender or "")

    def knows(self, claim: Claim, sender: str | None) -> bool:
        """Whether this address is on file for a party of the claim, or a request about it was sent there.

        An address that is somebody else's by now (a number given to a new owner) proves nothing by what it once got.
        """
        if sender is None:
            return False
        if self.holders.holds(sender, party_ids(claim)):
            return True
        asked = (self.by_id[each] for each in self.asked_about.get(sender, ()) if each in self.by_id)
        return claim.id in self.asked_about.get(sender, ()) or any(self.current(each) is claim for each in asked)

    def is_on(self, policy: Policy, sender: str | None) -> bool:
        """Whether this address is a policy's holder's or an insured person's own."""
        return self.holders.owns(sender, _people_on(policy))

    def asked_of(self, sender: str, *, since: datetime, days: int) -> list[Request]:
        """The open requests that reached this address within `days`."""
        horizon = since - timedelta(days=days)
        open_ones = {
            each.request.code: each.request
            for each in self.asked.get(sender, [])
            if each.request is not None
            and each.request.state in WAITING
            and (each.sent_at or each.queued_at) >= horizon
        }
        return list(open_ones.values())

    def mails_answered(self, message_ids: Iterable[str]) -> Iterator[Message]:
        """The mails we have received under these Message-IDs, in their order."""
        return (message for each in message_ids for message in self.received.get(each, ()))

    def wrote_on(self, ticket: Ticket, sender: str | None) -> bool:
        """Whether this address has written on the ticket, or is the ticket's party's."""
        if sender is None:
            return False
        own = ticket.party_id is not None and self.holders.holds(sender, [ticket.party_id])
        return own or sender in self.writers[ticket.ref]

    def said_of(self, clue: Clues) -> Said:
        """What a message of this batch says of itself in plain words."""
        return self.sayings[id(clue)]

    def claims_by(self, party: Party) -> list[Claim]:
        """A customer's claims, newest first."""
        return self.by_party.get(party.id, [])

    def claims_on(self, policy: Policy) -> list[Claim]:
        """A policy's claims, newest first."""
        return self.by_policy.get(policy.id, [])

    def ticket_of(self, claim: Claim) -> Ticket | None:
        """The ticket on which the claim is worked; the newest one if there are several."""
        return next(iter(self.tickets_of.get(claim.ref, [])), None)

    def current(self, claim: Claim) -> Claim:
        """The claim itself, or the one it was merged into."""
        followed: set[int] = set()
        while claim.merged_into_id in self.by_id and claim.merged_into_id not in followed:
            followed.add(claim.merged_into_id)
            claim = self.by_id[claim.merged_into_id]
        return claim

    # --- what the batch itself makes

    def add_claim(self, claim: Claim) -> None:
        """A later message of the batch may speak of a claim an earlier one opened."""
        self.claims[claim.ref] = claim
        if claim.claimant is not None:
            self.by_party[claim.claimant.id].insert(0, claim)
        if claim.policy is not None:
            self.by_policy[claim.policy.id].insert(0, claim)

    def add_message(self, message: Message, *, brings_files: bool) -> None:
        """A later message of the batch may answer this one."""
        if message.message_id:
            self.received[message.message_id].append(message)
        if message.fingerprint:
            self.fingerprints.setdefault(message.fingerprint, message)
        if message.from_norm:
            self.writers[message.ticket.ref].add(message.from_norm)
        if not brings_files:
            self.said[message.ticket.ref].append(message.new_text)
        if message.ticket.claim is not None and message.ticket not in self.tickets_of[message.ticket.claim.ref]:
            self.tickets_of[message.ticket.claim.ref].insert(0, message.ticket)

    def note_draft(self, request: Request) -> None:
        """A later message of the batch adds to this draft, or finds that it was sent."""
        self.numbers[request.claim.ref] = request.number
        (self.waiting if request.state in WAITING else self.drafts)[request.claim.ref] = request

    # --- filling

    def learn_claims(self, claims: Iterable[Claim]) -> None:
        """Remember claims by reference and key."""
        for claim in claims:
            self.claims[claim.ref] = self.by_id[claim.id] = claim

    def index_claims(self) -> None:
        """Sort what is known by party and policy, the newest first."""
        for claim in sorted(self.by_id.values(), key=lambda each: -each.id):
            for party_id in party_ids(claim):
                self.by_party[party_id].append(claim)
            if claim.policy_id is not None:
                self.by_policy[claim.policy_id].append(claim)


def look_up(session: Session, clues: Sequence[Clues], fingerprints: Iterable[str], office: Office) -> Directory:
    """Ask the store, once for the whole batch of at least one, about everything its messages may mean."""
    directory = Directory()
    _find_tokens(session, directory, clues, office)
    _find_mails(session, directory, clues, fingerprints)
    senders = {clue.sender for clue in clues if clue.sender}
    directory.holders = address_holders.find(session, senders)
    _find_asked_about(session, directory, senders - directory.holders.not_shared)
    _find_asked(
        session, directory, {clue.sender for clue in clues if clue.sender and clue.inbound.medium is Medium.SMS}
    )
    for clue in clues:
        directory.sayings[id(clue)] = traces.said(clue, directory.customer(clue.sender))
    directory.traces = traces.look_up(session, clues, list(directory.sayings.values()), office)
    _find_policies(session, directory, clues)
    _find_tickets(session, directory, clues)
    _find_requests(session, directory, clues)
    _find_claims(session, directory, clues)
    _find_waiting(session, directory)
    _find_conversations(session, directory)
    address_holders.meet(session, directory.holders, _people_meant(directory), page=PAGE)
    _find_announcements(session, directory, since=max(clue.received_at for clue in clues) - ANNOUNCED)
    return directory


def _find_tokens(session: Session, directory: Directory, clues: Sequence[Clues], office: Office) -> None:
    query = select(ReplyToken).options(
        joinedload(ReplyToken.ticket).joinedload(Ticket.claim), joinedload(ReplyToken.request)
    )
    for row in _rows(session, query, ReplyToken.token, (token for clue in clues for token in clue.reply_tokens)):
        if row.revoked_at is None and tokens.is_ours(row.token, office.keys, *token_facts(row)):
            directory.tokens[row.token] = row


def token_facts(row: ReplyToken) -> tuple[str, ...]:
    """What a reply token is made of: the ticket, the request, and the address it was sent to."""
    return facts_of_token(row.ticket, row.request, address=row.address, made_at=row.made_at)


def facts_of_token(ticket: Ticket, request: Request | None, *, address: str, made_at: datetime) -> tuple[str, ...]:
    """The same for one that is not made yet."""
    return ("reply", ticket.ref, request.code if request else "", address, made_at.isoformat())


def _find_mails(session: Session, directory: Directory, clues: Sequence[Clues], fingerprints: Iterable[str]) -> None:
    answered = {message_id for clue in clues for message_id in clue.answered}
    answered |= {clue.inbound.original_message_id for clue in clues if clue.inbound.original_message_id}
    query = select(Message).options(joinedload(Message.ticket).joinedload(Ticket.claim))
    mails = list(_rows(session, query, Message.message_id, answered))
    for mail in mails:
        if mail.direction is Direction.IN and mail.message_id:
            directory.received[mail.message_id].append(mail)
    out = {m.id: m for m in mails if m.direction is Direction.OUT}
    sent = select(OutboxDelivery).options(joinedload(OutboxDelivery.request))
    for delivery in _rows(session, sent, OutboxDelivery.message_id, out):
        if message_id := out[delivery.message_id].message_id:
            directory.sent[message_id] = delivery
            delivery.message = out[delivery.message_id]
    shown = _rows(session, query, Message.fingerprint, fingerprints)
    directory.fingerprints = {m.fingerprint: m for m in shown if m.fingerprint}


def _find_asked_about(session: Session, directory: Directory, senders: set[str]) -> None:
    """Which claims, merged ones too, were ever asked about at addresses that are nobody's own: a broker's are many."""
    about = _asked(OutboxDelivery.to_norm, Claim.id, Claim.merged_into_id).join(Claim, Request.claim_id == Claim.id)
    for page in _pages(senders):
        query = about.where(among(OutboxDelivery.to_norm, "page")).distinct()
        for address, *claims in session.execute(query, {"page": page}):
            directory.asked_about[address].update(claim for claim in claims if claim is not None)


def _find_asked(session: Session, directory: Directory, numbers: set[str]) -> None:
    """The requests that were last sent to the phones of the senders."""
    place = func.row_number().over(partition_by=OutboxDelivery.to_norm, order_by=OutboxDelivery.id.desc())
    for page in _pages(numbers):
        each = _asked(OutboxDelivery.id, place.label("place")).where(OutboxDelivery.to_norm.in_(page)).subquery()
        latest = _DELIVERIES.join(each, OutboxDelivery.id == each.c.id).where(each.c.place <= ASKED)
        for delivery in session.scalars(latest.order_by(OutboxDelivery.id)).unique():
            directory.asked[delivery.to_norm].append(delivery)


def _asked(*columns: Any) -> Select[Any]:
    """These columns of what has left us with a request."""
    left = OutboxDelivery.state.in_(LEFT)
    return select(*columns).join(Request, OutboxDelivery.request_id == Request.id).where(left)


_DELIVERIES = select(OutboxDelivery).options(
    joinedload(OutboxDelivery.request).joinedload(Request.claim),
    joinedload(OutboxDelivery.request).joinedload(Request.ticket),
)


def _find_policies(session: Session, directory: Directory, clues: Sequence[Clues]) -> None:
    written = {each.reference.value for clue in clues for each in clue.of(*POLICY_KINDS, quoted=True)}
    query = select(Policy).options(joinedload(Policy.holder), selectinload(Policy.persons))
    for policy in _rows(session, query, Policy.ref_norm, written):
        directory.policies[policy.ref_norm] = policy
    _find_near_policies(session, directory, clues)


def _find_near_policies(session: Session, directory: Directory, clues: Sequence[Clues]) -> None:
    """Look for policies one slip away from those that do not exist, a few for each message."""
    unknown = {
        each.reference.value
        for clue in clues
        for each in clue.of(*POLICY_KINDS)[:MOST_NEAR]
        if each.reference.value not in directory.policies
    }
    near = {value: near_policies(value) for value in unknown}
    query = select(Policy).options(joinedload(Policy.holder), selectinload(Policy.persons))
    keys = {other for others in near.values() for other in others}
    found = {policy.ref_norm: policy for policy in _rows(session, query, Policy.ref_norm, keys)}
    directory.near_policies = {value: [found[other] for other in near[value] if other in found] for value in unknown}


def _find_tickets(session: Session, directory: Directory, clues: Sequence[Clues]) -> None:
    written = {each.reference.value for clue in clues for each in clue.of("ticket")}
    written |= {ref for clue in clues for miss in clue.near for ref in miss.candidates[:20] if ref.startswith("TKT")}
    query = select(Ticket).options(joinedload(Ticket.claim))
    directory.tickets = {ticket.ref: ticket for ticket in _rows(session, query, Ticket.ref, written)}


def _find_requests(session: Session, directory: Directory, clues: Sequence[Clues]) -> None:
    written = {each.reference.value for clue in clues for each in clue.of("request", quoted=True)}
    query = select(Request).options(joinedload(Request.claim), joinedload(Request.ticket))
    directory.requests = {request.code: request for request in _rows(session, query, Request.code, written)}


def _find_claims(session: Session, directory: Directory, clues: Sequence[Clues]) -> None:
    """The claims written of, those of the tickets, tokens and requests found, and those of senders and policies."""
    numbers = (each.reference.value for clue in clues for each in clue.of("claim", "request", quoted=True))
    written = {number.partition("/")[0] for number in numbers}
    written |= {ref for clue in clues for miss in clue.near for ref in miss.candidates[:20]}
    parties = {party.id for party in directory.holders.alone.values()} | directory.traces.parties.keys()
    policies = {policy.id for policy in directory.policies.values()} | set(_policies_of(session, parties))
    policies |= directory.traces.policies.keys()
    some = select(Claim.id).limit(PAGE * CLAIMS)
    meant = {
        *_claims_meant(directory),
        *directory.traces.claim_ids(),
        *_rows(session, select(Claim.id), Claim.ref, written),
        *_rows(session, some, Claim.claimant_id, parties),
        *_rows(session, some, Claim.policy_id, policies),
    }
    for _ in range(1 + MERGES):
        directory.learn_claims(_rows(session, _WHOLE_CLAIMS, Claim.id, meant - directory.by_id.keys()))
        meant = {claim.merged_into_id for claim in directory.claims.values() if claim.merged_into_id is not None}
    directory.index_claims()


def _claims_meant(directory: Directory) -> Iterator[int]:
    yield from (ticket.claim_id for ticket in _tickets_meant(directory) if ticket.claim_id is not None)
    yield from (request.claim_id for request in directory.requests.values())
    asked = (each for deliveries in directory.asked.values() for each in deliveries)
    yield from (each.request.claim_id for each in asked if each.request is not None)


def _people_on(policy: Policy) -> set[int]:
    return {policy.holder_id, *(person.party_id for person in policy.persons)}


def _people_meant(directory: Directory) -> Iterator[int]:
    """Those of whom it matters whether a sender's address is theirs: of the claims, policies and tickets found."""
    for claim in directory.by_id.values():
        yield from party_ids(claim)
    for policy in (*directory.policies.values(), *(each for near in directory.near_policies.values() for each in near)):
        yield from _people_on(policy)
    yield from (ticket.party_id for ticket in _tickets_meant(directory) if ticket.party_id is not None)


def _tickets_meant(directory: Directory) -> Iterator[Ticket]:
    yield from (row.ticket for row in directory.tokens.values())
    yield from (delivery.message.ticket for delivery in directory.sent.values())
    yield from (message.ticket for messages in directory.received.values() for message in messages)
    yield from directory.tickets.values()


def _policies_of(session: Session, parties: set[int]) -> Iterator[int]:
    held = _rows(session, select(Policy.id), Policy.holder_id, parties)
    insured = _rows(session, select(PolicyPerson.policy_id), PolicyPerson.party_id, parties)
    yield from held
    yield from insured


def _find_waiting(session: Session, directory: Directory) -> None:
    running = {claim.id for claim in directory.claims.values() if claim.state not in SETTLED}
    query = select(Request).options(selectinload(Request.items), selectinload(Request.ticket))
    for request in sorted(_rows(session, query, Request.claim_id, running), key=lambda each: each.number):
        directory.numbers[request.claim.ref] = request.number
        if request.state in WAITING:
            directory.waiting[request.claim.ref] = request
        elif request.state is RequestState.DRAFT:
            directory.drafts[request.claim.ref] = request


def _find_conversations(session: Session, directory: Directory) -> None:
    """Which tickets the claims found are worked on, and who has written on the tickets found."""
    query = select(Ticket).where(Ticket.state.not_in((TicketState.MERGED, TicketState.DISCARDED)), Ticket.verified)
    ids = {claim.id: claim.ref for claim in directory.claims.values()}
    for ticket in sorted(_rows(session, query, Ticket.claim_id, ids), key=lambda each: -each.id):
        directory.tickets_of[ids[ticket.claim_id or 0]].append(ticket)
    meant = {ticket.id: ticket.ref for ticket in _tickets_meant(directory)}
    writers = select(Message.ticket_id, Message.from_norm).where(Message.from_norm.is_not(None)).distinct()
    for page in _pages(meant):
        for ticket_id, sender in session.execute(writers.where(among(Message.ticket_id, "page")), {"page": page}):
            directory.writers[meant[ticket_id]].add(sender or "")


def _find_announcements(session: Session, directory: Directory, since: datetime) -> None:
    """What customers have lately said on the tickets of open requests: "I send the estimate tomorrow" names a photo."""
    tickets = {request.ticket.id: request.ticket.ref for request in directory.waiting.values() if request.ticket}
    query = select(Message).where(Message.direction == Direction.IN, Message.at >= since, ~Message.files.any())
    for message in sorted(_rows(session, query, Message.ticket_id, tickets), key=lambda each: each.id):
        directory.said[tickets[message.ticket_id]].append(message.new_text)


#: A claim with everything that linking and drafting ask of it; people and policies found before are not read again.
_WHOLE_CLAIMS = select(Claim).options(
    selectinload(Claim.claimant),
    selectinload(Claim.policy).options(
        selectinload(Policy.holder), selectinload(Policy.persons).selectinload(PolicyPerson.party)
    ),
    selectinload(Claim.parties),
    selectinload(Claim.requirements),
)


def _pages(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """Keys in pages one statement can take."""
    listed = list(keys)
    return (listed[start : start + PAGE] for start in range(0, len(listed), PAGE))


def _rows(
    session: Session,
    query: Select[Row],
    column: InstrumentedAttribute[object] | ColumnElement[object],
    keys: Iterable[object],
) -> Iterator[Row]:
    """The rows whose `column` is one of `keys`, in as few statements as the store allows; none for no keys."""
    wanted = sorted({key for key in keys if key is not None}, key=str)
    for start in range(0, len(wanted), PAGE):
        yield from session.scalars(query.where(among(column, "keys")), {"keys": wanted[start : start + PAGE]}).unique()
