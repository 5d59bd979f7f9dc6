"""Evaluations a second on one core: the checks and the calculation alone, and with gathering what they read."""

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tickets import claim_file, evaluation, world
from tickets.catalogue import Stage
from tickets.database import Store
from tickets.facts import Facts
from tickets.models import Claim
from tickets.office import Office
from tickets.references import make

_AIM = 1000
_NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
_OFFICE = Office(
    name="Exemplu", short_name="Exemplu", phone="021 555 0100", postal_address="", country="RO",
    timezone=ZoneInfo("Europe/Bucharest"), languages=("ro", "en"), public_url="https://desk.example.ro",
    keys=(b"a key",), outlets={},
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Evaluate `--claims` complete home claims, `--rounds` times."""
    parser = argparse.ArgumentParser(prog="evaluations")
    parser.add_argument("--claims", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'store.db'}")
        store.migrate()
        with store.writing() as session:
            loaded = world.load(session, _world(options.claims), office=_OFFICE, now=_NOW)
            assert not loaded.errors, loaded.errors[:1]
        gathered, facts = _gathered(store)
        store.close()
    evaluated = min(_evaluated(facts) for _ in range(options.rounds))
    print(f"evaluate: {options.claims / evaluated:,.0f} a second; 1 finding in {_found(facts)}")
    print(f"gather and evaluate: {options.claims / (gathered + evaluated):,.0f} a second")
    print(f"aim: {_AIM:,} evaluations a second on one core")
    return int(options.claims / evaluated < _AIM)


def _evaluated(facts: list[Facts]) -> float:
    started = time.process_time()
    for each in facts:
        evaluation.evaluate(each, Stage.PAYMENT)
    return time.process_time() - started


def _gathered(store: Store) -> tuple[float, list[Facts]]:
    with store.reading() as session:
        claims = list(session.scalars(select(Claim)))
        started = time.process_time()
        facts = claim_file.gather(session, claims, office=_OFFICE, now=_NOW)
        return time.process_time() - started, list(facts.values())


def _found(facts: list[Facts]) -> int:
    """Among how many claims one finding is made: a bench that finds nothing would measure nothing."""
    found = sum(len(evaluation.evaluate(each, Stage.PAYMENT).findings) for each in facts)
    return round(len(facts) / max(found, 1))


def _world(count: int) -> dict[str, object]:
    numbers = range(1, count + 1)
    return {"schema": 1, "customers": list(map(_customer, numbers)), "policies": list(map(_policy, numbers)),
            "claims": list(map(_claim, numbers))}  # fmt: skip


def _customer(number: int) -> dict[str, object]:
    return {"id": f"c{number}", "name": "Maria Popescu", "cnp": "1960801400017",
            "emails": [{"value": f"c{number}@example.ro"}]}  # fmt: skip


def _policy(number: int) -> dict[str, object]:
    cover = {"code": "home", "perils": ["water_pipe", "fire", "theft"], "limit_event": 10_000_000,
             "sub_limits": {"jewellery": 50_000}, "deductible": {"pct": 10, "min": 30_000},
             "clause": "3.1"}  # fmt: skip
    version = {
        "effective_from": "2026-03-01", "effective_to": "2027-02-28", "recorded_at": "2026-02-20", "status": "active",
        "premium_paid_to": "2027-02-28", "territory": ["RO"], "coverages": [cover],
        "exclusions": [{"code": "E1", "when": "owner_kind == company", "clause": "5"}],
        "notice": {"duration": 2, "day": "working"},
    }  # fmt: skip
    return {"ref": f"HOM-{number:07d}", "line": "home", "holder": f"c{number}", "versions": [version]}


def _claim(number: int) -> dict[str, object]:
    lines = [
        {"coverage": "home", "description": "item", "unit_minor": total, "total_minor": total, "kind": kind}
        for total, kind in ((120_000, "floor"), (85_000, "wall"), (40_000, "jewellery"))
    ]
    return {
        "ref": make("CLM", 2026, number), "type": "home", "policy": f"HOM-{number:07d}", "claimant": f"c{number}",
        "loss_date": "2026-11-14", "reported_on": "2026-11-16", "cause": "water_pipe", "loss_country": "RO",
        "state": "in_review", "facts": {"flat": "yes", "repaired": "no", "owner_kind": "person"}, "lines": lines,
        "total_minor": 245_000 + (number % 10 == 0) * 9_000, "documents": "complete",
        "bank_account": {"iban": f"RO{number:022d}", "holder": "Maria Popescu"} if number % 5 == 0 else None,
    }  # fmt: skip
