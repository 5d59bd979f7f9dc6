"""The outbox: sent at most once by itself, whoever dies in between, and never to somebody who must not have it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.tickets.desk import AUTO, CLAIM_A, MARIA, MARIAS_PHONE, NOW, Desk, mail, sms
from tickets import outbox, wording
from tickets.database import Store
from tickets.errors import DisclosureError, GuardError
from tickets.messages import BouncedAddress, Delivery, DeliveryState, Medium, MessageKind
from tickets.models import Event, OutboxDelivery, Ticket
from tickets.outbox import BACKOFF, GIVE_UP, LEASE
from tickets.reach import Recipient

MINUTE = timedelta(minutes=1)
CHANNELS = ("claims-mail", "text", "post")


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.with_world(store)


@pytest.fixture
def queued(desk: Desk) -> int:
    """One acknowledgement in the outbox."""
    filed = desk.file_one(mail("In ce stadiu este dosarul?", subject=CLAIM_A))
    [delivery] = filed.queued
    return delivery.id


def claim(desk: Desk, now: object = NOW) -> list[OutboxDelivery]:
    with desk.store.writing() as session:
        return outbox.claim_due(session, CHANNELS, now=now, limit=10)  # type: ignore[arg-type]


def transmit(desk: Desk, delivery: OutboxDelivery, now: object = NOW) -> None:
    with desk.store.writing() as session:
        outbox.transmitting(session, delivery.id, now=now, attempt=delivery.attempts)  # type: ignore[arg-type]


def record(desk: Desk, number: int, state: DeliveryState) -> OutboxDelivery:
    with desk.store.writing() as session:
        outbox.record(session, number, Delivery(state=state), now=NOW)
    return row(desk, number)


def row(desk: Desk, number: int) -> OutboxDelivery:
    return next(each for each in desk.outgoing() if each.id == number)


def answer(desk: Desk, to: Recipient) -> None:
    """Write to somebody on the only ticket there is."""
    with desk.store.writing() as session:
        ticket = session.scalars(select(Ticket)).one()
        wording.reply(session, desk.office, ticket, to, body="Suma", person="Ana", author_id=1, now=NOW)


# --- claiming


def test_claimed_delivery_is_nobody_elses_until_its_lease_ends(desk: Desk, queued: int) -> None:
    assert len(claim(desk)) == 1

    assert claim(desk, NOW + LEASE) == []
    [again] = claim(desk, NOW + LEASE + MINUTE)
    assert (again.id, again.attempts) == (queued, 2)


def test_worker_that_lost_its_lease_may_neither_transmit_nor_queue_nor_give_back(desk: Desk, queued: int) -> None:
    later = NOW + LEASE + MINUTE
    [lost] = claim(desk)
    [holder] = claim(desk, later)

    with pytest.raises(GuardError):
        transmit(desk, lost, later)
    transmit(desk, holder, later)
    with desk.store.writing() as session:
        outbox.later(session, queued, "connection refused", now=later, attempt=lost.attempts)
        outbox.give_back(session, queued, attempt=lost.attempts)

    assert row(desk, queued).state is DeliveryState.TRANSMITTING
    assert claim(desk, later + LEASE + MINUTE) == []


def test_nothing_is_transmitted_without_a_lease_or_after_its_end(desk: Desk, queued: int) -> None:
    with desk.store.writing() as session, pytest.raises(GuardError):
        outbox.transmitting(session, queued, now=NOW)
    [delivery] = claim(desk)

    with pytest.raises(GuardError):
        transmit(desk, delivery, NOW + LEASE + MINUTE)

    assert row(desk, queued).state is DeliveryState.CLAIMED


def test_delivery_given_back_keeps_its_place_and_its_count(desk: Desk, queued: int) -> None:
    [delivery] = claim(desk)

    with desk.store.writing() as session:
        outbox.give_back(session, delivery.id, attempt=delivery.attempts)

    [again] = claim(desk)
    assert (again.id, again.attempts) == (queued, 1)


def test_held_message_does_not_leave_before_its_hold_is_over(desk: Desk, queued: int) -> None:
    with desk.store.writing() as session:
        session.get_one(OutboxDelivery, queued).due_at = NOW + MINUTE

    assert claim(desk) == []
    assert len(claim(desk, NOW + MINUTE)) == 1


# --- outcomes


def test_states_move_forward_only(desk: Desk, queued: int) -> None:
    [delivery] = claim(desk)
    transmit(desk, delivery)

    told = [record(desk, queued, state).state for state in (DeliveryState.UNKNOWN, DeliveryState.SENT,
            DeliveryState.UNKNOWN, DeliveryState.DELIVERED, DeliveryState.SENT, DeliveryState.FAILED,
            DeliveryState.REFUSED, DeliveryState.QUEUED)]  # fmt: skip

    assert told == ["unknown", "sent", "sent", "delivered", "delivered", "delivered", "delivered", "delivered"]
    assert row(desk, queued).sent_at == NOW


def test_transmission_without_an_answer_is_unknown_and_never_sent_again_by_itself(desk: Desk, queued: int) -> None:
    [delivery] = claim(desk)
    transmit(desk, delivery)
    with desk.store.writing() as session:
        assert outbox.expire(session, now=NOW + LEASE) == 0

    with desk.store.writing() as session:
        assert outbox.expire(session, now=NOW + timedelta(minutes=5)) == 1

    assert row(desk, queued).state is DeliveryState.UNKNOWN
    assert claim(desk, NOW + timedelta(days=30)) == []
    with desk.store.reading() as session:
        assert session.scalars(select(Ticket)).one().unread


def test_what_cannot_leave_is_tried_with_growing_pauses_and_given_up_after_five_days(desk: Desk, queued: int) -> None:
    now, pauses = NOW, []
    for _ in range(len(BACKOFF) + 1):
        [delivery] = claim(desk, now)
        with desk.store.writing() as session:
            outbox.later(session, queued, "451 later", now=now, attempt=delivery.attempts)
        due = row(desk, queued).due_at
        pauses.append((due - now) // MINUTE)
        now = due
    assert pauses == [*BACKOFF, BACKOFF[-1]]

    [delivery] = claim(desk, NOW + GIVE_UP + MINUTE)
    with desk.store.writing() as session:
        outbox.later(session, queued, "451 later", now=NOW + GIVE_UP + MINUTE, attempt=delivery.attempts)

    assert row(desk, queued).state is DeliveryState.FAILED
    assert claim(desk, NOW + timedelta(days=30)) == []


def test_two_requests_in_one_conversation_at_one_moment_have_message_ids_of_their_own(desk: Desk) -> None:
    desk.ask(items=("owners_assoc",))
    desk.ask()

    ids = [each.message.message_id for each in desk.outgoing()]

    assert len(set(ids)) == len(ids) == 4


# --- opting out


def test_opt_out_stops_what_is_queued_and_what_is_claimed_for_good(desk: Desk) -> None:
    filed = desk.file_one(sms("In ce stadiu este dosarul?"))
    [text] = filed.queued
    [claimed] = claim(desk)

    desk.file_one(sms("STOP", opt_out=True))

    with pytest.raises(GuardError):
        transmit(desk, claimed)
    with desk.store.writing() as session:
        outbox.later(session, text.id, "busy", now=NOW, attempt=claimed.attempts)
    assert row(desk, text.id).state is DeliveryState.REFUSED
    assert claim(desk, NOW + timedelta(days=1)) == []


def test_who_opted_out_gets_no_automatic_text_for_a_new_matter_either(desk: Desk) -> None:
    desk.file_one(sms("STOP", opt_out=True))

    filed = desk.file_one(sms("In ce stadiu este dosarul meu?"))

    assert (filed.message is not None, filed.queued) == (True, [])


# --- what a delivery tells its request


def test_pause_counts_from_the_first_delivery_and_a_bounce_takes_it_back(desk: Desk) -> None:
    desk.ask()
    by_mail, by_text = desk.outgoing()
    assert desk.request().delivered_at == NOW + MINUTE

    bounce = mail(
        "User unknown", sender="mailer-daemon@example.ro", kind=MessageKind.BOUNCE, acknowledge=False,
        original_message_id=by_mail.message.message_id,
        bounced=(BouncedAddress(address=MARIA.upper(), action="failed", status="5.1.1"),),
    )  # fmt: skip
    desk.file_one(bounce)
    assert desk.request().delivered_at is None

    record(desk, by_text.id, DeliveryState.DELIVERED)
    assert desk.request().delivered_at == NOW


def test_request_that_another_medium_delivered_keeps_that_time_when_the_mail_bounces(desk: Desk) -> None:
    desk.ask()
    by_mail, by_text = desk.outgoing()
    record(desk, by_text.id, DeliveryState.DELIVERED)

    with desk.store.writing() as session:
        bounced = session.get_one(OutboxDelivery, by_mail.id)
        outbox.bounced(session, bounced, detail="returned 5.1.1", now=NOW)

    assert desk.request().delivered_at == NOW


# --- the disclosure gate


def test_words_about_a_claim_leave_only_to_an_address_on_its_file(desk: Desk, queued: int) -> None:
    for address, norm in (("gigi@x.example", "gigi@x.example"), ("Ion.Popa@example.ro", "ion.popa@example.ro")):
        to = Recipient(medium=Medium.EMAIL, address=address, norm=norm)
        with pytest.raises(DisclosureError) as caught:
            answer(desk, to)
        assert address not in str(caught.value)

    assert len(desk.outgoing()) == 1


@pytest.mark.parametrize("sender", ["claims@example.ro", "Claims+abc@example.ro"])
def test_mail_in_our_own_name_is_not_answered(desk: Desk, sender: str) -> None:
    assert desk.file_one(mail("Ce program aveti?", sender=sender)).queued == []


def test_history_of_a_delivery_holds_no_address_and_no_words(store: Store) -> None:
    desk = Desk.with_world(store, AUTO)
    desk.file_one(mail("Parola mea este corect-cal-baterie", subject=CLAIM_A))
    desk.file_one(sms("STOP", opt_out=True))

    with desk.store.reading() as session:
        told = " ".join(f"{event.actor} {event.kind} {event.detail}" for event in session.scalars(select(Event)))

    assert "corect-cal" not in told
    assert MARIA not in told
    assert MARIAS_PHONE not in told
