"""Payments, accounts, tasks, merges and the store's own rules, through the desk and on both stores."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from inbox import deadlines_sweep, desk
from tests.inbox.decisions_desk import Office, approval
from tests.tickets.desk import CLAIM_A, CLAIM_B, attachment, mail
from tickets.errors import GuardError, UnknownReferenceError
from tickets.intents import IntentKind
from tickets.models import (
    AccountChange,
    Approval,
    Claim,
    ClaimState,
    Clock,
    Complaint,
    Decision,
    DecisionKind,
    Message,
    Model,
    Payment,
    PaymentState,
    Task,
    Ticket,
    TicketState,
)
from tickets.proposals import Part, Proposal

IBAN = "RO14BTRL0130120567890012"
RADA = {"id": "rada", "name": "Rada Popa", "email": "rada@exemplu.example", "role": "supervisor"}
SIU = {"id": "sorin", "name": "Sorin Ilie", "email": "sorin@exemplu.example", "role": "siu"}
LEGAL = {"id": "lia", "name": "Lia Pavel", "email": "lia@exemplu.example", "role": "legal"}
AUDITOR = {"id": "aurel", "name": "Aurel Dan", "email": "aurel@exemplu.example", "role": "auditor"}


@pytest.fixture
def office(store_url: str, tmp_path: Path) -> Iterator[Office]:
    opened = Office.open(store_url, tmp_path)
    yield opened
    opened.close()


def decided(office: Office) -> str:
    """Claim B approved, its account safe; the payment that waits for release."""
    decision = desk.decide(office.app, CLAIM_B, approval(), staff=office.ana)
    desk.approve(office.app, decision.id, staff=office.radu)
    with office.app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one()
        claim.record = claim.record | {
            "bank_account": {"iban": IBAN, "holder": "Dan Marin", "changed_on": "2026-01-05"}
        }
    [payment] = office.show(CLAIM_B)["money_out"]
    return str(payment["payment"])


def sent(office: Office) -> str:
    once = decided(office)
    desk.release_payment(office.app, once, staff=office.elena)
    desk.make_payment_file(office.app, "pain.001", staff=office.elena)
    return once


# --- payments


def test_released_payment_is_in_exactly_one_file_and_the_file_can_be_made_again(office: Office, tmp_path: Path) -> None:
    once = decided(office)
    office.does("pay", "release", once, "--as", "elena")
    out = tmp_path / "pay.xml"

    made = office.does("pay", "file", str(out), "--as", "elena")

    assert made["payments"] == [once]
    assert once.encode() in out.read_bytes()
    assert "waits for a file" in office.refuses("pay", "file", str(tmp_path / "two.xml"), "--as", "elena")
    again = tmp_path / "again.xml"
    office.does("pay", "file", str(again), "--as", "elena", "--again", made["file"])
    assert again.read_bytes() == out.read_bytes()
    assert "exists already" in office.refuses("pay", "file", str(out), "--as", "elena", "--again", made["file"])
    assert "does not deal with the bank" in office.refuses("pay", "file", str(tmp_path / "x"), "--as", "ana")
    assert office.does("pay", "where", CLAIM_B)["waits_for"] == "bank"


def test_nothing_goes_to_the_bank_while_a_claim_is_looked_into(office: Office, tmp_path: Path) -> None:
    once = decided(office)
    office.does("pay", "release", once, "--as", "elena")
    desk.hold(office.app, CLAIM_B, staff=office.radu, reason="o sesizare")

    refused = office.refuses("pay", "file", str(tmp_path / "pay.xml"), "--as", "elena")
    desk.release_hold(office.app, CLAIM_B, staff=office.radu, reason="nimic")
    made = office.does("pay", "file", str(tmp_path / "pay.xml"), "--as", "elena")

    assert "waits for a file" in refused
    assert made["payments"] == [once]


def test_confirmed_payment_pays_the_claim_once_and_a_returned_one_owes_it_again(office: Office) -> None:
    once = sent(office)
    for day in ("2026-11-22", "2026-11-24"):
        refused = office.refuses("pay", "state", once, "confirmed", "--on", day, "--as", "elena")
        assert f"{day} is still to come, or before its release on 2026-11-23" in refused

    assert (
        office.does("pay", "state", once, "confirmed", "--on", "2026-11-23", "--as", "elena")["claim_state"] == "paid"
    )
    office.does("pay", "state", once, "confirmed", "--as", "elena")
    back = office.does("pay", "state", once, "returned", "--reason", "account closed", "--as", "elena")

    assert (back["claim_state"], back["reason"], back["paid_on"]) == ("payment_ordered", "account closed", None)
    assert office.does("pay", "where", CLAIM_B)["stands"] == "returned"
    assert office.does("pay", "propose", CLAIM_B, "--as", "ana")["payment"].endswith("/P2")


def test_parts_never_come_to_more_than_was_decided(office: Office) -> None:
    once = decided(office)
    desk.withdraw_payment(office.app, once, staff=office.ana, reason="in two parts")
    desk.propose_payment(office.app, CLAIM_B, staff=office.ana, amount_minor=1_000_000)

    assert "2450.00" in office.refuses("pay", "propose", CLAIM_B, "--amount", "2450.01", "--as", "ana")
    assert "above" not in office.refuses("pay", "propose", CLAIM_B, "--amount", "0", "--as", "ana")
    desk.propose_payment(office.app, CLAIM_B, staff=office.ana)

    amounts = [each["amount"]["amount"] for each in office.show(CLAIM_B)["money_out"]]
    assert amounts == ["12450.00", "10000.00", "2450.00"]
    assert "left to pay" in office.refuses("pay", "propose", CLAIM_B, "--as", "ana")


def test_states_from_the_bank_are_told_by_reference_or_amount_and_twice_is_once(office: Office, tmp_path: Path) -> None:
    once = sent(office)
    file = tmp_path / "states.csv"
    file.write_text(f"claim,payment,amount,currency,state,paid_on\n{CLAIM_B},{once},12450.00,RON,paid,2026-11-26\n")

    for _ in range(2):
        office.does("import", "payments", str(file))

    shown = office.show(CLAIM_B)
    assert (shown["state"], shown["payments"]) == ("paid", [])
    assert [each["paid_on"] for each in shown["money_out"]] == ["2026-11-26"]
    file.write_text(f"claim,amount,currency,state,reason\n{CLAIM_B},12450.00,RON,returned,no such account\n")
    office.does("import", "payments", str(file))
    [payment] = office.show(CLAIM_B)["money_out"]
    assert (payment["state"], payment["reason"]) == ("returned", "no such account")
    assert office.state(CLAIM_B) == "payment_ordered"
    file.write_text(f"claim,payment,amount,currency,state\n{CLAIM_B},{CLAIM_B}/P9,12450.00,RON,paid\n")
    code, out, _ = office.run("import", "payments", str(file), "--json")
    assert (code, len(json.loads(out)["errors"])) == (1, 1)


def test_overturned_decision_stops_its_payment(office: Office) -> None:
    once = decided(office)
    with office.app.store.writing() as session:
        decision = session.scalars(select(Decision).where(Decision.state == "in_force")).one()
        decision.state = "overturned"  # type: ignore[assignment]

    with pytest.raises(GuardError, match="no longer in force"):
        desk.release_payment(office.app, once, staff=office.elena)


def test_csv_for_the_bank_needs_no_account_of_ours(store_url: str, tmp_path: Path) -> None:
    office = Office.open(store_url, tmp_path, payments=None)
    try:
        once = decided(office)
        desk.release_payment(office.app, once, staff=office.elena)
        with pytest.raises(GuardError, match="names no account"):
            desk.make_payment_file(office.app, "pain.001", staff=office.elena)
        with pytest.raises(GuardError, match=r"pain\.001 or csv"):
            desk.make_payment_file(office.app, "xls", staff=office.elena)

        made = desk.make_payment_file(office.app, "csv", staff=office.elena)

        [row] = csv.DictReader(io.StringIO(made.content.decode("utf-8-sig")))
        assert (row["payment"], row["amount"], row["iban"]) == (once, "12450.00", IBAN)
    finally:
        office.close()


# --- two people


def tried(office: Office, change: Callable[[Session], None]) -> None:
    """Change rows behind the rules' back."""
    with office.app.store.writing() as session:
        change(session)


