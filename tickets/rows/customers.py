"""Storing customers: their names, the numbers they are known by, and how they are reached."""

import re
from collections.abc import Iterable, Iterator

from tickets import known_numbers
from tickets.errors import ImportRowError
from tickets.messages import Medium
from tickets.models import ContactPoint, Party, PartyIdentifier
from tickets.parties import folded_name, normal_address
from tickets.rows.loading import Given, Loading
from tickets.rows.shapes import Contact, CustomerRow

#: Which key of the row says how a customer is reached by which medium.
_MEDIA = {"emails": Medium.EMAIL, "phones": Medium.SMS, "postal": Medium.LETTER}
_FEWEST_DIGITS = 3


def store(loading: Loading, rows: Iterable[Given[CustomerRow]]) -> None:
    """Add or change each by id; what a row does not say stays as it is."""
    listed = list(rows)
    loading.find_parties(each.row.id for each in listed)
    checked = loading.passing("customer", listed, _check)
    for each in checked:
        _apply(loading, each.row)
    loading.session.flush()  # policies and claims name their parties by key
    loading.count("customers", len(checked))


def _check(row: CustomerRow) -> None:
    for each in row.emails:
        if not re.fullmatch(r"\S+@\S+", each.value):
            raise ImportRowError("emails: one of them is no address")
    for each in row.phones:
        if sum(map(str.isdigit, each.value)) < _FEWEST_DIGITS:
            raise ImportRowError("phones: one of them is no number")


def _apply(loading: Loading, row: CustomerRow) -> None:
    party = loading.parties.get(row.id)
    if party is None:
        party = loading.parties[row.id] = Party(external_id=row.id, name=row.name, kind=row.kind)
    said = row.model_fields_set
    party.name, party.name_folded = row.name, folded_name(row.name)
    for key in said & {"kind", "birth_date", "language"}:
        setattr(party, key, getattr(row, key))
    for key in sorted(said & {"cnp", "cui"}):
        _identify(party, known_numbers.made(loading.office, key, getattr(row, key)))
    for key in sorted(said & _MEDIA.keys()):
        _reach(party, _MEDIA[key], list(_contacts(row, key)), country=loading.office.country)
    loading.session.add(party)  # only when it is whole: a row added piece by piece costs twice


def _identify(party: Party, number: PartyIdentifier) -> None:
    """One number of each kind; a wrong one is kept, evaluation reports it."""
    if any(each.kind == number.kind and each.value_hmac == number.value_hmac for each in party.identifiers):
        return
    party.identifiers = [each for each in party.identifiers if each.kind != number.kind]
    party.identifiers.append(number)


def _contacts(row: CustomerRow, key: str) -> Iterator[Contact]:
    value = getattr(row, key)
    if isinstance(value, str):
        yield Contact(value=value)
    elif value is not None:
        yield from value


def _reach(party: Party, medium: Medium, contacts: Iterable[Contact], *, country: str) -> None:
    """Make the points of one medium those of the row; a STOP that came since stands unless the row speaks of it."""
    held = {point.value_norm: point for point in party.contacts if point.medium is medium}
    wanted: set[str] = set()
    for contact in contacts:
        norm = normal_address(medium, contact.value, country=country)
        point = held.get(norm)
        if point is None:
            point = held[norm] = ContactPoint(medium=medium, value=contact.value, value_norm=norm)
            party.contacts.append(point)
        wanted.add(norm)
        point.value = contact.value
        for key in contact.model_fields_set & {"shared", "preferred", "status"}:
            setattr(point, key, getattr(contact, key))
    for norm in held.keys() - wanted:
        party.contacts.remove(held[norm])
