"""Traces: what a message says of people, vehicles, accounts and invoices, and what the store holds of them.

Each is looked up through an index and counts no more rows in a large store than in a small one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select, union_all
from sqlalchemy.orm import Session, joinedload, selectinload
from stdnum.ro import cui

from tickets import known_numbers, names
from tickets.folding import plain
from tickets.messages import Medium, MessageKind
from tickets.models import (
    BankAccount,
    ClaimVehicle,
    ContactPoint,
    Direction,
    InsuredAsset,
    Invoice,
    Message,
    Party,
    PartyIdentifier,
    Policy,
    PolicyVersion,
    Ticket,
)
from tickets.parties import normal_address
from tickets.statements import among

if TYPE_CHECKING:
    from tickets.linking import Clues
    from tickets.office import Office

_KEYS = 60  #: Of one kind that one message's look-up may name.
_ROWS = 100  #: That one look-up may bring back for one message.
#: So many people of one name are shown; more say nothing.
NAMESAKES = 3

_BORN = re.compile(
    r"\b(?:nascut[a]?|data nasterii|nasterii|born|birth|dob)\b[^0-9\n]{0,20}"
    r"(?:(?P<day>[0-3]?\d)[./ -](?P<month>[01]?\d)[./ -](?P<year>(?:19|20)\d\d)|(?P<iso>(?:19|20)\d\d-[01]\d-[0-3]\d))"
)
_TAX_ID = re.compile(
    r"\b(?:c\.?u\.?i\.?|c\.?i\.?f\.?|cod fiscal|cod unic(?: de inregistrare)?|vat(?: no)?|ro)"
    r"[ .:]{0,3}(?:ro ?)?(\d{5,10})\b"
)
_ANSWER = re.compile(r"^\s*(?:(?:re|raspuns|aw|fwd?|fw|tr)\s?(?:\[\d\])?:\s*)+")
_LATELY = timedelta(days=60)
_ADDRESS_LINE = re.compile(r"^.*\d.*$", re.MULTILINE)
_ADDRESS_WORDS = range(4, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one message says of itself in plain words; nothing where its sender is known by his address."""

    words: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    born: tuple[date, ...] = ()
    postal: tuple[str, ...] = ()
    tax_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """A party as far as it matters for telling people apart."""

    id: int
    name: str  #: Folded.
    born: date | None


@dataclass(frozen=True, slots=True)
class Insured:
    """A vehicle on a policy, for a period."""

    policy_id: int
    since: date
    until: date


