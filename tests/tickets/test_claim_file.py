"""What is gathered of claims, how many queries it takes, and what is kept of the findings."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, select

from tests.tickets.desk import NOW, OFFICE, Desk
from tickets import claim_file
from tickets.database import Store
from tickets.models import Claim
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
