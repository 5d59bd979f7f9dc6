"""Clocks: one sweep over a million open clocks of which few are due; and what the clocks of a filed message cost.

    python -m benchmarks clocks [--clocks 1000000] [--due 100] [--store sqlite|postgres|both] [--json]

The aims: a sweep within a second, half a millisecond of processor time a message.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, select

from benchmarks import ground
from inbox import config, deadlines_sweep
from inbox.app import App
from tickets.deadlines import Occurrence, happened_all
from tickets.models import Clock, ClockState, Escalation, Ticket

_NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
_PAGE = 20_000
_MESSAGES, _BATCH = 1000, 50
MOST_SECONDS, MOST_MS = 1.0, 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say with the exit code whether the aims are met (1: not all)."""
    given = _given(arguments)
    stores = ["sqlite", "postgres"] if given.store == "both" else [given.store]
    results = [_measured(store, given) for store in stores]
    if given.json:
        print(json.dumps({"clocks": given.clocks, "due": given.due, "results": results}))
    else:
        Console(highlight=False, width=100).print(_table(results, given))
    return 0 if all(each["met"] for each in results) else 1


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks clocks", description=__doc__)
    parser.add_argument("--clocks", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=100)
    parser.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    return parser.parse_args(arguments)


def _measured(store: str, given: argparse.Namespace) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="claimdesk-bench-") as folder,
        ground.empty_store(store, Path(folder)) as url,
    ):
        app = _app(url, Path(folder))
        app.store.migrate()
        _fill(app, given.clocks, given.due)
        began = time.perf_counter()
        deadlines_sweep.sweep(app)
        seconds = time.perf_counter() - began
        with app.store.reading() as session:
            raised = len(session.scalars(select(Escalation.id)).all())
        again = time.perf_counter()
        deadlines_sweep.sweep(app)
        idle = time.perf_counter() - again
        cost = _cost(app)
        app.close()
    met = seconds <= MOST_SECONDS and raised == given.due and cost <= MOST_MS
    return {"store": store, "seconds": seconds, "idle": idle, "raised": raised, "message_ms": cost, "met": met}


def _app(url: str, folder: Path) -> App:
    tables = {
        "office": {"name": "Exemplu Asigurări"},
        "security": {"secret": ground.SECRET},
        "store": {"url": url},
        "channels": {"memory": {"kind": "memory"}},
    }
    return App(settings=config.parse(tables, folder=folder), clock=lambda: _NOW)


def _fill(app: App, clocks: int, due: int) -> None:
    """Open clocks of one ticket: the first `due` have a step behind them, the others are months away."""
    with app.store.writing() as session:
        ticket = _ticket("TKT26-000001-26")
        session.add(ticket)
        session.flush()  # the clocks name it
        ticket_id = ticket.id
    for start in range(0, clocks, _PAGE):
        rows = [_row(ticket_id, number < due) for number in range(start, min(start + _PAGE, clocks))]
        with app.store.writing() as session:
            session.execute(insert(Clock), rows)


def _row(ticket_id: int, is_due: bool) -> dict[str, Any]:  # noqa: FBT001 - told apart by nothing else
    started = _NOW - timedelta(days=16) if is_due else _NOW
    at = _NOW - timedelta(hours=1) if is_due else _NOW + timedelta(days=15)
    return {
        "key": "ro.complaint", "statutory": True, "state": ClockState.RUNNING, "ticket_id": ticket_id,
        "claim_id": None, "task_id": None, "message_id": None, "started_at": started, "recorded_at": started,
        "due_at": started + timedelta(days=30), "due_on": (started + timedelta(days=30)).date(),
        "next_step": 50, "next_at": at,
    }  # fmt: skip


def _cost(app: App) -> float:
    """Milliseconds of processor time that the clocks of one new ticket cost in a batch."""
    with app.store.rehearsing() as session:
        spent = 0.0
        for number in range(_MESSAGES // _BATCH):
            at = _NOW + timedelta(minutes=number)
            tickets = [_ticket(f"{number}-{each}") for each in range(_BATCH)]
            session.add_all(tickets)
            session.flush()  # theirs is not the clocks' cost
            began = time.process_time()
            told = [
                Occurrence(what=word, at=at, ticket=ticket, fresh=True)
                for ticket in tickets
                for word in ("message.received", "ticket.opened")
            ]
            happened_all(session, app.office, told, now=at)
            spent += time.process_time() - began
    return spent / _MESSAGES * 1000


def _ticket(ref: str) -> Ticket:
    return Ticket(ref=ref, opened_at=_NOW, last_message_at=_NOW)


def _table(results: Sequence[dict[str, Any]], given: argparse.Namespace) -> Table:
    table = Table(title=f"{given.clocks:,} open clocks, {given.due} due (aims: {MOST_SECONDS:g} s, {MOST_MS:g} ms)")
    for heading in ("store", "sweep s", "nothing due s", "steps raised", "CPU ms a message"):
        table.add_column(heading, justify="left" if heading == "store" else "right")
    for each in results:
        table.add_row(
            each["store"], f"{each['seconds']:.3f}", f"{each['idle']:.4f}", str(each["raised"]),
            f"{each['message_ms']:.2f}",
        )  # fmt: skip
    return table
