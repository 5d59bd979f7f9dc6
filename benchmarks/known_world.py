"""A world of customers, policies and claims of any size, loaded in bulk; everything about one number follows from it.

Shares nothing with the reader of references: check digits and forms are worked out here again, as a stranger would.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, select, text

from tickets import known_numbers
from tickets.catalogue import Stage
from tickets.database import Store
from tickets.messages import Medium
from tickets.models import (
    Claim,
    ClaimParty,
    ClaimState,
    ContactPoint,
    ContactStatus,
    InsuredAsset,
    Model,
    Party,
    PartyIdentifier,
    PartyKind,
    Policy,
    PolicyStatus,
    PolicyVersion,
    Requirement,
)
from tickets.requirements import RequirementState

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
_FIRST = (
    "Maria", "Ion", "Elena", "Andrei", "Ioana", "Mihai", "Ana", "Radu", "Cristina", "Dan", "Gabriela", "Vasile",
    "Daniela", "Florin", "Irina", "Cristian", "Sorina", "Petru", "Lavinia", "Ovidiu",
)  # fmt: skip
_ROOT = (
    "Pop", "Ion", "Stan", "Dumitr", "Grigor", "Vasil", "Petr", "Munt", "Dobr", "Marin", "Cost", "Tud", "Flor", "Rad",
    "Barb", "Negr", "Sav", "Tom", "Luc", "Ene",
)  # fmt: skip
_END = ("escu", "eanu", "oiu", "ache", "an", "ea", "ici", "aru", "in", "easa")
_STREET = ("Lalelelor", "Mihai Eminescu", "Fabricii", "Teilor", "Horea", "Crinului", "Unirii", "Morii")
_TOWN = ("Cluj-Napoca", "Iași", "Brașov", "Timișoara", "Oradea", "Sibiu")
_COUNTY = ("CJ", "IS", "BV", "TM", "BH", "SB", "AR", "CT", "PH", "MM")
_LETTER = "ABCDEFGHJKLMNPRSTUVWXYZ"
_CHUNK, _TOLD_EVERY = 20_000, 100_000
#: Claims of this year that exist beforehand, at most.
ROOM = 900_000
_BROKERS = 50


@dataclass(frozen=True, slots=True)
class Holder:
    """Customer, policy and claims number `number`."""

    number: int

    @property
    def name(self) -> str:
        """Every name is borne by several: 4,000 of them, whatever the size of the world."""
        last = _ROOT[self.number // 20 % 20] + _END[self.number // 400 % 10]
        return f"{_FIRST[self.number * 7 % 20]} {last}"

    @property
    def folded(self) -> str:
        """As the store keeps it."""
        return " ".join(sorted(self.name.lower().split()))

    @property
    def born(self) -> date:
        """One of some 18,000 days."""
        return date(1950, 1, 1) + timedelta(days=self.number * 7919 % 18_250)

    @property
    def cnp(self) -> str:
        """With its control digit."""
        digits = f"{1 + self.number % 2}{self.born:%y%m%d}{1 + self.number % 40:02d}{1 + self.number % 999:03d}"
        total = sum(
            int(digit) * weight for digit, weight in zip(digits, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9), strict=True)
        )
        return digits + str(1 if total % 11 == 10 else total % 11)  # noqa: PLR2004 - ten is printed as one

    @property
    def is_brokers(self) -> bool:
        """Whether he is reached through a broker's address only."""
        return self.number % 41 == 40  # noqa: PLR2004 - one in forty-one

    @property
    def mail(self) -> str:
        """His own address, or his broker's."""
        if self.is_brokers:
            return f"office@broker-{self.number // 41 % _BROKERS}.example"
        return f"{self.name.lower().replace(' ', '.')}.{self.number}@mail.example"

    @property
    def phone(self) -> str:
        """One in twenty-five has his neighbour's."""
        owner = self.number - 1 if self.number % 25 == 2 else self.number  # noqa: PLR2004 - one in twenty-five
        return f"+407{owner:08d}"

    @property
    def postal(self) -> str:
        """Street, number, postcode, town."""
        street, town = _STREET[self.number % 8], _TOWN[self.number % 6]
        return f"Str. {street} {1 + self.number // 8 % 300}, {400_000 + self.number % 90_000} {town}"

    @property
    def line(self) -> str:
        """The kind of cover."""
        return ("rca", "casco", "home")[self.number % 3]

    @property
    def policy(self) -> str:
        """As printed."""
        if self.line == "rca":
            return f"RO/{1 + self.number % 40:02d}/V{10 + self.number % 90}/HV {self.number:09d}"
        return f"CAS-{self.number:07d}" if self.line == "casco" else f"RA{self.number:011d}"

    @property
    def plate(self) -> str | None:
        """Of the car, where there is one."""
        if self.line == "home":
            return None
        rest, county = divmod(self.number, 10)
        rest, number = divmod(rest, 89)
        letters = _LETTER[rest // 529 % 23] + _LETTER[rest // 23 % 23] + _LETTER[rest % 23]
        return f"{_COUNTY[county]} {10 + number} {letters}"

    @property
    def vin(self) -> str | None:
        """Of the same car."""
        return None if self.line == "home" else f"UU1LSDAH5{self.number:08d}"

    @property
    def claim(self) -> str:
        """The reference of his claim; this year's numbers leave room for new ones."""
        return printed(26, self.number) if self.number <= ROOM else printed(23, self.number - ROOM)

    @property
    def has_open_claim(self) -> bool:
        """Half of all."""
        return self.number % 4 < 2  # noqa: PLR2004 - two in four

    @property
    def second_claim(self) -> str | None:
        """Some have another open claim, of last year."""
        return printed(25, self.number) if self.number % 10 == 0 else None

    @property
    def merged_claim(self) -> str | None:
        """Some have one that was merged into this year's."""
        return printed(24, self.number) if self.number % 50 in (8, 9) and self.has_open_claim else None

    @property
    def claimant(self) -> "Holder":
        """On liability the other side."""
        return Holder(self.number - 1 if self.number > 1 else 2) if self.line == "rca" else self

    @property
    def loss(self) -> date:
        """The day of this year's loss."""
        return date(2026, 9, 1) + timedelta(days=self.number % 60)


def printed(year: int, number: int) -> str:
    """A claim's reference with its two check digits (ISO 7064 mod 97-10)."""
    body = year * 1_000_000 + number
    return f"CLM{year:02d}-{number:06d}-{98 - body * 100 % 97:02d}"


# --- loading

_TYPES = {"rca": "motor_rca", "casco": "motor_casco", "home": "home"}
_CAUSES = {"rca": "collision", "casco": "collision", "home": "water_pipe"}
_TABLES = (Party, PartyIdentifier, ContactPoint, Policy, PolicyVersion, InsuredAsset, Claim, ClaimParty, Requirement)


def is_empty(store: Store) -> bool:
    """Whether nobody is known here yet."""
    with store.reading() as session:
        return session.scalar(select(Party.id).limit(1)) is None


def load(store: Store, size: int, tell: Callable[[str], None] = lambda _: None, *, key: bytes) -> None:
    """Fill an empty, migrated store with `size` holders, telling how far it is; indexes are built once, at the end.

    `key` is the office's newest, under which personal numbers are looked up.
    """
    tables = [table for model in _TABLES if isinstance(table := model.__table__, Table)]
    indexes = [index for table in tables for index in table.indexes]
    with store.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.execute("PRAGMA foreign_keys = OFF")
            raw.execute("PRAGMA synchronous = OFF")
        for index in indexes:
            index.drop(connection)
        for start in range(1, size + 1, _CHUNK):
            _load_some(connection, [Holder(number) for number in range(start, min(start + _CHUNK, size + 1))], key)
            connection.commit()
            if start % _TOLD_EVERY == 1 and start > 1:
                tell(f"{start - 1} of {size} policies loaded")
        tell(f"{size} policies loaded, building {len(indexes)} indexes")
        for index in indexes:
            index.create(connection)
        if connection.dialect.name == "postgresql":
            for table in tables:
                connection.execute(text(f"select setval('{table.name}_id_seq', (select max(id) from {table.name}))"))  # noqa: S608 - our own tables' names
        connection.execute(text("analyze"))
        connection.commit()
    store.close()  # the connection had its safeguards off


def _load_some(connection: Connection, holders: Sequence[Holder], key: bytes) -> None:
    claims = list(_claims(holders))
    for model, rows in (
        (Party, _parties(holders)),
        (PartyIdentifier, _identifiers(holders, key)),
        (ContactPoint, _contacts(holders)),
        (Policy, _policies(holders)),
        (PolicyVersion, _versions(holders)),
        (InsuredAsset, _assets(holders)),
        (Claim, claims),
        (ClaimParty, _claim_parties(claims)),
        (Requirement, _requirements(claims)),
    ):
        _insert(connection, model, rows)


def _insert(connection: Connection, model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    listed = list(rows)
    if listed:
        connection.execute(model.__table__.insert(), listed)  # type: ignore[attr-defined]  # every model has a table


def _parties(holders: Iterable[Holder]) -> Iterator[dict[str, Any]]:
    for each in holders:
        yield {"id": each.number, "external_id": f"C{each.number}", "kind": PartyKind.PERSON, "name": each.name,
               "name_folded": each.folded, "birth_date": each.born, "language": "ro"}  # fmt: skip


def _identifiers(holders: Iterable[Holder], key: bytes) -> Iterator[dict[str, Any]]:
    for each in holders:
        yield {"id": each.number, "party_id": each.number, "kind": "cnp", "ending": each.cnp[-4:], "valid": True,
               "value_hmac": known_numbers.hashed(key, "cnp", each.cnp)}  # fmt: skip


def _contacts(holders: Iterable[Holder]) -> Iterator[dict[str, Any]]:
    for each in holders:
        postal = "".join(character if character.isalnum() else " " for character in each.postal.lower())
        norm = " ".join(postal.translate(str.maketrans("șțăâî", "staai")).split())
        points = (
            (Medium.EMAIL, each.mail, each.mail),
            (Medium.SMS, each.phone, each.phone),
            (Medium.LETTER, each.postal, norm),
        )
        for place, (medium, value, value_norm) in enumerate(points):
            yield {"id": 3 * each.number + place, "party_id": each.number, "medium": medium, "value": value,
                   "value_norm": value_norm, "shared": medium is Medium.EMAIL and each.is_brokers, "preferred": False,
                   "status": ContactStatus.OK, "details": {}}  # fmt: skip


def _policies(holders: Iterable[Holder]) -> Iterator[dict[str, Any]]:
    for each in holders:
        yield {"id": each.number, "ref": each.policy, "ref_norm": each.policy, "product": "", "line": each.line,
               "holder_id": each.number}  # fmt: skip


def _versions(holders: Iterable[Holder]) -> Iterator[dict[str, Any]]:
    for each in holders:
        yield {"id": each.number, "policy_id": each.number, "effective_from": date(2026, 1, 1),
               "effective_to": date(2026, 12, 31), "recorded_at": datetime(2025, 12, 20, tzinfo=UTC),
               "status": PolicyStatus.ACTIVE, "premium_paid_to": None, "grace_days": 0, "territory": ["RO"],
               "currency": "RON", "exclusions": [], "notice": {}}  # fmt: skip


def _assets(holders: Iterable[Holder]) -> Iterator[dict[str, Any]]:
    for each in holders:
        if each.plate:
            yield {"id": each.number, "policy_id": each.number, "kind": "vehicle", "plate_norm": each.plate,
                   "vin": each.vin, "address": None}  # fmt: skip


def _claims(holders: Iterable[Holder]) -> Iterator[dict[str, Any]]:
    for each in holders:
        state = ClaimState.GATHERING if each.has_open_claim else ClaimState.PAID
        yield _claim(each, 3 * each.number, each.claim, state=state)
        if each.second_claim:
            yield _claim(each, 3 * each.number + 1, each.second_claim, state=ClaimState.GATHERING, days=200)
        if each.merged_claim:
            merged = _claim(each, 3 * each.number + 2, each.merged_claim, state=ClaimState.DUPLICATE_OF)
            yield merged | {"merged_into_id": 3 * each.number}


def _claim(each: Holder, key: int, ref: str, *, state: ClaimState, days: int = 0) -> dict[str, Any]:
    return {
        "id": key, "ref": ref, "type": _TYPES[each.line], "state": state, "policy_id": each.number,
        "policy_ref": each.policy, "claimant_id": each.claimant.number, "loss_date": each.loss - timedelta(days=days),
        "reported_on": date(2026, 11, 10), "cause": _CAUSES[each.line], "facts": {}, "currency": "RON", "record": {},
        "created_at": NOW, "row_version": 1, "merged_into_id": None,
    }  # fmt: skip


def _claim_parties(claims: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for each in claims:
        yield {"id": each["id"], "claim_id": each["id"], "party_id": each["claimant_id"], "role": "claimant"}


def _requirements(claims: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for each in claims:
        if each["state"] is ClaimState.GATHERING:
            yield {"id": each["id"], "claim_id": each["id"], "item": "repair_estimate", "stage": Stage.DECISION,
                   "state": RequirementState.NEEDED, "because": "always", "asked_count": 0}  # fmt: skip
