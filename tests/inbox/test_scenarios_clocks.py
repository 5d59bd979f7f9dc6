"""The acceptance scenarios of the clocks: working days, pauses, steps, reminders, and a night without the program."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from inbox import config, deadlines_sweep, desk
from inbox.app import App
from tests.inbox.clocks_desk import ClocksDesk
from tests.inbox.test_desk import TABLES
from tests.tickets.desk import (
    BOTH,
    CLAIM_A,
    CLAIM_B,
    MARIA,
    NOW,
    attachment,
    fill,
    letter,
    mail,
    out_of_office,
    sms,
)  # fmt: skip
from tickets import deadlines
from tickets.errors import GuardError
from tickets.messages import BouncedAddress, Medium, MessageKind
from tickets.models import (
    Claim,
    ClaimState,
    Clock,
    Escalation,
    Message,
    OutboxDelivery,
    Payment,
    PaymentState,
    Request,
    Task,
)

R1 = f"{CLAIM_A}/R1"
SECOND_RCA = "CLM26-004720-31"


@pytest.fixture
def office(store_url: str, tmp_path: Path) -> Iterator[ClocksDesk]:
    yield from _office(store_url, tmp_path)


def _office(store_url: str, tmp_path: Path, **tables: Any) -> Iterator[ClocksDesk]:
    settings = config.parse({**TABLES, **tables, "store": {"url": store_url}}, folder=tmp_path)
    app = App(settings=settings, clock=lambda: NOW)
    fill(app.store, app.office)
    yield ClocksDesk(app)
    app.close()


def asked(office: ClocksDesk) -> ClocksDesk:
    """R1 of the scenarios: sent by Ana on Monday 23 November, taken by the customer's server at 10:01."""
    desk.ask(office.app, CLAIM_A, staff=office.staff("Ana"), only=BOTH)
    office.deliver()
    return office


# --- S2, S3, S8: pauses


def test_s2_time_to_resolve_stands_from_the_delivery_of_the_request(office: ClocksDesk) -> None:
    desk.ask(office.app, CLAIM_A, staff=office.staff("Ana"), only=BOTH)
    assert office.clock(CLAIM_A, "int.resolve")["state"] == "running"

    office.deliver()

    resolve = office.clock(CLAIM_A, "int.resolve")
    assert (resolve["state"], resolve["paused_at"]) == ("paused", "2026-11-23T10:01:00+02:00")
    assert office.show(CLAIM_A)["state"] == "gathering"


def test_s3_answer_that_names_an_item_lets_it_go_on(office: ClocksDesk) -> None:
    asked(office).at("2026-11-23T15:00").receive(sms("trimit adeverinta maine"))

    resolve = office.clock(CLAIM_A, "int.resolve")
    assert (resolve["state"], resolve["due_on"]) == ("running", "2026-12-09")
    assert [(each["kind"], each["at"][:16]) for each in resolve["events"]] == [
        ("paused", "2026-11-23T10:01"),
        ("resumed", "2026-11-23T15:00"),
    ]


@pytest.mark.parametrize(
    "message", [sms("Buna ziua, cand primesc banii?"), out_of_office(sender=MARIA, in_reply_to=()), sms("multumesc")]
)
def test_message_that_names_no_item_leaves_it_standing(office: ClocksDesk, message: Any) -> None:
    asked(office).at("2026-11-24T15:00").receive(message)

    assert office.clock(CLAIM_A, "int.resolve")["state"] == "paused"


def test_s8_bounce_takes_the_pause_back_to_where_it_began(office: ClocksDesk) -> None:
    asked(office)
    first = office.sent("request")[0].message.message_id or ""
    report = mail(
        sender="mailer-daemon@example.ro", kind=MessageKind.BOUNCE, acknowledge=False, original_message_id=first,
        bounced=(BouncedAddress(address=MARIA, action="failed", status="5.1.1"),),
    )  # fmt: skip

    office.at("2026-11-25T10:00").receive(report)
    office.receive(replace(report, message_id="again@example.ro"))
    office.at("2026-11-25T10:01")

    resolve = office.clock(CLAIM_A, "int.resolve")
    assert [each["kind"] for each in resolve["events"]] == ["paused", "unpaused"]
    assert (resolve["state"], resolve["due_on"]) == ("running", "2026-12-09")
    [task] = office.tasks("delivery")
    assert task.assignee_id == office.staff("Ana").id
    office.at("2026-12-02T09:00")
    assert [each.medium for each in office.sent("reminder")] == [Medium.SMS]


