"""Whose the addresses are that a batch of messages came from: one customer's alone, or held by many.

A broker's address stands for thousands of customers: who they all are is never read, only whether those are among them
whom the batch is about.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, selectinload

from tickets.models import ContactPoint, Party
from tickets.statements import among


@dataclass(slots=True)
class AddressHolders:
    """What is known of the senders' addresses; `meet` adds what the batch turns out to be about."""

    alone: dict[str, Party] = field(default_factory=dict)  #: The one customer an address belongs to.
    common: set[str] = field(default_factory=set)  #: Held by several.
    not_shared: set[str] = field(default_factory=set)  #: On file as somebody's own.
    held: set[tuple[str, int]] = field(default_factory=set)  #: An address, and somebody on whose file it is.
    owned: set[tuple[str, int]] = field(default_factory=set)  #: The same, where it is not marked as shared.

    def holds(self, address: str | None, parties: Iterable[int]) -> bool:
        """Whether the address is on file for one of these parties, shared or not."""
        return address is not None and any((address, party) in self.held for party in parties)

    def owns(self, address: str | None, parties: Iterable[int]) -> bool:
        """Whether the address is one of these parties' own."""
        return address is not None and any((address, party) in self.owned for party in parties)


_SHARED = case((ContactPoint.shared, 1), else_=0)
#: An address, its first and last holder, and whether none or all of its entries are marked as shared.
_SUMS = select(
    ContactPoint.value_norm,
    func.min(ContactPoint.party_id),
    func.max(ContactPoint.party_id),
    func.min(_SHARED),
    func.max(_SHARED),
).group_by(ContactPoint.value_norm)


def find(session: Session, addresses: Iterable[str]) -> AddressHolders:
    """Who holds these addresses: the customer where it is one, with his contacts and numbers."""
    holders = AddressHolders()
    only: dict[str, int] = {}
    held = _SUMS.where(among(ContactPoint.value_norm, "addresses"))
    for address, first, last, least, most in session.execute(held, {"addresses": list(set(addresses))}):
        if not least:
            holders.not_shared.add(address)
        if first != last:
            holders.common.add(address)
            continue
        holders.held.add((address, first))
        if not least:
            holders.owned.add((address, first))
        if not most:
            only[address] = first
    if only:
        whole = select(Party).options(selectinload(Party.contacts), selectinload(Party.identifiers))
        found = session.scalars(whole.where(among(Party.id, "parties")), {"parties": list(only.values())})
        parties = {party.id: party for party in found}
        holders.alone = {address: parties[party] for address, party in only.items()}
    return holders


def meet(session: Session, holders: AddressHolders, parties: Iterable[int], *, page: int) -> None:
    """Learn which of these parties hold the addresses of many, `page` parties a statement."""
    if not holders.common:
        return
    pairs = select(ContactPoint.value_norm, ContactPoint.party_id, ContactPoint.shared)
    listed = sorted(set(parties))
    for start in range(0, len(listed), page):
        these = ContactPoint.party_id.in_(listed[start : start + page])
        for address, party, shared in session.execute(pairs.where(ContactPoint.value_norm.in_(holders.common), these)):
            holders.held.add((address, party))
            if not shared:
                holders.owned.add((address, party))
