"""Imports: a sheet of a hundred thousand policies into an empty store, and the same sheet again, which changes nothing.

    python -m benchmarks imports [--policies 100000] [--store sqlite|postgres|both]

The aim: the first within a minute.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks import ground
from tickets import imports
from tickets.database import Store
from tickets.office import Office
from tickets.references import PolicyFormat

_AIM = 60.0
_HOLDERS = 1000
_NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
_OFFICE = Office(
    name="Exemplu", short_name="Exemplu", phone="021 555 0100", postal_address="", country="RO",
    timezone=ZoneInfo("Europe/Bucharest"), languages=("ro", "en"), public_url="https://desk.example.ro",
    keys=(b"a key",), outlets={}, formats=(PolicyFormat(kind="policy.own", pattern=r"CAS-\d{7}"),),
)  # fmt: skip
_COVERAGES = json.dumps(
    [{"code": "home", "perils": ["fire", "water_pipe"], "limit_event": 5_000_000, "deductible": {"abs": 30_000}}]
)


def main(arguments: Sequence[str]) -> int:
    """Import `--policies` policies of a thousand holders, twice; 1 if the first took longer than a minute."""
    parser = argparse.ArgumentParser(prog="imports")
    parser.add_argument("--policies", type=int, default=100_000)
    parser.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    options = parser.parse_args(arguments)
    stores = ["sqlite", "postgres"] if options.store == "both" else [options.store]
    took = [_imported(each, options.policies) for each in stores]
    print(f"aim: 100,000 within {_AIM:.0f} s")
    return int(max(took) > _AIM)


def _imported(kind: str, number: int) -> float:
    with (
        tempfile.TemporaryDirectory(prefix="claimdesk-bench-") as folder,
        ground.empty_store(kind, Path(folder)) as url,
    ):
        store = Store(url)
        store.migrate()
        _load(store, "customers", _customers())
        first, again = (_load(store, "policies", _policies(number)) for _ in range(2))
        store.close()
    print(f"{kind}: {number:,} policies in {first[0]:.1f} s ({first[1]:.1f} of the processor), "
          f"again {again[0]:.1f} s ({again[1]:.1f})")  # fmt: skip
    return first[0]


def _load(store: Store, what: str, content: bytes) -> tuple[float, float]:
    """Seconds by the clock on the wall, and of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    with store.writing() as session:
        outcome = imports.load(
            session, what, content, name=f"{what}.csv", mapping={}, office=_OFFICE, now=_NOW
        )  # fmt: skip
    assert not outcome.errors, outcome.errors[:1]
    return time.perf_counter() - wall, time.process_time() - processor


def _customers() -> bytes:
    rows = (f"k{number},Persoana {number},p{number}@example.ro\n" for number in range(_HOLDERS))
    return ("external_id,name,email\n" + "".join(rows)).encode()


def _policies(number: int) -> bytes:
    quoted = _COVERAGES.replace('"', '""')
    rows = (
        f'CAS-{each:07},k{each % _HOLDERS},home,active,2026-01-01,2026-12-31,2025-12-20,"{quoted}"\n'
        for each in range(number)
    )
    head = "number,holder,line,status,effective_from,effective_to,recorded_at,coverages\n"
    return (head + "".join(rows)).encode()
