"""Printed references for new tickets and claims: counted per kind and year, with check digits."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets import references
from tickets.models import Counter


def take(session: Session, prefix: str, *, year: int, count: int = 1) -> Iterator[str]:
    """Reserve `count` numbers of `prefix` (CLM, TKT) in `year` and print them; the row lock keeps them unique."""
    held = counter(session, f"{prefix}{year % 100:02d}")
    first = held.value + 1
    held.value += count
    return (references.make(prefix, year, number) for number in range(first, first + count))


def seen(session: Session, ref: str) -> None:
    """Never give out `ref` again: an import brought it."""
    parsed = references.parse(ref)
    if parsed is None:
        return
    prefix, year, number = parsed
    held = counter(session, f"{prefix}{year % 100:02d}")
    held.value = max(held.value, number)


def counter(session: Session, name: str) -> Counter:
    """The locked row, looked up once a transaction: a batch takes many numbers."""
    held: dict[str, Counter] = session.info.setdefault("counters", {})
    if name not in held:
        held[name] = _locked(session, name)
    return held[name]


def _locked(session: Session, name: str) -> Counter:
    with session.no_autoflush:  # a number hangs on nothing that waits to be written
        counter = session.scalar(select(Counter).where(Counter.name == name).with_for_update())
    if counter is None:
        counter = Counter(name=name, value=0)
        session.add(counter)
        session.flush()  # a row that another transaction made meanwhile shows here
    return counter
