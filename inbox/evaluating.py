"""Evaluations as commands show them: one claim at one stage, and a past decision recomputed."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from inbox.app import App
from tickets import claims, evaluation, findings
from tickets import replay as past
from tickets.catalogue import Stage
from tickets.evaluation import Evaluation, canonical
from tickets.replay import Replayed


def evaluate(app: App, ref: str, *, stage: Stage | None) -> Evaluation:
    """Evaluate a claim as it is now, at its next stage if none is given; changes nothing."""
    with app.store.reading() as session:
        claim = claims.find(session, ref)
        return findings.evaluated(session, app.office, [claim], now=app.clock(), stage=stage)[claim.id]


def replay(app: App, ref: str) -> list[Replayed]:
    """Recompute the past decisions of a claim from what was known then; changes nothing."""
    with app.store.reading() as session:
        return past.replay(session, claims.find(session, ref))


def replayed_as_json(each: Replayed) -> dict[str, Any]:
    """What `claimdesk replay --json` prints, a line a decision."""
    return {
        "decision": each.number,
        "kind": each.kind,
        "same": each.is_same,
        "differences": list(each.differences),
        "rules_then": each.rules_then,
        "rules_now": each.rules_now,
    }


def as_json(result: Evaluation, language: str) -> dict[str, Any]:
    """What `claimdesk evaluate --json` prints."""
    return {**evaluation.as_json(result, language), "rules_version": result.rules_version}


def print_for_people(console: Console, record: dict[str, Any], *, stage: Stage, whole: bool) -> None:
    """One line that says what it comes to, then tables; with `whole` the clause and inputs of every finding."""
    amount = record["payable"]
    payable = f"{amount['amount']} {amount['currency']}" if amount else "not defined"
    console.print(f"{record['claim']} at {stage}: {record['recommendation']}; payable {payable}")
    columns = ["code", "severity", "state", "resolver", "text", *(["clause", "inputs"] if whole else [])]
    _print(console, "findings", columns, record["findings"])
    _print(console, "missing", ["stage", "key", "state"], record["missing"])
    if whole:
        _print(console, "payable", ["what", "amount", "why"], amount["steps"] if amount else [])
        console.print(f"policy version {record['policy_version'] or '-'}, rules {record['rules_version']}")


def _print(console: Console, title: str, columns: list[str], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    console.print(table)


def _cell(value: object) -> Text:
    """As plain text: what a record says is no markup."""
    if isinstance(value, dict):
        return Text("\n".join(f"{key}: {canonical(each)}" for key, each in value.items()))
    return Text("" if value is None else str(value))
