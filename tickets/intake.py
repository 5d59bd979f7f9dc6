"""The intake ledger: records every copy of raw bytes once, and keeps track of its one fate."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tickets import history, storable
from tickets.blobs import Blobs
from tickets.errors import GuardError, UnknownReferenceError
from tickets.messages import Medium, Pickup
from tickets.models import Arrival, ArrivalState, ChannelState, Claim, Message, Ticket

#: A filing that failed, or a reader that died, is tried this often before people look at it.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The channel a pickup came from, as the ledger remembers it."""

    channel: str
    medium: Medium
    reader: str  #: The kind of channel that understands the bytes.


def record(
    session: Session, blobs: Blobs, pickups: Sequence[Pickup], *, source: Source, now: datetime
) -> list[Arrival | None]:
    """Keep each pickup's bytes and open its line in the ledger; None where this very copy is here already.

    Nothing is parsed. A mailbox that was numbered anew (UIDVALIDITY) is matched by content first, copy by copy.
    """
    held = _held(session, source.channel, pickups)
    hashes = blobs.put(session, [pickup.raw for pickup in pickups])
    new = {p.external_id: sha256 for p, sha256 in zip(pickups, hashes, strict=True) if p.external_id not in held}
    renumbered = _Renumbered(session, source.channel, new)
    arrivals: list[Arrival | None] = []
    for pickup, sha256 in zip(pickups, hashes, strict=True):
        external_id = _free_id(held, pickup)
        if external_id is None or renumbered.takes(pickup, sha256):
            arrivals.append(None)
            continue
        arrival = _arrival(pickup, source=source, external_id=external_id, sha256=sha256, now=now)
        if external_id != pickup.external_id:
            _mark_as_put_in_again(session, arrival, held[pickup.external_id], now)
        held[external_id] = arrival
        arrivals.append(arrival)
    session.add_all(arrival for arrival in arrivals if arrival is not None)
    return arrivals


def waiting(session: Session, *, media: Sequence[Medium], limit: int, after: int = 0) -> list[Arrival]:
    """What waits to be read and filed behind arrival `after`, oldest first; nothing is locked while it is read."""
    query = select(Arrival).where(Arrival.state == ArrivalState.RECEIVED, Arrival.medium.in_(media), Arrival.id > after)
    return list(session.scalars(query.order_by(Arrival.id).limit(limit)))


def still_received(session: Session, arrival_ids: Iterable[int]) -> list[Arrival]:
    """Of these, what nobody has filed meanwhile, locked: the state of the row decides who files it."""
    query = select(Arrival).where(Arrival.id.in_(list(arrival_ids)), Arrival.state == ArrivalState.RECEIVED)
    return list(session.scalars(query.order_by(Arrival.id).with_for_update(skip_locked=True)))


def failed(arrival: Arrival, why: str, *, final: bool = False) -> None:
    """Count one failed attempt; after the last one, or at once if `final`, people see it as quarantined."""
    arrival.attempts += 1
    arrival.error = why
    if final or arrival.attempts >= ATTEMPTS:
        arrival.state = ArrivalState.QUARANTINED


def retry(session: Session, arrival_id: int, *, actor: str) -> Arrival:
    """Put a quarantined arrival back to be read."""
    arrival = _quarantined(session, arrival_id)
    arrival.state, arrival.attempts, arrival.decided_by = ArrivalState.RECEIVED, 0, actor
    return arrival


