"""Facts of the cases, gathered from a store once a process, and the results people have reviewed.

    python -m tests.tickets.evaluated.gathering

writes tests/data/findings.json anew.
"""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from tests.tickets.desk import NOW, OFFICE
from tests.tickets.evaluated.cases import CASES
from tests.tickets.evaluated.worlds import Case, joined
from tickets import claim_file, evaluation, world
from tickets.catalogue import Stage
from tickets.database import Store
from tickets.facts import Facts
from tickets.models import Claim


def gathered(store: Store, cases: list[Case]) -> dict[str, Facts]:
    """The facts of every case, by its claim's reference."""
    with store.writing() as session:
        outcome = world.load(session, joined(cases), office=OFFICE, now=NOW)
        assert not outcome.errors, outcome.errors
    with store.reading() as session:
        claims = list(session.scalars(select(Claim)))
        found = claim_file.gather(session, claims, office=OFFICE, now=NOW)
        return {claim.ref: found[claim.id] for claim in claims}


@cache
def of_all_cases() -> dict[str, Facts]:
    """The facts of every case, from a store of their own."""
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/store.db")
        store.migrate()
        found = gathered(store, CASES)
        store.close()
    return found


def results(facts: dict[str, Facts], cases: list[Case]) -> dict[str, Any]:
    """What every case comes to, in both languages, by its name."""
    evaluated = {case.name: evaluation.evaluate(facts[case.ref], Stage(case.stage)) for case in cases}
    plain = {
        name: {**evaluation.as_json(each), "subjects": [f"{one.code} {one.subject}".strip() for one in each.findings]}
        for name, each in evaluated.items()
    }
    return json.loads(json.dumps(plain))  # type: ignore[no-any-return]


def main() -> None:
    """Write the results."""
    reviewed = Path(__file__).parent.parent.parent / "data" / "findings.json"
    written = json.dumps(results(of_all_cases(), CASES), ensure_ascii=False, indent=1, sort_keys=True)
    reviewed.write_text(f"{written}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
