"""Proposals: what a decision must hold before anybody is asked for authority."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.tickets.desk import CLAIM_A, CLAIM_B, NOW, Desk
from tickets import proposals
from tickets.database import Store
from tickets.models import Claim, DecisionKind, Staff, Task, TaskState
from tickets.proposals import Part, Proposal, Seen

CLAIM = Claim(ref=CLAIM_A, type="home", created_at=NOW)
SEEN = Seen(payable_minor=100_000, currency="RON")
APPROVAL = Proposal(kind=DecisionKind.APPROVE, amount_minor=100_000, currency="RON")
PART = Part(amount_minor=40_000, code="D10", clause="Art. 2", facts="Fără factură.")
PARTIAL = replace(APPROVAL, kind=DecisionKind.PARTIAL, amount_minor=60_000, refused=(PART,))
DENIAL = Proposal(kind=DecisionKind.DENY, amount_minor=0, code="D01", clause="Art. 1", facts="Nu era valabilă.")


def refusal(proposal: Proposal, seen: Seen = SEEN) -> str | None:
    """The guard that speaks, in both languages; asks no store."""
    found = proposals.unsound(Session(), CLAIM, proposal, seen)
    assert found is None or CLAIM_A in found.en
    assert found is None or CLAIM_A in found.ro
    return found.guard if found else None


@pytest.mark.parametrize("proposal", [APPROVAL, PARTIAL, DENIAL])
def test_whole_proposal_stands(proposal: Proposal) -> None:
    assert refusal(proposal) is None


@pytest.mark.parametrize(
    ("proposal", "changes", "guard"),
    [
        (APPROVAL, {"amount_minor": 100_001}, "payable"),
        (APPROVAL, {"amount_minor": 0}, "payable"),
        (APPROVAL, {"amount_minor": -1}, "payable"),
        (APPROVAL, {"amount_minor": 99_999}, "whole amount"),
        (APPROVAL, {"refused": (PART,)}, "whole amount"),
        (PARTIAL, {"refused": ()}, "refused part"),
        (PARTIAL, {"amount_minor": 60_001}, "refused part"),
        (PARTIAL, {"amount_minor": 100_000, "refused": ()}, "refused part"),
        (DENIAL, {"code": None}, "reason code"),
        (DENIAL, {"code": "C01"}, "reason code"),
        (DENIAL, {"code": "D18"}, "reason code"),
        (DENIAL, {"clause": None}, "clause"),
        (DENIAL, {"clause": "  "}, "clause"),
        (DENIAL, {"facts": "\n "}, "facts"),
    ],
)
def test_proposal_that_lacks_something_is_refused_by_name(
    proposal: Proposal, changes: dict[str, Any], guard: str
) -> None:
    assert refusal(replace(proposal, **changes)) == guard


@pytest.mark.parametrize(
    "changes", [{"code": "C01"}, {"code": ""}, {"clause": " "}, {"facts": " "}], ids=lambda each: next(iter(each))
)
def test_refused_part_needs_its_own_code_clause_and_facts(changes: dict[str, str]) -> None:
    assert refusal(replace(PARTIAL, refused=(replace(PART, **changes),))) == "refused part"


def test_refused_parts_do_not_balance_one_another() -> None:
    more, less = replace(PART, amount_minor=50_000), replace(PART, amount_minor=-10_000)

    assert refusal(replace(PARTIAL, refused=(more, less))) == "refused part"


def test_nothing_is_approved_while_what_is_payable_is_unknown() -> None:
    unknown = replace(SEEN, payable_minor=None)

    assert refusal(APPROVAL, unknown) == "payable"
    assert refusal(DENIAL, unknown) is None


def test_amount_left_open_is_all_that_is_payable_and_a_denial_pays_nothing() -> None:
    open_one = replace(APPROVAL, amount_minor=None, currency="")

    assert proposals.completed(CLAIM, open_one, SEEN).amount_minor == 100_000
    assert proposals.completed(CLAIM, replace(DENIAL, amount_minor=None), SEEN).amount_minor == 0
    assert proposals.completed(CLAIM, PARTIAL, SEEN).amount_minor == 60_000
    assert proposals.completed(CLAIM, open_one, replace(SEEN, currency="")).currency == CLAIM.currency


def test_denial_is_one_refused_part_and_an_approval_has_none() -> None:
    assert [each.code for each in DENIAL.parts()] == ["D01"]
    assert PARTIAL.parts() == (PART,)
    assert APPROVAL.parts() == ()


@pytest.mark.parametrize(
    ("facts", "guard"),
    [
        (f"Aceeași pagubă ca în {CLAIM_B}.", None),
        (f"Aceeași pagubă ca în {CLAIM_A}.", "duplicate named"),
        ("Aceeași pagubă ca în CLM26-009999-42.", "duplicate named"),
        ("Aceeași pagubă a fost deja plătită.", "duplicate named"),
    ],
)
def test_duplicate_names_another_claim_that_exists(store: Store, facts: str, guard: str | None) -> None:
    Desk.with_world(store)

    with store.reading() as session:
        found = proposals.unsound(session, _claim(session), replace(DENIAL, code="D11", facts=facts), SEEN)

    assert (found.guard if found else None) == guard


@pytest.mark.parametrize(
    ("siu", "legal", "missing"),
    [
        ({}, {}, ""),
        ({"kind": "investigation"}, {}, ""),
        ({"kind": "fraud_tip"}, {}, ""),
        ({"state": TaskState.OPEN}, {}, "siu"),
        ({"state": TaskState.OPEN}, {"state": TaskState.CANCELLED}, "siu, legal"),
        ({"by": "representative"}, {}, "siu"),  # whoever asked has answered himself
        ({"by": "legal"}, {"by": "siu"}, "siu, legal"),
        ({}, {"department": "siu"}, "legal"),
        ({}, {"kind": "legal_notice"}, "legal"),  # an answer about something else
        ({"kind": "escalation"}, {}, "siu"),
        ({}, {"claim": CLAIM_B}, "legal"),
    ],
)
def test_fraud_is_refused_only_after_siu_and_legal_were_heard_on_it(
    store: Store, siu: dict[str, Any], legal: dict[str, Any], missing: str
) -> None:
    Desk.with_world(store)
    with store.writing() as session:
        for department, changes in (("siu", siu), ("legal", legal)):
            told = {"department": department, "by": department, "claim": CLAIM_A, "kind": "question",
                    "state": TaskState.DONE} | changes  # fmt: skip
            role = told.pop("by")
            who = Staff(name=role, email=f"{role}.{department}@exemplu.example", roles=[role])
            session.add(who)
            session.flush()
            told["claim"] = session.scalars(select(Claim).where(Claim.ref == told["claim"])).one()
            session.add(Task(**told, question="Fraudă?", made_by="staff:1", made_at=NOW, done_by_id=who.id))

    with store.reading() as session:
        found = proposals.unsound(session, _claim(session), replace(DENIAL, code="D15"), SEEN)

    assert (found.en if found else "") == (
        missing and f"{CLAIM_A}: D15 needs the answer of {missing} to a task on the claim"
    )


@pytest.mark.parametrize(
    ("code", "facts", "guard"),
    [
        ("D15", "Factura este falsă.", "SIU and legal"),
        ("D11", "Aceeași pagubă.", "duplicate named"),
        ("D11", f"Aceeași pagubă ca în {CLAIM_B}.", None),
        ("D10", "Fără factură.", None),
    ],
)
def test_part_that_is_refused_needs_what_a_denial_would_need(
    store: Store, code: str, facts: str, guard: str | None
) -> None:
    Desk.with_world(store)
    part = replace(PART, code=code, facts=facts)

    with store.reading() as session:
        found = proposals.unsound(session, _claim(session), replace(PARTIAL, refused=(part,)), SEEN)

    assert (found.guard if found else None) == guard


def test_each_part_refused_as_a_duplicate_names_its_claim(store: Store) -> None:
    Desk.with_world(store)
    named = replace(PART, code="D11", facts=f"Ca în {CLAIM_B}.", amount_minor=20_000)
    unnamed = replace(named, facts="Ca înainte.")

    with store.reading() as session:
        found = proposals.unsound(session, _claim(session), replace(PARTIAL, refused=(named, unnamed)), SEEN)

    assert found is not None
    assert found.guard == "duplicate named"


def _claim(session: Session) -> Claim:
    return session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
