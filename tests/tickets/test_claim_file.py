"""What is gathered of claims, how many queries it takes, and what is kept of the findings."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.tickets.desk import CLAIM_A, CLAIM_B, NOW, OFFICE, Desk
from tickets import claim_file, look_alikes, requests
from tickets.database import Store
from tickets.messages import Medium
from tickets.models import Claim, Direction, Document, Message, MessageFile, Payment, PaymentState, PictureKey
from tickets.payable import reckon
from tickets.references import make


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    seen: list[str] = []

    def listen(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(store.engine, "before_cursor_execute", listen)
    yield seen
    event.remove(store.engine, "before_cursor_execute", listen)


def _gathered(store: Store) -> int:
    with store.reading() as session:
        claims = list(session.scalars(select(Claim)))
        with statements(store) as seen:
            claim_file.gather(session, claims, office=OFFICE, now=NOW)
        return len(seen)


def test_many_claims_take_as_many_queries_as_few(store: Store) -> None:
    desk = Desk.with_world(store)
    few = _gathered(store)
    desk.add(
        claims=[
            {
                "ref": make("CLM", 2026, number), "type": "home", "policy": "CAS-0451237", "claimant": "maria",
                "loss_date": "2026-05-10", "state": "in_review", "cause": "fire", "documents": "complete",
                "invoices": [{"issuer_tax_id": "27041363", "number": f"A{number}", "total_minor": 100}],
                "bank_account": {"iban": "RO14BTRL0130120567890012", "holder": "Maria Popescu"},
            }
            for number in range(50100, 50150)
        ]
    )  # fmt: skip

    assert _gathered(store) <= few + 1  # invoices, which the few do not have


def _with_file(
    session: Session, ref: str, *, sha256: str, phash: str | None, message: Message | None = None
) -> Message:
    """A document of a claim, in a message of its own unless one is given."""
    claim = session.scalars(select(Claim).where(Claim.ref == ref)).one()
    if message is None:
        ticket = requests.open_ticket(session, claim, now=NOW)
        message = Message(
            ticket=ticket, direction=Direction.IN, medium=Medium.EMAIL, channel="test", kind="message", at=NOW
        )
    file = MessageFile(
        message=message, part="2", name="a.jpg", media_type="image/jpeg", size=9, sha256=sha256, phash=phash
    )
    session.add_all([message, file, *(PictureKey(key=key, file=file) for key in look_alikes.keys(phash))])
    session.add(Document(claim=claim, file=file, received_at=NOW))
    session.flush()
    return message


def _twins(store: Store, ref: str = CLAIM_A) -> list[tuple[str, int, bool]]:
    with store.reading() as session:
        [claim] = session.scalars(select(Claim).where(Claim.ref == ref))
        facts = claim_file.gather(session, [claim], office=OFFICE, now=NOW)[claim.id]
        return [(each.claim, each.distance, each.exact) for each in facts.same_files]


@pytest.mark.parametrize(
    ("sha256", "phash", "twins"),
    [
        ("a" * 64, None, [(CLAIM_B, 0, True)]),
        ("b" * 64, "0f0f0f0f0f0f0f0f", [(CLAIM_B, 0, False)]),
        ("b" * 64, "0f0f0f0f0f0f0f30", [(CLAIM_B, 6, False)]),
        ("b" * 64, "0f0f0f0f0f0f0f70", []),
        ("b" * 64, None, []),
    ],
)
def test_same_bytes_and_pictures_that_look_the_same_are_found_in_other_claims(
    store: Store, sha256: str, phash: str | None, twins: list[tuple[str, int, bool]]
) -> None:
    Desk.with_world(store)
    with store.writing() as session:
        _with_file(session, CLAIM_A, sha256="a" * 64, phash="0f0f0f0f0f0f0f0f")
        _with_file(session, CLAIM_B, sha256=sha256, phash=phash)

    assert _twins(store) == twins


@pytest.mark.parametrize("blank", ["0000000000000000", "ffffffffffffffff"])
def test_pictures_of_one_colour_look_like_nothing(store: Store, blank: str) -> None:
    Desk.with_world(store)
    with store.writing() as session:
        _with_file(session, CLAIM_A, sha256="a" * 64, phash=blank)
        _with_file(session, CLAIM_B, sha256="b" * 64, phash=blank)

    assert _twins(store) == []


def test_one_message_filed_on_two_claims_is_no_second_copy(store: Store) -> None:
    Desk.with_world(store)
    with store.writing() as session:
        message = _with_file(session, CLAIM_A, sha256="a" * 64, phash=None)
        _with_file(session, CLAIM_B, sha256="a" * 64, phash=None, message=message)

    assert _twins(store) == []


def test_two_payments_of_one_claim_are_one_loss_of_the_period(store: Store) -> None:
    """Of two losses a period one was paid in two parts: the next is paid, the one after it is not."""
    desk = Desk.with_world(store)
    cover = {"code": "home", "perils": ["water_pipe"], "limit_event": 10_000_000, "frequency": 2, "clause": "3.1"}
    version = {
        "effective_from": "2026-01-01", "effective_to": "2026-12-31", "recorded_at": "2025-12-01", "status": "active",
        "premium_paid_to": "2026-12-31", "territory": ["RO"], "coverages": [cover],
    }  # fmt: skip
    desk.add(policies=[{"ref": "CAS-0777777", "line": "home", "holder": "maria", "versions": [version]}])
    refs = [make("CLM", 2026, number) for number in (901, 902, 903)]
    line = {"coverage": "home", "description": "x", "qty": 1, "unit_minor": 50_000, "total_minor": 50_000}
    told = {
        "type": "home", "policy": "CAS-0777777", "claimant": "maria", "cause": "water_pipe", "lines": [line],
        "total_minor": 50_000, "documents": "complete", "state": "in_review", "reported_on": "2026-11-20",
    }  # fmt: skip
    days = ("2026-02-01", "2026-05-01", "2026-11-14")
    desk.add(claims=[told | {"ref": ref, "loss_date": day} for ref, day in zip(refs, days, strict=True)])

    def pay(ref: str, parts: int) -> None:
        with store.writing() as session:
            claim = session.scalars(select(Claim).where(Claim.ref == ref)).one()
            session.add_all(
                Payment(claim=claim, once=f"{ref}/P{part}", amount_minor=1, currency="RON", coverage="home",
                        state=PaymentState.CONFIRMED, payee="Maria Popescu", iban="", proposed_at=NOW)
                for part in range(parts)
            )  # fmt: skip

    def payable(ref: str) -> int | None:
        with store.reading() as session:
            claim = session.scalars(select(Claim).where(Claim.ref == ref)).one()
            facts = claim_file.gather(session, [claim], office=desk.office, now=NOW)[claim.id]
            reckoned = reckon(facts)
            return reckoned.amount if reckoned else None

    pay(refs[0], parts=2)
    assert payable(refs[2]) == 50_000
    pay(refs[1], parts=1)
    assert payable(refs[2]) == 0