def test_store_itself_refuses_two_eyes(office: Office) -> None:
    once = decided(office)
    ana, radu = office.ana.id, office.radu.id
    with office.app.store.reading() as session:
        decision = session.scalars(select(Decision)).one()
        payment = session.scalars(select(Payment).where(Payment.once == once)).one()

    def approve_own(session: Session) -> None:
        own = session.get_one(Decision, decision.id)
        session.add(Approval(proposed_by_id=ana, staff_id=ana, approved=True, at=office.now, decision=own))

    def pretend(session: Session) -> None:
        own = session.get_one(Decision, decision.id)
        session.add(Approval(proposed_by_id=radu, staff_id=ana, approved=True, at=office.now, decision=own))

    def release_own(session: Session) -> None:
        held = session.get_one(Payment, payment.id)
        held.released_by_id = held.proposed_by_id

    def agree_own(session: Session) -> None:
        party = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one().claimant
        session.add(
            AccountChange(party=party, kind="name", proposed_by_id=ana, proposed_at=office.now, agreed_by_id=ana)
        )

    for wrong in (approve_own, pretend, release_own, agree_own):
        with pytest.raises(IntegrityError):
            tried(office, wrong)


def test_store_itself_refuses_a_complaint_in_the_deciders_hands(office: Office) -> None:
    filed = office.desk.file_one(mail("In ce stadiu este dosarul?", subject=CLAIM_A))
    assert filed.message is not None
    ticket_id, ana = filed.message.ticket_id, office.ana.id

    def own_complaint(session: Session) -> None:
        session.add(
            Complaint(
                number="2026/99", ticket=session.get_one(Ticket, ticket_id), received_at=office.now, medium="email",
                subject="x", handler_id=ana, decider_id=ana,
            )
        )  # fmt: skip

    with pytest.raises(IntegrityError):
        tried(office, own_complaint)


def test_above_every_limit_two_supervisors_agree(office: Office) -> None:
    office.add(staff=[RADA])
    with office.app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one()
        claim.lines[0].total_minor = claim.lines[0].unit_minor = claim.total_minor = 3_000_000
    decision = desk.decide(office.app, CLAIM_B, approval(), staff=office.ana)
    assert decision.approvals_needed == 2

    desk.approve(office.app, decision.id, staff=office.radu)
    assert office.state(CLAIM_B) == "decision_pending_approval"
    with pytest.raises(GuardError, match="approved this already"):
        desk.approve(office.app, decision.id, staff=office.radu)
    with pytest.raises(GuardError, match="two supervisors"):
        desk.approve(office.app, decision.id, staff=office.elena)
    desk.approve(office.app, decision.id, staff=office.rada)

    assert office.state(CLAIM_B) == "approved"


def test_supervisor_who_proposes_above_every_limit_needs_one_more(office: Office) -> None:
    office.add(staff=[RADA])
    with office.app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one()
        claim.lines[0].total_minor = claim.lines[0].unit_minor = claim.total_minor = 3_000_000
    decision = desk.decide(office.app, CLAIM_B, approval(), staff=office.radu)

    with pytest.raises(GuardError, match="second person"):
        desk.approve(office.app, decision.id, staff=office.radu)
    desk.approve(office.app, decision.id, staff=office.rada)

    assert office.state(CLAIM_B) == "approved"


def test_auditor_looks_and_changes_nothing(office: Office) -> None:
    office.add(staff=[AUDITOR])

    moves: list[tuple[str, ...]] = [
        ("move", CLAIM_A, "in_review"), ("escalate", CLAIM_A), ("task", "open", CLAIM_A, "legal", "?"),
        ("decide", CLAIM_B, "approve"), ("account", "give", CLAIM_A, IBAN, "--source", "form"),
    ]  # fmt: skip
    for each in moves:
        assert office.refuses(*each, "--as", "aurel")


