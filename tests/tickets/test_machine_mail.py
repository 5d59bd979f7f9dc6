"""What machines send: it answers and reopens nothing, is never answered, and only our own Message-ID is believed."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.tickets.desk import CLAIM_A, MARIA, MARIAS_PHONE, Desk, links, mail, out_of_office, sms
from tickets.database import Store
from tickets.messages import BouncedAddress, DeliveryState, InboundMessage, MessageKind
from tickets.models import ContactPoint, ContactStatus, RequestState, Ticket, TicketState


@pytest.fixture
def desk(store: Store) -> Desk:
    made = Desk.with_world(store)
    made.ask()
    return made


def report(
    message_id: str | None, *bounced: tuple[str, str], kind: MessageKind = MessageKind.BOUNCE, **changes: object
) -> InboundMessage:
    """A delivery report about one of our messages."""
    addresses = tuple(BouncedAddress(address=address, action=action) for address, action in bounced)
    plain = mail("report", sender="mailer-daemon@example.ro", kind=kind, acknowledge=False)
    return replace(plain, original_message_id=message_id, bounced=addresses, **changes)  # type: ignore[arg-type]


def status(desk: Desk, address: str) -> ContactStatus:
    with desk.store.reading() as session:
        return session.scalars(select(ContactPoint.status).where(ContactPoint.value_norm == address)).one()


def test_fifty_automatic_replies_cause_no_reply_and_change_nothing(desk: Desk) -> None:
    by_mail, by_text = desk.outgoing()
    before = [(each.id, each.state) for each in desk.outgoing()]

    for number in range(5):
        desk.file(*(out_of_office(in_reply_to=(by_mail.message.message_id,), subject=CLAIM_A) for _ in range(5)))
        desk.file(*(out_of_office(sender=f"{number}-{each}@x.example", subject=CLAIM_A) for each in range(5)))

    assert [(each.id, each.state) for each in desk.outgoing()] == before
    assert desk.request().state is RequestState.OPEN
    assert {ticket.state for ticket in desk.tickets()} == {TicketState.WAITING_CUSTOMER, TicketState.CLOSED}
    assert by_text.state is DeliveryState.SENT


def test_automatic_reply_with_a_file_answers_no_item_and_reopens_no_ticket(desk: Desk) -> None:
    by_mail, _ = desk.outgoing()
    with desk.store.writing() as session:
        session.scalars(select(Ticket)).one().state = TicketState.RESOLVED

    filed = desk.file_one(out_of_office(in_reply_to=(by_mail.message.message_id,)))

    assert (filed.answers, filed.disclose) == ([], False)
    assert desk.tickets()[0].state is TicketState.RESOLVED


@pytest.mark.parametrize(
    "told",
    [
        lambda _: report("guessed@example.ro", (MARIA, "failed")),
        lambda _: report(None, (MARIA, "failed"), subject=CLAIM_A),
        lambda ours: report(ours, (MARIA, "delayed")),
        lambda ours: report(ours, (MARIA, "relayed"), (MARIA, "delivered")),
        lambda ours: report(ours, ("somebody.else@example.ro", "failed")),
        lambda ours: report(ours, (MARIA, "failed"), kind=MessageKind.COMPLAINT_REPORT),
        lambda ours: report(ours, (MARIA, "failed"), kind=MessageKind.AUTO_REPLY),
    ],
    ids=["guessed id", "no id", "delayed", "relayed", "another address", "complaint", "auto reply"],
)
def test_report_that_does_not_prove_a_failure_changes_nothing(
    desk: Desk, told: Callable[[str | None], InboundMessage]
) -> None:
    by_mail, _ = desk.outgoing()

    desk.file_one(told(by_mail.message.message_id))

    assert [each.state for each in desk.outgoing()] == ["sent", "sent"]
    assert status(desk, MARIA) is ContactStatus.OK
    assert desk.request().delivered_at is not None


def test_returned_mail_marks_the_address_and_the_next_request_goes_another_way(desk: Desk) -> None:
    by_mail, _ = desk.outgoing()

    filed = desk.file_one(report(by_mail.message.message_id, (MARIA, "failed")))

    assert links(filed) == {desk.tickets()[0].ref: "active"}
    assert status(desk, MARIA) is ContactStatus.BOUNCING
    assert desk.tickets()[0].unread
    desk.know(repaired="yes")
    desk.ask(items=("invoices",))
    assert [each.medium for each in desk.outgoing()[2:]] == ["sms"]


def test_returned_mail_marks_the_address_on_every_file_it_stands_on(desk: Desk) -> None:
    """Two who share an address: neither is written to there again."""
    spouse = {"id": "spouse", "name": "Radu Ionescu", "language": "ro", "emails": [{"value": MARIA}], "phones": []}
    desk.add(customers=[spouse])
    by_mail, _ = desk.outgoing()

    desk.file_one(report(by_mail.message.message_id, (MARIA, "failed")))

    with desk.store.reading() as session:
        found = session.scalars(select(ContactPoint.status).where(ContactPoint.value_norm == MARIA)).all()
    assert found == [ContactStatus.BOUNCING, ContactStatus.BOUNCING]


def test_report_without_details_about_our_own_message_is_believed(desk: Desk) -> None:
    by_mail, _ = desk.outgoing()

    desk.file_one(report(by_mail.message.message_id))

    assert desk.outgoing()[0].state is DeliveryState.FAILED


@pytest.mark.parametrize("word", ["STOP", "CANCEL", "End."])
def test_opt_out_is_kept_on_the_number_and_a_word_with_two_meanings_is_put_to_a_person(desk: Desk, word: str) -> None:
    filed = desk.file_one(sms(word, opt_out=True))

    assert status(desk, MARIAS_PHONE) is ContactStatus.OPTED_OUT
    assert desk.request().state is RequestState.OPEN
    assert filed.queued == []
    assert filed.message is not None
    assert (filed.message.proposals.get("ask") == "policy_or_sms") is (word != "STOP")

    desk.file_one(sms("START", opt_in=True))
    assert status(desk, MARIAS_PHONE) is ContactStatus.OK


def test_cancelling_a_policy_by_text_switches_nothing_off(desk: Desk) -> None:
    filed = desk.file_one(sms("cancel polita CAS-0451237"))

    assert "cancellation" in {each.kind for each in filed.intents}
    assert status(desk, MARIAS_PHONE) is ContactStatus.OK


def test_strangers_stop_switches_nobody_off_and_is_not_answered(desk: Desk) -> None:
    filed = desk.file_one(sms("STOP", sender="+40799999999", opt_out=True))

    assert status(desk, MARIAS_PHONE) is ContactStatus.OK
    assert filed.queued == []
