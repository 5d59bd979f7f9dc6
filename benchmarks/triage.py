"""Triage: how right its links are, what attackers learn, and what a message costs as the world grows.

    python -m benchmarks triage [--size 1000 --size 100000] [--store sqlite|postgres] [--messages N] [--attacks N]

The aims: of what is linked at least 99.5 % right, of what carries sure evidence at least 80 % linked, no active link
and no fact told on the attack classes, and a message in the largest world at most half as dear again as in the
smallest. A world of a million policies takes minutes to load: `--keep FOLDER` keeps it for the next run.
"""

import argparse
import hashlib
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks import ground, known_world, labelled
from benchmarks.known_world import NOW, Holder
from benchmarks.labelled import Asked, Labelled, World
from tickets import numbering, outbox, requests, triage
from tickets.database import Store
from tickets.messages import DeliveryState, Medium
from tickets.models import Arrival, Blob, Claim, LinkState, OutboxDelivery, Request, TargetKind
from tickets.office import Office, Outlet
from tickets.references import EXAMPLE
from tickets.triage import Filed

LEAST_PRECISION, LEAST_COVERAGE, MOST_GROWTH = 0.995, 0.8, 1.5
_SEED, _ASKED, _BATCH, _WARM = 20261123, 60, 20, 40
_OFFICE = Office(
    name="Exemplu Asigurări",
    short_name="Exemplu",
    phone="021 555 0100",
    postal_address="Str. Exemplului 1, București",
    country="RO",
    timezone=ZoneInfo("Europe/Bucharest"),
    languages=("ro", "en"),
    public_url="https://desk.example.ro",
    keys=(b"for benchmarks only",),
    outlets={
        Medium.EMAIL: Outlet(channel="claims-mail", address=labelled.MAILBOX),
        Medium.SMS: Outlet(channel="text", address="+40312345678"),
    },
    formats=(EXAMPLE,),
)


