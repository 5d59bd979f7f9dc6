"""Filing: mail a second from a Dovecot mailbox to linked tickets, beside the bare floor of the same run.

    python -m benchmarks filing [--messages 2000] [--store sqlite|postgres|both] [--json] [--profile FILE]

The aims: at least half the floor, at most 5 ms of processor time a message, under 400 MB.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import ground
from benchmarks.ground import Ground
from benchmarks.mails import mails
from benchmarks.people import Person, people
from benchmarks.product import Way
from inbox import clock

_SEED = 20261123
_PEOPLE, _ASKED = 4_000, 600
_WIDE = 100  #: Columns of the table.
LEAST_RATIO, MOST_CPU_MS, MOST_MB = 0.5, 5.0, 400.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say with the exit code whether the aims are met (1: not all)."""
    given = _given(arguments)
    screen = Console(stderr=True, highlight=False)
    stores = ["sqlite", "postgres"] if given.store == "both" else [given.store]
    with (
        tempfile.TemporaryDirectory(prefix="claimdesk-bench-") as folder,
        screen.status("starting the servers") as status,
        ground.ground(Path(folder), with_postgres="postgres" in stores) as servers,
    ):
        results = [_measured(servers, store, given, status.update) for store in stores]
    if given.json:
        print(json.dumps({"messages": given.messages, "results": results}))
    else:
        Console(highlight=False, width=_WIDE).print(_table(results))
    return 0 if all(each["met"] for each in results) else 1


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks filing", description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.add_argument("--profile", help="write a profile of a further run (pstats) into FILE-STORE")
    return parser.parse_args(arguments)


def _measured(servers: Ground, store: str, given: argparse.Namespace, say: Any) -> dict[str, Any]:
    """Floor, and the product in each way it runs; each on a mailbox and a store of its own."""
    now = clock.now()
    say(f"{store}: filling the store with {_PEOPLE} customers, policies and claims")
    empty = servers.mailbox([])
    known = servers.store(store, f"known-{store}")
    everybody = ground.settled(
        servers.configured(known, empty, f"known-{store}"), people(_PEOPLE, seed=_SEED), asked=_ASKED,
        now=now - timedelta(days=3),
    )  # fmt: skip
    say(f"{store}: writing {given.messages} mails")
    raws = list(_raws(everybody, given.messages, now))
    size = sum(map(len, raws)) / len(raws)
    say(f"{store}: the floor")
    box = servers.mailbox(raws)
    floor = ground.one_run(
        what="floor", url=servers.store(store, f"floor-{store}"), host=servers.mail.host, port=servers.mail.port,
        user=box.user, password=box.password,
    )  # fmt: skip
    told: dict[str, Any] = {"store": store, "mean_bytes": round(size), "floor": floor}
    for way in Way:
        say(f"{store}: the product, {way.replace('_', ' ')}")
        told[way] = _product(servers, known, raws, f"{way}-{store}", way=way)
    if given.profile:
        say(f"{store}: once more for the profile")
        _product(servers, known, raws, f"profile-{store}", profile=str(Path(f"{given.profile}-{store}").resolve()))
    best = max((told[way] for way in Way), key=lambda each: each["per_second"])
    told["ratio"] = best["per_second"] / floor["per_second"]
    whole = all(told[way]["messages"] == given.messages for way in Way)
    told["met"] = whole and told["ratio"] >= LEAST_RATIO and best["cpu_ms"] <= MOST_CPU_MS and best["peak_mb"] < MOST_MB
    return told


def _raws(everybody: Sequence[Person], count: int, now: datetime) -> Iterator[bytes]:
    for mail in mails(everybody, count=count, seed=_SEED, now=now):
        yield mail.raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _product(servers: Ground, known: str, raws: Sequence[bytes], name: str, **how: Any) -> dict[str, Any]:
    url = servers.copied(known, name)
    return ground.one_run(what="product", config=str(servers.configured(url, servers.mailbox(raws), name)), **how)


def _table(results: Sequence[dict[str, Any]]) -> Table:
    table = Table(title=f"from mailbox to linked ticket (aims: half the floor, {MOST_CPU_MS:g} ms, {MOST_MB:g} MB)")
    for heading in ("store", "run", "mails/s", "of floor", "CPU ms a mail", "in children", "peak MB", "mails"):
        table.add_column(heading, justify="left" if heading in ("store", "run") else "right")
    for each in results:
        for name in ("floor", *Way):
            run = each[name]
            ratio = run["per_second"] / each["floor"]["per_second"]
            table.add_row(
                each["store"], name.replace("_", " "), f"{run['per_second']:.0f}", f"{ratio:.2f}",
                f"{run['cpu_ms']:.2f}", f"{run['children_cpu_ms']:.2f}", f"{run['peak_mb']:.0f}", str(run["messages"]),
            )  # fmt: skip
    return table
