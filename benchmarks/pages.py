"""Pages: server time of list, ticket, pane, search and figures as the store grows; what a first visit weighs.

    python -m benchmarks pages [--messages 10000 --messages 100000] [--store sqlite|postgres] [--rounds 40] [--json]

The aims: 95 of 100 pages within 50 ms at 100,000 messages and 100 ms at 1,000,000, searches and a lead's
figures within 200 ms, a first visit within 200 kB. The floor asks for nothing but who it is: a page that only leads on.
"""

import argparse
import gzip
import json
import re
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, text

import inbox.web
from benchmarks import ground, known_world
from benchmarks.known_world import NOW, Holder
from inbox import accounts
from inbox.app import App
from inbox.config import parse
from inbox.running import collect_rarely
from tickets import quality, search
from tickets.messages import Medium
from tickets.models import (
    Clock,
    ClockState,
    Decision,
    DecisionKind,
    DecisionState,
    Direction,
    Link,
    LinkState,
    Message,
    Request,
    RequestState,
    TargetKind,
    Ticket,
    TicketState,
)

with warnings.catch_warnings():
    # The successor of httpx that starlette asks for is not among our dependencies.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

_EACH = 5  #: Messages of a ticket.
_OPEN = 10  #: Of so many tickets one is open.
_PAGE = 20_000
MOST_KB, SEARCH_MS = 200, 200.0
_SLOWER = ("search", "figures")
_SMALL, _SMALL_MS, _LARGE_MS = 100_000, 50.0, 100.0
_LINKED = 120_000  #: Minutes in which links were made: within a lead's twelve weeks.
_EVIDENCE = ("claim_ref", "in_reply_to", "same_thread", "open_request", "same_subject")
_WORDS = ("parchet", "inundație baie", "deviz reparație", "factură service", "parbriz")
_NARROWED = ("done?medium=letter", "team?due=3&sort=clock", "team?type=home&sort=clock", "team?kind=complaint")
_BODY = "Bună ziua, revin la dosarul {ref}: am avut {what} și vă trimit {thing} pentru {name}. Aștept un răspuns. " * 4
_WHAT = ("o inundație în baie", "o spargere", "un parbriz spart", "un incendiu mic", "o tamponare în parcare")
_THING = ("devizul de reparație", "factura de la service", "fotografiile cu parchetul", "adeverința", "procesul-verbal")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say with the exit code whether the aims are met (1: not all)."""
    given = _given(arguments)
    with tempfile.TemporaryDirectory(prefix="claimdesk-bench-") as folder:
        if given.store == "sqlite":
            results = [_measured(f"sqlite:///{folder}/{size}.db", size, Path(folder), given) for size in given.messages]
        else:
            with ground.ground(Path(folder), with_postgres=True) as servers:
                results = [
                    _measured(servers.store("postgres", str(size)), size, Path(folder), given)
                    for size in given.messages
                ]
    if given.json:
        print(json.dumps({"store": given.store, "results": results}))
    else:
        Console(highlight=False, width=110).print(_table(results, given.store))
    return 0 if all(each["met"] for each in results) else 1


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks pages", description=__doc__)
    parser.add_argument("--messages", type=int, action="append", help="in the store; several to see the growth")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    given = parser.parse_args(arguments)
    given.messages = given.messages or [10_000, 100_000]
    return given


def _measured(url: str, size: int, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    Console(stderr=True, highlight=False).print(f"filling a store with {size} messages")
    app = _app(url, folder / f"blobs-{size}")
    app.store.migrate()
    holders = max(size // _EACH, 100)
    known_world.load(app.store, holders, key=app.office.keys[0])
    visitor = _visitor(app)
    _fill(app, size, holders)
    collect_rarely()  # as the program does when it starts to serve
    times = {name: _timed(visitor, paths, given.rounds) for name, paths in _pages(holders).items()}
    weight = _weight(visitor)
    app.close()
    most = _SMALL_MS if size <= _SMALL else _LARGE_MS
    slow = [name for name, (_, p95) in times.items() if p95 > (SEARCH_MS if name.startswith(_SLOWER) else most)]
    return {"messages": size, "ms": times, "kb": weight, "slow": slow, "met": not slow and weight <= MOST_KB}


def _app(url: str, blobs: Path) -> App:
    tables = {
        "office": {"name": "Exemplu Asigurări", "public_url": "http://127.0.0.1:8400"},
        "security": {"secret": ground.SECRET},
        "store": {"url": url, "blobs": str(blobs)},
        "channels": {"post": {"kind": "letter", "scans": "in", "done": "done", "bad": "bad", "print": "print"}},
    }
    return App(settings=parse(tables, folder=blobs.parent), clock=lambda: NOW)


def _fill(app: App, size: int, holders: int) -> None:
    """Tickets and messages of claims, in bulk; the words are indexed as the schedule does it."""
    with app.store.engine.begin() as connection:
        for start in range(0, size, _PAGE):
            numbers = range(start, min(start + _PAGE, size))
            tickets = [_ticket(number // _EACH + 1, holders) for number in numbers if number % _EACH == 0]
            connection.execute(insert(Ticket), tickets)
            connection.execute(insert(Message), [_message(number, holders) for number in numbers])
            connection.execute(insert(Link), [_link(number, holders) for number in numbers])
            connection.execute(insert(Clock), [clock for ticket in tickets for clock in _clocks(ticket)])
        for start in range(1, holders + 1, _PAGE):
            decided = [
                each
                for key in range(start, min(start + _PAGE, holders + 1))
                if not (each := Holder(key)).has_open_claim
            ]
            connection.execute(insert(Decision), [_decision(each) for each in decided])
            connection.execute(insert(Request), [_request(each) for each in decided])
    with app.store.writing() as session:
        while search.catch_up(session, limit=_PAGE):
            pass
    _settle(app)


def _settle(app: App) -> None:
    """What the program, and PostgreSQL by itself, do in the first minutes after so many rows."""
    with app.store.writing() as session:
        quality.add_up(session)
    app.store.measure()
    if app.store.engine.dialect.name == "postgresql":
        with app.store.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("vacuum analyze"))


def _moment(number: int) -> datetime:
    return NOW - timedelta(minutes=5 + number % 400_000)


def _ticket(key: int, holders: int) -> dict[str, Any]:
    holder = Holder(key % holders + 1)
    is_open = key % _OPEN == 0
    return {
        "id": key, "ref": f"T{key:08d}", "subject": f"Dosar {holder.claim}", "claim_id": 3 * holder.number,
        "party_id": holder.number, "verified": True, "opened_at": _moment(key * _EACH) - timedelta(days=1),
        "state": TicketState.IN_PROGRESS if is_open else TicketState.CLOSED, "last_message_at": _moment(key * _EACH),
        "unread": is_open, "row_version": 1,
    }  # fmt: skip


def _clocks(ticket: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The first answer; of an open ticket one clock and two of its claim, some late, most due in two months."""
    blank = {"ticket_id": None, "claim_id": None, "recorded_at": NOW, "stopped_at": None, "statutory": True}
    began = ticket["opened_at"]
    yield blank | {
        "key": "int.first_response", "statutory": False, "ticket_id": ticket["id"], "state": ClockState.MET,
        "started_at": began, "stopped_at": began + timedelta(minutes=ticket["id"] * 7919 % 2_000),
        "due_at": began + timedelta(days=1), "due_on": began.date() + timedelta(days=1),
    }  # fmt: skip
    for way in range(3) if ticket["unread"] else ():
        due = NOW + timedelta(minutes=(ticket["id"] * 7919 + way * 31_337) % 93_600 - 7_200)
        yield blank | {
            "key": "ro.rca.offer", "started_at": NOW - timedelta(days=10), "due_at": due, "due_on": due.date(),
            "state": ClockState.BREACHED if due < NOW else ClockState.RUNNING,
            **({"claim_id": ticket["claim_id"]} if way else {"ticket_id": ticket["id"], "statutory": False}),
        }  # fmt: skip