# --- refusals of decisions


@pytest.mark.parametrize(
    ("proposal", "why"),
    [
        (approval(1_245_001), "payable"),
        (approval(0), "payable"),
        (approval(100), "whole amount"),
        (Proposal(kind=DecisionKind.PARTIAL, amount_minor=245_000), "refused part"),
        (
            Proposal(kind=DecisionKind.PARTIAL, amount_minor=245_000, refused=(Part(amount_minor=1, code="D10"),)),
            "refused part",
        ),
        (
            Proposal(
                kind=DecisionKind.PARTIAL, amount_minor=245_000,
                refused=(Part(amount_minor=1_000_000, code="D10", clause=" ", facts="x"),),
            ),
            "refused part",
        ),
        (Proposal(kind=DecisionKind.DENY, clause="1", facts="x"), "reason code"),
        (Proposal(kind=DecisionKind.DENY, code="C01", clause="1", facts="x"), "reason code"),
        (Proposal(kind=DecisionKind.DENY, code="D01", facts="x"), "clause"),
        (Proposal(kind=DecisionKind.DENY, code="D01", clause="1", facts=" "), "facts"),
        (Proposal(kind=DecisionKind.DENY, code="D11", clause="1", facts="duplicat"), "duplicate named"),
        (Proposal(kind=DecisionKind.DENY, code="D15", clause="1", facts="x"), "SIU and legal"),
        (Proposal(kind=DecisionKind.DENY, code="D01", clause="1", facts="x"), "previewed letter"),
    ],
)  # fmt: skip
def test_unsound_decision_is_refused_with_its_guard_named(office: Office, proposal: Proposal, why: str) -> None:
    with pytest.raises(GuardError) as refused:
        desk.decide(office.app, CLAIM_B, proposal, staff=office.radu)

    assert refused.value.guard == why
    assert refused.value.said("ro") != refused.value.said("en")
    assert office.state(CLAIM_B) == "in_review"


def test_fraud_is_refused_once_siu_and_legal_were_heard(office: Office) -> None:
    office.add(staff=[SIU, LEGAL])
    for department, person in (("siu", office.sorin), ("legal", office.lia)):
        task = desk.hand_off(app := office.app, CLAIM_B, department, staff=office.radu, question="?", restricted=True)
        desk.answer_task(app, task.id, staff=person, text="proven")
    fraud = Proposal(kind=DecisionKind.DENY, code="D15", clause="Art. 9", facts="Factura este falsă.")
    seen = desk.preview_decision(office.app, CLAIM_B, fraud, staff=office.radu)

    desk.decide(office.app, CLAIM_B, desk.with_mark(fraud, seen), staff=office.radu)

    assert office.state(CLAIM_B) == "denied"
    assert office.show(CLAIM_B)["tasks"] == []


def test_duplicate_that_names_the_other_claim_may_be_refused(office: Office) -> None:
    twice = Proposal(kind=DecisionKind.DENY, code="D11", clause="Art. 1", facts=f"Același eveniment: {CLAIM_A}.")
    seen = desk.preview_decision(office.app, CLAIM_B, twice, staff=office.ana)

    decision = desk.decide(office.app, CLAIM_B, replace(twice, seen=seen.mark), staff=office.ana)

    assert decision.state == "in_force"


def test_approval_is_refused_on_every_path_while_an_item_is_open(office: Office) -> None:
    with pytest.raises(GuardError):
        desk.decide(office.app, CLAIM_A, approval(), staff=office.radu)
    assert "decide" in office.refuses("move", CLAIM_A, "approved", "--as", "radu")
    assert "owners_assoc" in office.refuses("move", CLAIM_A, "in_review", "--as", "radu")
    assert office.state(CLAIM_A) == "gathering"


def test_item_reopened_while_an_approval_waits_stops_it(office: Office) -> None:
    decision = desk.decide(office.app, CLAIM_B, approval(), staff=office.ana)
    with office.app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one()
        claim.requirements[0].state = "rejected"  # type: ignore[assignment]

    with pytest.raises(GuardError):
        desk.approve(office.app, decision.id, staff=office.radu)
    desk.return_decision(office.app, decision.id, staff=office.radu, note="see the item")

    assert office.state(CLAIM_B) == "gathering"


def test_nobody_but_a_supervisor_returns_and_never_without_a_note(office: Office) -> None:
    decision = desk.decide(office.app, CLAIM_B, approval(), staff=office.ana)

    for staff, note in ((office.elena, "x"), (office.radu, " "), (office.ana, "x")):
        with pytest.raises(GuardError):
            desk.return_decision(office.app, decision.id, staff=staff, note=note)
    desk.return_decision(office.app, decision.id, staff=office.radu, note="x")
    with pytest.raises(GuardError, match="nothing waits"):
        desk.approve(office.app, decision.id, staff=office.radu)


def test_less_payable_than_proposed_stops_the_approval(office: Office) -> None:
    decision = desk.decide(office.app, CLAIM_B, approval(), staff=office.ana)
    with office.app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one()
        claim.lines[0].total_minor = claim.lines[0].unit_minor = claim.total_minor = 100_000

    with pytest.raises(GuardError, match="less is payable"):
        desk.approve(office.app, decision.id, staff=office.radu)


def test_payments_clerk_does_not_decide(office: Office) -> None:
    with pytest.raises(GuardError, match="PRO-02"):
        desk.decide(office.app, CLAIM_B, approval(), staff=office.elena)


# --- closing, reopening, holding


