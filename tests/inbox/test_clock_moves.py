"""Clocks at the desk: further time by page and command, once, with its letter."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from inbox import deadlines_sweep, desk
from tests.inbox.decisions_desk import Office
from tests.tickets.desk import CLAIM_B, mail
from tickets.errors import GuardError, UnknownReferenceError
from tickets.models import Escalation, Event, OutboxDelivery, Task

DPO = {"id": "delia", "name": "Delia Rus", "email": "delia@exemplu.example", "role": "dpo"}
WHY = "Cererea privește cinci dosare din arhivă."


@pytest.fixture
def office(store_url: str, tmp_path: Path) -> Iterator[Office]:
    opened = Office.open(store_url, tmp_path)
    opened.add(staff=[DPO])
    yield opened
    opened.close()


def request(office: Office, sender: str = "maria.popescu@example.ro") -> str:
    """Somebody asks for his data; the ticket."""
    filed = office.desk.file_one(mail("Vreau o copie a datelor mele personale, conform GDPR.", sender=sender))
    assert filed.message is not None
    return filed.message.ticket.ref


def gdpr(office: Office, ref: str) -> dict[str, object]:
    [found] = [each for each in office.show(ref)["clocks"] if each["key"] == "gdpr.request"]
    return dict(found)


def letters(office: Office) -> list[OutboxDelivery]:
    with office.app.store.reading() as session:
        found = list(session.scalars(select(OutboxDelivery).where(OutboxDelivery.template == "more_time")))
        assert all(each.message.text for each in found)
        return found


def test_months_are_added_once_and_the_person_is_told_why_and_until_when(office: Office) -> None:
    ref = request(office)
    assert gdpr(office, ref)["due_on"] == "2026-12-23"

    shown = office.does("clock", "extend", ref, "gdpr.request", "--reason", WHY, "--as", "delia")

    [clock] = [each for each in shown["clocks"] if each["key"] == "gdpr.request"]
    assert (clock["state"], clock["due_on"], clock["events"][0]["kind"]) == ("running", "2027-02-23", "extended")
    [letter] = letters(office)
    assert (letter.to_address, letter.medium) == ("maria.popescu@example.ro", "email")
    assert WHY in letter.message.text
    assert "cel târziu marți, 23 februarie 2027" in letter.message.text
    assert "miercuri, 23 decembrie 2026" in letter.message.text
    with office.app.store.reading() as session:
        told = session.scalars(select(Event).where(Event.kind == "clock.extended")).one()
    assert told.actor == f"staff:{office.delia.id}"
    assert (told.detail["before"], told.detail["after"], told.detail["number"]) == ("2026-12-23", "2027-02-23", 2)
    again = office.refuses("clock", "extend", ref, "gdpr.request", "--reason", WHY, "--as", "radu")
    assert "gives no further time after what was added" in again
    assert len(letters(office)) == 1


def test_less_may_be_added_than_the_law_gives_and_never_more(office: Office) -> None:
    ref = request(office)

    for by in ("0", "-1", "3"):
        assert "by 1 to 2" in office.refuses(
            "clock", "extend", ref, "gdpr.request", "--by", by, "--reason", WHY, "--as", "radu"
        )
    office.does("clock", "extend", ref, "gdpr.request", "--by", "1", "--reason", WHY, "--as", "radu")

    assert gdpr(office, ref)["due_on"] == "2027-01-23"


@pytest.mark.parametrize(
    ("staff", "reason", "guard"), [("ana", WHY, "role"), ("radu", " ", "reason"), ("delia", "", "reason")]
)
def test_what_is_refused_adds_nothing_and_tells_nobody(office: Office, staff: str, reason: str, guard: str) -> None:
    ref = request(office)

    with pytest.raises(GuardError) as told:
        desk.extend_clock(office.app, ref, "gdpr.request", staff=getattr(office, staff), reason=reason)

    assert told.value.guard == guard
    assert (gdpr(office, ref)["due_on"], letters(office)) == ("2026-12-23", [])


def test_time_that_is_up_is_not_extended(office: Office) -> None:
    ref = request(office)
    office.at(2026, 12, 24, 8, 0)

    with pytest.raises(GuardError) as told:
        desk.extend_clock(office.app, ref, "gdpr.request", staff=office.radu, reason=WHY)

    assert told.value.guard == "time is up"


def test_stranger_is_told_at_the_address_he_wrote_from_and_a_text_is_no_place_for_a_reason(office: Office) -> None:
    ref = request(office, sender="gigi@x.example")
    texted = office.desk.file_one(
        mail("Vreau o copie a datelor mele personale, conform GDPR.", sender="+40799888777", medium="sms")
    )
    assert texted.message is not None

    desk.extend_clock(office.app, ref, "gdpr.request", staff=office.radu, reason=WHY)
    with pytest.raises(GuardError) as told:
        desk.extend_clock(office.app, texted.message.ticket.ref, "gdpr.request", staff=office.radu, reason=WHY)

    assert [each.to_address for each in letters(office)] == ["gigi@x.example"]
    assert "CLM" not in letters(office)[0].message.text
    assert told.value.guard == "address"


def test_clock_that_does_not_run_here_is_not_found(office: Office) -> None:
    for ref in (request(office), CLAIM_B):
        with pytest.raises(UnknownReferenceError, match=r"no clock us\.tx\.decide runs"):
            desk.extend_clock(office.app, ref, "us.tx.decide", staff=office.radu, reason=WHY)


def test_claims_clock_is_extended_on_the_claim_and_told_to_its_claimant(store_url: str, tmp_path: Path) -> None:
    office = Office.open(store_url, tmp_path, deadlines={"jurisdictions": ["us.erisa"]})
    claim = {"ref": "CLM26-004730-98", "type": "disability", "claimant": "dan", "state": "gathering",
             "loss_date": "2026-11-01", "reported_on": "2026-11-23"}  # fmt: skip
    try:
        office.add(claims=[claim])
        before = {each["key"]: each["due_on"] for each in office.show(claim["ref"])["clocks"]}

        for _ in range(2):
            desk.extend_clock(office.app, claim["ref"], "us.erisa.disability", staff=office.radu, reason=WHY)

        [clock] = [each for each in office.show(claim["ref"])["clocks"] if each["key"] == "us.erisa.disability"]
        assert (before["us.erisa.disability"], clock["due_on"]) == ("2027-01-07", "2027-03-08")
        assert [each.to_address for each in letters(office)] == ["dan.marin@example.ro"] * 2
        assert json.dumps(clock["events"]).count("clock.extended") == 2
    finally:
        office.close()


# --- what only a person knows


def test_data_request_is_answered_when_somebody_says_so_and_stands_while_the_person_proves_who_he_is(
    office: Office,
) -> None:
    ref = request(office)
    office.does("clock", "tell", ref, "identity_check.asked", "--as", "delia")
    assert gdpr(office, ref)["state"] == "paused"
    assert "waits for 'identity_check.asked'" in office.refuses(
        "clock", "tell", ref, "identity_check.asked", "--as", "delia"
    )
    office.at(2026, 11, 30, 8, 0)
    office.does("clock", "tell", ref, "identity_check.passed", "--on", "2026-11-27", "--as", "delia")
    assert (gdpr(office, ref)["state"], gdpr(office, ref)["due_on"]) == ("running", "2026-12-27")

    office.does("clock", "tell", ref, "answer_sent", "--as", "delia")

    assert gdpr(office, ref)["state"] == "met"
    with office.app.store.reading() as session:
        told = list(session.scalars(select(Event).where(Event.kind == "clock.told").order_by(Event.id)))
    assert [(each.actor, each.detail["what"], each.detail["on"]) for each in told] == [
        (f"staff:{office.delia.id}", "identity_check.asked", "2026-11-23"),
        (f"staff:{office.delia.id}", "identity_check.passed", "2026-11-27"),
        (f"staff:{office.delia.id}", "answer_sent", "2026-11-30"),
    ]


def test_word_that_no_clock_waits_for_and_a_day_to_come_are_refused(office: Office) -> None:
    ref = request(office)

    assert "may be told here: answer_sent, identity_check.asked" in office.refuses(
        "clock", "tell", ref, "repaired", "--as", "ana"
    )
    assert "still to come" in office.refuses("clock", "tell", ref, "answer_sent", "--on", "2026-11-24", "--as", "ana")
    assert gdpr(office, ref)["state"] == "running"


@pytest.mark.parametrize(
    ("kind", "told", "key", "state"),
    [
        ("home_pad", ["file.finalised"], "ro.pad.pay", "running"),
        ("motor_rca", ["final_judgment.received"], "ro.rca.pay", "running"),
        ("motor_rca", ["reasoned_reply_sent"], "eu.motor.reasoned_offer", "met"),
        ("warranty", ["repaired"], "ro.warranty", "met"),
        ("warranty", ["replaced"], "ro.warranty", "met"),
        ("benefit_disability", ["petition.misdirected", "forwarded"], "ro.public.misdirected", "met"),
        ("benefit_disability", ["answer_sent"], "ro.public.petition", "met"),
        ("benefit_disability", ["notice.received", "appeal_received"], "us.ssa.appeal", "met"),
    ],
)
def test_every_clock_of_a_claim_is_started_and_met_by_what_a_person_tells(
    tmp_path: Path, migrated_sqlite: Path, kind: str, told: list[str], *, key: str, state: str
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "store.db")
    url = f"sqlite:///{tmp_path}/store.db"
    office = Office.open(url, tmp_path, deadlines={"jurisdictions": [key.partition(".")[0]]})
    claim = {"ref": "CLM26-004730-98", "type": kind, "claimant": "dan", "state": "gathering",
             "loss_date": "2026-11-20", "reported_on": "2026-11-23"}  # fmt: skip
    try:
        office.add(claims=[claim])

        for word in told:
            desk.tell_clocks(office.app, claim["ref"], word, staff=office.ana)

        assert {each["key"]: each["state"] for each in office.show(claim["ref"])["clocks"]}[key] == state
    finally:
        office.close()


def steps(office: Office) -> list[tuple[int, int]]:
    """Every step raised on the clock of the request, with the time it belongs to."""
    with office.app.store.reading() as session:
        query = select(Escalation).order_by(Escalation.id)
        return [(each.extension, each.step) for each in session.scalars(query) if each.clock.key == "gdpr.request"]


def test_steps_of_an_extended_clock_are_owed_anew_and_each_once(office: Office) -> None:
    office.at(2026, 11, 25, 9, 0)
    ref = request(office)
    office.at(2026, 12, 24, 8, 0)  # it is due at Christmas, so its end is told the day before
    deadlines_sweep.sweep(office.app)
    assert steps(office) == [(0, 50), (0, 75), (0, 90), (0, 100)]

    desk.extend_clock(office.app, ref, "gdpr.request", staff=office.radu, reason=WHY)
    deadlines_sweep.sweep(office.app)
    assert {each["step"]: each["raised_at"] for each in gdpr(office, ref)["steps"]} == dict.fromkeys((50, 75, 90, 100))  # type: ignore[attr-defined]
    for day in (8, 9):
        office.at(2027, 1, day, 12, 0)
        deadlines_sweep.sweep(office.app)
    assert steps(office)[4:] == [(1, 50)]
    for hour in (8, 9):
        office.at(2027, 2, 26, hour, 0)
        deadlines_sweep.sweep(office.app)

    assert steps(office)[4:] == [(1, 50), (1, 75), (1, 90), (1, 100)]
    assert gdpr(office, ref)["state"] == "breached"
    with office.app.store.reading() as session:
        asked = session.scalars(select(Task).where(Task.question.startswith("gdpr.request")).order_by(Task.id))
        assert [(each.state, each.due_on.isoformat() if each.due_on else "") for each in asked] == [
            ("cancelled", "2026-12-25"),
            ("open", "2027-02-25"),
        ]