def _decision(each: Holder) -> dict[str, Any]:
    return {
        "claim_id": 3 * each.number, "number": 1, "kind": DecisionKind.APPROVE, "state": DecisionState.IN_FORCE,
        "refused": [], "basis": {}, "basis_sha256": "", "rules_version": "", "proposed_by_id": 1,
        "proposed_at": _moment(each.number * 7919), "decided_at": _moment(each.number * 7919),
    }  # fmt: skip


def _request(each: Holder) -> dict[str, Any]:
    return {"claim_id": 3 * each.number, "number": 1, "code": f"{each.claim}/R1", "state": RequestState.ANSWERED,
            "created_at": NOW - timedelta(days=90), "created_by": "rules"}  # fmt: skip


def _message(number: int, holders: int) -> dict[str, Any]:
    key = number // _EACH + 1
    holder = Holder(key % holders + 1)
    words = _BODY.format(ref=holder.claim, what=_WHAT[number % 5], thing=_THING[number // 5 % 5], name=holder.name)
    return {
        "id": number + 1, "ticket_id": key, "medium": Medium.EMAIL, "channel": "claims-mail",
        "direction": Direction.OUT if number % 2 else Direction.IN, "at": _moment(key * _EACH + number % _EACH),
        "from_name": holder.name, "from_address": holder.mail, "from_norm": holder.mail, "to": [], "cc": [],
        "subject": f"Dosar {holder.claim}", "text": words, "new_text": words, "intents": [], "proposals": {},
    }  # fmt: skip


def _link(number: int, holders: int) -> dict[str, Any]:
    """One of triage's, in the time that a lead's figures are of; most rest on two pieces of evidence."""
    holder = Holder((number // _EACH + 1) % holders + 1)
    reasons = [{"evidence": kind, "where": "body", "value": holder.claim} for kind in _EVIDENCE[number % 4 :][:2]]
    return {"message_id": number + 1, "target_kind": TargetKind.CLAIM, "target": holder.claim, "score": 1.0,
            "at": NOW - timedelta(minutes=5 + number * 7919 % _LINKED), "state": LinkState.ACTIVE,
            "reasons": reasons}  # fmt: skip


def _visitor(app: App) -> TestClient:
    """A supervisor who has signed in."""
    password = accounts.add(app, name="Radu Stan", email="radu@example.ro", roles=["supervisor"])
    visitor = TestClient(inbox.web.create(app), base_url=app.office.public_url, follow_redirects=False)
    secret = accounts.sign_in(app, email="radu@example.ro", password=password)
    assert secret is not None
    visitor.cookies.set("claimdesk", secret, domain="127.0.0.1")
    return visitor


def _pages(holders: int) -> dict[str, Callable[[int], str]]:
    """What is asked for in each round."""

    def ref(number: int) -> str:
        return f"T{(number * 7919 % holders // _OPEN + 1) * _OPEN % holders or 10:08d}"

    def holder(number: int) -> Holder:
        return Holder(number * 7919 % holders + 1)

    return {
        "who it is (floor)": lambda _: "/sign-in",
        "list": lambda number: ("/inbox/team", "/inbox/waiting", "/inbox/done")[number % 3],
        "list by clock": lambda number: ("/inbox/team?sort=clock", "/inbox/mine", "/inbox/due")[number % 3],
        "list, narrowed": lambda number: f"/inbox/{_NARROWED[number % len(_NARROWED)]}",
        "figures": lambda _: "/lead",
        "ticket": lambda number: f"/tickets/{ref(number)}?view=team",
        "pane": lambda number: f"/tickets/{ref(number)}?view=team#pane",
        "case (claim file)": lambda number: f"/claims/{holder(number).claim}/file",
        "search by number": lambda number: f"/palette?q={holder(number).phone.replace('+4', '')}",
        "search by name": lambda number: f"/palette?q={holder(number).name[:-1]}",
        "search in words": lambda number: f"/palette?q={_WORDS[number % len(_WORDS)]}",
    }


def _timed(visitor: TestClient, path: Callable[[int], str], rounds: int) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds; what is compiled or cached by the first ones is not counted."""
    taken = list(_each(visitor, path, rounds + 5))[5:]
    return round(statistics.median(taken), 1), round(statistics.quantiles(taken, n=20)[-1], 1)


def _each(visitor: TestClient, path: Callable[[int], str], rounds: int) -> Iterator[float]:
    for number in range(rounds):
        address, _, pane = path(number).partition("#")
        headers = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "pane"} if pane else {}
        began = time.perf_counter()
        answer = visitor.get(address, headers=headers)
        yield (time.perf_counter() - began) * 1000
        if answer.is_error:
            raise RuntimeError(f"{address} answers {answer.status_code}")


def _weight(visitor: TestClient) -> float:
    """Kilobytes of the first visit: the page and everything it names, each compressed."""
    page = visitor.get("/inbox/team")
    files = dict.fromkeys(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text))
    return round(
        sum(len(gzip.compress(each)) for each in (page.content, *(visitor.get(file).content for file in files))) / 1000,
        1,
    )


def _table(results: Sequence[dict[str, Any]], store: str) -> Table:
    table = Table(title=f"server time on {store}: median / 95th percentile in ms")
    table.add_column("page")
    for each in results:
        table.add_column(f"{each['messages']:,} messages", justify="right")
    for name in results[0]["ms"]:
        table.add_row(name, *("{:.1f} / {:.1f}".format(*each["ms"][name]) for each in results))
    table.add_row("first visit, kB", *(f"{each['kb']:.1f}" for each in results))
    table.add_row("", *("aims met" if each["met"] else "missed: " + ", ".join(each["slow"]) for each in results))
    return table