def test_claim_is_closed_for_silence_and_any_answer_reopens_it(office: Office) -> None:
    office.desk.ask(due_on=date(2026, 12, 7))
    office.at(2026, 12, 7, 8, 0)
    assert "last day has passed" in office.refuses("decide", CLAIM_A, "close", "--code", "C01", "--as", "ana")
    for day in ((2026, 12, 2), (2026, 12, 7), (2026, 12, 23)):
        office.at(*day, 8, 0)
        deadlines_sweep.sweep(office.app)

    office.does("decide", CLAIM_A, "close", "--code", "C01", "--as", "ana")
    closed = office.show(CLAIM_A)
    assert [each["state"] for each in closed["tasks"] if each["kind"] == "closing"] == ["done"]
    assert (closed["state"], closed["closed_reason"], closed["decision"]["kind"]) == ("closed", "C01", "close")
    assert closed["requests"][0]["state"] == "expired"

    office.at(2027, 1, 4, 8, 0)
    office.desk.file_one(mail("am trimis totul", subject=CLAIM_A))

    assert office.state(CLAIM_A) == "reopened"
    assert office.show(CLAIM_A)["closed_reason"] is None


@pytest.mark.parametrize(("code", "state"), [("C02", "withdrawn"), ("C03", "closed")])
def test_customers_choice_closes_a_claim(office: Office, code: str, state: str) -> None:
    office.does("decide", CLAIM_A, "close", "--code", code, "--as", "ana")

    assert office.state(CLAIM_A) == state


def test_closing_is_refused_while_work_or_the_law_stands_open(office: Office) -> None:
    assert "ro.rca.offer" in office.refuses("decide", CLAIM_B, "close", "--code", "C03", "--as", "ana")
    office.desk.file_one(mail("In ce stadiu este dosarul?", subject=CLAIM_A))
    assert "TKT" in office.refuses("decide", CLAIM_A, "close", "--code", "C03", "--as", "ana")
    assert "needs a code" in office.refuses("move", CLAIM_A, "closed", "--as", "ana")
    assert "cannot close" in office.refuses("decide", CLAIM_A, "close", "--code", "D01", "--as", "ana")
    assert "does not decide" in office.refuses("decide", CLAIM_A, "close", "--code", "C03", "--as", "elena")


def test_paid_claim_is_closed_and_reopened_by_a_supervisor_with_a_reason(office: Office) -> None:
    desk.payment_state(office.app, sent(office), PaymentState.CONFIRMED, staff=office.elena)
    for ticket in office.show(CLAIM_B)["tickets"]:
        desk.done(office.app, ticket, staff=office.ana)
    office.does("move", CLAIM_B, "closed", "--as", "ana")

    assert "PRO-02" in office.refuses("move", CLAIM_B, "reopened", "--as", "ana", "--reason", "x")
    assert "reason" in office.refuses("move", CLAIM_B, "reopened", "--as", "radu")
    office.does("decide", CLAIM_B, "reopen", "--as", "radu", "--note", "a further invoice")

    shown = office.show(CLAIM_B)
    assert (shown["state"], shown["decisions"][0]["state"]) == ("in_review", "overturned")
    assert "nothing is paid now" in office.refuses("pay", "propose", CLAIM_B, "--as", "ana")


def test_hold_stops_everything_and_why_is_seen_by_siu_alone(office: Office) -> None:
    office.add(staff=[SIU])
    assert "does not hold claims" in office.refuses("move", CLAIM_B, "siu_hold", "--reason", "x", "--as", "ana")
    office.does("move", CLAIM_B, "siu_hold", "--reason", "the invoice looks forged", "--as", "sorin")

    assert "siu_hold" in office.refuses("decide", CLAIM_B, "approve", "--as", "radu")
    assert "forged" not in json.dumps(office.show(CLAIM_B))
    assert [each.detail["reason"] for each in office.events(CLAIM_B) if each.kind == "claim.moved"] == [""]
    assert office.run("task", "list", "--json")[1] == ""
    assert "forged" in office.run("task", "list", "--as", "sorin", "--json")[1]
    office.does("move", CLAIM_B, "released", "--reason", "cleared", "--as", "sorin")
    assert office.state(CLAIM_B) == "in_review"
    assert "nothing is held" in office.refuses("move", CLAIM_B, "released", "--reason", "x", "--as", "sorin")


# --- tasks and the other matters


@pytest.mark.parametrize(
    ("words", "department", "kind"),
    [
        ("Unde sunt banii? Nu am primit plata pentru dosar.", "payments_clerk", "payment_delay"),
        ("Doresc sa renunt la polita, va rog reziliati polita.", "account_services", "cancellation"),
        ("Vreau o copie a datelor mele personale, conform GDPR.", "dpo", "data_request"),
    ],
)
def test_other_matters_open_their_task_once(office: Office, words: str, department: str, kind: str) -> None:
    for _ in range(2):
        office.desk.file_one(mail(words, subject=CLAIM_A))

    with office.app.store.reading() as session:
        tasks = list(session.scalars(select(Task).where(Task.kind == kind)))
    assert {each.department for each in tasks} == {department}
    assert len(tasks) == len({each.ticket_id for each in tasks})


def test_tip_stays_out_of_the_customers_file(office: Office) -> None:
    office.add(staff=[SIU])
    tip = "Vreau sa raman anonim. Paguba din dosar este o frauda, totul este inscenat, nu s-a spart nicio teava."
    filed = office.desk.file_one(mail(tip, sender="anonim@example.com", subject=CLAIM_A))
    assert filed.message is not None
    assert filed.message.ticket.restricted
    ticket = filed.message.ticket.ref

    assert ticket not in json.dumps(office.show(CLAIM_A))
    assert filed.answers == []
    with pytest.raises(UnknownReferenceError):
        office.show(ticket)
    with pytest.raises(UnknownReferenceError):
        desk.take(office.app, ticket, staff=office.ana)
    for move in (desk.split, desk.accept_promise, partial(desk.confirm_intents, kinds=[IntentKind.GENERAL_QUESTION])):
        with pytest.raises(UnknownReferenceError):
            move(office.app, filed.message.id, staff=office.ana)
    assert office.does("show", ticket, "--as", "sorin")["intent"] == "fraud_tip"
    assert "ticket" in office.does("task", "list", "--as", "sorin")
    assert not [each for each in office.events(CLAIM_A) if each.ticket_id == filed.message.ticket_id]