def test_longest_pause_ends_by_itself(office: ClocksDesk) -> None:
    asked(office).at("2026-12-24T10:00")

    resolve = office.clock(CLAIM_A, "int.resolve")
    assert resolve["state"] == "running"
    assert resolve["events"][-1]["at"] == "2026-12-23T10:01:00+02:00"


def test_letter_counts_from_the_stamp_of_the_mail_room(office: ClocksDesk) -> None:
    filed = office.receive(letter("Buna ziua, polita CAS-0451237", received_on=date(2026, 11, 20)))

    assert filed.message is not None
    assert office.clock(filed.message.ticket.ref, "int.resolve")["started_at"] == "2026-11-20T00:00:00+02:00"
    assert office.clock(filed.message.ticket.ref, "int.first_response")["due_on"] == "2026-11-24"


# --- S10: the ladder


def test_s10_ladder_reminds_twice_on_working_days_then_proposes_to_close(office: ClocksDesk) -> None:
    asked(office)
    for day in ("2026-11-30", "2026-12-01"):
        office.at(f"{day}T12:00")
    assert office.sent("reminder", "final_reminder") == []

    office.receive(mail("Atasez devizul", subject=f"[{CLAIM_A}]", files=(attachment("deviz reparatie.pdf"),)))
    desk.read(office.app, office.show(R1)["ticket"])
    office.at("2026-12-02T09:00").at("2026-12-02T09:30")
    [reminder] = office.sent("reminder")
    assert "asociația" in reminder.message.text
    assert "Deviz" not in reminder.message.text
    assert (reminder.automatic, reminder.medium) == (True, Medium.EMAIL)

    office.at("2026-12-07T09:00")
    finals = {each.medium: each.message.text for each in office.sent("final_reminder")}
    assert "23 decembrie" in finals[Medium.EMAIL]
    assert "23 dec" in finals[Medium.SMS]
    [call] = office.tasks("phone")
    assert call.assignee_id == office.staff("Ana").id

    office.at("2026-12-22T12:00")
    assert office.tasks("closing") == []
    office.at("2026-12-23T09:00").at("2026-12-23T10:00")
    [proposal] = office.tasks("closing")
    assert "C01" in proposal.question
    assert office.show(CLAIM_A)["state"] == "gathering"


def test_s10_mail_after_closing_for_silence_reopens_the_claim_to_its_owner(office: ClocksDesk) -> None:
    asked(office)
    for day in ("2026-12-02", "2026-12-07", "2026-12-23"):
        office.at(f"{day}T09:00")
    ana = office.staff("Ana")
    desk.done(office.app, office.show(R1)["ticket"], staff=ana)
    desk.close(office.app, CLAIM_A, "C01", staff=ana)
    closed = office.show(CLAIM_A)
    assert (closed["state"], closed["closed_reason"]) == ("closed", "C01")

    filed = office.at("2027-01-04T11:00").receive(mail("Am gasit adeverinta, o trimit azi", subject=f"[{CLAIM_A}]"))

    assert office.show(CLAIM_A)["state"] == "reopened"
    assert filed.message is not None
    assert filed.message.ticket.owner_id == ana.id


