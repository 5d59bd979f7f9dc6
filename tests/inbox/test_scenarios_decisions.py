"""The acceptance scenarios of decisions - S13, S16, S17, S18 - at a given moment, through desk and commands."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from inbox import desk
from tests.inbox.decisions_desk import Office, approval
from tests.tickets.desk import CLAIM_A, CLAIM_B, links, mail
from tickets import complaints
from tickets.models import Claim, Clock, Message, OutboxDelivery

DENIED = "CLM26-004730-98"
WRONG_IBAN, RIGHT_IBAN = "RO14BTRL0130120567890013", "RO14BTRL0130120567890012"


@pytest.fixture
def office(store_url: str, tmp_path: Path) -> Iterator[Office]:
    opened = Office.open(store_url, tmp_path)
    yield opened
    opened.close()


# --- S13 duplicate


def broker(office: Office) -> None:
    emails = [{"value": "b@broker.example", "shared": True}]
    office.add(customers=[{"id": "broker", "name": "Broker SRL", "kind": "org", "emails": emails}])


def test_s13_brokers_mail_suggests_the_claim_and_a_merged_draft_leaves_one(office: Office) -> None:
    broker(office)
    office.desk.ask()
    text = "polita CAS-0451237, s-a spart o teava pe 14 noiembrie 2026 si s-a inundat bucataria"
    filed = office.desk.file_one(mail(text, sender="b@broker.example"))
    assert links(filed).get(CLAIM_A) == "suggested"
    assert filed.opened is not None
    draft = filed.opened.ref

    office.does("describe", draft, "--policy", "CAS-0451237", "--loss-date", "2026-11-14", "--as", "ana")
    assert "DUP-01" in office.refresh(draft)
    before = {each["key"]: each["started_at"] for each in office.show(CLAIM_A)["clocks"]}
    owner = office.show(CLAIM_A)["owner"]
    done = office.does("merge", draft, CLAIM_A, "--as", "ana", "--reason", "the same loss, told by the broker")

    claim, gone = office.show(CLAIM_A), office.show(draft)
    assert (gone["state"], gone["merged_into"], gone["closed_reason"]) == ("duplicate_of", CLAIM_A, "C04")
    assert filed.message is not None
    assert filed.message.ticket.ref in claim["tickets"]
    assert claim["owner"] == owner == "ana"
    keys = [each["key"] for each in claim["clocks"] if each["state"] in ("running", "paused")]
    assert len(keys) == len(set(keys))
    assert before.items() <= {each["key"]: each["started_at"] for each in claim["clocks"]}.items()
    assert "DUP-01" not in office.refresh(CLAIM_A)
    assert done["merge"] >= 1


def test_s13_clocks_keep_the_earlier_start_whichever_claim_stays(office: Office) -> None:
    early, late = datetime(2026, 11, 16, 8, 0, tzinfo=UTC), datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    other = {
        "ref": "CLM26-004720-31", "type": "home", "policy": "CAS-0451237", "claimant": "maria",
        "loss_date": "2026-11-14", "reported_on": "2026-11-23", "cause": "water_pipe", "state": "draft",
    }  # fmt: skip
    office.add(claims=[other])
    with office.app.store.writing() as session:
        claims = {claim.ref: claim for claim in session.scalars(select(Claim))}
        for ref, start in ((CLAIM_A, early), ("CLM26-004720-31", late)):
            session.add(
                Clock(
                    key="us.erisa.health", claim=claims[ref], statutory=True, started_at=start, due_at=late,
                    due_on=date(2026, 12, 30), recorded_at=start,
                )
            )  # fmt: skip

    desk.merge_claims(office.app, CLAIM_A, "CLM26-004720-31", staff=office.ana)

    with office.app.store.reading() as session:
        [kept] = session.scalars(select(Clock).where(Clock.state == "running", Clock.key == "us.erisa.health"))
        assert kept.started_at == early
        assert kept.claim is not None
        assert kept.claim.ref == "CLM26-004720-31"


# --- S16 account


def approved(office: Office) -> None:
    """Claim B approved for 12,450 lei by Ana and Radu."""
    decision = desk.decide(office.app, CLAIM_B, approval(), staff=office.ana)
    desk.approve(office.app, decision.id, staff=office.radu)


def test_s16_wrong_account_blocks_and_is_asked_for_again_away_from_mail_and_text(office: Office) -> None:
    office.does("account", "give", CLAIM_A, WRONG_IBAN, "--source", "email", "--as", "ana")

    assert office.refresh(CLAIM_A)["ID-03"] == "block"
    assert office.desk.state("bank_account") == "rejected"
    request = desk.ask(office.app, CLAIM_A, staff=office.ana, only=["bank_account"])
    with office.app.store.reading() as session:
        mails = session.scalars(select(Message).where(Message.direction == "out", Message.medium == "email"))
        [text] = [each.text for each in mails]
    assert request in office.show(request)["code"]
    assert "formular" in text
    assert "SMS" in text


def test_s16_fresh_account_waits_for_a_call_back_and_a_second_person(office: Office) -> None:
    approved(office)
    office.add(customers=[{"id": "dan", "name": "Dan Marin", "phones": [{"value": "+40711222333"}]}])
    office.does("account", "give", CLAIM_B, RIGHT_IBAN, "--holder", "Marin D.", "--source", "form", "--as", "ana")
    assert office.refresh(CLAIM_B)["ID-01"] == "warn"
    [payment] = office.show(CLAIM_B)["money_out"]
    once = payment["payment"]

    assert "ID-05" in office.refuses("pay", "release", once, "--as", "elena")
    assert "on file" in office.refuses("account", "call-back", CLAIM_B, "+40799999999", "--as", "ana")
    assert office.does("account", "call-back", CLAIM_B, "+40711222333", "--as", "ana")["blocked_by"] == "ID-05"
    assert "second person" in office.refuses("account", "agree", CLAIM_B, "--as", "ana")
    assert office.does("account", "agree", CLAIM_B, "--as", "elena")["blocked_by"] is None
    assert "PRO-03" in office.refuses("pay", "release", once, "--as", "ana")

    released = office.does("pay", "release", once, "--as", "elena")

    assert (released["state"], released["claim_state"]) == ("released", "payment_ordered")
    assert released["iban"] == "RO..0012"


# --- S17 authority


def test_s17_amount_beyond_ana_goes_to_radu_who_returns_it(office: Office) -> None:
    made = office.does("decide", CLAIM_B, "approve", "--as", "ana")
    assert (made["state"], made["claim_state"]) == ("proposed", "decision_pending_approval")
    assert made["amount"] == {"amount": "12450.00", "currency": "RON"}

    note = "no invoice for the paintwork, 10,000 lei"
    back = office.does("approve", str(made["id"]), "--as", "radu", "--return", "--note", note)

    assert (back["state"], back["claim_state"], back["note"]) == ("returned", "in_review", note)
    moved = [each for each in office.events(CLAIM_B) if each.kind == "claim.moved"][-1]
    assert moved.detail["before"] == "decision_pending_approval"
    assert moved.detail["reason"] == note


def test_s17_refused_part_with_a_code_that_is_not_hers_goes_to_radu(office: Office) -> None:
    part = "10000.00;D10;Art. 2;Nu există factură pentru vopsitorie."
    made = office.does("decide", CLAIM_B, "partial", "--amount", "2450.00", "--refuse", part, "--as", "ana")
    assert made["state"] == "proposed"

    held = office.does("approve", str(made["id"]), "--as", "radu")

    assert (held["state"], held["claim_state"]) == ("in_force", "partially_approved")
    [payment] = office.show(CLAIM_B)["money_out"]
    assert (payment["state"], payment["amount"]["amount"]) == ("proposed", "2450.00")
    with office.app.store.reading() as session:
        letter = session.get(Message, held["letter"])
        assert letter is not None
        assert "2.450,00 lei" in letter.text
        assert "vopsitorie" in letter.text


def test_s17_denial_with_a_code_of_supervisors_is_refused(office: Office) -> None:
    why = office.refuses("decide", CLAIM_A, "deny", "--code", "D03", "--clause", "5", "--facts", "x", "--as", "ana")

    assert "PRO-02" in why
    assert "D03" in why
    assert office.state(CLAIM_A) == "gathering"


# --- S18 denial and appeal


def denied(office: Office) -> None:
    office.at(2026, 11, 20, 9, 0)
    line = {"coverage": "home", "description": "Reparație", "qty": 1, "unit_minor": 90000, "total_minor": 90000}
    claim = {
        "ref": DENIED, "type": "home", "policy": "CAS-0451237", "claimant": "maria", "loss_date": "2026-02-20",
        "reported_on": "2026-11-18", "cause": "water_pipe", "state": "in_review", "owner": "ana", "lines": [line],
        "total_minor": 90000, "documents": "complete",
    }  # fmt: skip
    office.add(claims=[claim])
    arguments = (
        "decide", DENIED, "deny", "--as", "ana", "--code", "D01", "--clause", "Art. 1.1",
        "--quote", "Polița este valabilă de la 1 martie 2026.", "--facts", "Paguba s-a produs la 20 februarie 2026.",
    )  # fmt: skip
    assert "read the letter first" in office.refuses(*arguments)
    seen = office.does(*arguments, "--preview")
    [read] = [each["text"] for each in seen["would_send"] if each["medium"] == "email"]
    assert "Art. 1.1" in read
    assert "SAL-FIN" in read
    assert "ASF" in read
    assert "nu a luat această decizie" in read
    done = office.does(*arguments, "--letter", seen["letter"])
    assert (done["state"], done["claim_state"]) == ("in_force", "denied")
    office.at(2026, 11, 23, 8, 0)


def test_s18_letter_that_leaves_is_the_one_that_was_read(office: Office) -> None:
    denied(office)

    with office.app.store.reading() as session:
        letters = session.scalars(select(OutboxDelivery).where(OutboxDelivery.template == "decision_deny")).all()
        texts = {each.medium: each.message.text for each in letters}
    assert "20 februarie 2026" in texts["email"]
    assert "Art. 1.1" not in texts["sms"]


def test_s18_appeal_goes_to_somebody_else_and_a_founded_one_reopens_the_claim(office: Office) -> None:
    denied(office)

    filed = office.desk.file_one(mail("contest decizia", subject=f"Re: {DENIED}"))

    assert filed.message is not None
    [line] = office.show(DENIED)["complaints"]
    assert (line["complaint"], line["handler"], line["claim"]) == ("2026/1", "mihai", DENIED)
    ticket = office.show(line["ticket"])
    assert ticket["intent"] == "complaint_appeal"
    [clock] = [each for each in ticket["clocks"] if each["key"] == "ro.complaint"]
    assert clock["due_on"] == "2026-12-23"
    with office.app.store.writing() as session:
        session.merge(office.ana).roles = ["representative", "complaints"]
    assert "took part" in office.refuses("complaint", "assign", "2026/1", "ana", "--as", "radu")

    with office.app.store.reading() as session:
        assert complaints.overturned(session) == 0
    settled = office.does(
        "complaint", "settle", "2026/1", "--founded", "--outcome", "CAS-0398112 era în vigoare", "--as", "mihai",
        "--answer", "Polița CAS-0398112 era în vigoare; redeschidem dosarul.",
    )  # fmt: skip

    assert (settled["outcome"], settled["claim_state"], settled["overturned"]) == ("founded", "in_review", 1)
    assert office.show(DENIED)["decisions"][0]["state"] == "overturned"
    assert [each["state"] for each in office.show(line["ticket"])["clocks"] if each["key"] == "ro.complaint"] == ["met"]


def test_s18_complaint_in_another_conversation_gets_its_own_ticket_with_the_message_kept_once(office: Office) -> None:
    denied(office)
    first = office.desk.file_one(mail("In ce stadiu este dosarul?", subject=DENIED))
    assert first.message is not None

    office.desk.file_one(mail("contest decizia", subject=f"Re: {first.message.ticket.ref}"))

    [line] = office.show(DENIED)["complaints"]
    conversation = office.show(first.message.ticket.ref)["messages"]
    appeal = office.show(line["ticket"])["messages"]
    assert line["ticket"] != first.message.ticket.ref
    assert appeal[0]["id"] == conversation[-1]["id"]


def test_s18_unfounded_complaint_leaves_the_decision_in_force(office: Office) -> None:
    denied(office)
    office.desk.file_one(mail("contest decizia", subject=DENIED))

    desk.settle_complaint(office.app, "2026/1", staff=office.mihai, founded=False, outcome="the policy began later")

    assert office.state(DENIED) == "denied"
    assert office.does("complaint", "list")["outcome"] == "unfounded"


def test_decided_claim_of_another_system_is_not_handled_by_its_owner(office: Office) -> None:
    claim = {"ref": DENIED, "type": "home", "claimant": "maria", "loss_date": "2026-02-20", "state": "denied"}
    ioana = {"id": "ioana", "name": "Ioana Rusu", "email": "i@exemplu.example", "role": "complaints"}
    office.add(claims=[{**claim, "owner": "mihai"}], staff=[ioana])

    office.desk.file_one(mail("contest decizia", subject=DENIED))

    [line] = office.show(DENIED)["complaints"]
    assert line["handler"] == "ioana"


def acknowledged(office: Office) -> list[tuple[str, str, str]]:
    """The automatic acknowledgements, oldest first: template, ticket and words."""
    names = ("acknowledgement", "acknowledgement_neutral", "complaint_acknowledgement")
    with office.app.store.reading() as session:
        query = select(OutboxDelivery).where(OutboxDelivery.template.in_(names)).order_by(OutboxDelivery.id)
        return [(each.template, each.message.ticket.ref, each.message.text) for each in session.scalars(query)]


def test_s18_complaint_is_acknowledged_with_its_day_and_the_bodies_outside(office: Office) -> None:
    denied(office)

    office.desk.file_one(mail("contest decizia", subject=f"Re: {DENIED}"))

    [line] = office.show(DENIED)["complaints"]
    [(template, ticket, words)] = acknowledged(office)
    assert (template, ticket) == ("complaint_acknowledgement", line["ticket"])
    assert f"Referința ei este {line['ticket']}" in words
    assert "până miercuri, 23 decembrie 2026" in words
    assert "SAL-FIN" in words
    assert "ASF" in words


def test_s18_complaint_in_another_conversation_is_acknowledged_on_its_own_ticket_once_a_day(office: Office) -> None:
    denied(office)
    first = office.desk.file_one(mail("In ce stadiu este dosarul?", subject=DENIED))
    assert first.message is not None

    for _ in range(2):
        office.desk.file_one(mail("contest decizia", subject=f"Re: {first.message.ticket.ref}"))

    [(template, ticket, _)] = acknowledged(office)
    assert template == "complaint_acknowledgement"
    assert ticket != first.message.ticket.ref
    assert ticket in {each["ticket"] for each in office.show(DENIED)["complaints"]}


def test_s18_complaint_of_a_stranger_is_acknowledged_without_a_word_on_the_claim(office: Office) -> None:
    denied(office)

    office.desk.file_one(mail("contest decizia", subject=f"Re: {DENIED}", sender="gigi@x.example"))

    [(template, _, words)] = acknowledged(office)
    assert template == "acknowledgement_neutral"
    assert DENIED not in words
