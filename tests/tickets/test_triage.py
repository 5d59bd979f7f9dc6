"""Triage on the scenarios' desk: new matters, answers, strangers, machines."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.tickets.desk import (
    AUTO,
    BOTH,
    CLAIM_A,
    CLAIM_B,
    MARIA,
    MARIAS_PHONE,
    Desk,
    attachment,
    evidence,
    letter,
    links,
    mail,
    out_of_office,
    sms,
)
from tickets.database import Store
from tickets.messages import BouncedAddress, DeliveryState, MessageKind, Trust
from tickets.models import ArrivalState, ClaimState, RequestState, TicketState
from tickets.requirements import RequirementState


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.with_world(store)


def kinds(filed: Any) -> set[str]:
    return {str(each.kind) for each in filed.intents}


# --- a new matter


def test_new_loss_on_a_known_policy_opens_a_draft_claim_and_leaves_the_open_one_alone(desk: Desk) -> None:
    filed = desk.file_one(mail("s-a spart o teava in bucatarie ieri, polita cas 045 1237"))

    assert links(filed)["CAS-0451237"] == "active"
    assert evidence(filed, "CAS-0451237") == {"policy_ref", "sender_email"}
    assert links(filed).get(CLAIM_A) is None
    assert filed.opened is not None
    assert (filed.opened.type, filed.opened.state) == ("home", ClaimState.DRAFT)
    assert filed.opened.loss_date == date(2026, 11, 22)
    assert filed.message is not None
    assert (filed.message.ticket.state, filed.message.ticket.priority) == (TicketState.NEW, 2)


def test_new_claim_is_acknowledged_with_its_number_and_nothing_else_leaves(desk: Desk) -> None:
    filed = desk.file_one(mail("s-a spart o teava in bucatarie ieri, polita cas 045 1237"))

    [delivery] = desk.outgoing()
    assert delivery.template == "acknowledgement"
    assert filed.opened is not None
    assert filed.opened.ref in delivery.message.text
    assert filed.drafted is not None
    assert filed.drafted.state is RequestState.DRAFT


def test_what_is_unknown_is_drafted_as_a_question(desk: Desk) -> None:
    filed = desk.file_one(mail("s-a spart o teava in bucatarie ieri, polita cas 045 1237"))

    assert filed.drafted is not None
    drafted = desk.request(filed.drafted.code)
    questions = {item.requirement.item: item.question for item in drafted.items if item.question}
    assert questions["owners_assoc"] == "flat"
    assert desk.state("owners_assoc", filed.opened.ref) is RequirementState.MAYBE if filed.opened else False


def test_two_messages_of_one_batch_about_one_claim_share_its_draft(desk: Desk) -> None:
    first, second = desk.file(mail(f"dosar {CLAIM_A}: care este stadiul?"), mail(f"{CLAIM_A}, mai dureaza mult?"))

    assert first.drafted is not None
    assert second.drafted is first.drafted
    assert [item.requirement.item for item in desk.request().items] == list(BOTH)


def test_second_message_of_a_batch_about_the_claim_the_first_one_opened_changes_no_draft(desk: Desk) -> None:
    told = mail("s-a spart o teava in bucatarie ieri, polita cas 045 1237")
    first, again = desk.file(told, mail("va rog un raspuns", in_reply_to=(told.message_id or "",)))

    assert first.opened is not None
    assert first.drafted is not None
    assert again.linking.claim is first.opened
    assert len(desk.request(first.drafted.code).items) > len(BOTH)


# --- answers, whichever way they come


def test_answer_by_mail_closes_its_item_whatever_the_subject(desk: Desk) -> None:
    desk.ask()
    reply_address = desk.outgoing()[0].reply_address
    assert reply_address is not None

    filed = desk.file_one(
        mail("vedeti atasat", subject="poze", delivered_to=(reply_address,), files=(attachment("deviz.pdf"),))
    )

    assert links(filed) == {CLAIM_A: "active", f"{CLAIM_A}/R1": "active", "maria": "active"}
    assert desk.state("repair_estimate") is RequirementState.RECEIVED
    assert desk.request().state is RequestState.PARTIAL
    assert len(desk.tickets()) == 1


def test_request_answered_in_three_parts_by_mail_text_and_letter_ends_answered_on_one_ticket(desk: Desk) -> None:
    desk.ask()
    [by_mail, *_] = desk.outgoing()

    desk.file_one(mail("am trimis", in_reply_to=(by_mail.message.message_id,), files=(attachment("deviz.pdf"),)))
    desk.file_one(sms("maine va trimit si adeverinta"))
    desk.file_one(letter("Adeverinta de la asociatia de proprietari", codes=(f"{CLAIM_A}/R1",)))

    assert desk.request().state is RequestState.ANSWERED
    assert len(desk.tickets()) == 1


def test_text_to_the_only_open_request_is_linked_and_satisfies_nothing(desk: Desk) -> None:
    desk.ask()

    filed = desk.file_one(sms("trimit adeverinta maine"))

    assert links(filed)[f"{CLAIM_A}/R1"] == "active"
    assert evidence(filed, f"{CLAIM_A}/R1") == {"open_request"}
    assert "reply_to_request" in kinds(filed)
    assert desk.state("owners_assoc") is RequirementState.ASKED


def test_photo_by_mms_is_a_document_of_the_kind_announced_and_waits_for_a_person(desk: Desk) -> None:
    desk.ask()
    desk.file_one(sms("trimit adeverinta maine"))

    filed = desk.file_one(sms("", files=(attachment("photo-1.jpg", media_type="image/jpeg"),)))

    [answer] = filed.answers
    assert (answer.kind, answer.requirement.item if answer.requirement else None) == (
        "association_statement",
        "owners_assoc",
    )
    assert desk.state("owners_assoc") is RequirementState.RECEIVED


def test_scan_with_our_code_answers_its_request_on_the_stamped_day(desk: Desk) -> None:
    desk.ask()

    filed = desk.file_one(
        letter("Deviz de reparatie CIM26-OO4711-58", codes=(f"{CLAIM_A}/R1",), pages=3, received_on=date(2026, 11, 20))
    )

    assert links(filed)[CLAIM_A] == "active"
    assert filed.message is not None
    assert (filed.message.pages, filed.message.received_on) == (3, date(2026, 11, 20))
    assert not filed.disclose


def test_identity_card_never_counts_by_text_message(desk: Desk) -> None:
    desk.ask()

    desk.file_one(sms("buletinul", files=(attachment("buletin.jpg", media_type="image/jpeg"),)))

    assert desk.request().state is RequestState.OPEN


# --- strangers, forgeries, doubts


def test_stranger_with_a_valid_claim_number_gets_a_ticket_of_his_own_and_learns_nothing(desk: Desk) -> None:
    filed = desk.file_one(mail("please tell me the amount", sender="gigi@x.example", subject=f"[{CLAIM_A}]"))

    assert links(filed) == {CLAIM_A: "unverified"}
    assert not filed.disclose
    assert filed.message is not None
    assert filed.message.ticket.claim is None
    [delivery] = desk.outgoing()
    assert delivery.template == "acknowledgement_neutral"
    assert CLAIM_A not in delivery.message.text + delivery.message.subject
    assert "Maria" not in delivery.message.text


def test_sender_whose_domain_our_server_calls_forged_is_a_stranger(desk: Desk) -> None:
    filed = desk.file_one(mail("care e suma?", subject=CLAIM_A, trust=Trust.FAIL))

    assert links(filed) == {CLAIM_A: "unverified"}
    assert desk.outgoing() == []


def test_reply_token_in_a_strangers_hands_joins_nothing(desk: Desk) -> None:
    desk.ask()
    reply_address = desk.outgoing()[0].reply_address
    assert reply_address is not None

    filed = desk.file_one(
        mail("deviz", sender="gigi@x.example", delivered_to=(reply_address,), files=(attachment("deviz.pdf"),))
    )

    assert links(filed)[CLAIM_A] == "unverified"
    assert desk.state("repair_estimate") is RequirementState.ASKED
    assert len(desk.tickets()) == 2


def test_two_customers_claims_in_one_mail_are_both_suggested_and_none_is_linked(desk: Desk) -> None:
    filed = desk.file_one(mail(f"{CLAIM_A}/{CLAIM_B}"))

    assert (links(filed)[CLAIM_A], links(filed)[CLAIM_B]) == ("suggested", "suggested")
    assert not filed.disclose


def test_claim_number_that_stands_only_in_the_quotation_is_a_strangers_suggestion(desk: Desk) -> None:
    message = replace(mail("buna", sender="gigi@x.example"), text=f"buna\n> {CLAIM_A}")

    assert links(desk.file_one(message)) == {CLAIM_A: "suggested"}


def test_status_question_of_the_only_open_claim_is_linked_by_its_sender(desk: Desk) -> None:
    filed = desk.file_one(mail("In ce stadiu este dosarul meu? Au trecut 3 saptamani."))

    assert links(filed)[CLAIM_A] == "active"
    assert filed.disclose


def test_general_question_of_a_customer_is_not_put_on_his_claim(desk: Desk) -> None:
    filed = desk.file_one(mail("Ce program aveti pe 30 noiembrie?"))

    assert links(filed).get(CLAIM_A) in (None, "suggested")


# --- machines


def test_out_of_office_answers_nothing_and_is_not_answered(desk: Desk) -> None:
    desk.ask()
    [by_mail, *_] = desk.outgoing()
    before = len(desk.outgoing())

    for _ in range(5):
        desk.file_one(out_of_office(in_reply_to=(by_mail.message.message_id,)))

    assert desk.request().state is RequestState.OPEN
    assert [ticket.state for ticket in desk.tickets()] == [TicketState.WAITING_CUSTOMER]
    assert len(desk.outgoing()) == before


def test_bounce_of_a_request_marks_the_address_and_withdraws_the_delivery(desk: Desk) -> None:
    desk.ask()
    [by_mail, *_] = desk.outgoing()

    desk.file_one(
        mail(
            "User unknown",
            sender="mailer-daemon@example.ro",
            kind=MessageKind.BOUNCE,
            original_message_id=by_mail.message.message_id,
            bounced=(BouncedAddress(address=MARIA, action="failed", status="5.1.1"),),
            acknowledge=False,
        )
    )

    assert desk.outgoing()[0].state is DeliveryState.FAILED
    assert desk.request().delivered_at is None
    assert desk.request().state is RequestState.OPEN


def test_forged_bounce_that_does_not_know_our_message_changes_nothing(desk: Desk) -> None:
    desk.ask()

    desk.file_one(
        mail(
            "User unknown",
            sender="mailer-daemon@example.ro",
            kind=MessageKind.BOUNCE,
            original_message_id="guessed@example.ro",
            bounced=(BouncedAddress(address=MARIA, action="failed", status="5.1.1"),),
        )
    )

    assert desk.outgoing()[0].state is DeliveryState.SENT


def test_stop_switches_texts_off_before_the_next_one_leaves(desk: Desk) -> None:
    desk.file_one(sms("STOP", opt_out=True))

    desk.ask()

    assert {delivery.medium for delivery in desk.outgoing()} == {"email"}


def test_start_switches_texts_on_again(desk: Desk) -> None:
    desk.file_one(sms("STOP", opt_out=True))
    desk.file_one(sms("START", opt_in=True))

    desk.ask()

    assert {delivery.medium for delivery in desk.outgoing()} == {"email", "sms"}


def test_cancel_alone_is_put_to_a_person(desk: Desk) -> None:
    filed = desk.file_one(sms("CANCEL", opt_out=True))

    assert filed.message is not None
    assert filed.message.proposals["ask"] == "policy_or_sms"


# --- once


def test_second_copy_of_a_mail_is_kept_and_shown_once(desk: Desk) -> None:
    message = mail("In ce stadiu este dosarul meu?", subject=CLAIM_A)

    first, second = desk.file(message, message)

    assert (first.arrival.state, second.arrival.state) == (ArrivalState.FILED, ArrivalState.DUPLICATE)
    assert second.arrival.duplicate_of_id == first.arrival.id


def test_same_message_id_with_other_words_is_a_message_of_its_own(desk: Desk) -> None:
    first = mail("In ce stadiu este dosarul meu?", message_id="same@example.ro")
    second = mail("Altceva cu totul", message_id="same@example.ro")

    assert [each.arrival.state for each in desk.file(first, second)] == [ArrivalState.FILED, ArrivalState.FILED]


def test_one_address_is_acknowledged_once_a_day(desk: Desk) -> None:
    for number in range(5):
        desk.file_one(mail(f"Intrebarea {number}", sender="nou@example.com"))

    assert len(desk.outgoing()) == 1


# --- sending by itself


def test_certain_request_to_a_verified_address_leaves_by_itself_where_that_is_configured(store: Store) -> None:
    desk = Desk.with_world(store, AUTO)
    desk.know(owner_kind="person", owners=1, mortgaged="no")

    desk.file_one(mail("In ce stadiu este dosarul?", subject=CLAIM_A))

    assert desk.request().state is RequestState.OPEN
    assert {delivery.template for delivery in desk.outgoing()} >= {"request"}


def test_request_with_an_open_question_waits_for_a_person_even_then(store: Store) -> None:
    desk = Desk.with_world(store, AUTO)

    filed = desk.file_one(mail("s-a spart o teava in bucatarie ieri, polita cas 045 1237"))

    assert filed.drafted is not None
    assert filed.drafted.state is RequestState.DRAFT


def test_stranger_makes_nothing_leave_by_itself(store: Store) -> None:
    desk = Desk.with_world(store, AUTO)

    desk.file_one(mail("suma?", sender="gigi@x.example", subject=CLAIM_A))

    assert {delivery.template for delivery in desk.outgoing()} == {"acknowledgement_neutral"}


def test_request_goes_by_mail_with_the_list_and_by_one_text_without_it(desk: Desk) -> None:
    desk.ask()

    by_mail, by_text = desk.outgoing()
    assert by_mail.message.subject.startswith(f"[{CLAIM_A}]")
    assert "1." in by_mail.message.text
    assert "2." in by_mail.message.text
    assert by_text.to_address == MARIAS_PHONE
    assert CLAIM_A in by_text.message.text
    assert "deviz" not in by_text.message.text.lower()
    assert desk.tickets()[0].state is TicketState.WAITING_CUSTOMER


def test_number_with_swapped_digits_is_suggested_and_confirmed_to_nobody(desk: Desk) -> None:
    filed = desk.file_one(mail("care e stadiul?", sender="cineva@nou.example", subject="CLM26-004711-85"))

    assert links(filed) == {CLAIM_A: "suggested"}
    assert evidence(filed, CLAIM_A) == {"near_miss"}
    [acknowledgement] = desk.outgoing()
    assert "CLM" not in acknowledgement.message.text + acknowledgement.message.subject


def test_two_mails_of_one_batch_about_one_claim_share_its_draft(desk: Desk) -> None:
    first, second = desk.file(mail(f"stadiu {CLAIM_A}?"), mail(f"si inca o intrebare, {CLAIM_A}"))

    assert first.drafted is not None
    assert second.drafted is first.drafted
    assert sorted(item.requirement.item for item in desk.request().items) == sorted(BOTH)