@dataclass(slots=True)
class Traces:
    """What the store holds of what a batch of messages names."""

    by_name: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_birth: dict[date, list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_cnp: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_postal: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_account: dict[str, list[tuple[int, int | None]]] = field(default_factory=lambda: defaultdict(list))
    by_invoice: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    by_vehicle: dict[str, list[Insured]] = field(default_factory=lambda: defaultdict(list))
    claims_of_vehicle: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_subject: dict[tuple[str, str], str] = field(default_factory=dict)  #: (sender, bare subject) to a ticket.
    parties: dict[int, Party] = field(default_factory=dict)
    policies: dict[int, Policy] = field(default_factory=dict)

    def claim_ids(self) -> set[int]:
        """The claims that an account, an invoice or a vehicle leads to."""
        accounts = {claim for rows in self.by_account.values() for _, claim in rows if claim is not None}
        lists = (*self.by_invoice.values(), *self.claims_of_vehicle.values())
        return accounts | {claim for rows in lists for claim in rows}


def said(clue: Clues, sender: Party | None) -> Said:
    """Read a message's own words for whom it is from and about; its quotes are somebody else's.

    Where its address tells who is writing, only another name in the signature is looked up.
    """
    if clue.inbound.kind is not MessageKind.MESSAGE:
        return Said()
    text = clue.inbound.new_text
    if sender is not None:
        others = tuple(name for name in clue.signed if not names.may_be_one(name, sender.name_folded))
        return Said(names=others, tax_ids=_tax_ids(text) if clue.of("invoice") else ())
    return Said(
        words=names.words(text),
        names=names.candidates(text),
        born=tuple(_births(text))[:_KEYS],
        postal=tuple(_addresses(text))[:_KEYS],
        tax_ids=_tax_ids(text) if clue.of("invoice") else (),
    )


def _births(text: str) -> Iterator[date]:
    for match in _BORN.finditer(plain(text)):
        try:
            yield (
                date.fromisoformat(match["iso"])
                if match["iso"]
                else date(int(match["year"]), int(match["month"]), int(match["day"]))
            )
        except ValueError:
            continue


def _tax_ids(text: str) -> tuple[str, ...]:
    found = (match[1] for match in _TAX_ID.finditer(plain(text)))
    return tuple(dict.fromkeys(number for number in found if cui.is_valid(number)))[:_KEYS]


def _addresses(text: str) -> Iterator[str]:
    """Lines with a number, and two such lines together, as addresses are kept."""
    lines = [match[0] for match in _ADDRESS_LINE.finditer(text[:4000])]
    pairs = map(" ".join, pairwise(lines))
    for line in (*lines, *pairs):
        words = normal_address(Medium.LETTER, re.sub(r"^.{0,20}?:", "", line))
        if len(words.split()) in _ADDRESS_WORDS:
            yield words


def invoice_key(number: str) -> str:
    """How an invoice's number is compared: capitals and digits alone."""
    return re.sub(r"[^A-Z0-9]", "", number.upper())


# --- asking the store


def look_up(session: Session, clues: Sequence[Clues], sayings: Sequence[Said], office: Office) -> Traces:
    """Ask, once for the whole batch, about everything its messages say; no keys, no question."""
    traces = Traces()
    _find_people(session, traces, sayings)
    _find_personal_numbers(session, traces, known_numbers.by_hash(office, "cnp", _values(clues, "cnp")))
    _find_vehicles(session, traces, clues)
    _find_accounts(session, traces, clues)
    _find_invoices(session, traces, clues, sayings)
    _find_subjects(session, traces, clues)
    _load(session, traces, sayings)
    return traces


_PERSON = select(Party.id, Party.name_folded, Party.birth_date)


def _find_people(session: Session, traces: Traces, sayings: Sequence[Said]) -> None:
    for row in _namesakes(session, sorted({name for each in sayings for name in each.names})):
        traces.by_name[row[1]].append(Person(*row))
    for row in _rows(session, _PERSON, Party.birth_date, {day for each in sayings for day in each.born}):
        traces.by_birth[row[2]].append(Person(*row))
    postal = _PERSON.join(ContactPoint).where(ContactPoint.medium == Medium.LETTER).add_columns(ContactPoint.value_norm)
    for row in _rows(session, postal, ContactPoint.value_norm, {line for each in sayings for line in each.postal}):
        traces.by_postal[row[3]].append(Person(*row[:3]))


def _find_personal_numbers(session: Session, traces: Traces, values: Mapping[str, str]) -> None:
    hashed = PartyIdentifier.value_hmac
    owners = _PERSON.join(PartyIdentifier).where(PartyIdentifier.kind == "cnp").add_columns(hashed)
    for row in _rows(session, owners, hashed, set(values)):
        traces.by_cnp[values[row[3]]].append(Person(*row[:3]))


#: At most one more than we show of each of some names; made once, for building it costs more than asking.
_SOME_NAMES = 20
_NAMESAKES = union_all(
    *(
        select(
            select(Party.id, Party.name_folded, Party.birth_date)
            .where(Party.name_folded == bindparam(f"name_{place}"))
            .limit(NAMESAKES + 1)
            .subquery()
        )
        for place in range(_SOME_NAMES)
    )
)
_NOBODY = "-"  #: No folded name: it has no letter.


def _namesakes(session: Session, wanted: Sequence[str]) -> Iterator[Any]:
    for start in range(0, len(wanted), _SOME_NAMES):
        page = wanted[start : start + _SOME_NAMES]
        padded = (*page, *[_NOBODY] * (_SOME_NAMES - len(page)))
        yield from session.execute(_NAMESAKES, {f"name_{place}": name for place, name in enumerate(padded)})


def _find_vehicles(session: Session, traces: Traces, clues: Sequence[Clues]) -> None:
    for kind, column, ours in (
        ("plate", InsuredAsset.plate_norm, ClaimVehicle.plate_norm),
        ("vin", InsuredAsset.vin, ClaimVehicle.vin),
    ):
        written = _values(clues, kind)
        periods = select(column, InsuredAsset.policy_id, PolicyVersion.effective_from, PolicyVersion.effective_to).join(
            PolicyVersion, PolicyVersion.policy_id == InsuredAsset.policy_id
        )
        for value, *period in _rows(session, periods, column, written):
            traces.by_vehicle[value].append(Insured(*period))
        for value, claim in _rows(session, select(ours, ClaimVehicle.claim_id), ours, written):
            traces.claims_of_vehicle[value].append(claim)


def _find_accounts(session: Session, traces: Traces, clues: Sequence[Clues]) -> None:
    query = select(BankAccount.iban, BankAccount.party_id, BankAccount.claim_id).where(BankAccount.active)
    for iban, party, claim in _rows(session, query, BankAccount.iban, _values(clues, "iban")):
        traces.by_account[iban].append((party, claim))


def _find_invoices(session: Session, traces: Traces, clues: Sequence[Clues], sayings: Sequence[Said]) -> None:
    numbers = {invoice_key(number) for number in _values(clues, "invoice")}
    issuers = {issuer for each in sayings for issuer in each.tax_ids}
    if not numbers or not issuers:
        return
    query = select(Invoice.issuer_tax_id, Invoice.number_norm, Invoice.claim_id).where(Invoice.number_norm.in_(numbers))
    for issuer, number, claim in _rows(session, query, Invoice.issuer_tax_id, issuers):
        traces.by_invoice[issuer, number].append(claim)


def _find_subjects(session: Session, traces: Traces, clues: Sequence[Clues]) -> None:
    """Tickets on which the sender of an answer without a thread has lately written, by their subject."""
    lost = {
        clue.sender for clue in clues if clue.sender and not clue.answered and answered_subject(clue.inbound.subject)
    }
    if not lost:
        return
    since = min(clue.received_at for clue in clues) - _LATELY
    query = select(Message.from_norm, Ticket.subject, Ticket.ref).join(Ticket, Message.ticket_id == Ticket.id)
    recent = query.where(Message.at >= since, Message.direction == Direction.IN).distinct()
    for sender, subject, ref in _rows(session, recent, Message.from_norm, lost):
        traces.by_subject[sender, bare_subject(subject)] = ref


def answered_subject(subject: str) -> str:
    """The bare subject of what says it is an answer, if it has words enough to mean one conversation; else nothing."""
    bare = bare_subject(subject)
    return bare if _ANSWER.match(plain(subject)) and len(bare.split()) > 1 else ""


def bare_subject(subject: str) -> str:
    """A subject without its "Re:" and "Fwd:", folded."""
    return " ".join(_ANSWER.sub("", plain(subject)).split())


def _load(session: Session, traces: Traces, sayings: Sequence[Said]) -> None:
    """The people and policies a message truly leads to; of namesakes, only where they are few."""
    people = {each.id for rows in (*traces.by_cnp.values(), *traces.by_postal.values()) for each in rows}
    people |= {party for rows in traces.by_account.values() for party, _ in rows}
    people |= {each.id for rows in traces.by_name.values() if len(rows) <= NAMESAKES for each in rows}
    for saying in sayings:
        people |= {
            person.id for day in saying.born for person in traces.by_birth[day] if names.has(saying.words, person.name)
        }
    query = select(Party).options(selectinload(Party.contacts))
    traces.parties = {row[0].id: row[0] for row in _rows(session, query, Party.id, people)}
    policies = {insured.policy_id for rows in traces.by_vehicle.values() for insured in rows}
    held = select(Policy).options(joinedload(Policy.holder), selectinload(Policy.persons))
    traces.policies = {row[0].id: row[0] for row in _rows(session, held, Policy.id, policies)}


def _values(clues: Iterable[Clues], kind: str) -> set[str]:
    return {each.reference.value for clue in clues for each in clue.of(kind)[:_KEYS]}


def _rows(session: Session, query: Select[*tuple[Any, ...]], column: Any, keys: set[Any]) -> Iterator[Any]:
    """The rows whose `column` is one of `keys`, in as few statements as the store allows; none for no keys."""
    wanted = sorted(keys)
    for start in range(0, len(wanted), _KEYS):
        page = wanted[start : start + _KEYS]
        yield from session.execute(query.where(among(column, "keys")).limit(_ROWS * len(page)), {"keys": page})
