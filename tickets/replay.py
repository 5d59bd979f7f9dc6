"""Replay: past decisions recomputed from what was known when they were made, and compared byte for byte."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from tickets import evaluation
from tickets.models import Claim, Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One decision, and where recomputing it comes to something else."""

    number: int
    kind: str
    rules_then: str
    rules_now: str
    differences: tuple[str, ...]  #: Places in the result with both values; empty: the same, byte for byte.

    @property
    def is_same(self) -> bool:
        """Whether everything came out as it was."""
        return not self.differences


def replay(session: Session, claim: Claim) -> list[Replayed]:
    """Recompute every decision of a claim that was made from an evaluation, oldest first."""
    query = select(Decision).where(Decision.claim_id == claim.id).options(undefer(Decision.basis))
    return [_replayed(row) for row in session.scalars(query.order_by(Decision.number)) if row.basis]


def _replayed(decision: Decision) -> Replayed:
    return Replayed(
        number=decision.number,
        kind=str(decision.kind),
        rules_then=decision.rules_version,
        rules_now=evaluation.rules_version(),
        differences=tuple(_differences(decision)),
    )


def _differences(decision: Decision) -> Iterator[str]:
    if evaluation.fingerprint(decision.basis) != decision.basis_sha256:
        yield "basis: not what was stored with the decision (its sha256 differs)"
    try:
        now = evaluation.recompute(decision.basis)
    except (KeyError, ValueError, ValidationError) as error:
        yield f"basis: cannot be read by this version ({type(error).__name__})"
        return
    then = decision.basis["result"]
    if evaluation.canonical(now) != evaluation.canonical(then):
        yield from _compared("", then, now)


def _compared(place: str, then: Any, now: Any) -> Iterator[str]:
    """Every place at which two results differ, with what stands there."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted(then.keys() | now.keys()):
            yield from _compared(f"{place}.{key}".lstrip("."), then.get(key), now.get(key))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for number, (before, after) in enumerate(zip(then, now, strict=True)):
            yield from _compared(f"{place}[{number}]", before, after)
    elif then != now:
        yield f"{place}: {evaluation.canonical(then)} then, {evaluation.canonical(now)} now"