def discard(session: Session, arrival_id: int, *, actor: str, reason: str) -> Arrival:
    """Set a quarantined arrival aside for good, by a person with a reason; its bytes stay."""
    if not reason.strip():
        raise GuardError(
            f"arrival {arrival_id}: discarding needs a reason",
            ro=f"mesajul {arrival_id}: înlăturarea are nevoie de un motiv",
        )
    arrival = _quarantined(session, arrival_id)
    arrival.state, arrival.decided_by, arrival.error = ArrivalState.DISCARDED, actor, reason
    return arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One arrival with the ticket and claim it was filed on."""

    arrival: Arrival
    ticket: str | None
    claim: str | None


def ledger(
    session: Session, *, state: ArrivalState | None = None, after: int = 0, limit: int | None = None
) -> list[LedgerLine]:
    """The ledger, oldest first."""
    query = (
        select(Arrival, Ticket.ref, Claim.ref)
        .outerjoin(Message, Message.arrival_id == func.coalesce(Arrival.duplicate_of_id, Arrival.id))
        .outerjoin(Ticket, Ticket.id == Message.ticket_id)
        .outerjoin(Claim, Claim.id == Ticket.claim_id)
        .where(Arrival.id > after)
        .order_by(Arrival.id)
        .limit(limit)
    )
    if state is not None:
        query = query.where(Arrival.state == state)
    return [
        LedgerLine(arrival=arrival, ticket=ticket, claim=claim) for arrival, ticket, claim in session.execute(query)
    ]


def counts(session: Session) -> Mapping[ArrivalState, int]:
    """How many arrivals met each fate."""
    rows = session.execute(select(Arrival.state, func.count()).group_by(Arrival.state))
    return {state: number for state, number in rows}  # noqa: C416 - dict() takes a result for a mapping


def _quarantined(session: Session, arrival_id: int) -> Arrival:
    arrival = session.get(Arrival, arrival_id)
    if arrival is None:
        raise UnknownReferenceError(f"there is no arrival {arrival_id}")
    if arrival.state is not ArrivalState.QUARANTINED:
        raise GuardError(
            f"arrival {arrival_id} is {arrival.state}, not quarantined",
            ro=f"mesajul {arrival_id} nu mai este în carantină ({arrival.state})",
        )
    return arrival


def _mark_as_put_in_again(session: Session, arrival: Arrival, first: Arrival, now: datetime) -> None:
    """The same content once more: kept, linked to the first copy, and not read again."""
    arrival.state, arrival.duplicate_of_id = ArrivalState.DUPLICATE, first.id
    arrival.kind, arrival.message_id = first.kind, first.message_id
    history.record(session, "arrival.duplicate", actor="intake", at=now, of=first.id)


def _arrival(pickup: Pickup, *, source: Source, external_id: str, sha256: str, now: datetime) -> Arrival:
    return Arrival(
        channel=source.channel,
        medium=source.medium,
        reader=source.reader,
        external_id=external_id,
        name=storable.text(pickup.name),
        source=storable.text(pickup.source),
        received_at=min(pickup.received_at or now, now),
        size=len(pickup.raw),
        sha256=sha256,
    )


def _held(session: Session, channel: str, pickups: Iterable[Pickup]) -> dict[str, Arrival]:
    """The arrivals of `channel` under the ids of `pickups`, copies put in again included."""
    ids = {pickup.external_id for pickup in pickups}
    query = select(Arrival).where(Arrival.channel == channel)
    held = {arrival.external_id: arrival for arrival in session.scalars(query.where(Arrival.external_id.in_(ids)))}
    again = [pickup.external_id for pickup in pickups if pickup.source and pickup.external_id in held]
    for external_id in again:  # rare: only content that comes a second time is looked up one by one
        copies = session.scalars(query.where(Arrival.external_id.startswith(f"{external_id}#", autoescape=True)))
        held.update((copy.external_id, copy) for copy in copies)
    return held


def _free_id(held: Mapping[str, Arrival], pickup: Pickup) -> str | None:
    """The external id to record `pickup` under; None if this very copy is held."""
    if pickup.external_id not in held:
        return pickup.external_id
    count, candidate = 1, pickup.external_id
    while candidate in held:
        if not pickup.source or held[candidate].source == storable.text(pickup.source):
            return None
        count += 1
        candidate = f"{pickup.external_id}#{count}"
    return candidate


class _Renumbered:
    """Matches pickups of a mailbox that was numbered anew (UIDVALIDITY) with the copies we hold from before."""

    def __init__(self, session: Session, channel: str, hashes: Mapping[str, str]) -> None:
        """Take the sha256 of each new external id; find the arrivals of the same folder under an older number."""
        self._old: dict[tuple[str, str], list[Arrival]] = defaultdict(list)
        numberings = {numbering for external_id in hashes if (numbering := _numbering(external_id))}
        anew = {folder: validity for folder, validity in numberings if _is_anew(session, channel, folder, validity)}
        if not anew:
            return
        query = select(Arrival).where(Arrival.channel == channel, Arrival.sha256.in_(set(hashes.values())))
        for arrival in session.scalars(query.order_by(Arrival.id)):
            folder, validity = _numbering(arrival.external_id) or ("", "")
            if folder in anew and anew[folder] != validity:
                self._old[folder, arrival.sha256].append(arrival)

    def takes(self, pickup: Pickup, sha256: str) -> bool:
        """Give an old arrival the copy's new number, if one with the same content is left."""
        numbering = _numbering(pickup.external_id)
        old = self._old.get((numbering[0], sha256)) if numbering else None
        if not old:
            return False
        old.pop(0).external_id = pickup.external_id
        return True


def _is_anew(session: Session, channel: str, folder: str, validity: str) -> bool:
    """Whether `folder` has ever had another number; remembers this one."""
    state = session.get(ChannelState, channel)
    if state is None:
        state = ChannelState(name=channel)
        session.add(state)
    seen = state.numbering.get(folder, [])
    if validity not in seen:
        state.numbering = state.numbering | {folder: [*seen, validity]}
    return bool(set(seen) - {validity})


def _numbering(external_id: str) -> tuple[str, str] | None:
    """Folder and UIDVALIDITY of an IMAP id `folder/UIDVALIDITY/UID`; None for other channels' ids."""
    match external_id.rsplit("/", 2):
        case [folder, validity, uid] if validity.isdigit() and uid.isdigit():
            return folder, validity
    return None


def is_held(session: Session, channel: str, external_ids: Iterable[str]) -> set[str]:
    """Which of `external_ids` the ledger of `channel` holds."""
    query = select(Arrival.external_id).where(Arrival.channel == channel, Arrival.external_id.in_(list(external_ids)))
    return set(session.scalars(query))