@dataclass(slots=True)
class Tally:
    """What became of the messages of one kind."""

    messages: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)  #: active, unverified, suggested, none: of the right claim.
    wrong: int = 0  #: Linked, active or unverified, to a claim that is not the right one.
    wrong_active: int = 0
    sure: int = 0
    told: int = 0  #: Answers in which a secret stood, or messages whose sender may be told facts, on attacks.

    def linked(self) -> int:
        """Messages linked without a person."""
        return self.outcomes["active"] + self.outcomes["unverified"] + self.wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say with the exit code whether the aims are met (1: not all)."""
    given = _given(arguments)
    with tempfile.TemporaryDirectory(prefix="claimdesk-bench-") as folder:
        if given.store == "sqlite":
            kept = given.keep or Path(folder)
            results = [_measured(f"sqlite:///{kept / f'world-{size}.db'}", size, given) for size in given.size]
        else:
            with ground.ground(Path(folder), with_postgres=True) as servers:
                results = [_measured(servers.store("postgres", f"world-{size}"), size, given) for size in given.size]
    met = _are_met(results)
    if given.json:
        print(json.dumps({"results": results, "met": met}))
    else:
        _print(results)
    return 0 if met else 1


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks triage", description=__doc__)
    parser.add_argument("--size", type=int, action="append", help="policies in the world; several to see the growth")
    parser.add_argument("--messages", type=int, default=1800)
    parser.add_argument("--attacks", type=int, default=1500)
    parser.add_argument("--keep", type=Path, help="a folder in which SQLite worlds stay for the next run")
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    given = parser.parse_args(arguments)
    given.size = given.size or [1_000, 20_000]
    return given


def _measured(url: str, size: int, given: argparse.Namespace) -> dict[str, Any]:
    screen = Console(stderr=True, highlight=False)
    store = Store(url)
    store.migrate()
    if known_world.is_empty(store):
        screen.print(f"loading {size} policies")
        known_world.load(store, size, screen.print, key=_OFFICE.keys[0])
    with store.writing() as session:
        numbering.seen(session, known_world.printed(26, min(size, known_world.ROOM)))
        asked = list(_ask(session, size))
    world = World(size=size, asked=asked, chance=random.Random(_SEED))
    _file(store, list(labelled.messages(world, labelled.ORDINARY, count=_WARM)), {})
    tallies: dict[str, Tally] = {}
    spent = _file(store, list(labelled.messages(world, labelled.ORDINARY, count=given.messages)), tallies)
    _file(store, list(labelled.messages(world, labelled.ATTACKS, count=given.attacks)), tallies)
    store.close()
    return _result(size, spent / max(1, given.messages), tallies)


def _ask(session: Session, size: int) -> Iterator[Asked]:
    """Send requests to some holders and let them be delivered, unless a kept world has them."""
    step = 30 * (size // (240 * _ASKED)) + 7  # meets every kind of holder
    holders = [holder for number in range(3, size - 2, step) if _may_be_asked(holder := Holder(number))][:_ASKED]
    by_claim = {holder.claim: holder for holder in holders}
    then = NOW - timedelta(days=3)
    if session.scalar(select(Request.id).limit(1)) is None:
        for claim in list(session.scalars(select(Claim).where(Claim.ref.in_(by_claim)))):
            request = requests.prepare(session, claim, now=then, actor="benchmark")
            requests.ask(session, _OFFICE, request, now=then, actor="benchmark")
        session.flush()  # what was queued is read back
    for delivery in session.scalars(select(OutboxDelivery).where(OutboxDelivery.request_id.is_not(None))):
        if delivery.state is DeliveryState.QUEUED:
            outbox.advance(session, delivery, DeliveryState.SENT, detail="", now=then)
        request_sent, message_id = delivery.request, delivery.message.message_id
        if delivery.medium is Medium.EMAIL and request_sent is not None and delivery.reply_address and message_id:
            yield Asked(by_claim[request_sent.claim.ref], delivery.reply_address, message_id)


def _may_be_asked(holder: Holder) -> bool:
    """One claim, and a phone of his own."""
    return labelled.is_only(holder) and holder.number % 25 not in (1, 2)


def _file(store: Store, messages: Sequence[Labelled], tallies: dict[str, Tally]) -> float:
    """File batches, judge each, and take everything back; gives the processor time of the filing alone."""
    spent = 0.0
    for batch in (messages[start : start + _BATCH] for start in range(0, len(messages), _BATCH)):
        with store.rehearsing() as session:
            arrivals = [_arrival(session, each, number) for number, each in enumerate(batch)]
            session.flush()
            began = time.process_time()
            filed = triage.file(
                session, _OFFICE, [(a, each.message) for a, each in zip(arrivals, batch, strict=True)], now=NOW
            )
            session.flush()
            spent += time.process_time() - began
            for each, outcome in zip(batch, filed, strict=True):
                _judge(each, outcome, tallies.setdefault(each.kind, Tally()))
    return spent


def _arrival(session: Session, each: Labelled, number: int) -> Arrival:
    sha256 = hashlib.sha256(f"{id(each)} {number}".encode()).hexdigest()
    session.add(Blob(sha256=sha256, size=1, content=b"x"))
    session.flush()  # the arrival names the blob
    arrival = Arrival(
        channel="benchmark", medium=each.message.medium, reader="email", external_id=sha256, received_at=NOW, size=1,
        sha256=sha256,
    )  # fmt: skip
    session.add(arrival)
    return arrival


def _judge(each: Labelled, filed: Filed, tally: Tally) -> None:
    links = {link.target: link.state for link in filed.linking.links if link.kind is TargetKind.CLAIM}
    made = {target: state for target, state in links.items() if state is not LinkState.SUGGESTED}
    opened = {filed.opened.ref} if filed.opened else set()
    tally.messages += 1
    tally.sure += each.sure
    if each.attack:
        tally.outcomes[_best(made)] += 1
        tally.wrong_active += LinkState.ACTIVE in made.values()
    else:
        wrong = {target: state for target, state in made.items() if target not in {each.right, *opened}}
        tally.wrong += bool(wrong)
        tally.wrong_active += LinkState.ACTIVE in wrong.values()
        tally.outcomes[str(links.get(each.right or "", "none"))] += not wrong
    said = "".join(f"{delivery.message.subject} {delivery.message.text}" for delivery in filed.queued)
    leaked = each.secrets and (filed.disclose or any(secret in said for secret in each.secrets))
    tally.told += bool(leaked)


def _best(made: Mapping[str, LinkState]) -> str:
    return "active" if LinkState.ACTIVE in made.values() else "unverified" if made else "none"


def _result(size: int, seconds: float, tallies: dict[str, Tally]) -> dict[str, Any]:
    ordinary = [tally for kind, tally in tallies.items() if kind not in _ATTACKS]
    attacks = [tally for kind, tally in tallies.items() if kind in _ATTACKS]
    linked = sum(tally.linked() for tally in ordinary)
    sure = [tally for tally in ordinary if tally.sure]
    return {
        "policies": size,
        "ms": round(1000 * seconds, 3),
        "linked": linked,
        "precision": 1 - sum(tally.wrong for tally in ordinary) / max(1, linked),
        "sure": sum(tally.sure for tally in sure),
        "coverage": sum(tally.outcomes["active"] for tally in sure) / max(1, sum(tally.sure for tally in sure)),
        "attacks": sum(tally.messages for tally in attacks),
        "attacks_linked": sum(tally.wrong_active for tally in attacks),
        "attacks_told": sum(tally.told for tally in tallies.values()),
        "kinds": {
            kind: {"messages": tally.messages, "wrong": tally.wrong, **tally.outcomes}
            for kind, tally in tallies.items()
        },
    }


_ATTACKS = frozenset({"guessed reference", "forged header", "look-alike sender"})


def _are_met(results: Sequence[dict[str, Any]]) -> bool:
    right = all(
        each["precision"] >= LEAST_PRECISION
        and each["coverage"] >= LEAST_COVERAGE
        and not each["attacks_linked"]
        and not each["attacks_told"]
        for each in results
    )
    return right and max(each["ms"] for each in results) <= MOST_GROWTH * results[0]["ms"]


def _print(results: Sequence[dict[str, Any]]) -> None:
    screen = Console(highlight=False, width=120)
    table = Table("policies", "ms a message", "linked", "right", "sure", "of them linked", "attacks", "linked", "told")
    for each in results:
        table.add_row(
            str(each["policies"]), f"{each['ms']:.2f}", str(each["linked"]), f"{each['precision']:.2%}",
            str(each["sure"]), f"{each['coverage']:.1%}", str(each["attacks"]), str(each["attacks_linked"]),
            str(each["attacks_told"]),
        )  # fmt: skip
    screen.print(table)
    kinds = Table("kind of message", "messages", "active", "unverified", "suggested", "none", "wrong")
    for kind, row in results[-1]["kinds"].items():
        states = ("messages", "active", "unverified", "suggested", "none", "wrong")
        kinds.add_row(kind, *(str(row.get(state, 0)) for state in states))
    screen.print(kinds)
