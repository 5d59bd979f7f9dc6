"""`python -m benchmarks reading`: mails a second that `read` understands, beside a bare parse of the same mails.

    python -m benchmarks reading [--messages 400] [--rounds 5] [--json] [--profile FILE]

Warm, on one core, without a store. The aims: half of `BytesParser` and a walk that decodes every part; and for each
kind of hostile mail no more than 2.5 times the time for twice the bytes, up to a megabyte.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from email import policy
from email.parser import BytesParser
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.hostile_mails import HOSTILE
from benchmarks.mails import mails
from benchmarks.people import Person, people
from channels.email import mime
from inbox import clock, shapes
from tickets.messages import Medium

_SEED = 20261123
_PEOPLE = 400
LEAST_RATIO, MOST_GROWTH = 0.5, 2.5
_HOSTILE_BYTES = (250_000, 500_000, 1_000_000)
_NOTICEABLE = 0.1  #: Seconds; below it chance is larger than what is measured.
_PATH = Path("mail.eml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say with the exit code whether the aims are met (1: not all)."""
    given = _given(arguments)
    raws = _mailbox(given.messages)
    if given.profile:
        _profiled(raws, given.profile)
    told = _compared(raws, given.rounds)
    told["growth"] = {name: _growth(make) for name, make in HOSTILE.items()}
    told["met"] = told["ratio"] >= LEAST_RATIO and all(each <= MOST_GROWTH for each in told["growth"].values())
    if given.json:
        print(json.dumps(told))
    else:
        _show(told)
    return 0 if told["met"] else 1


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks reading", description=__doc__)
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.add_argument("--profile", help="write a profile of one more round (pstats) into FILE")
    return parser.parse_args(arguments)


def _mailbox(count: int) -> list[bytes]:
    """Write the same mailbox as the other benchmarks do, as an IMAP server hands it out."""
    everybody = [_asked(person) for person in people(_PEOPLE, seed=_SEED)]
    written = mails(everybody, count=count, seed=_SEED, now=clock.now())
    return [mail.raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for mail in written]


def _asked(person: Person) -> Person:
    words = "Vă rugăm să trimiteți:\n- factura\n- constatarea amiabilă\n\nEchipa de daune"
    token = f"claims+{person.number:08x}@example.ro"
    return replace(person, reply_to=token, message_id=f"request.{person.number}@example.ro", asked=words)


def _compared(raws: Sequence[bytes], rounds: int) -> dict[str, Any]:
    """Take the fastest round of each, one after the other, so that both see the same machine."""
    _read(raws[:50])
    bare = product = float("inf")
    for _ in range(rounds):
        bare = min(bare, _seconds(_parsed, raws))
        product = min(product, _seconds(_read, raws))
    size = sum(map(len, raws)) / len(raws)
    return {
        "messages": len(raws), "mean_bytes": round(size), "bare_per_second": len(raws) / bare,
        "per_second": len(raws) / product, "ratio": bare / product,
    }  # fmt: skip


def _parsed(raws: Sequence[bytes]) -> None:
    parser = BytesParser(policy=policy.compat32)
    for raw in raws:
        for part in parser.parsebytes(raw).walk():
            part.get_payload(decode=True)


def _read(raws: Sequence[bytes]) -> None:
    for raw in raws:
        shapes.read(_PATH, mime.read(raw), Medium.EMAIL)


def _seconds(work: Callable[[Sequence[bytes]], None], raws: Sequence[bytes]) -> float:
    start = process_time()
    work(raws)
    return process_time() - start


def _growth(make: Callable[[int], bytes]) -> float:
    """Give the largest factor between a size and its double."""
    per_step = len(make(1_000)) / 1_000
    taken = [_best(make(int(size / per_step))) for size in _HOSTILE_BYTES]
    return max((large / small for small, large in pairwise(taken) if large > _NOTICEABLE), default=1.0)


def _best(raw: bytes) -> float:
    first = _seconds(_read, [raw])
    return first if first > 1 else min(first, *(_seconds(_read, [raw]) for _ in range(3)))


def _profiled(raws: Sequence[bytes], target: str) -> None:
    import cProfile

    profile = cProfile.Profile()
    profile.runcall(_read, raws)
    profile.dump_stats(target)


def _show(told: dict[str, Any]) -> None:
    table = Table(
        title=f"reading mail (aims: {LEAST_RATIO:g} of a bare parse; growth below {MOST_GROWTH:g} a doubling)"
    )
    for heading in ("what", "mails/s", "of bare"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    table.add_row("bare parse and walk", f"{told['bare_per_second']:.0f}", "1.00")
    table.add_row("read", f"{told['per_second']:.0f}", f"{told['ratio']:.2f}")
    Console(highlight=False).print(table)
    worst = sorted(told["growth"].items(), key=lambda each: -each[1])[:5]
    print("largest growth a doubling: " + ", ".join(f"{name} {factor:.2f}" for name, factor in worst))


if __name__ == "__main__":
    sys.exit(main())