def test_hand_off_waits_and_its_answer_comes_back_to_the_owner(office: Office) -> None:
    filed = office.desk.file_one(mail("In ce stadiu este dosarul?", subject=CLAIM_A))
    assert filed.message is not None
    ticket = filed.message.ticket.ref
    task = office.does("task", "open", ticket, "legal", "May we pay?", "--due", "2026-11-25", "--wait", "--as", "ana")
    assert office.state(ticket) == "waiting_internal"
    office.does("task", "give", str(task["task"]), "mihai", "--as", "ana")

    done = office.does("task", "answer", str(task["task"]), "Yes.", "--as", "mihai")

    assert (done["state"], done["answer"], done["assignee"], done["claim"]) == ("done", "Yes.", "mihai", CLAIM_A)
    assert office.state(ticket) == "in_progress"
    assert "is done" in office.refuses("task", "cancel", str(task["task"]), "--as", "ana")
    assert "no department" in office.refuses("task", "open", ticket, "kitchen", "?", "--as", "ana")
    assert "question" in office.refuses("task", "open", ticket, "legal", " ", "--as", "ana")
    assert "no part" in office.refuses("task", "open", ticket, "legal", "?", "--shows", "secrets", "--as", "ana")


def test_authoritys_request_for_the_file_runs_its_own_clock(office: Office) -> None:
    task = office.does(
        "task", "open", CLAIM_B, "complaints", "ASF request 2026-11-23", "--kind", "asf_file", "--as", "ana"
    )

    with office.app.store.reading() as session:
        [clock] = session.scalars(select(Clock).where(Clock.task_id == task["task"]))
        assert (clock.key, clock.due_on) == ("ro.complaint.asf_file", date(2026, 12, 3))


def test_escalation_is_a_flag_and_a_change_of_owner(office: Office) -> None:
    filed = office.desk.file_one(mail("In ce stadiu este dosarul?", subject=CLAIM_A))
    assert filed.message is not None

    assert "reason" in office.refuses("escalate", CLAIM_A, "--as", "ana")
    office.does("decide", CLAIM_A, "escalate", "--note", "beyond me", "--as", "ana")

    assert office.show(CLAIM_A)["owner"] == "radu"
    with office.app.store.reading() as session:
        ticket = session.get_one(Ticket, filed.message.ticket_id)
        assert (ticket.escalated, ticket.owner_id, ticket.state) == (True, office.radu.id, TicketState.NEW)
    assert "no other supervisor" in office.refuses("escalate", CLAIM_A, "--reason", "x", "--as", "radu")
    office.does("escalate", CLAIM_A, "--reason", "x", "--to", "mihai", "--as", "radu")
    assert office.show(CLAIM_A)["owner"] == "mihai"


# --- accounts


def asked(office: Office, sender: str = "maria.popescu@example.ro", subject: str = CLAIM_A) -> tuple[str, str]:
    """The ticket on which somebody asks for a change, as the command names it."""
    filed = office.desk.file_one(mail("Va rog sa modificati datele mele", sender=sender, subject=subject))
    assert filed.message is not None
    return "--ticket", filed.message.ticket.ref


def test_address_changes_at_once_but_a_new_number_is_not_on_file_yet(office: Office) -> None:
    on = asked(office)
    office.does("account", "change", "maria", "contact", "phone=+40799111222", *on, "--as", "ana")
    office.does("account", "change", "maria", "address", "postal=Str. Nouă 2, Cluj", *on, "--as", "ana")
    name = office.does("account", "change", "maria", "name", "name=Maria Ionescu", *on, "--as", "ana")
    assert name["state"] == "proposed"

    change = str(name["change"])
    assert "called back first" in office.refuses("account", "confirm", change, "--as", "radu")
    assert "on file before" in office.refuses("account", "confirm", change, "--called", "+40799111222", "--as", "ana")
    office.does("account", "confirm", change, "--called", "+40722123456", "--as", "ana")
    assert "second person" in office.refuses("account", "confirm", change, "--as", "ana")
    done = office.does("account", "confirm", change, "--as", "radu")

    assert (done["state"], done["agreed_by"], done["before"]) == ("done", "radu", {"name": "Maria Popescu"})
    assert "nothing more" in office.refuses("account", "confirm", change, "--as", "radu")


def test_caller_is_verified_by_command_and_may_then_change_what_we_hold(office: Office) -> None:
    _, ref = asked(office)
    with office.app.store.writing() as session:
        session.scalars(select(Ticket).where(Ticket.ref == ref)).one().verified = False
    change = ("account", "change", "maria", "contact", "phone=+40799111222", "--ticket", ref, "--as", "ana")
    assert "verify who asks first" in office.refuses(*change)

    assert "at least 2" in office.refuses("caller", ref, "policy", "--passed", "--as", "ana")
    shown = office.does("caller", ref, "policy", "plate", "--passed", "--as", "ana")
    done = office.does(*change)

    assert (shown["ref"], done["state"]) == (ref, "done")
    [event] = [each for each in office.events(CLAIM_A) if each.kind.startswith("caller")]
    assert (event.kind, event.actor, event.detail["asked"]) == (
        "caller.verified", f"staff:{office.ana.id}", ["policy", "plate"]
    )  # fmt: skip


def test_wrong_answers_noted_by_command_stop_changes_for_a_sender_we_know(office: Office) -> None:
    on = asked(office)

    office.does("caller", on[1], "birth_date", "--failed", "--as", "ana")

    change = ("account", "change", "maria", "contact", "phone=+40799111222", *on, "--as", "ana")
    assert "verify who asks first" in office.refuses(*change)
    assert office.run("caller", on[1], "mother", "--passed", "--as", "ana")[0] == 2
    assert office.run("caller", on[1], "policy", "--as", "ana")[0] == 2