def second_rca(office: ClocksDesk) -> None:
    """A claim whose application came the same day, with a request that left the same day."""
    claim = {
        "ref": SECOND_RCA, "type": "motor_rca", "policy": "RO/25/V25/HV 012345678", "claimant": "dan",
        "loss_date": "2026-11-20", "reported_on": "2026-11-23", "application_received_on": "2026-11-23",
        "cause": "collision", "state": "gathering", "owner": "ana",
    }  # fmt: skip
    request = {
        "claim": SECOND_RCA, "no": 1, "state": "open", "sent_at": "2026-11-23T10:00:00+02:00",
        "delivered_at": "2026-11-23T10:01:00+02:00", "due_on": "2026-12-07", "items": ["amicable_form"],
        "deliveries": [{"medium": "email", "to": "dan.marin@example.ro"}],
    }  # fmt: skip
    office.desk.add(claims=[claim], requests=[request])


def test_s10_closing_in_silence_is_refused_where_a_law_wants_an_answer(office: ClocksDesk) -> None:
    second_rca(office)

    for day in ("2026-12-02", "2026-12-07", "2026-12-23"):
        office.at(f"{day}T09:00")

    with pytest.raises(GuardError, match=r"ro\.rca\.offer due 23 Dec: offer or reasoned refusal"):
        desk.close(office.app, SECOND_RCA, "C01", staff=office.staff("Radu"))
    [refused] = office.tasks("closing_refused")
    assert "ro.rca.offer due 23 Dec: offer or reasoned refusal" in refused.question
    assert office.tasks("closing") == []
    [final] = office.sent("final_reminder")
    assert "închide" not in final.message.text


@pytest.mark.parametrize(
    ("text", "reason"),
    [("trimit adeverinta maine", "answered"), ("Va anunt ca sotia mea a decedat saptamana trecuta", "death notice")],
)
def test_answer_in_words_and_a_death_stop_the_reminders(office: ClocksDesk, text: str, reason: str) -> None:
    asked(office).at("2026-11-24T10:00").receive(sms(text))
    office.at("2026-12-23T10:00")

    assert office.sent("reminder", "final_reminder") == []
    with office.app.store.reading() as session:
        assert session.scalars(select(Request.ladder_stopped).where(Request.code == R1)).one() == reason


def test_complaint_stops_the_reminders(office: ClocksDesk) -> None:
    asked(office).at("2026-11-24T10:00").receive(
        mail("Depun o reclamatie, sunt foarte nemultumita de cum ma tratati", subject=f"Reclamatie {CLAIM_A}")
    )
    with office.app.store.writing() as session:
        for message in session.scalars(select(Message)):
            message.ticket.unread = False
        session.scalars(
            select(Message).where(Message.subject.startswith("Recl"))
        ).one().ticket.kind = "complaint_appeal"

    office.at("2026-12-02T10:00")

    assert office.sent("reminder") == []


def test_special_investigation_stops_the_reminders(office: ClocksDesk) -> None:
    asked(office)
    with office.app.store.writing() as session:
        session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one().state = ClaimState.SIU_HOLD

    office.at("2026-12-02T10:00")

    assert office.sent("reminder") == []


def test_what_the_customer_wrote_is_read_before_anybody_is_reminded(office: ClocksDesk) -> None:
    asked(office).at("2026-11-25T10:00").receive(sms("Buna ziua, cand primesc banii?"))

    office.at("2026-12-02T10:00")
    assert office.sent("reminder") == []
    desk.read(office.app, office.show(R1)["ticket"])
    office.at("2026-12-03T09:00")

    assert len(office.sent("reminder")) == 1


def test_s9_after_stop_reminders_go_on_by_mail(office: ClocksDesk) -> None:
    asked(office).at("2026-11-25T10:00").receive(sms("STOP", opt_out=True))

    office.at("2026-12-02T09:00").at("2026-12-07T09:00")

    assert {each.medium for each in office.sent("reminder", "final_reminder")} == {Medium.EMAIL}


def test_steps_missed_while_the_program_was_down_come_one_after_the_other(office: ClocksDesk) -> None:
    asked(office)

    office.at("2026-12-19T03:00").at("2026-12-19T03:01")

    [reminder] = office.sent("reminder")
    assert reminder.due_at == office.local("2026-12-21T09:00")  # nobody is woken on a Saturday night
    assert office.sent("final_reminder") == []
    office.at("2026-12-28T09:00")
    assert len(office.sent("final_reminder")) == 2


