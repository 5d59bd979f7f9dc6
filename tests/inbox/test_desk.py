"""The moves a person makes, on a store with the scenarios' world and no server."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from channels import memory
from inbox import config, desk, sending
from inbox.app import App
from tests.tickets.desk import BOTH, CLAIM_A, MARIAS_PHONE, Desk, attachment, fill, mail
from tickets import claims, history, requests, retractions
from tickets.database import Store
from tickets.errors import DisclosureError, GuardError
from tickets.messages import Delivery, DeliveryState, Medium, OutboundMessage, Transmitting
from tickets.models import ClaimState, Event, HeldRequest, Message, OutboxDelivery, Staff, Ticket, TicketState
from tickets.requirements import RequirementState

LATER = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TABLES = {
    "office": {"name": "Exemplu Asigurări", "public_url": "https://desk.example.ro"},
    "security": {"secret": "for tests only"},
    "channels": {
        "claims-mail": {
            "kind": "email",
            "address": "claims@example.ro",
            "imap": {"host": "127.0.0.1", "user": "claims", "password": "secret"},
            "smtp": {"host": "127.0.0.1", "user": "claims", "password": "secret"},
        },
        "text": {"kind": "sms", "number": "+40312345678", "account_sid": "AC1", "auth_token": "secret"},
    },
}


@pytest.fixture
def app(store_url: str, tmp_path: Path) -> Iterator[App]:
    settings = config.parse({**TABLES, "store": {"url": store_url}}, folder=tmp_path)
    app = App(settings=settings, clock=lambda: LATER)
    fill(app.store, app.office)
    yield app
    app.close()


@pytest.fixture
def tickets(app: App) -> Desk:
    """The same store, to file messages on."""
    return Desk(app.store, app.office)


def ana(app: App) -> Staff:
    with app.store.reading() as session:
        return session.scalars(select(Staff).where(Staff.name == "Ana Ionescu")).one()


def ticket(store: Store, ref: str) -> Ticket:
    with store.reading() as session:
        return session.scalars(select(Ticket).where(Ticket.ref == ref)).one()


def filed_ticket(tickets: Desk, **changes: str) -> str:
    filed = tickets.file_one(mail("In ce stadiu este dosarul?", subject=CLAIM_A, **changes))
    assert filed.message is not None
    return filed.message.ticket.ref


def test_request_sent_by_a_person_is_held_until_it_can_no_longer_be_undone(app: App) -> None:
    desk.ask(app, CLAIM_A, staff=ana(app), only=BOTH)

    deliveries = Desk(app.store, app.office).outgoing()
    assert {(each.due_at - LATER).seconds for each in deliveries} == {10}
    assert {each.medium for each in deliveries} == {Medium.EMAIL, Medium.SMS}


def test_nothing_is_asked_twice(app: App) -> None:
    app_desk = Desk(app.store, app.office)
    app_desk.know(owner_kind="person", owners=1, mortgaged="no")
    desk.ask(app, CLAIM_A)

    with pytest.raises(GuardError, match="nothing is missing"):
        desk.ask(app, CLAIM_A)


def test_reply_waits_in_the_outbox_and_can_be_taken_back(app: App, tickets: Desk) -> None:
    ref = filed_ticket(tickets)
    delivery = desk.reply(app, ref, staff=ana(app), body="Bună ziua, lucrăm la dosar.", medium=Medium.EMAIL)

    desk.take_back(app, delivery.id, staff=ana(app))

    assert tickets.outgoing()[-1].state is DeliveryState.REFUSED


def test_held_request_can_be_taken_back_and_is_the_draft_it_was(app: App, tickets: Desk) -> None:
    filed_ticket(tickets)
    with app.store.writing() as session:
        request = requests.prepare(session, claims.find(session, CLAIM_A), now=LATER, actor="test")
        was = retractions.before(session, request)
    desk.ask(app, CLAIM_A, staff=ana(app), only=BOTH[:1])
    held = [each for each in tickets.outgoing() if each.template == "request"]

    desk.take_back(app, held[0].id, staff=ana(app))

    with app.store.writing() as session:
        assert retractions.before(session, requests.find(session, request.code)) == was
    assert len(held) == 2
    stopped = [each for each in tickets.outgoing() if each.template == "request"]
    assert {each.state for each in stopped} == {DeliveryState.REFUSED}
    with pytest.raises(GuardError, match="left already"):
        desk.take_back(app, held[1].id, staff=ana(app))
    app.clock = lambda: LATER + timedelta(seconds=5)
    assert desk.ask(app, CLAIM_A, staff=ana(app)) == request.code


def test_what_a_request_changed_is_remembered_until_all_of_it_has_left(app: App, tickets: Desk) -> None:
    def remembered() -> int:
        sending.expire(app)
        with app.store.reading() as session:
            return len(session.scalars(select(HeldRequest)).all())

    filed_ticket(tickets)
    desk.ask(app, CLAIM_A, staff=ana(app))
    first, second = [each for each in tickets.outgoing() if each.template == "request"]
    kept = [remembered()]
    for delivery in (first, second):
        with app.store.writing() as session:
            for state in (DeliveryState.CLAIMED, DeliveryState.TRANSMITTING, DeliveryState.SENT):
                session.get_one(OutboxDelivery, delivery.id).state = state
                session.flush()
        kept.append(remembered())

    assert kept == [1, 1, 0]


def test_taking_a_request_back_moves_its_ticket_back_with_an_event(app: App, tickets: Desk) -> None:
    ref = filed_ticket(tickets)
    was = ticket(app.store, ref).state
    desk.ask(app, CLAIM_A, staff=ana(app))
    asked = ticket(app.store, ref).state

    desk.take_back(app, next(each.id for each in tickets.outgoing() if each.template == "request"), staff=ana(app))

    with app.store.reading() as session:
        moved = session.scalars(select(Event).where(Event.kind == "ticket.moved").order_by(Event.id.desc())).first()
    assert asked is TicketState.WAITING_CUSTOMER
    assert ticket(app.store, ref).state is was
    assert moved is not None
    assert (moved.detail["before"], moved.detail["after"]) == (asked, was)


def test_request_of_which_one_message_has_left_is_not_taken_back(app: App, tickets: Desk) -> None:
    filed_ticket(tickets)
    desk.ask(app, CLAIM_A, staff=ana(app), only=BOTH)
    first, second = [each for each in tickets.outgoing() if each.template == "request"]
    with app.store.writing() as session:
        session.merge(first).state = DeliveryState.CLAIMED

    with pytest.raises(GuardError, match="left already"):
        desk.take_back(app, second.id, staff=ana(app))

    assert DeliveryState.REFUSED not in {each.state for each in tickets.outgoing()}


def test_reply_stops_when_something_new_has_arrived(app: App, tickets: Desk) -> None:
    ref = filed_ticket(tickets)
    seen = tickets.file_one(mail("Si inca ceva", subject=ref)).message
    assert seen is not None
    tickets.file_one(mail("Am uitat sa spun", subject=ref))

    with pytest.raises(GuardError, match="something new"):
        desk.reply(app, ref, staff=ana(app), body="Bună ziua", medium=Medium.EMAIL, looked=desk.Looked(seen.id))


def test_reply_on_a_strangers_ticket_names_no_claim(app: App, tickets: Desk) -> None:
    ref = filed_ticket(tickets, sender="gigi@x.example")

    desk.reply(app, ref, staff=ana(app), body="Va rugam sa ne spuneti cine sunteti.", medium=Medium.EMAIL)

    sent = tickets.outgoing()[-1]
    assert sent.to_address == "gigi@x.example"
    assert CLAIM_A not in sent.message.subject + sent.message.text


def test_claim_is_not_spoken_of_to_an_address_that_left_the_file(app: App, tickets: Desk) -> None:
    ref = filed_ticket(tickets)
    with app.store.writing() as session:
        found = session.scalars(select(Ticket).where(Ticket.ref == ref)).one()
        assert found.claim is not None
        assert found.claim.claimant is not None
        for point in list(found.claim.claimant.contacts):
            session.delete(point)

    with pytest.raises((DisclosureError, GuardError)):
        desk.reply(app, ref, staff=ana(app), body="Suma este 100 lei", medium=Medium.EMAIL)


def test_item_is_accepted_only_after_something_came(app: App, tickets: Desk) -> None:
    with pytest.raises(GuardError, match="cannot become accepted"):
        desk.accept(app, CLAIM_A, "repair_estimate", staff=ana(app))

    tickets.file_one(mail("devizul", subject=CLAIM_A, files=(attachment("deviz.pdf"),)))
    desk.accept(app, CLAIM_A, "repair_estimate", staff=ana(app))

    assert tickets.state("repair_estimate") is RequirementState.ACCEPTED


def test_rejected_item_is_asked_for_again(app: App, tickets: Desk) -> None:
    tickets.ask()
    tickets.file_one(mail("devizul", subject=CLAIM_A, files=(attachment("deviz.pdf"),)))

    desk.reject(app, CLAIM_A, "repair_estimate", staff=ana(app), reason="illegible")
    code = desk.ask(app, CLAIM_A, only=["repair_estimate"])

    assert code == f"{CLAIM_A}/R2"
    assert tickets.request(f"{CLAIM_A}/R1").state == "superseded"


def test_known_fact_turns_a_question_into_a_document_or_drops_it(app: App, tickets: Desk) -> None:
    filed = tickets.file_one(mail("s-a spart o teava in bucatarie ieri, polita cas 045 1237"))
    assert filed.opened is not None
    assert tickets.state("owners_assoc", filed.opened.ref) is RequirementState.MAYBE

    desk.know(app, filed.opened.ref, "flat", "yes", staff=ana(app))
    desk.know(app, filed.opened.ref, "owner_kind", "person", staff=ana(app))

    assert tickets.state("owners_assoc", filed.opened.ref) is RequirementState.NEEDED
    assert tickets.state("company_reg", filed.opened.ref) is RequirementState.NOT_APPLICABLE


def test_linking_by_hand_puts_a_strangers_ticket_on_the_claim_and_can_be_undone(app: App, tickets: Desk) -> None:
    ref = filed_ticket(tickets, sender="gigi@x.example")

    desk.link(app, ref, CLAIM_A, staff=ana(app))
    assert ticket(app.store, ref).verified

    with app.store.reading() as session:
        from tickets.models import Link

        [made] = session.scalars(select(Link).where(Link.target == CLAIM_A, Link.state == "active"))
    desk.unlink(app, made.id, staff=ana(app))
    assert ticket(app.store, ref).claim_id is None


def test_call_that_belongs_to_no_ticket_is_filed_by_who_called(app: App) -> None:
    ref = desk.new_call(app, staff=ana(app), text=f"intreaba de dosarul {CLAIM_A}", number=MARIAS_PHONE)

    with app.store.reading() as session:
        found = session.scalars(select(Ticket).where(Ticket.ref == ref)).one()
        assert found.claim is not None
        assert found.claim.ref == CLAIM_A


def test_call_note_on_a_ticket_stands_in_its_timeline(app: App, tickets: Desk) -> None:
    ref = filed_ticket(tickets)

    desk.call_note(app, ref, staff=ana(app), text="A sunat, revine maine", number="0722 123 456")
    desk.note(app, ref, staff=ana(app), text="de verificat clauza")
    desk.take(app, ref, staff=ana(app))

    with app.store.reading() as session:
        from tickets import conversation

        shown = conversation.conversation(session, ref)
    assert [message.direction for message in shown.messages] == ["in", "out", "in", "note"]
    assert shown.ticket.state is TicketState.IN_PROGRESS


def test_delivery_that_makes_its_channel_fail_is_shown_and_the_next_one_goes(app: App, tickets: Desk) -> None:
    desk.ask(app, CLAIM_A, only=BOTH)
    app._channels["claims-mail"] = Failing()
    app._channels["text"] = memory.connect("text", memory.Settings())

    sent = sending.send_due(app)

    assert sent.trouble == {}
    states = {each.medium: each.state for each in tickets.outgoing()}
    assert states == {Medium.EMAIL: DeliveryState.UNKNOWN, Medium.SMS: DeliveryState.SENT}


class Failing(memory.MemoryChannel):
    """A channel with a bug."""

    def __init__(self) -> None:
        super().__init__("claims-mail", memory.Settings())

    def send(self, message: OutboundMessage, transmitting: Transmitting) -> Delivery:  # noqa: ARG002 - it fails anyway
        raise KeyError("nobody expected this")


def test_unknown_delivery_is_sent_again_only_by_a_person(app: App, tickets: Desk) -> None:
    tickets.ask()
    with app.store.writing() as session:
        [first, *_] = session.scalars(select(OutboxDelivery).order_by(OutboxDelivery.id))
        first.state = DeliveryState.UNKNOWN

    desk.send_again(app, first.id, staff=ana(app))

    assert tickets.outgoing()[0].state is DeliveryState.QUEUED
    with pytest.raises(GuardError):
        desk.send_again(app, first.id, staff=ana(app))


def replied(app: App, tickets: Desk, text: str) -> int:
    """The message in which Maria answers the request for both items."""
    desk.ask(app, CLAIM_A, only=BOTH)
    tickets.deliver()
    filed = tickets.file_one(mail(text, subject=CLAIM_A))
    with app.store.reading() as session:
        return session.scalars(select(Message.id).order_by(Message.id.desc()).limit(1)).one() if filed.message else 0


def test_accepted_promise_stops_reminders_until_the_working_day_after_it(app: App, tickets: Desk) -> None:
    message = replied(app, tickets, "trimit devizul si adeverinta vineri")

    day = desk.accept_promise(app, message, staff=ana(app), confirm=True)

    request = tickets.request()
    assert day == date(2026, 11, 27)
    assert request.ladder_at == datetime(2026, 12, 2, 7, 0, tzinfo=UTC)  # the Monday and the Tuesday are holidays
    [confirmation] = [each for each in tickets.outgoing() if each.template == "promise_confirmation"]
    assert "vineri, 27 noiembrie 2026" in confirmation.message.text


def test_promise_that_is_past_or_was_never_made_is_not_accepted(app: App, tickets: Desk) -> None:
    message = replied(app, tickets, "ce acte mai trebuie?")

    with pytest.raises(GuardError, match="names no day"):
        desk.accept_promise(app, message, staff=ana(app))
    with pytest.raises(GuardError, match="is past"):
        desk.accept_promise(app, message, staff=ana(app), day=date(2026, 11, 1))


def test_fact_from_a_message_is_recorded_by_a_person_once(app: App, tickets: Desk) -> None:
    message = replied(app, tickets, "trimit maine")
    with app.store.writing() as session:
        row = session.get_one(Message, message)
        row.proposals = row.proposals | {"facts": {"flat": "yes", "mortgaged": "no"}}

    desk.accept_fact(app, message, "mortgaged", staff=ana(app))

    with app.store.reading() as session:
        row = session.get_one(Message, message)
        assert row.proposals["facts"] == {"flat": "yes"}
        assert row.ticket.claim is not None
        assert row.ticket.claim.facts["mortgaged"] == "no"


def test_last_answer_that_was_missing_takes_the_claim_into_review(app: App, tickets: Desk) -> None:
    message = replied(app, tickets, "trimit maine")
    with app.store.writing() as session:
        row = session.get_one(Message, message)
        row.proposals = row.proposals | {"facts": {"owner_kind": "person"}}
        assert row.ticket.claim is not None
        for item in row.ticket.claim.requirements:
            if item.item not in ("company_reg", "power_of_attorney"):
                item.state = RequirementState.WAIVED

    desk.accept_fact(app, message, "owner_kind", staff=ana(app))

    with app.store.reading() as session:
        assert claims.find(session, CLAIM_A).state is ClaimState.IN_REVIEW


def test_confirmed_kinds_are_kept_beside_what_was_proposed(app: App, tickets: Desk) -> None:
    message = replied(app, tickets, "trimit maine")

    desk.confirm_intents(app, message, ["complaint_appeal", "reply_to_request"], staff=ana(app))

    with app.store.reading() as session:
        row = session.get_one(Message, message)
        event = session.scalars(select(Event).where(Event.kind == "intent.confirmed")).one()
        assert row.confirmed_intents == ["complaint_appeal", "reply_to_request"]
        assert row.intents[0]["kind"] == "reply_to_request"
        assert event.detail["kinds"] == row.confirmed_intents
    with pytest.raises(GuardError, match="no kind nonsense"):
        desk.confirm_intents(app, message, ["nonsense"], staff=ana(app))


def test_reply_stops_when_a_colleague_has_judged_an_item_and_not_when_its_writer_has(app: App, tickets: Desk) -> None:
    ref = filed_ticket(tickets)
    with app.store.writing() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.ref == ref)).one()
        looked = desk.Looked(event=desk.last_done(session))
        history.record(session, "item.accepted", actor=f"staff:{ana(app).id}", at=app.clock(), ticket=ticket)
    with app.store.reading() as session:
        assert desk.done_since(session, session.get_one(Ticket, ticket.id), looked, staff=ana(app)) is None

    with app.store.writing() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.ref == ref)).one()
        history.record(session, "item.rejected", actor="staff:4711", at=app.clock(), ticket=ticket)
    with pytest.raises(GuardError, match="something new"):
        desk.reply(app, ref, staff=ana(app), body="Bună ziua", medium=Medium.EMAIL, looked=looked)
