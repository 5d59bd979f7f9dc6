"""Clocks in the store: what moves, messages and imports mean for them, under laws that scenarios do not know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.tickets.desk import CLAIM_A, CLAIM_B, NOW, OFFICE, Desk, mail
from tickets import deadlines
from tickets.database import Store
from tickets.deadlines import Occurrence, Standing, escalation, happenings, importing
from tickets.deadlines.filing import of_judging, of_notice
from tickets.messages import Medium, MessageKind
from tickets.models import (
    Claim,
    ClaimState,
    Clock,
    ClockState,
    Escalation,
    Request,
    RequestState,
    Staff,
    Task,
    Ticket,
)  # fmt: skip
from tickets.office import Office

AMERICA = replace(OFFICE, jurisdictions=("us",))
UNITED_KINGDOM = replace(OFFICE, jurisdictions=("uk",))
DAY = timedelta(days=1)
DISABILITY = "CLM26-004720-31"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE.timezone).astimezone(UTC)


def claim_row(claim_type: str, **changes: object) -> dict[str, object]:
    return {
        "ref": DISABILITY, "type": claim_type, "claimant": "maria", "loss_date": "2026-11-10",
        "reported_on": "2026-11-16", "cause": "water_pipe", "state": "in_review", "owner": "ana", **changes,
    }  # fmt: skip


def tell(desk: Desk, what: str, ref: str = DISABILITY, *, at: datetime = NOW, request: str | None = None) -> None:
    with desk.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == ref)).one()
        deadlines.happened(session, desk.office, what, claim=claim, at=at, now=at, request=request)


def standings(desk: Desk, ref: str = DISABILITY) -> list[Standing]:
    with desk.store.reading() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == ref)).one()
        return deadlines.of_claim(session, desk.office, claim)


def of(desk: Desk, key: str, ref: str = DISABILITY) -> list[Standing]:
    return [each for each in standings(desk, ref) if each.definition.key == key]


def on_ticket(desk: Desk, **changes: object) -> dict[str, Clock]:
    filed = desk.file_one(mail(**changes))  # type: ignore[arg-type]
    assert filed.message is not None
    with desk.store.reading() as session:
        found = deadlines.of_ticket(session, desk.office, session.get_one(Ticket, filed.message.ticket.id))
        return {each.definition.key: each.clock for each in found}


def sweep(desk: Desk, moment: str, office: Office | None = None) -> None:
    with desk.store.writing() as session:
        escalation.raise_due(session, office or desk.office, now=local(moment))


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.with_world(store)


@pytest.fixture
def america(store: Store) -> Desk:
    return Desk.with_world(store, AMERICA)


# --- words and moments


def test_word_that_no_clock_knows_is_a_mistake_of_ours(desk: Desk) -> None:
    with pytest.raises(ValueError, match=r"no clock knows the word 'offer\.snet'"):
        tell(desk, "offer.snet", CLAIM_B)
    with desk.store.writing() as session, pytest.raises(ValueError, match="no clock knows"):
        deadlines.passed(session, Occurrence(what="gone", at=NOW), now=NOW)


def test_nothing_that_happened_asks_the_store_nothing(desk: Desk) -> None:
    with desk.store.writing() as session:
        deadlines.happened_all(session, desk.office, [], now=NOW)
        deadlines.happened(session, desk.office, "claim.notice", at=NOW, now=NOW)


def test_date_that_is_a_slip_of_the_pen_starts_nothing(desk: Desk) -> None:
    desk.add(claims=[claim_row("motor_rca", application_received_on="9999-12-31", reported_on="9999-12-31")])

    assert standings(desk) == []


def test_what_is_told_twice_starts_once(desk: Desk) -> None:
    tell(desk, "claim.application_received", CLAIM_B)

    [offer] = of(desk, "ro.rca.offer", CLAIM_B)
    assert offer.clock.started_at == local("2026-11-02T09:00")


def test_claim_that_is_withdrawn_owes_nothing_any_more(desk: Desk) -> None:
    tell(desk, "claim.withdrawn", CLAIM_B)

    assert {each.clock.state for each in standings(desk, CLAIM_B)} == {ClockState.CANCELLED}
    with desk.store.reading() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one()
        assert deadlines.running_statutory(session, claim) == []


# --- laws of other countries


def test_clock_that_a_merge_has_ended_is_not_revived_by_a_request_that_came_back(america: Desk) -> None:
    america.add(claims=[claim_row("health")])
    tell(america, "all_items.received", at=local("2026-11-18T10:00"))
    with america.store.writing() as session:
        clock = session.scalars(select(Clock).where(Clock.key == "us.tx.decide")).one()
        clock.state, clock.next_at, clock.next_step = ClockState.CANCELLED, None, None  # as a merge leaves it

    tell(america, "request.undelivered", at=local("2026-11-20T10:00"), request="R1")

    [stopped] = of(america, "us.tx.decide")
    assert stopped.clock.state is ClockState.CANCELLED


def test_texas_decides_anew_after_every_item_that_is_asked_for(america: Desk) -> None:
    america.add(claims=[claim_row("health")])
    tell(america, "all_items.received", at=local("2026-11-18T10:00"))
    tell(america, "all_items.received", at=local("2026-11-18T10:00"))
    [first] = of(america, "us.tx.decide")

    tell(america, "request.delivered", at=local("2026-11-19T10:00"), request="R1")
    [stopped] = of(america, "us.tx.decide")
    tell(america, "request.undelivered", at=local("2026-11-20T10:00"), request="R2")
    tell(america, "request.undelivered", at=local("2026-11-20T10:00"), request="R1")
    [revived] = of(america, "us.tx.decide")
    tell(america, "all_items.received", at=local("2026-11-24T10:00"))
    anew, ended = of(america, "us.tx.decide")

    assert first.is_open
    assert stopped.clock.state is ClockState.CANCELLED
    assert revived.clock.state is ClockState.RUNNING
    assert revived.reckoned.due_on == first.reckoned.due_on
    assert (anew.is_open, ended.is_open) == (True, False)
    assert anew.clock.started_at == local("2026-11-24T10:00")


def test_benefit_plan_waits_for_the_customer_at_most_forty_five_days(america: Desk) -> None:
    america.add(claims=[claim_row("disability")])
    tell(america, "request.delivered", at=local("2026-11-18T10:00"), request="R1")
    tell(america, "request.delivered", at=local("2026-11-19T10:00"), request="R1")
    [waiting] = of(america, "us.erisa.disability")
    assert waiting.clock.paused_at == local("2026-11-18T10:00")

    sweep(america, "2027-01-02T10:00")

    [going_on] = of(america, "us.erisa.disability")
    assert going_on.reckoned.course.pauses[0].end == local("2027-01-02T10:00")
    assert going_on.reckoned.due_on == waiting.reckoned.due_on + 45 * DAY


def test_pause_of_another_request_is_not_taken_back(america: Desk) -> None:
    america.add(claims=[claim_row("disability")])
    tell(america, "request.delivered", at=local("2026-11-18T10:00"), request="R1")

    tell(america, "request.undelivered", at=local("2026-11-19T10:00"), request="R2")
    assert of(america, "us.erisa.disability")[0].clock.state is ClockState.PAUSED
    tell(america, "request.withdrawn", at=local("2026-11-20T10:00"), request="R1")

    assert of(america, "us.erisa.disability")[0].clock.state is ClockState.RUNNING


def test_california_hears_every_thirty_days_how_it_stands(america: Desk) -> None:
    america.add(claims=[claim_row("health")])
    tell(america, "proof_of_claim.received", at=local("2026-11-18T10:00"))

    for moment in ("2026-12-29T10:00", "2027-01-20T10:00", "2027-01-28T10:00", "2027-02-28T10:00", "2027-02-28T11:00"):
        sweep(america, moment)

    [decide] = of(america, "us.ca.decide")
    assert sorted(decide.raised) == [50, 75, 90, 100, 101, 102]
    assert decide.raised[101] == local("2027-01-28T10:00")


def test_customers_own_time_is_broken_without_anybody_being_told(america: Desk) -> None:
    america.add(claims=[claim_row("benefit_disability")])
    tell(america, "notice.received", at=local("2026-11-16T10:00"))

    sweep(america, "2027-03-01T10:00")

    [appeal] = of(america, "us.ssa.appeal")
    assert appeal.clock.state is ClockState.BREACHED
    assert appeal.raised == {}
    assert not appeal.blocks_closing


def test_complaint_runs_under_the_law_of_the_country(store: Store) -> None:
    desk = Desk.with_world(store, UNITED_KINGDOM)

    clocks = on_ticket(desk, text="Depun o reclamatie, sunt foarte nemultumita", subject="Reclamatie")

    assert {"uk.complaint.final", "uk.complaint.quick"} <= clocks.keys()


# --- identity checks


def test_month_of_a_data_request_stands_while_we_ask_who_writes(desk: Desk) -> None:
    clocks = on_ticket(desk, text="Cer o copie a datelor mele personale conform GDPR", subject="Cerere date personale")
    ticket_id = clocks["gdpr.request"].ticket_id

    def check(what: str, day: str) -> Clock:
        with desk.store.writing() as session:
            ticket = session.get_one(Ticket, ticket_id)
            deadlines.happened(session, OFFICE, what, ticket=ticket, at=local(day), now=local(day))
            return session.scalars(select(Clock).where(Clock.key == "gdpr.request")).one()

    assert check("identity_check.passed", "2026-11-24T10:00").state is ClockState.RUNNING
    assert check("identity_check.asked", "2026-11-24T10:00").state is ClockState.PAUSED
    sweep(desk, "2026-12-20T10:00")
    passed = check("identity_check.passed", "2026-11-30T10:00")
    assert (passed.state, passed.due_on.isoformat()) == (ClockState.RUNNING, "2026-12-29")
    assert check("answer_sent", "2026-12-01T10:00").state is ClockState.MET


def test_data_request_beside_another_matter_has_its_month_too(desk: Desk) -> None:
    asked = desk.file_one(mail("In ce stadiu este dosarul meu?", subject="Dosar"))
    assert asked.message is not None
    thread = (asked.message.message_id or "",)

    filed = desk.file_one(mail("Cer o copie a datelor mele personale conform GDPR", in_reply_to=thread))

    assert filed.message is not None
    ticket = filed.message.ticket_id
    with desk.store.writing() as session:
        clock = session.scalars(select(Clock).where(Clock.key == "gdpr.request")).one()
        assert (clock.ticket_id, clock.message_id) == (ticket, filed.message.id)
        assert session.get_one(Ticket, ticket).kind != "data_request"
        at = local("2026-12-01T10:00")
        deadlines.happened(session, OFFICE, "answer_sent", ticket=session.get_one(Ticket, ticket), at=at, now=at)
        assert clock.state is ClockState.MET


# --- what comes in


def test_caller_has_spoken_with_somebody_and_spam_is_only_looked_at(desk: Desk) -> None:
    called = on_ticket(desk, text="Buna ziua, cand sunteti deschisi?", medium=Medium.PHONE, acknowledge=False)
    lure = "You have won 1,000,000 USD in our lottery! Click here to claim your prize"
    filed = desk.file_one(mail(lure, sender="x@spam.example"))
    assert filed.message is not None
    assert filed.message.ticket.kind == "spam"
    with desk.store.reading() as session:
        spam = deadlines.of_ticket(session, OFFICE, session.get_one(Ticket, filed.message.ticket.id))

    assert {"int.triage", "int.resolve"} == called.keys()
    assert [each.definition.key for each in spam] == ["int.triage"]


def test_second_mail_of_a_day_has_been_acknowledged_already(desk: Desk) -> None:
    first = on_ticket(desk, text="Buna ziua, cand sunteti deschisi?", sender="om@example.ro")
    second = on_ticket(desk, text="Si inca ceva: unde aveti sediul?", sender="om@example.ro")

    assert "int.ack" in first
    assert "int.ack" not in second


def test_resolved_ticket_keeps_what_the_law_asks_for(desk: Desk) -> None:
    clocks = on_ticket(desk, text="Depun o reclamatie, sunt foarte nemultumita", subject="Reclamatie")
    with desk.store.writing() as session:
        ticket = session.get_one(Ticket, clocks["int.resolve"].ticket_id)
        deadlines.happened(session, OFFICE, "ticket.resolved", ticket=ticket, at=NOW, now=NOW)
        states = {each.key: each.state for each in session.scalars(select(Clock).where(Clock.ticket_id == ticket.id))}

    assert states["ro.complaint"] is ClockState.RUNNING
    assert states["int.resolve"] is ClockState.MET
    assert states["int.first_response"] is ClockState.CANCELLED


def test_judging_the_last_item_lets_the_time_to_resolve_go_on(desk: Desk) -> None:
    code = desk.ask()
    with desk.store.writing() as session:
        request = session.scalars(select(Request).where(Request.code == code)).one()
        words = [each.what for each in of_judging(request.claim, request, NOW)]
        assert words == []
        request.state = RequestState.ANSWERED
        for row in request.claim.requirements:
            row.state = type(row.state).ACCEPTED
        before = [each.what for each in of_judging(request.claim, None, NOW)]
        assert before == ["all_items.received", "proof_of_claim.received"]
        request.claim.state = ClaimState.APPROVED
        words = [each.what for each in of_judging(request.claim, request, NOW)]

    assert words == [
        "request.withdrawn",
        "all_items.received",
        "proof_of_claim.received",
        "requested_documents.complete",
    ]


# --- what other systems bring


def test_notice_within_sixty_days_keeps_the_customers_own_time(desk: Desk) -> None:
    desk.add(claims=[claim_row("home_pad", cause="flood")])

    [notice] = of(desk, "ro.pad.notice")
    assert (notice.clock.state, notice.late_days) == (ClockState.MET, 0)
    assert notice.reckoned.due_on.isoformat() == "2027-01-09"


def test_import_that_corrects_a_date_moves_what_still_runs(desk: Desk) -> None:
    desk.add(claims=[claim_row("motor_rca")])
    assert of(desk, "ro.rca.offer")[0].clock.started_at == local("2026-11-16T00:00")

    desk.add(claims=[claim_row("motor_rca", application_received_on="2026-11-12")])
    [corrected] = of(desk, "ro.rca.offer")
    tell(desk, "offer_sent")
    desk.add(claims=[claim_row("motor_rca", application_received_on="2026-11-12")])
    [met] = of(desk, "ro.rca.offer")

    assert corrected.clock.started_at == local("2026-11-12T00:00")
    assert corrected.clock.due_on.isoformat() == "2026-12-12"
    assert met.clock.state is ClockState.MET


@pytest.mark.parametrize(
    ("state", "becomes"),
    [("denied", ClockState.MET), ("paid", ClockState.MET), ("withdrawn", ClockState.CANCELLED)],
)
def test_claim_decided_in_another_system_has_met_what_it_had_to(desk: Desk, state: str, becomes: ClockState) -> None:
    desk.add(claims=[claim_row("motor_rca")])

    desk.add(claims=[claim_row("motor_rca", state=state)])

    assert {each.clock.state for each in of(desk, "ro.rca.offer")} == {becomes}


@pytest.mark.parametrize("state", ["denied", "paid", "closed", "reopened"])
def test_claim_that_comes_decided_starts_nothing(desk: Desk, state: str) -> None:
    desk.add(claims=[claim_row("motor_rca", state=state)])

    assert standings(desk) == []


# --- who is told


def test_step_of_a_restricted_ticket_goes_up_to_those_who_may_see_it(desk: Desk) -> None:
    clocks = on_ticket(desk, text="Buna ziua, cand sunteti deschisi?", sender="om@example.ro")
    with desk.store.writing() as session:
        ticket = session.get_one(Ticket, clocks["int.resolve"].ticket_id)
        ticket.restricted, ticket.queue = True, "legal"

    sweep(desk, "2026-12-20T10:00")

    with desk.store.reading() as session:
        tasks = session.scalars(select(Task).where(Task.kind == "escalation", Task.ticket_id.is_not(None))).all()
        ticket = session.get_one(Ticket, clocks["int.resolve"].ticket_id)
    assert {(each.department, each.restricted) for each in tasks} == {("legal", True)}
    assert ticket.owner_id is None  # nobody of legal works here


def test_breach_makes_the_supervisor_the_owner(desk: Desk) -> None:
    clocks = on_ticket(desk, text="Buna ziua, cand sunteti deschisi?", sender="om@example.ro")

    sweep(desk, "2026-12-20T10:00")

    with desk.store.reading() as session:
        ticket = session.get_one(Ticket, clocks["int.resolve"].ticket_id)
        radu = session.scalars(select(Staff).where(Staff.name == "Radu Stan")).one()
        hundred = session.scalars(
            select(Escalation).join(Clock).where(Escalation.step == 100, Clock.key == "int.resolve")
        ).one()
        breached = [each.key for each in deadlines.breaches(session, limit=50)]
    assert (ticket.owner_id, ticket.escalated) == (radu.id, True)
    assert hundred.to_staff_id == radu.id
    assert breached == ["ro.rca.offer", "int.triage", "int.ack", "int.first_response", "int.resolve"]


def test_step_is_reached_when_its_moment_has_come(desk: Desk) -> None:
    [offer] = of(desk, "ro.rca.offer", CLAIM_B)

    shares = [offer.per_cent(local(each)) for each in ("2026-11-16T23:00", "2026-11-24T09:00", "2026-12-03T00:00")]

    assert shares == [0, 75, 100]
    assert offer.blocks_closing
    assert deadlines.demand(offer.clock, "ro") == "ro.rca.offer termen 2 dec: ofertă sau refuz motivat"
    assert standings(desk, CLAIM_A) == []


def test_clock_that_the_file_no_longer_has_is_left_alone(desk: Desk) -> None:
    with desk.store.writing() as session:
        for clock in session.scalars(select(Clock)):
            clock.key = "ro.gone"

    sweep(desk, "2027-12-20T10:00")
    tell(desk, "offer_sent", CLAIM_B)

    with desk.store.reading() as session:
        clocks = session.scalars(select(Clock)).all()
        assert {(each.state, each.next_at) for each in clocks} == {(ClockState.RUNNING, None)}
        assert deadlines.demand(clocks[0], "en").startswith("ro.gone due")
    assert standings(desk, CLAIM_B) == []


def test_mail_that_tells_of_a_new_claim_starts_what_its_law_asks_for(desk: Desk) -> None:
    rca = desk.file_one(
        mail("Am avut un accident ieri, masina asigurata la voi a lovit-o pe a mea in parcare, polita RCA "
             "RO/25/V25/HV 012345678, vreau sa deschid un dosar de dauna", sender="strain@example.ro")
    )  # fmt: skip

    assert rca.opened is not None
    keys = {each.definition.key for each in standings(desk, rca.opened.ref)}
    assert {"ro.rca.offer", "eu.motor.reasoned_offer"} <= keys
    [offer] = of(desk, "ro.rca.offer", rca.opened.ref)
    assert offer.clock.started_at == NOW
    assert offer.clock.message_id is not None


def test_machine_mail_starts_and_stops_nothing(desk: Desk) -> None:
    filed = desk.file_one(mail("I am away", kind=MessageKind.AUTO_REPLY, acknowledge=False))

    assert filed.message is not None
    with desk.store.reading() as session:
        assert deadlines.of_ticket(session, OFFICE, session.get_one(Ticket, filed.message.ticket.id)) == []


def test_claim_without_dates_starts_nothing() -> None:
    claim = Claim(ref=DISABILITY, type="motor_rca", created_at=NOW)
    assert list(importing.of_claim(claim, OFFICE, fresh=True, now=NOW)) == []

    claim.application_received_on = NOW

    words = {each.what for each in importing.of_claim(claim, OFFICE, fresh=True, now=NOW)}
    assert {"claim.application_received", "claim.notice", "fnol.received"} <= words
    assert "event.date" not in words


def test_sweep_that_comes_too_early_for_a_report_waits(america: Desk) -> None:
    america.add(claims=[claim_row("health")])
    tell(america, "proof_of_claim.received", at=local("2026-11-18T10:00"))
    sweep(america, "2027-01-01T10:00")
    with america.store.writing() as session:
        for clock in session.scalars(select(Clock)):
            clock.next_at = local("2027-01-01T10:00")

    sweep(america, "2027-01-02T10:00")

    [decide] = of(america, "us.ca.decide")
    assert 101 not in decide.raised
    assert decide.clock.next_at == local("2027-01-27T23:59:59")
    assert {each.clock.next_at for each in of(america, "us.ca.ack")} == {None}


def test_customers_own_time_to_tell_us_waits_for_the_day_of_the_loss(store: Store) -> None:
    desk = Desk.with_world(store)

    with desk.store.reading() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        known = {each.what for each in of_notice(claim, NOW, OFFICE)}
        claim.loss_date = None
        unknown = {each.what for each in of_notice(claim, NOW, OFFICE)}
        session.rollback()

    assert known - unknown == {"event.date", "fnol.received"}
    assert "claim.notice" in unknown


def test_clock_that_another_request_ended_stays_ended_when_one_comes_back(store: Store) -> None:
    occurrence = Occurrence(what="request.undelivered", at=NOW, request="R26-1")
    clock = Clock(
        key="int.ack",
        state=ClockState.CANCELLED,
        statutory=False,
        started_at=NOW,
        due_at=NOW,
        due_on=NOW.date(),
        recorded_at=NOW,
    )

    assert not happenings._was_reset_by(clock, occurrence)
    assert not happenings._was_reset_by(clock, replace(occurrence, what="request.delivered"))