# --- S11: the clock of motor liability


def test_s11_offer_is_due_on_the_thirtieth_day_and_told_before_the_holidays(office: ClocksDesk) -> None:
    offer = office.clock(CLAIM_B, "ro.rca.offer")

    assert offer["due_on"] == "2026-12-02"
    assert offer["due"]["en"] == "Wednesday 2 December 2026"
    assert [(each["step"], each["day"]) for each in offer["steps"]] == [
        (50, "2026-11-17"), (75, "2026-11-24"), (90, "2026-11-29"), (100, "2026-12-02")
    ]  # fmt: skip
    assert offer["steps"][2]["planned_at"][:10] == "2026-11-27"
    assert offer["source"]["ro"].startswith("Legea 132/2017")

    for moment in ("2026-11-23T10:00", "2026-11-24T09:00", "2026-11-27T08:59", "2026-11-27T09:00", "2026-11-29T09:00"):
        office.at(moment)

    assert office.raised("ro.rca.offer") == {50: "2026-11-23T10:00", 75: "2026-11-24T09:00", 90: "2026-11-27T09:00"}
    [task] = office.tasks("escalation")
    assert (task.department, task.due_on and task.due_on.isoformat()) == ("supervisor", "2026-12-02")


def test_s11_payment_is_due_ten_days_after_acceptance_and_its_delay_costs(office: ClocksDesk) -> None:
    office.at("2026-11-27T12:00")
    tell(office, "offer_sent")
    assert office.clock(CLAIM_B, "ro.rca.offer")["state"] == "met"
    office.at("2026-12-02T12:00")
    tell(office, "offer.accepted")

    pay = office.clock(CLAIM_B, "ro.rca.pay")
    assert (pay["due_on"], pay["last_working_day"]) == ("2026-12-12", "2026-12-11")
    office.at("2026-12-29T12:00")
    assert office.clock(CLAIM_B, "ro.rca.pay")["state"] == "breached"
    pay_out(office, minor=1_245_000)
    tell(office, "payment_sent")
    pay = office.clock(CLAIM_B, "ro.rca.pay")
    assert (pay["state"], pay["late_days"]) == ("met", 17)
    assert pay["penalties"] == [
        {
            "days": 17, "first": "2026-12-13", "last": "2026-12-29", "per_cent_a_day": "0.2",
            "amount": {"amount": "423.30", "currency": "RON"},
        }
    ]  # fmt: skip
    assert [each["kind"] for each in pay["events"]] == ["breached", "met"]


def pay_out(office: ClocksDesk, *, minor: int) -> None:
    with office.app.store.writing() as session:
        session.add(
            Payment(
                claim=session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one(), once=f"{CLAIM_B}/P1",
                state=PaymentState.SENT, payee="Dan Marin", iban="RO14BTRL0130120567890012", amount_minor=minor,
                proposed_at=office.app.clock(),
            )
        )  # fmt: skip


def tell(office: ClocksDesk, what: str, ref: str = CLAIM_B) -> None:
    """What a move of the claim tells the clocks."""
    now = office.app.clock()
    with office.app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == ref)).one()
        deadlines.happened(session, office.app.office, what, claim=claim, at=now, now=now)


# --- S12: working days


@pytest.mark.parametrize(("after_hours", "due"), [("same_day", "2026-12-03"), ("next_day", "2026-12-04")])
def test_s12_mail_after_hours_is_answered_within_two_working_days(
    store_url: str, tmp_path: Path, after_hours: str, due: str
) -> None:
    for office in _office(store_url, tmp_path, deadlines={"after_hours": after_hours}):
        filed = office.at("2026-11-27T17:30").receive(mail("Buna ziua, cand sunteti deschisi?"))
        assert filed.message is not None
        first = office.clock(filed.message.ticket.ref, "int.first_response")

        assert first["due_at"] == f"{due}T17:00:00+02:00"
        second_rca_at(office, "2026-11-27")
        assert office.clock(SECOND_RCA, "ro.rca.offer")["due_on"] == "2026-12-27"


