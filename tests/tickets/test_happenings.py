"""What moves, messages and imports mean in the words of the clocks, and what a word does to a clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.tickets.desk import NOW, OFFICE
from tickets import deadlines
from tickets.database import Store
from tickets.deadlines import Occurrence, happenings, load, planning
from tickets.deadlines.deliveries import of_arrival, of_departure, of_return
from tickets.deadlines.filing import NOTICE, is_owed_from_notice, of_notice, received
from tickets.deadlines.importing import of_claim, of_request, of_ticket
from tickets.deadlines.reckoning import Mark
from tickets.messages import Medium
from tickets.models import (
    Claim,
    ClaimState,
    Clock,
    ClockState,
    Direction,
    Message,
    OutboxDelivery,
    Request,
    RequestState,
    Task,
    Ticket,
)  # fmt: skip

REF = "CLM26-004720-31"
HOUR = timedelta(hours=1)
DATED = (*NOTICE, "fnol.received")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE.timezone).astimezone(UTC)


def claim(kind: str = "motor_rca", **changes: Any) -> Claim:
    return Claim(ref=REF, type=kind, created_at=NOW, **changes)


def ticket(**changes: Any) -> Ticket:
    return Ticket(ref="T26-000001-00", opened_at=NOW, last_message_at=NOW, **changes)


def message(**changes: Any) -> Message:
    return Message(medium=Medium.EMAIL, channel="mail", direction=Direction.IN, at=NOW, **changes)


def request(**changes: Any) -> Request:
    return Request(
        number=1, code=f"{REF}/R1", created_at=NOW, created_by="staff:1", claim=claim(), ticket=ticket(), **changes
    )


# --- what imports bring


def test_claim_of_another_system_starts_what_its_dates_say() -> None:
    reported, applied, loss = local("2026-11-16T00:00"), local("2026-11-18T09:30"), local("2026-11-10T00:00")
    row = claim(loss_date=date(2026, 11, 10), reported_on=date(2026, 11, 16), application_received_on=applied)

    told = list(of_claim(row, OFFICE, fresh=True, now=NOW))

    assert [(each.what, each.at, each.fresh) for each in told] == [
        ("event.date", loss, True),
        ("claim.notice", reported, True),
        ("claim.received", reported, True),
        ("claim.presented", applied, True),
        ("claim.application_received", applied, True),
        ("petition.registered", reported, True),
        ("seller.informed", reported, True),
        ("fnol.received", reported, False),  # it meets what the loss has started a moment ago
    ]
    assert {(each.claim is row, each.again, each.ticket, each.message) for each in told} == {(True, False, None, None)}
    assert {(each.fresh, each.again) for each in of_claim(row, OFFICE, fresh=False, now=NOW)} == {(False, True)}


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ({}, {}),
        ({"loss_date": date(2026, 11, 10)}, {"event.date": "2026-11-10T00:00"}),
        ({"reported_on": date(2026, 11, 16)}, dict.fromkeys(DATED, "2026-11-16T00:00")),
        ({"application_received_on": local("2026-11-18T09:30")}, dict.fromkeys(DATED, "2026-11-18T09:30")),
    ],
)
def test_date_that_is_missing_is_taken_from_the_other(dates: dict[str, Any], told: dict[str, str]) -> None:
    found = {each.what: each.at for each in of_claim(claim(**dates), OFFICE, fresh=True, now=NOW)}

    assert found == {what: local(at) for what, at in told.items()}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ClaimState.APPROVED, ["accepted", "offer_sent", "decision_sent"]),
        (ClaimState.PARTIALLY_APPROVED, ["accepted", "offer_sent", "decision_sent"]),
        (ClaimState.PAYMENT_ORDERED, ["accepted", "offer_sent", "decision_sent"]),
        (ClaimState.PAID, ["accepted", "offer_sent", "decision_sent", "payment_sent"]),
        (ClaimState.DENIED, ["denied", "refusal_sent", "decision_sent"]),
        (ClaimState.CLOSED, ["claim.closed"]),
        (ClaimState.WITHDRAWN, ["claim.withdrawn"]),
        (ClaimState.DUPLICATE_OF, ["claim.duplicate"]),
        (ClaimState.REOPENED, []),
    ],
)
def test_claim_that_another_system_has_decided_has_met_what_it_had_to(state: ClaimState, words: list[str]) -> None:
    row = claim(state=state, reported_on=date(2026, 11, 16))

    told = list(of_claim(row, OFFICE, fresh=False, now=NOW))

    assert told == [Occurrence(what=word, at=NOW, claim=row) for word in words]
    assert list(of_claim(row, OFFICE, fresh=True, now=NOW)) == []


def test_ticket_for_an_imported_request_is_opened_when_it_says() -> None:
    opened = ticket()

    assert of_ticket(opened) == Occurrence(what="ticket.opened", at=NOW, ticket=opened, fresh=True)


@pytest.mark.parametrize(
    ("state", "what", "at"),
    [
        (RequestState.OPEN, "request.delivered", NOW - HOUR),
        (RequestState.ANSWERED, "request.withdrawn", NOW),
        (RequestState.WITHDRAWN, "request.withdrawn", NOW),
    ],
)
def test_imported_request_lets_clocks_stand_while_it_waits(state: RequestState, what: str, at: datetime) -> None:
    asked = request(state=state, delivered_at=NOW - HOUR)

    told = Occurrence(what=what, at=at, claim=asked.claim, ticket=asked.ticket, request=asked.code)
    assert list(of_request(asked, now=NOW)) == [told]
    asked.delivered_at = None
    assert list(of_request(asked, now=NOW)) == []


# --- what leaves, arrives and comes back


@pytest.mark.parametrize(
    ("template", "author", "words"),
    [
        ("acknowledgement", None, ["acknowledged"]),
        ("acknowledgement_neutral", None, ["acknowledged"]),
        ("request", None, ["items_list_sent", "acknowledged_and_items_requested"]),
        ("request", 1, ["items_list_sent", "acknowledged_and_items_requested", "human_reply_sent"]),
        ("reminder", None, ["followup_sent"]),
        ("final_reminder", None, ["followup_sent"]),
        ("still_missing", None, ["followup_sent"]),
        ("reply", 1, ["human_reply_sent"]),
        ("reply", None, []),
    ],
)
@pytest.mark.parametrize("verified", [True, False])
def test_message_that_has_left_has_done_what_its_template_is_for(
    template: str,
    author: int | None,
    words: list[str],
    verified: bool,  # noqa: FBT001 - a case's answer
) -> None:
    written = message(author_id=author, ticket=ticket(claim=claim(), verified=verified))
    delivery = OutboxDelivery(
        channel="mail", medium=Medium.EMAIL, template=template, to_address="om@example.ro", to_norm="om@example.ro",
        queued_at=NOW, due_at=NOW, message=written,
    )  # fmt: skip

    told = list(of_departure(delivery, NOW + HOUR))

    of = written.ticket.claim if verified else None  # who has not said who he is hears nothing of a claim
    assert told == [
        Occurrence(what=word, at=NOW + HOUR, claim=of, ticket=written.ticket, message=written) for word in words
    ]


def test_request_that_came_back_never_arrived_unless_by_another_way() -> None:
    asked = request()
    about = {"claim": asked.claim, "ticket": asked.ticket, "request": asked.code}
    returned = Occurrence(what="request.undelivered", at=NOW + HOUR, **about)  # type: ignore[arg-type]

    assert list(of_arrival(asked)) == []
    assert list(of_return(asked, at=NOW + HOUR)) == [returned]

    asked.delivered_at = NOW
    arrived = Occurrence(what="request.delivered", at=NOW, **about)  # type: ignore[arg-type]
    assert list(of_arrival(asked)) == [arrived]
    assert list(of_return(asked, at=NOW + HOUR)) == [returned, arrived]


# --- what comes in


def test_letter_counts_from_the_beginning_of_the_day_of_its_stamp() -> None:
    assert received(message(), OFFICE) == NOW
    assert received(message(received_on=date(2026, 11, 20)), OFFICE) == local("2026-11-20T00:00")


def test_first_notice_starts_what_a_law_counts_from_it() -> None:
    row, told_by = claim(loss_date=date(2026, 11, 10)), message()

    told = list(of_notice(row, NOW, OFFICE, message=told_by, fresh=True))

    assert [(each.what, each.at, each.fresh) for each in told] == [
        ("claim.notice", NOW, True),
        ("claim.received", NOW, True),
        ("claim.presented", NOW, True),
        ("claim.application_received", NOW, True),
        ("petition.registered", NOW, True),
        ("seller.informed", NOW, True),
        ("event.date", local("2026-11-10T00:00"), True),
        ("fnol.received", NOW, False),
    ]
    assert {(each.claim is row, each.message is told_by) for each in told} == {(True, True)}
    assert {(each.fresh, each.message) for each in of_notice(row, NOW, OFFICE)} == {(False, None)}


@pytest.mark.parametrize(
    ("kind", "jurisdictions", "owed"),
    [
        ("motor_rca", ("ro",), True),
        ("motor_rca", ("us",), False),  # an acknowledgement and a list of what is missing are no answer
        ("health", ("us",), True),
        ("motor_casco", ("ro",), False),
        ("motor_rca", (), False),
        ("home", ("ro",), False),
        ("home_pad", ("ro",), False),  # the customer's own time to tell us is nothing that we owe
        ("warranty", ("ro",), True),
        ("warranty", ("eu",), False),
        ("home", ("eu",), False),
    ],
)
def test_law_that_wants_an_answer_from_the_notice_on_is_known(
    kind: str,
    jurisdictions: tuple[str, ...],
    owed: bool,  # noqa: FBT001 - a case's answer
) -> None:
    assert is_owed_from_notice(claim(kind), replace(OFFICE, jurisdictions=jurisdictions)) is owed


# --- what a word does to a clock


def clock(key: str, state: str = "running", **changes: Any) -> Clock:
    columns = {**planning.first(load()[key], happenings.calendars.of(OFFICE), NOW), "state": ClockState(state)}
    row = Clock(**columns, recorded_at=NOW)
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def stood(row: Clock, *marks: tuple[Mark, str | None]) -> Clock:
    for kind, code in marks:
        planning.mark(row, kind, at=NOW, now=NOW, **({"request": code} if code else {}))
    return row


@pytest.mark.parametrize(
    ("key", "state", "what", "becomes"),
    [
        ("int.resolve", "running", "ticket.resolved", Mark.MET),
        ("int.resolve", "paused", "ticket.resolved", Mark.MET),
        ("int.resolve", "breached", "ticket.resolved", Mark.MET),
        ("int.ack", "running", "ticket.resolved", Mark.CANCELLED),
        ("ro.complaint", "running", "ticket.resolved", None),  # a law is not met by work that is done
        ("int.ack", "running", "ticket.merged", Mark.CANCELLED),
        ("ro.complaint", "running", "ticket.merged", Mark.CANCELLED),
        ("ro.complaint", "running", "ticket.discarded", Mark.CANCELLED),
        ("ro.complaint", "running", "claim.closed", None),
        ("ro.rca.offer", "running", "claim.closed", Mark.CANCELLED),
        ("ro.rca.offer", "running", "claim.withdrawn", Mark.CANCELLED),
        ("ro.rca.offer", "running", "claim.duplicate", Mark.CANCELLED),
        ("ro.rca.offer", "running", "ticket.merged", None),
        ("ro.rca.offer", "running", "offer_sent", Mark.MET),
        ("ro.rca.offer", "running", "refusal_sent", Mark.MET),
        ("ro.rca.offer", "running", "payment_sent", None),
        ("ro.rca.offer", "running", "request.delivered", None),
        ("int.resolve", "running", "request.delivered", Mark.PAUSED),
        ("int.resolve", "paused", "request.delivered", None),
        ("int.resolve", "breached", "request.delivered", None),
        ("int.resolve", "paused", "customer.answered", Mark.RESUMED),
        ("int.resolve", "paused", "request.withdrawn", Mark.RESUMED),
        ("int.resolve", "running", "customer.answered", None),
        ("int.resolve", "running", "request.withdrawn", None),
        ("int.resolve", "running", "request.undelivered", None),
        ("int.resolve", "paused", "identity_check.passed", None),
        ("gdpr.request", "running", "identity_check.asked", Mark.PAUSED),
        ("gdpr.request", "paused", "identity_check.asked", None),
        ("gdpr.request", "breached", "identity_check.asked", None),
        ("gdpr.request", "paused", "identity_check.passed", Mark.RESUMED),
        ("gdpr.request", "running", "identity_check.passed", None),
        ("gdpr.request", "running", "request.delivered", None),
        ("us.tx.decide", "running", "request.delivered", Mark.CANCELLED),
        ("us.tx.decide", "running", "customer.answered", None),
        ("us.tx.decide", "cancelled", "request.undelivered", None),
        ("us.tx.decide", "cancelled", "ticket.merged", None),
    ],
)
def test_word_means_to_a_clock_what_its_definition_says(key: str, state: str, what: str, becomes: Mark | None) -> None:
    place = {"claim_id": 1} if load()[key].on == "claim" else {"ticket_id": 1}

    found = happenings._mark_on(load()[key], clock(key, state, **place), Occurrence(what=what, at=NOW, request="R1"))

    assert found is becomes


@pytest.mark.parametrize(
    ("marks", "back", "becomes"),
    [
        ([(Mark.PAUSED, "R1")], "R1", Mark.UNPAUSED),
        ([(Mark.PAUSED, "R1")], "R2", None),
        ([(Mark.PAUSED, "R1"), (Mark.RESUMED, None), (Mark.PAUSED, "R2")], "R2", Mark.UNPAUSED),
        ([(Mark.PAUSED, "R1"), (Mark.RESUMED, None), (Mark.PAUSED, "R2")], "R1", None),
        ([(Mark.PAUSED, "R1"), (Mark.EXTENDED, None)], "R1", Mark.UNPAUSED),
        ([], "R1", None),
    ],
)
def test_pause_is_taken_back_with_the_request_that_began_it(
    marks: list[tuple[Mark, str | None]], back: str, becomes: Mark | None
) -> None:
    standing = stood(clock("int.resolve", "paused", ticket_id=1), *marks)

    returned = Occurrence(what="request.undelivered", at=NOW, request=back)

    assert happenings._mark_on(load()["int.resolve"], standing, returned) is becomes


@pytest.mark.parametrize(
    ("marks", "what", "back", "becomes"),
    [
        ([(Mark.CANCELLED, "R1")], "request.undelivered", "R1", Mark.REVIVED),
        ([(Mark.CANCELLED, "R1")], "request.undelivered", "R2", None),
        ([(Mark.CANCELLED, "R1")], "request.undelivered", None, None),
        ([(Mark.CANCELLED, "R1")], "request.delivered", "R1", None),
        ([(Mark.CANCELLED, None)], "request.undelivered", None, None),
        ([(Mark.CANCELLED, "R1"), (Mark.REVIVED, "R1"), (Mark.CANCELLED, "R2")], "request.undelivered", "R1", None),
        ([(Mark.CANCELLED, "R1"), (Mark.REVIVED, "R1")], "request.undelivered", "R1", None),
    ],
)
def test_clock_is_revived_by_the_return_of_the_very_request_that_ended_it(
    marks: list[tuple[Mark, str | None]], what: str, back: str | None, becomes: Mark | None
) -> None:
    ended = stood(clock("us.tx.decide", "cancelled", claim_id=1), *marks)

    assert happenings._mark_on(load()["us.tx.decide"], ended, Occurrence(what=what, at=NOW, request=back)) is becomes


@pytest.mark.parametrize(
    ("key", "what", "at", "again", "becomes"),
    [
        ("ro.rca.offer", "claim.application_received", NOW + HOUR, True, Mark.STARTED),
        ("ro.rca.offer", "claim.application_received", NOW - HOUR, True, Mark.STARTED),
        ("ro.rca.offer", "claim.application_received", NOW, True, None),
        ("ro.rca.offer", "claim.application_received", NOW + HOUR, False, None),
        ("ro.rca.offer", "offer_sent", NOW + HOUR, True, Mark.MET),
        ("us.tx.decide", "all_items.received", NOW + HOUR, False, Mark.CANCELLED),  # it begins anew
        ("us.tx.decide", "all_items.received", NOW, False, None),
        ("us.tx.decide", "all_items.received", NOW - HOUR, False, None),
    ],
)
def test_start_that_is_told_again_corrects_and_a_later_item_begins_anew(
    key: str,
    what: str,
    at: datetime,
    again: bool,  # noqa: FBT001 - a case's answer
    becomes: Mark | None,
) -> None:
    running = clock(key, claim_id=1)

    assert happenings._mark_on(load()[key], running, Occurrence(what=what, at=at, again=again)) is becomes


@pytest.mark.parametrize(
    ("key", "what", "on", "starts"),
    [
        ("ro.rca.offer", "claim.application_received", {"claim": claim()}, True),
        ("ro.rca.offer", "claim.application_received", {"claim": claim("home")}, False),
        ("ro.rca.offer", "claim.application_received", {"ticket": ticket()}, False),
        ("ro.complaint", "complaint.registered", {"ticket": ticket(kind="complaint_appeal")}, True),
        ("ro.complaint", "complaint.registered", {"ticket": ticket(kind="question")}, False),
        ("ro.complaint", "complaint.registered", {"claim": claim()}, False),
    ],
)
def test_clock_starts_on_what_it_can_stand_on(key: str, what: str, on: dict[str, Any], starts: bool) -> None:  # noqa: FBT001 - a case's answer
    occurrence = Occurrence(what=what, at=NOW, **on)

    begun = {each.key for each in happenings._started_by(OFFICE, occurrence)}

    assert (key in begun) is starts
    assert happenings._stands_on(load()[key], occurrence) is starts
    assert key not in {
        each.key for each in happenings._started_by(OFFICE, replace(occurrence, without=frozenset({key})))
    }
    assert list(happenings._started_by(OFFICE, replace(occurrence, at=datetime(1949, 12, 31, tzinfo=UTC)))) == []
    assert list(happenings._started_by(OFFICE, replace(occurrence, at=datetime(2150, 1, 1, tzinfo=UTC)))) == []


def test_clock_of_a_task_stands_on_that_task() -> None:
    of_tasks = replace(load()["int.ack"], on="task")
    task = Task(kind="closing", department="representative", question="?", made_by="staff:1", made_at=NOW)

    assert happenings._stands_on(of_tasks, Occurrence(what="ticket.opened", at=NOW, task=task))
    assert not happenings._stands_on(of_tasks, Occurrence(what="ticket.opened", at=NOW, ticket=ticket()))


# --- which clocks a word may mean anything to


@pytest.mark.parametrize(
    ("word", "keys"),
    [
        ("offer_sent", {"ro.rca.offer", "eu.motor.reasoned_offer"}),
        ("payment_sent", {"ro.rca.pay", "ro.pad.pay", "us.ca.pay", "us.tx.pay", "ro.warranty"}),
        ("event.date", {"ro.pad.notice"}),
        ("ticket.opened", {"int.resolve"}),
        ("all_items.received", {"us.tx.decide", "us.ny.decide"}),
        ("identity_check.asked", {
            "gdpr.request", "int.resolve", "us.tx.decide", "us.ny.decide", "us.erisa.post_service",
            "us.erisa.disability",
        }),
        ("ticket.merged", set(load())),
        ("claim.withdrawn", set(load())),
    ],
)  # fmt: skip
def test_word_is_heard_by_the_clocks_that_it_starts_meets_or_lets_stand(word: str, keys: set[str]) -> None:
    assert {each.key for each in happenings._listening(word)} == keys


RCA, HOME = claim(), claim("home")
COMPLAINT, QUESTION = ticket(kind="complaint_appeal"), ticket(kind="question")


@pytest.mark.parametrize(
    ("key", "what", "on", "may"),
    [
        ("ro.rca.offer", "ticket.merged", {"ticket": QUESTION}, True),
        ("ro.rca.offer", "request.delivered", {"claim": RCA}, False),
        ("int.resolve", "request.delivered", {"claim": HOME}, True),
        ("us.tx.decide", "request.delivered", {"claim": HOME}, True),
        ("ro.rca.offer", "claim.application_received", {"claim": RCA}, False),
        ("ro.rca.offer", "claim.application_received", {"claim": RCA, "again": True}, True),
        ("ro.rca.offer", "claim.application_received", {"claim": RCA, "again": True, "fresh": True}, False),
        ("us.tx.decide", "all_items.received", {"claim": RCA}, True),
        ("us.tx.decide", "all_items.received", {"claim": RCA, "fresh": True}, False),
        ("us.tx.decide", "claim.notice", {"claim": RCA, "again": True}, False),
        ("ro.rca.offer", "offer_sent", {"claim": RCA}, True),
        ("ro.rca.offer", "offer_sent", {"claim": RCA, "fresh": True}, True),
        ("ro.rca.offer", "offer_sent", {"claim": HOME}, False),
        ("ro.rca.offer", "offer_sent", {"ticket": QUESTION}, False),
        ("ro.rca.offer", "offer_sent", {"ticket": COMPLAINT, "claim": RCA}, True),
        ("ro.complaint", "final_response_sent", {"ticket": COMPLAINT}, True),
        ("ro.complaint", "final_response_sent", {"ticket": COMPLAINT, "claim": HOME}, True),
        ("ro.complaint", "final_response_sent", {"ticket": QUESTION}, False),
        ("ro.complaint", "final_response_sent", {"claim": RCA}, False),
        ("ro.complaint.asf_file", "file_sent", {}, True),
        ("ro.complaint.asf_file", "file_sent", {"claim": HOME, "ticket": QUESTION}, True),
    ],
)
def test_store_is_asked_only_for_what_a_word_may_touch(key: str, what: str, on: dict[str, Any], may: bool) -> None:  # noqa: FBT001 - a case's answer
    assert happenings._may_touch(load()[key], Occurrence(what=what, at=NOW, **on)) is may


def test_clocks_about_something_are_the_oldest_first_and_each_once() -> None:
    def numbered(number: int, **on: int) -> Clock:
        row = clock("int.ack", **on)
        row.id = number
        return row

    third, first, second, other = (
        numbered(3, claim_id=7), numbered(1, claim_id=7, ticket_id=8), numbered(2, task_id=9), numbered(4, claim_id=8)
    )  # fmt: skip
    held = happenings._by_place([third, first, second, other])

    assert held == {("claim", 7): [third, first], ("ticket", 8): [first], ("task", 9): [second], ("claim", 8): [other]}
    row, opened = claim(), ticket()
    row.id, opened.id = 7, 8
    assert happenings._about(Occurrence(what="ticket.opened", at=NOW, claim=row, ticket=opened), held) == [first, third]
    task = Task(kind="closing", department="representative", question="?", made_by="staff:1", made_at=NOW)
    task.id = 9
    assert happenings._about(Occurrence(what="ticket.opened", at=NOW, task=task), held) == [second]
    assert happenings._about(Occurrence(what="ticket.opened", at=NOW), held) == []
    row.id = 9
    assert happenings._about(Occurrence(what="ticket.opened", at=NOW, claim=row, ticket=opened), held) == [first]


def test_what_happened_is_written_with_its_message_and_its_request() -> None:
    row, told_by = clock("int.resolve"), message()
    told_by.id = 5

    happenings._write(
        row, Mark.PAUSED, Occurrence(what="request.delivered", at=NOW, message=told_by, request="R1"), NOW + HOUR
    )
    happenings._write(row, Mark.RESUMED, Occurrence(what="customer.answered", at=NOW + HOUR), NOW + HOUR)

    assert [(each.kind, each.at, each.recorded_at, each.message_id, each.detail) for each in row.events] == [
        ("paused", NOW, NOW + HOUR, 5, {"what": "request.delivered", "request": "R1"}),
        ("resumed", NOW + HOUR, NOW + HOUR, None, {"what": "customer.answered"}),
    ]


def test_row_of_a_clock_stands_on_one_thing() -> None:
    row, opened, told_by = claim(), ticket(), message()
    task = Task(kind="closing", department="representative", question="?", made_by="staff:1", made_at=NOW)
    row.id, opened.id, told_by.id, task.id = 1, 2, 3, 4
    every = Occurrence(what="ticket.opened", at=NOW, claim=row, ticket=opened, task=task, message=told_by)
    calendar = happenings.calendars.of(OFFICE)

    def placed(key: str, each: Occurrence) -> list[int | None]:
        found = happenings._row(calendar, load()[key], each, NOW + HOUR)
        assert found["recorded_at"] == NOW + HOUR
        assert found["started_at"] == NOW
        return [found[name] for name in ("claim_id", "ticket_id", "task_id", "message_id")]

    assert placed("int.resolve", every) == [None, 2, None, 3]
    assert placed("ro.rca.offer", every) == [1, None, None, 3]
    assert placed("ro.complaint.asf_file", every) == [1, None, 4, 3]  # the claim sees it too
    assert placed("ro.complaint.asf_file", Occurrence(what="ticket.opened", at=NOW)) == [None, None, None, None]


# --- in the store


def started_keys(session: Session) -> list[tuple[str, datetime, str]]:
    rows = session.scalars(select(Clock).order_by(Clock.id))
    return [(each.key, each.started_at, each.state.value) for each in rows]


def test_word_starts_a_clock_once_on_each_thing_it_happened_to(store: Store) -> None:
    with store.writing() as session:
        one, two = claim(), claim()
        two.ref = "CLM26-000002-00"
        session.add_all([one, two])
        told = [Occurrence(what="claim.application_received", at=NOW, claim=row, fresh=True) for row in (one, two, one)]

        deadlines.happened_all(session, OFFICE, told, now=NOW + HOUR)
        deadlines.happened(session, OFFICE, "claim.application_received", at=NOW + HOUR, now=NOW + HOUR, claim=one)

        assert started_keys(session) == [("ro.rca.offer", NOW, "running")] * 2
        rows = session.scalars(select(Clock).order_by(Clock.id)).all()
        assert [(each.claim_id, each.recorded_at) for each in rows] == [(one.id, NOW + HOUR), (two.id, NOW + HOUR)]


def test_clock_of_a_claim_a_ticket_and_a_task_are_told_apart(store: Store) -> None:
    with store.writing() as session:
        row, opened = claim(), ticket()
        task = Task(kind="asf_file", department="complaints", question="?", made_by="staff:1", made_at=NOW, claim=row)
        session.add_all([row, opened, task])
        session.flush()
        for at in (NOW, NOW + HOUR):
            deadlines.happened(session, OFFICE, "claim.application_received", at=at, now=at, claim=row)
            deadlines.happened(session, OFFICE, "ticket.opened", at=at, now=at, ticket=opened)
            deadlines.happened(session, OFFICE, "asf.request_received", at=at, now=at, task=task)

        assert started_keys(session) == [
            ("ro.rca.offer", NOW, "running"), ("int.resolve", NOW, "running"), ("ro.complaint.asf_file", NOW, "running")
        ]  # fmt: skip
        deadlines.happened(session, OFFICE, "file_sent", at=NOW + HOUR, now=NOW + HOUR, task=task)
        deadlines.happened(session, OFFICE, "ticket.resolved", at=NOW + HOUR, now=NOW + HOUR, ticket=opened)
        assert [state for *_, state in started_keys(session)] == ["running", "met", "met"]
        deadlines.happened(session, OFFICE, "asf.request_received", at=NOW + 2 * HOUR, now=NOW, task=task)
        assert started_keys(session)[3:] == [("ro.complaint.asf_file", NOW + 2 * HOUR, "running")]


@pytest.mark.parametrize(
    ("end", "again", "then"),
    [
        (None, True, [("ro.rca.offer", NOW + HOUR, "running")]),  # corrected
        (None, False, [("ro.rca.offer", NOW, "running")]),
        ("offer_sent", True, [("ro.rca.offer", NOW, "met")]),  # over: an import starts it no second time
        ("offer_sent", False, [("ro.rca.offer", NOW, "met"), ("ro.rca.offer", NOW + HOUR, "running")]),
    ],
)
def test_start_that_is_told_a_second_time(store: Store, end: str | None, again: bool, then: list[Any]) -> None:  # noqa: FBT001 - a case's answer
    with store.writing() as session:
        row, other = claim(), claim()
        other.ref = "CLM26-000002-00"
        session.add_all([row, other])
        for each in (row, other):
            deadlines.happened(session, OFFICE, "claim.application_received", at=NOW, now=NOW, claim=each)
        deadlines.happened(session, OFFICE, "offer_sent", at=NOW, now=NOW, claim=other)
        if end:
            deadlines.happened(session, OFFICE, end, at=NOW, now=NOW, claim=row)

        told = Occurrence(what="claim.application_received", at=NOW + HOUR, claim=row, again=again)
        deadlines.happened_all(session, OFFICE, [told], now=NOW + HOUR)

        clocks = session.scalars(select(Clock).where(Clock.claim_id == row.id).order_by(Clock.id))
        assert [(each.key, each.started_at, each.state.value) for each in clocks] == then


def test_import_that_tells_again_starts_what_it_had_not_started(store: Store) -> None:
    with store.writing() as session:
        over, new = claim(), claim()
        new.ref = "CLM26-000002-00"
        opened = ticket()
        task = Task(kind="asf_file", department="complaints", question="?", made_by="staff:1", made_at=NOW)
        session.add_all([over, new, opened, task])
        session.flush()
        words = (("claim.application_received", {"claim": over}), ("ticket.opened", {"ticket": opened}),
                 ("asf.request_received", {"task": task}))  # fmt: skip
        ends = (("offer_sent", {"claim": over}), ("ticket.resolved", {"ticket": opened}), ("file_sent", {"task": task}))
        for what, on in (*words, *ends):
            deadlines.happened_all(session, OFFICE, [Occurrence(what=what, at=NOW, **on)], now=NOW)  # type: ignore[arg-type]

        again = [Occurrence(what=what, at=NOW + HOUR, again=True, **on) for what, on in words]  # type: ignore[arg-type]
        first_time = Occurrence(what="claim.application_received", at=NOW + HOUR, claim=new, again=True)
        deadlines.happened_all(session, OFFICE, [*again, first_time], now=NOW + HOUR)

        assert started_keys(session) == [
            ("ro.rca.offer", NOW, "met"), ("int.resolve", NOW, "met"), ("ro.complaint.asf_file", NOW, "met"),
            ("ro.rca.offer", NOW + HOUR, "running"),
        ]  # fmt: skip


def test_clock_of_a_law_that_the_file_no_longer_has_keeps_no_other_from_being_met(store: Store) -> None:
    with store.writing() as session:
        row = claim()
        session.add(row)
        session.flush()
        for at in (NOW, NOW + HOUR):
            deadlines.happened(session, OFFICE, "claim.application_received", at=at, now=at, claim=row)
            for each in session.scalars(select(Clock).where(Clock.started_at == NOW)):
                each.key = "ro.gone"
            session.flush()

        deadlines.happened(session, OFFICE, "offer_sent", at=NOW + HOUR, now=NOW + HOUR, claim=row)

        assert [(key, state) for key, _, state in started_keys(session)] == [
            ("ro.gone", "running"), ("ro.rca.offer", "met")
        ]  # fmt: skip


def test_later_item_begins_a_law_anew_and_an_earlier_one_does_not(store: Store) -> None:
    america = replace(OFFICE, jurisdictions=("us.tx",))
    with store.writing() as session:
        row = claim("health")
        session.add(row)
        for hours in (2, 2, 1, 3):
            at = NOW + hours * HOUR
            deadlines.happened(session, america, "all_items.received", at=at, now=at, claim=row)

        assert started_keys(session) == [
            ("us.tx.decide", NOW + 2 * HOUR, "cancelled"), ("us.tx.decide", NOW + 3 * HOUR, "running")
        ]  # fmt: skip


def test_request_that_comes_back_revives_what_it_had_ended(store: Store) -> None:
    america = replace(OFFICE, jurisdictions=("us.tx",))
    with store.writing() as session:
        row, other = claim("health"), claim("health")
        other.ref = "CLM26-000002-00"
        session.add_all([row, other])
        words = ("all_items.received", "request.delivered")
        for what in words:
            for each in (row, other):
                deadlines.happened(session, america, what, at=NOW, now=NOW, claim=each, request="R1")

        back = Occurrence(what="request.undelivered", at=NOW + HOUR, claim=row, request="R1")
        deadlines.passed(session, back, now=NOW + HOUR)

        assert [state for *_, state in started_keys(session)] == ["running", "cancelled"]
        revived = session.scalars(select(Clock).where(Clock.claim_id == row.id)).one()
        assert revived.next_at == NOW + HOUR  # no calendar is known here: the sweep reckons it at once
        [_, mark] = revived.events
        assert (mark.kind, mark.at, mark.recorded_at) == ("revived", NOW + HOUR, NOW + HOUR)


def test_who_knows_the_office_reckons_at_once(store: Store) -> None:
    with store.writing() as session:
        opened = ticket()
        told_by = message(ticket=opened)
        session.add_all([opened, told_by])
        session.flush()
        deadlines.happened(session, OFFICE, "ticket.opened", at=NOW, now=NOW, ticket=opened, message=told_by)
        deadlines.happened(
            session, OFFICE, "request.delivered", at=NOW, now=NOW + HOUR, ticket=opened, request="R1", message=told_by
        )

        [resolve] = session.scalars(select(Clock))
        assert (resolve.state, resolve.next_at) == (ClockState.PAUSED, NOW + timedelta(days=30))
        assert resolve.message_id == told_by.id
        [paused] = resolve.events
        assert (paused.message_id, paused.detail) == (told_by.id, {"what": "request.delivered", "request": "R1"})


def test_word_that_no_clock_knows_is_named(store: Store) -> None:
    with store.writing() as session:
        wrong = [Occurrence(what=word, at=NOW) for word in ("offer_sent", "zzz", "offer.snet", "ticket.merged")]
        with pytest.raises(ValueError, match=r"^no clock knows the word 'offer\.snet'$"):
            deadlines.happened_all(session, OFFICE, wrong, now=NOW)
        with pytest.raises(ValueError, match=r"^no clock knows the word 'offer\.snet'$"):
            deadlines.passed(session, *wrong, now=NOW)


def test_what_happens_to_a_claim_loads_no_clock_of_another_and_none_that_is_over(store: Store) -> None:
    with store.writing() as session:
        row, other = claim(), claim()
        other.ref = "CLM26-000002-00"
        session.add_all([row, other])
        for each in (row, other):
            for what in ("claim.application_received", "claim.presented", "claim.closed", "claim.application_received"):
                deadlines.happened(session, OFFICE, what, at=NOW, now=NOW, claim=each)
    with store.writing() as session:
        row = session.get_one(Claim, row.id)
        loaded: list[Clock] = []

        def note(clock: Clock, _: object) -> None:
            loaded.append(clock)

        event.listen(Clock, "load", note)
        deadlines.happened(session, OFFICE, "offer_sent", at=NOW, now=NOW, claim=row)
        event.remove(Clock, "load", note)

        assert [(each.claim_id, each.key, each.state.value) for each in loaded] == [(row.id, "ro.rca.offer", "met")]
