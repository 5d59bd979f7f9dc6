"""How a customer is reached: which contact points may be used, in which order, for what."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum

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


class Why(StrEnum):
    """Why a contact point is used, or passed over; the first group is of those used."""

    PREFERRED = "preferred"
    WORKS = "works"
    ANNOUNCES = "announces"
    NO_CHANNEL = "no_channel"
    OPTED_OUT = "opted_out"
    BOUNCING = "bouncing"
    UNDELIVERED = "undelivered"
    ANOTHER_OF_THIS_MEDIUM = "another_of_this_medium"
    NOT_BESIDE_EMAIL = "not_beside_email"


_USED = frozenset({Why.PREFERRED, Why.WORKS, Why.ANNOUNCES})
_ORDER = (Medium.EMAIL, Medium.SMS, Medium.LETTER)
_WORDS: Mapping[Why, tuple[str, str]] = {
    Why.PREFERRED: ("The customer prefers it.", "Clientul îl preferă."),
    Why.WORKS: ("It works and comes first in our order.", "Funcționează și este primul în ordinea noastră."),
    Why.ANNOUNCES: (
        "It announces the list, which goes another way.",
        "Anunță lista, care pleacă pe altă cale.",
    ),
    Why.NO_CHANNEL: ("We have no channel for it.", "Nu avem un canal pentru el."),
    Why.OPTED_OUT: ("The customer switched it off.", "Clientul l-a oprit."),
    Why.BOUNCING: ("Messages to it come back.", "Mesajele trimise aici se întorc."),
    Why.UNDELIVERED: ("The last message did not get there.", "Ultimul mesaj nu a ajuns."),
    Why.ANOTHER_OF_THIS_MEDIUM: (
        "Another address of the same kind is used.",
        "Se folosește altă adresă de același fel.",
    ),
    Why.NOT_BESIDE_EMAIL: (
        "A letter beside an e-mail would only ask twice.",
        "O scrisoare pe lângă e-mail ar cere de două ori același lucru.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One rung of the ladder: a contact point, whether it is used, and why or why not."""

    point: ContactPoint
    why: Why

    @property
    def used(self) -> bool:
        """Whether the message goes this way."""
        return self.why in _USED

    def words(self, language: str) -> str:
        """Give the reason in a sentence."""
        english, romanian = _WORDS[self.why]
        return romanian if language == "ro" else english


def ladder(party: Party, outlets: Mapping[Medium, Outlet], *, failed: Container[str] = ()) -> list[Choice]:
    """Order a party's contact points as they are tried, each with the reason why it is used or passed over.

    E-mail carries the list and a text message announces it. Paper is for people without a working e-mail address, or
    who prefer it: a letter beside an e-mail would only ask twice. `failed` are addresses (normal form) that the last
    message did not reach; the others of the ladder stand in for them.
    """
    blocked = {id(point): why for point in party.contacts if (why := _blocked(point, outlets, failed))}
    points = sorted(party.contacts, key=lambda point: (id(point) in blocked, *_rank(point)))
    open_media = {point.medium: point for point in reversed(points) if id(point) not in blocked}
    return [Choice(point=point, why=blocked.get(id(point)) or _reason(point, open_media)) for point in points]


def usable(party: Party, outlets: Mapping[Medium, Outlet]) -> list[ContactPoint]:
    """The contact points we may write to and have a channel for, the preferred medium first."""
    return [choice.point for choice in ladder(party, outlets) if choice.why not in _BLOCKED]


def for_request(party: Party, outlets: Mapping[Medium, Outlet], *, failed: Container[str] = ()) -> list[ContactPoint]:
    """One contact point for each medium a request goes by, the first is the primary one: the used rungs."""
    return [choice.point for choice in ladder(party, outlets, failed=failed) if choice.used]


_BLOCKED = frozenset({Why.NO_CHANNEL, Why.OPTED_OUT, Why.BOUNCING, Why.UNDELIVERED})


def _blocked(point: ContactPoint, outlets: Mapping[Medium, Outlet], failed: Container[str]) -> Why | None:
    """What stands against using a point at all."""
    if point.status is ContactStatus.OPTED_OUT:
        return Why.OPTED_OUT
    if point.medium not in outlets or point.medium not in _ORDER:
        return Why.NO_CHANNEL
    if point.status is ContactStatus.BOUNCING:
        return Why.BOUNCING
    return Why.UNDELIVERED if point.value_norm in failed else None


def _reason(point: ContactPoint, first: Mapping[Medium, ContactPoint]) -> Why:
    """Why an open point is used or not, given the first open one of each medium."""
    if first[point.medium] is not point:
        return Why.ANOTHER_OF_THIS_MEDIUM
    if point.medium is Medium.LETTER and Medium.EMAIL in first and not point.preferred:
        return Why.NOT_BESIDE_EMAIL
    if point.preferred:
        return Why.PREFERRED
    return Why.ANNOUNCES if point.medium is Medium.SMS and len(first) > 1 else Why.WORKS


def _rank(point: ContactPoint) -> tuple[bool, int]:
    return not point.preferred, _ORDER.index(point.medium) if point.medium in _ORDER else len(_ORDER)