def second_rca_at(office: ClocksDesk, day: str) -> None:
    office.desk.add(
        claims=[
            {
                "ref": SECOND_RCA, "type": "motor_rca", "claimant": "dan", "loss_date": "2026-11-20",
                "reported_on": day, "application_received_on": f"{day}T17:30:00+02:00", "cause": "collision",
                "state": "in_review",
            }
        ]
    )  # fmt: skip


# --- S19: the authority asks


def test_s19_request_of_the_authority_is_due_on_the_tenth_day(office: ClocksDesk) -> None:
    now = office.app.clock()
    with office.app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one()
        task = Task(
            kind="asf_file", department="legal", claim=claim, question="ASF request 2026-11-23", made_by="staff:1",
            made_at=now,
        )  # fmt: skip
        session.add(task)
        deadlines.happened(session, office.app.office, "asf.request_received", claim=claim, task=task, at=now, now=now)

    file = office.clock(CLAIM_B, "ro.complaint.asf_file")
    assert (file["due_on"], file["due"]["ro"]) == ("2026-12-03", "joi, 3 decembrie 2026")
    tell(office, "file_sent")
    assert office.clock(CLAIM_B, "ro.complaint.asf_file")["state"] == "met"


# --- S20: the night


def test_s20_weekend_breaches_stand_on_mondays_list_oldest_law_first(office: ClocksDesk) -> None:
    second_rca_at(office, "2026-11-13")  # due on Sunday 13 December
    office.at("2026-11-27T12:00")
    tell(office, "offer_sent")
    tell(office, "offer.accepted")  # to be paid by Monday 7 December
    office.receive(mail("Buna ziua, cand sunteti deschisi?"))

    office.at("2026-12-14T08:00")

    with office.app.store.reading() as session:
        breaches = [each.key for each in deadlines.breaches(session, limit=50)]
    assert breaches[:2] == ["ro.rca.pay", "ro.rca.offer"]
    assert set(breaches[2:]) <= {"int.ack", "int.first_response", "int.triage", "int.resolve"}
    claim = office.show(SECOND_RCA)
    assert claim["owner"] == "radu"


def test_s20_steps_missed_in_the_night_are_raised_once_each_when_the_program_is_back(office: ClocksDesk) -> None:
    office.at("2026-12-05T03:30")

    assert office.raised("ro.rca.offer") == dict.fromkeys((50, 75, 90, 100), "2026-12-05T03:30")
    with office.app.store.reading() as session:
        planned = list(
            session.scalars(
                select(Escalation.planned_for).join(Clock).where(Clock.key == "ro.rca.offer").order_by(Escalation.step)
            )
        )
    assert planned[2] == office.local("2026-11-27T09:00")
    assert len(office.tasks("escalation")) == 1


def test_s20_two_sweepers_raise_each_step_once(office: ClocksDesk) -> None:
    for number in range(60):
        office.receive(mail(f"Buna ziua {number}, cand sunteti deschisi?", sender=f"om{number}@example.ro"))
    asked(office)
    office.app.clock = lambda: office.local("2026-12-08T10:00")
    failures: list[BaseException] = []

    def run() -> None:
        try:
            deadlines_sweep.sweep(office.app)
        except BaseException as error:
            failures.append(error)

    sweepers = [threading.Thread(target=run) for _ in range(3)]
    for each in sweepers:
        each.start()
    for each in sweepers:
        each.join()

    assert failures == []
    with office.app.store.reading() as session:
        raised = [(each.clock_id, each.step) for each in session.scalars(select(Escalation))]
        reminders = session.scalars(
            select(OutboxDelivery).where(OutboxDelivery.template.in_(["reminder", "final_reminder"]))
        ).all()
        open_ones = session.scalars(select(Clock).where(Clock.next_at <= office.app.clock())).all()
    assert len(raised) == len(set(raised)) >= 60 * 2 * 4
    assert len(reminders) == 1
    assert open_ones == []
