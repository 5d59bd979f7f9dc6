"""How a customer is reached: which contact points may be used, in which order, for what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tickets.messages import Medium
from tickets.models import ContactPoint, ContactStatus, Party
from tickets.office import Outlet

#: Media that can carry a list of what is needed; a text message never names an item.
LISTING = (Medium.EMAIL, Medium.LETTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One address of one person, as a delivery needs it."""

    medium: Medium
    address: str
    norm: str
    name: str = ""
    party_id: int | None = None
    language: str | None = None


def recipient(point: ContactPoint) -> Recipient:
    """A party's contact point as a recipient."""
    return Recipient(
        medium=point.medium,
        address=point.value,
        norm=point.value_norm,
        name=point.party.name,
        party_id=point.party_id,
        language=point.party.language,
    )


def usable(party: Party, outlets: Mapping[Medium, Outlet]) -> list[ContactPoint]:
    """The contact points we may write to and have a channel for, the preferred medium first."""
    points = [point for point in party.contacts if point.status is ContactStatus.OK and point.medium in outlets]
    order = [Medium.EMAIL, Medium.SMS, Medium.LETTER]
    return sorted(points, key=lambda point: (not point.preferred, order.index(point.medium)))


def for_request(party: Party, outlets: Mapping[Medium, Outlet]) -> list[ContactPoint]:
    """One contact point for each medium a request goes by; the first is the primary one.

    E-mail carries the list and a text message announces it. Paper is for people without a working e-mail address, or
    who prefer it: a letter beside an e-mail would only ask twice.
    """
    firsts = _first_of_each(usable(party, outlets))
    if Medium.EMAIL in firsts and not (Medium.LETTER in firsts and firsts[Medium.LETTER].preferred):
        firsts.pop(Medium.LETTER, None)
    return list(firsts.values())


def _first_of_each(points: Iterable[ContactPoint]) -> dict[Medium, ContactPoint]:
    firsts: dict[Medium, ContactPoint] = {}
    for point in points:
        firsts.setdefault(point.medium, point)
    return firsts
