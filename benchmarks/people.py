"""The people a benchmark's mail comes from and speaks of, and a store that knows them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets import claims, numbering, outbox, references, requests
from tickets.messages import DeliveryState, Medium
from tickets.models import Claim, ClaimParty, ClaimState, ContactPoint, OutboxDelivery, Party, Policy
from tickets.office import Office
from tickets.parties import folded_name

FIRST = (
    "Maria", "Ion", "Elena", "Andrei", "Ioana", "Mihai", "Ana", "Radu", "Cristina", "Dan",
    "Emily", "John", "Laura", "Peter", "Sarah", "Tom",
)  # fmt: skip
LAST = (
    "Popescu", "Ionescu", "Dobre", "Stan", "Rusu", "Voicu", "Munteanu", "Pavel",
    "Carter", "Bennett", "Whitfield", "Moore", "Lungu", "Ene",
)  # fmt: skip
KINDS = (("home", "home", "water_pipe"), ("casco", "motor_casco", "collision"), ("health", "health", "illness"))
_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One customer with one policy and one claim, as a mail of his may name them."""

    number: int
    name: str
    address: str
    language: str
    line: str
    type: str
    cause: str
    policy: str
    claim: str
    reply_to: str | None = None  #: The address of the request that was sent to him, if one was.
    message_id: str | None = None
    asked: str = ""  #: The words of that request.


def people(count: int, *, seed: int) -> list[Person]:
    """Invent people; the same ones for the same seed."""
    chance = random.Random(seed)
    return [_person(number, chance) for number in range(1, count + 1)]


def _person(number: int, chance: random.Random) -> Person:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    line, type_name, cause = chance.choice(KINDS)
    return Person(
        number=number,
        name=f"{first} {last}",
        address=f"{first}.{last}.{number}@example.ro".lower(),
        language="en" if last in LAST[8:12] else "ro",
        line=line,
        type=type_name,
        cause=cause,
        policy=f"CAS-{number:07d}",
        claim=references.make("CLM", 2026, number),
    )


def settle(session: Session, everybody: Sequence[Person], *, now: datetime) -> None:
    """Store everybody with contact points, a policy and an open claim."""
    for start in range(0, len(everybody), _BATCH):
        session.add_all(_claim(person, now) for person in everybody[start : start + _BATCH])
        session.flush()  # thousands of new objects at once take twice the memory
    numbering.seen(session, everybody[-1].claim)


def _claim(person: Person, now: datetime) -> Claim:
    points = [(Medium.EMAIL, person.address), (Medium.SMS, f"+407{person.number:08d}")]
    party = Party(
        external_id=f"C{person.number}",
        name=person.name,
        name_folded=folded_name(person.name),
        language=person.language,
        contacts=[ContactPoint(medium=medium, value=value, value_norm=value) for medium, value in points],
    )
    policy = Policy(ref=person.policy, ref_norm=person.policy, line=person.line, holder=party)
    claim = Claim(
        ref=person.claim,
        type=person.type,
        state=ClaimState.GATHERING,
        policy=policy,
        policy_ref=policy.ref,
        claimant=party,
        loss_date=date(2026, 9, 1) + timedelta(days=person.number % 60),
        reported_on=now.date(),
        cause=person.cause,
        total_minor=240_000,
        facts={"flat": "yes", "repaired": "no", "police": "no", "owner_kind": "person"},
        parties=[ClaimParty(party=party, role="claimant")],
        created_at=now,
    )
    claims.refresh(claim)
    return claim


def ask(
    session: Session, office: Office, everybody: Sequence[Person], *, count: int, now: datetime
) -> Iterator[Person]:
    """Send a request to the first `count` people; give everybody back, these with what they can answer to."""
    refs = [person.claim for person in everybody[:count]]
    found = {claim.ref: claim for claim in session.scalars(select(Claim).where(Claim.ref.in_(refs)))}
    for ref in refs:
        request = requests.prepare(session, found[ref], now=now, actor="benchmark")
        requests.ask(session, office, request, now=now, actor="benchmark")
    yield from _answerable(session, everybody, now=now)


def _answerable(session: Session, everybody: Sequence[Person], *, now: datetime) -> Iterator[Person]:
    mails = {}
    query = select(OutboxDelivery).where(OutboxDelivery.state == DeliveryState.QUEUED)
    for delivery in session.scalars(query):
        outbox.advance(session, delivery, DeliveryState.SENT, detail="", now=now)
        if delivery.medium is Medium.EMAIL:
            mails[delivery.to_norm] = delivery
    for person in everybody:
        mail = mails.get(person.address)
        yield (
            person
            if mail is None
            else replace(
                person, reply_to=mail.reply_address, message_id=mail.message.message_id, asked=mail.message.text
            )
        )