def test_account_of_a_customers_record_is_clear_once_two_have_agreed(office: Office) -> None:
    on = asked(office)
    change = office.does(
        "account", "change", "maria", "bank_account", f"iban={IBAN}", "holder=Maria Popescu", *on, "--as", "ana"
    )
    office.does("account", "confirm", str(change["change"]), "--called", "+40722123456", "--as", "ana")
    office.does("account", "confirm", str(change["change"]), "--as", "radu")

    office.does("account", "give", CLAIM_A, "RO49AAAA1B31007593840000", "--source", "form", "--as", "ana")

    assert change["after"]["iban"] == "RO..0012"
    assert "check digits" in office.refuses(
        "account", "change", "maria", "bank_account", "iban=RO1", *on, "--as", "ana"
    )
    assert "what it sets" in office.refuses("account", "change", "maria", "address", "name=x", *on, "--as", "ana")
    assert "no customer" in office.refuses("account", "change", "nobody", "name", "name=x", *on, "--as", "ana")
    other = office.does("account", "change", "maria", "name", "name=M. P.", *on, "--as", "ana")
    refused = office.does("account", "confirm", str(other["change"]), "--refuse", "not she", "--as", "radu")
    assert refused["state"] == "refused"


def test_change_is_written_down_only_for_whoever_is_known_to_ask(office: Office) -> None:
    change = ("account", "change", "maria", "contact", "phone=+40799111222", "--as", "ana")

    assert "is not about maria" in office.refuses(*change, *asked(office, "ion.popa@example.ro", ""))
    assert "is not about maria" in office.refuses(*change, *asked(office, "gigi@x.example"))
    assert "no ticket" in office.refuses(*change, "--ticket", "TKT26-999999-99")
    assert office.run(*change)[0] == 2

    _, ref = asked(office)
    desk.verify_caller(office.app, ref, ["policy"], passed=False, staff=office.ana)
    assert "verify who asks first" in office.refuses(*change, "--ticket", ref)


# --- merging and splitting


