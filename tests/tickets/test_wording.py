"""Letters about a claim: one on every medium, in the customer's language, to addresses on file only."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from templates.letters import Closing, Decision, Letter, Outcome, Reason
from tests.tickets.desk import CLAIM_A, MARIA, MARIAS_PHONE, NOW, Desk, mail
from tickets import wording
from tickets.database import Store
from tickets.errors import DisclosureError
from tickets.messages import Medium
from tickets.models import OutboxDelivery, Ticket
from tickets.reach import Recipient

LATER = NOW + timedelta(hours=1)
DENIED = Decision(
    outcome=Outcome.DENY,
    reasons=(Reason(code="D03", clause="Art. 4.2", quote="Uzura nu se despăgubește."),),
    facts=("Raportul instalatorului.",),
    appeal_by=date(2026, 12, 28),
)
BY_MAIL = Recipient(medium=Medium.EMAIL, address=MARIA, norm=MARIA, name="Maria Popescu", language="ro")
BY_SMS = Recipient(medium=Medium.SMS, address=MARIAS_PHONE, norm=MARIAS_PHONE, name="Maria Popescu", language="ro")


@pytest.fixture
def desk(store: Store) -> Desk:
    desk = Desk.with_world(store)
    desk.file_one(mail("In ce stadiu este dosarul?", subject=CLAIM_A))
    desk.deliver()
    return desk


def write(desk: Desk, letter: Letter, *recipients: Recipient) -> list[OutboxDelivery]:
    with desk.store.writing() as session:
        ticket = session.scalars(select(Ticket)).one()
        wording.write(
            session, desk.office, ticket, recipients, {"ro": letter, "en": letter}, person="Ana", author_id=1, now=LATER
        )
    return [each for each in desk.outgoing() if each.template == letter.template]


def test_denial_goes_out_whole_by_mail_and_announced_by_sms(desk: Desk) -> None:
    by_mail, by_sms = write(desk, DENIED, BY_MAIL, BY_SMS)

    assert by_mail.template == "decision_deny"
    assert "Uzura nu se despăgubește." in by_mail.message.text
    assert CLAIM_A in by_mail.message.subject
    assert "e-mail" in by_sms.message.text
    assert "Uzura" not in by_sms.message.text


def test_letter_to_an_address_not_on_file_is_refused_as_a_whole(desk: Desk) -> None:
    stranger = Recipient(medium=Medium.EMAIL, address="x@example.org", norm="x@example.org", name="X", language="en")

    with pytest.raises(DisclosureError):
        write(desk, Closing(closing_code="C01"), BY_MAIL, stranger)

    assert all(each.template != "closing" for each in desk.outgoing())


def test_two_letters_of_one_move_share_the_token_of_their_addressee(desk: Desk) -> None:
    with desk.store.writing() as session:
        ticket = session.scalars(select(Ticket)).one()
        for letter in (DENIED, Closing(closing_code="C02")):
            wording.write(session, desk.office, ticket, [BY_MAIL], {"ro": letter}, person="Ana", author_id=1, now=LATER)

    denied, closed = [each for each in desk.outgoing() if each.template in ("decision_deny", "closing")]
    assert denied.reply_address == closed.reply_address