def everything(office: Office) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but the history."""
    left_out = {"event", "merge", "alembic_version"}
    with office.app.store.reading() as session:
        return {
            name: [
                {key: value for key, value in row._mapping.items() if key != "row_version"}
                for row in session.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for name, table in Model.metadata.tables.items()
            if name not in left_out
        }


def two_claims(office: Office) -> str:
    draft = "CLM26-004720-31"
    claim = {
        "ref": draft, "type": "home", "policy": "CAS-0451237", "claimant": "maria", "loss_date": "2026-11-14",
        "reported_on": "2026-11-20", "cause": "water_pipe", "state": "gathering",
        "facts": {"flat": "yes", "repaired": "no", "owners": 1}, "reporter": {"name": "Broker SRL"},
        "invoices": [{"issuer_tax_id": "27041363", "number": "NORD 4711", "total_minor": 245000}],
        "documents": [
            {"item": "owners_assoc", "kind": "association_statement"}, {"item": "repair_estimate", "missing": True},
        ],
    }  # fmt: skip
    office.add(claims=[claim])
    office.desk.ask(draft, items=("repair_estimate",))
    office.desk.file_one(mail("alaturat devizul", subject=draft, files=(attachment("deviz.pdf"),)))
    office.desk.ask(CLAIM_A)
    for ref in (draft, CLAIM_A):
        office.refresh(ref)
    return draft


@pytest.mark.parametrize("turned", ["draft into claim", "claim into draft"])
def test_merge_of_claims_is_undone_exactly(office: Office, turned: str) -> None:
    draft = two_claims(office)
    source, target = (draft, CLAIM_A) if turned == "draft into claim" else (CLAIM_A, draft)
    before = everything(office)

    number = desk.merge_claims(office.app, source, target, staff=office.ana, reason="one loss")
    assert office.state(source) == "duplicate_of"
    assert everything(office) != before
    office.does("unmerge", str(number), "--as", "ana", "--reason", "two losses after all")

    after = everything(office)
    assert {name for name in before if after[name] != before[name]} == set()
    assert "no merge" in office.refuses("unmerge", str(number), "--as", "ana")


def test_merge_of_tickets_is_undone_exactly_and_what_came_since_stays(office: Office) -> None:
    first = office.desk.file_one(mail("In ce stadiu este dosarul?", subject=CLAIM_A))
    second = office.desk.file_one(mail("Alaturat trimit devizul", subject=CLAIM_A, files=(attachment("d.pdf"),)))
    assert first.message is not None
    assert second.message is not None
    one, two = first.message.ticket.ref, second.message.ticket.ref
    if one == two:
        two = desk.split(office.app, second.message.id, staff=office.ana, claim_ref=CLAIM_A)
    before = everything(office)

    number = office.does("merge", two, one, "--as", "ana")["merge"]
    assert office.state(two) == "merged"
    assert "merged already" in office.refuses("merge", two, one, "--as", "ana")
    office.does("unmerge", str(number), "--as", "ana")
    assert everything(office) == before

    number = office.does("merge", two, one, "--as", "ana")["merge"]
    answer = office.desk.file_one(mail("inca ceva", subject=two))
    assert answer.message is not None
    assert answer.message.ticket.ref == one
    office.does("unmerge", str(number), "--as", "ana")
    assert answer.message.id in [each["id"] for each in office.show(one)["messages"]]


def test_merges_that_lose_something_are_refused(office: Office) -> None:
    draft = two_claims(office)
    assert "two policies" in office.refuses("merge", CLAIM_A, CLAIM_B, "--as", "ana")
    assert "cannot be merged" in office.refuses("merge", CLAIM_A, CLAIM_A, "--as", "ana")
    decided(office)
    office.does("merge", draft, CLAIM_A, "--as", "ana")
    assert "cannot be merged" in office.refuses("merge", CLAIM_A, draft, "--as", "ana")
    late = office.does("decide", CLAIM_B, "reopen", "--note", "x", "--as", "radu")
    assert late["state"] == "in_review"


def test_split_message_stands_on_both_tickets_and_is_kept_once(office: Office) -> None:
    filed = office.desk.file_one(mail("In ce stadiu este dosarul? Si vreau sa schimb adresa.", subject=CLAIM_A))
    assert filed.message is not None
    message, ticket = filed.message.id, filed.message.ticket.ref

    made = office.does("split", str(message), "--kind", "account_change", "--as", "ana")

    assert made["queue"] == "account_services"
    assert [each["id"] for each in made["messages"]] == [message]
    assert message in [each["id"] for each in office.show(ticket)["messages"]]
    assert "already" in office.refuses("split", str(message), "--to", made["ref"], "--as", "ana")
    assert "no message" in office.refuses("split", "999999", "--as", "ana")
    with office.app.store.reading() as session:
        assert len(list(session.scalars(select(Message).where(Message.direction == "in")))) == 1


def test_ticket_moves_as_the_domain_says(office: Office) -> None:
    filed = office.desk.file_one(mail("In ce stadiu este dosarul?", subject=CLAIM_A))
    assert filed.message is not None
    ticket = filed.message.ticket.ref

    for state in ("triaged", "in_progress", "waiting_third_party", "in_progress", "resolved", "closed", "reopened"):
        assert office.does("move", ticket, state, "--as", "ana")["state"] == state
    assert "may become" in office.refuses("move", ticket, "discarded", "--as", "ana")
    assert "name the ticket" in office.refuses("move", ticket, "merged", "--as", "ana")
    assert office.run("move", ticket, "gone", "--as", "ana")[0] == 2
    assert "called nobody" in office.refuses("move", ticket, "in_progress", "--as", "nobody")


def test_register_of_complaints_is_safe_to_open(office: Office, tmp_path: Path) -> None:
    office.does("complaint", "register", CLAIM_A, "=HYPERLINK(1)", "--sal", "--as", "ana")
    out = tmp_path / "register.csv"

    line = office.does("complaint", "list", "--csv", str(out))

    [row] = csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig")))
    assert (row["subject"], row["sal"], row["number"]) == ("'=HYPERLINK(1)", "True", "2026/1")
    assert line["handler"] == "mihai"
    assert "other hands" in office.refuses(
        "complaint", "settle", "2026/1", "--unfounded", "--outcome", "x", "--as", "elena"
    )
    assert "reasons" in office.refuses(
        "complaint", "settle", "2026/1", "--unfounded", "--outcome", " ", "--as", "mihai"
    )
    office.does("complaint", "settle", "2026/1", "--unfounded", "--outcome", "x", "--as", "mihai")
    assert "is settled" in office.refuses(
        "complaint", "settle", "2026/1", "--founded", "--outcome", "x", "--as", "mihai"
    )
    assert "does not handle" in office.refuses("complaint", "assign", "2026/1", "elena", "--as", "radu")
    assert "no complaint" in office.refuses("complaint", "assign", "2026/7", "mihai", "--as", "radu")


# --- what seldom happens


def test_approval_of_a_claim_that_still_gathers_names_what_is_open(office: Office) -> None:
    with office.app.store.writing() as session:
        session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one().state = ClaimState.GATHERING

    with pytest.raises(GuardError, match="cannot become approved"):
        desk.decide(office.app, CLAIM_B, approval(), staff=office.ana)


def test_claim_without_a_known_policy_is_not_approved(office: Office) -> None:
    with office.app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one()
        claim.policy, claim.policy_ref = None, "RO/99/X/XX 000000000"

    with pytest.raises(GuardError) as refused:
        desk.decide(office.app, CLAIM_B, approval(1), staff=office.radu)

    assert refused.value.guard == "payable"


def test_return_tells_the_owner_on_his_ticket(office: Office) -> None:
    filed = office.desk.file_one(mail("In ce stadiu este dosarul?", subject=CLAIM_B, sender="dan.marin@example.ro"))
    assert filed.message is not None
    desk.read(office.app, filed.message.ticket.ref)
    decision = desk.decide(office.app, CLAIM_B, approval(), staff=office.ana)

    desk.return_decision(office.app, decision.id, staff=office.radu, note="x")

    with office.app.store.reading() as session:
        assert session.get_one(Ticket, filed.message.ticket_id).unread


def test_claim_decided_anew_pays_by_the_new_decision_alone(office: Office) -> None:
    once = decided(office)
    desk.reopen(office.app, CLAIM_B, staff=office.radu, reason="a mistake")
    office.at(2026, 11, 24, 8, 0)
    part = Part(amount_minor=1_000_000, code="D10", clause="Art. 2", facts="Fără factură.")
    proposal = Proposal(kind=DecisionKind.PARTIAL, amount_minor=245_000, refused=(part,))

    desk.decide(office.app, CLAIM_B, proposal, staff=office.radu)

    shown = office.show(CLAIM_B)
    assert [(each["payment"] == once, each["state"]) for each in shown["money_out"]] == [
        (True, "withdrawn"), (False, "proposed"),
    ]  # fmt: skip
    assert [each["state"] for each in shown["decisions"]] == ["overturned", "in_force"]
    assert "only a proposal" in office.refuses("pay", "withdraw", once, "--as", "ana")
    assert "not proposed" in office.refuses("pay", "release", once, "--as", "elena")


def test_claim_paid_in_another_system_is_taken_up_again(office: Office) -> None:
    desk.reopen(office.app, "CLM26-000091-47", staff=office.radu, reason="a further invoice")

    assert office.state("CLM26-000091-47") == "in_review"


def test_second_payment_of_a_decision_passes_the_same_guards(office: Office) -> None:
    once = decided(office)
    desk.withdraw_payment(office.app, once, staff=office.ana, reason="in two parts")
    first = desk.propose_payment(office.app, CLAIM_B, staff=office.ana, amount_minor=1_000_000)
    second = desk.propose_payment(office.app, CLAIM_B, staff=office.ana)

    for each in (first, second):
        desk.release_payment(office.app, each.once, staff=office.elena)
    assert office.does("pay", "where", CLAIM_B)["stands"] == "released"
    desk.make_payment_file(office.app, "csv", staff=office.elena)
    desk.payment_state(office.app, first.once, PaymentState.CONFIRMED, staff=office.elena)
    assert office.state(CLAIM_B) == "payment_ordered"
    desk.payment_state(office.app, second.once, PaymentState.CONFIRMED, staff=office.elena)
    assert office.state(CLAIM_B) == "paid"
    assert office.does("pay", "where", CLAIM_B)["stands"] == "confirmed"
    with pytest.raises(GuardError, match="confirms a payment or returns it"):
        desk.payment_state(office.app, first.once, PaymentState.SENT, staff=office.elena)


def test_customer_who_waits_hears_where_his_money_is(office: Office) -> None:
    assert office.does("pay", "where", CLAIM_B)["stands"] == "undecided"
    decision = desk.decide(office.app, CLAIM_B, approval(), staff=office.ana)
    desk.approve(office.app, decision.id, staff=office.radu)
    waits = office.does("pay", "where", CLAIM_B)
    assert (waits["stands"], waits["waits_for"]) == ("account", "customer")
    desk.give_account(office.app, CLAIM_B, staff=office.ana, iban=IBAN, holder="Dan Marin", source="form")
    assert office.does("pay", "where", CLAIM_B)["stands"] == "call_back"
    once = office.show(CLAIM_B)["money_out"][0]["payment"]
    desk.withdraw_payment(office.app, once, staff=office.ana, reason="x")
    assert office.does("pay", "where", CLAIM_B)["stands"] == "to_propose"
    assert "cannot have had it" in office.refuses("pay", "state", once, "confirmed", "--as", "elena")
    assert "no payment" in office.refuses("pay", "release", f"{CLAIM_B}/P7", "--as", "elena")


def test_account_that_an_import_brought_can_be_called_back(office: Office) -> None:
    office.add(customers=[{"id": "dan", "name": "Dan Marin", "phones": [{"value": "+40711222333"}]}])
    with office.app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one()
        brought = {"iban": IBAN, "holder": "Dan Marin", "changed_on": "2026-11-20"}
        claim.record = claim.record | {"bank_account": brought}
    assert "call the customer back" in office.refuses("account", "agree", CLAIM_B, "--as", "radu")

    office.does("account", "call-back", CLAIM_B, "0711 222 333", "--as", "ana")

    assert office.does("account", "agree", CLAIM_B, "--as", "radu")["blocked_by"] is None
    assert "no bank account" in office.refuses("account", "agree", CLAIM_A, "--as", "radu")
    assert "comes by" in office.refuses("account", "give", CLAIM_A, IBAN, "--source", "gossip", "--as", "ana")


def test_what_a_claim_is_about_is_said_by_a_person(office: Office) -> None:
    office.does("describe", CLAIM_A, "--claimant", "ion", "--type", "motor_casco", "--cause", "hail", "--as", "ana")
    shown = office.show(CLAIM_A)
    assert (shown["claimant"], shown["type"], shown["cause"]) == ("ion", "motor_casco", "hail")
    assert "no policy" in office.refuses("describe", CLAIM_A, "--policy", "CAS-9999999", "--as", "ana")
    assert "no customer" in office.refuses("describe", CLAIM_A, "--claimant", "nobody", "--as", "ana")
    assert "no claim type" in office.refuses("describe", CLAIM_A, "--type", "boats", "--as", "ana")
    assert "reopen it" in office.refuses("describe", "CLM26-000091-47", "--cause", "x", "--as", "ana")


def test_office_may_say_who_does_without_an_item(store_url: str, tmp_path: Path) -> None:
    row = {"role": "supervisor", "action": "waive"}
    office = Office.open(store_url, tmp_path, authority=[row])
    try:
        with pytest.raises(GuardError, match="PRO-02"):
            desk.waive(office.app, CLAIM_A, "owners_assoc", staff=office.ana, reason="x")
        desk.waive(office.app, CLAIM_A, "owners_assoc", staff=office.radu, reason="x")
        assert office.desk.state("owners_assoc") == "waived"
    finally:
        office.close()


def test_lists_and_unknown_numbers(office: Office) -> None:
    assert office.run("decisions", "--json")[1] == ""
    decision = desk.decide(office.app, CLAIM_B, approval(), staff=office.ana)
    assert office.does("decisions")["id"] == decision.id
    assert "no decision" in office.refuses("approve", "99", "--as", "radu")
    assert "no task" in office.refuses("task", "answer", "99", "x", "--as", "radu")
    assert "no account change" in office.refuses("account", "confirm", "99", "--as", "radu")
    assert office.run("pay", "list", "--state", "sent", "--json")[1] == ""
    assert office.run("decide", CLAIM_B, "maybe", "--as", "ana")[0] == 2
    assert office.run("decide", CLAIM_B, "approve", "--amount", "1.234", "--as", "ana")[0] == 2
    assert office.run("decide", CLAIM_B, "approve", "--amount", "much", "--as", "ana")[0] == 2
    assert office.run("task", "open", CLAIM_B, "legal", "?", "--due", "soon", "--as", "ana")[0] == 2


def expenses(office: Office) -> list[dict[str, Any]]:
    return [json.loads(each) for each in office.run("expense", "list", CLAIM_B, "--json")[1].splitlines()]


def test_expenses_are_listed_added_corrected_and_struck_by_command(office: Office) -> None:
    [known] = expenses(office)
    shown = office.does("expense", "add", CLAIM_B, "Remorcare", "550", "--as", "ana")
    assert shown["lines"][-1]["total"] == {"amount": "550.00", "currency": "RON"}
    assert shown["lines"][-1]["coverage"] == known["coverage"]
    line = str(expenses(office)[-1]["expense"])

    shown = office.does("expense", "correct", CLAIM_B, line, "--amount", "500.50", "--day", "2026-11-02", "--as", "ana")
    assert shown["lines"][-1]["description"] == "Remorcare"
    assert shown["lines"][-1]["total"]["amount"] == "500.50"
    assert expenses(office)[-1]["spent_on"] == "2026-11-02"
    assert "reason" in office.refuses("expense", "strike", CLAIM_B, line, "--as", "ana")
    office.does("expense", "strike", CLAIM_B, line, "--reason", "dublă", "--as", "ana")
    assert expenses(office) == [known]
    assert "no expense" in office.refuses("expense", "strike", CLAIM_B, line, "--reason", "x", "--as", "ana")
    assert "day to come" in office.refuses("expense", "add", CLAIM_B, "x", "1", "--day", "2030-01-01", "--as", "ana")
