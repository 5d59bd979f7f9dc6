"""Tests of channels.email.machine: a person or a program, by structure."""

import pytest

from channels.email import mime
from tickets.messages import BouncedAddress, InboundMessage, MessageKind

OURS = ("claims@example.ro",)
PERSON = [
    "From: Maria Popescu <maria@example.org>",
    "To: claims@example.ro",
    "Subject: Documente",
    "Message-ID: <1@example.org>",
]


def mail(*fields: str, text: str = "Bună ziua, atașez factura.", without: str = "") -> InboundMessage:
    """Read a person's mail with more fields, or without one of its own."""
    own = [field for field in PERSON if not without or not field.startswith(f"{without}:")]
    return mime.read("\r\n".join([*fields, *own, "", text]).encode(), own_addresses=OURS)


def test_persons_mail_is_a_message_that_may_be_acknowledged() -> None:
    read = mail("Return-Path: <maria@example.org>", "Auto-Submitted: no", "X-Claimdesk-Kind: bounce")

    assert (read.kind, read.acknowledge) == (MessageKind.MESSAGE, True)


def test_exim_names_the_recipient_in_a_field() -> None:
    read = mail(
        "From: Mail Delivery System <Mailer-Daemon@mx.example.ro>",
        "X-Failed-Recipients: maria@example.org",
        "Auto-Submitted: auto-replied",
        "References: <request.7@example.ro>",
        text="A message that you sent could not be delivered.\n\n  maria@example.org\n    550 5.1.1 no mailbox",
        without="From",
    )

    assert read.kind is MessageKind.BOUNCE
    assert read.bounced == (BouncedAddress(address="maria@example.org", action="failed", status="5.1.1"),)
    assert read.original_message_id == "request.7@example.ro"


def report(status: str, *, kind: str = "delivery-status", part: str = "message/delivery-status") -> InboundMessage:
    """Read a multipart/report around a machine-readable part."""
    raw = (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.ro\nSubject: Report\nMIME-Version: 1.0\n"
        f"Content-Type: multipart/report; report-type={kind}; boundary=b\n\n--b\n\nIn words.\n"
        f"--b\nContent-Type: {part}\n\n{status}\n--b\nContent-Type: message/rfc822\n\n"
        "Message-ID: <request.42@example.ro>\nSubject: Cerere\n\nVă rugăm\n--b--\n"
    )
    return mime.read(raw.encode(), own_addresses=OURS)


def test_delivery_status_gives_each_recipient_and_the_original() -> None:
    read = report(
        "Reporting-MTA: dns; mx.example.ro\n\n"
        "Final-Recipient: rfc822; maria@example.org\nAction: failed\nStatus: 5.1.1\n\n"
        "Final-Recipient: rfc822;ion@example.org\nAction: delayed\nStatus: 4.4.7 (later)\n\n"
        "Final-Recipient: x400; none\n"
    )

    assert (read.kind, read.acknowledge, read.original_message_id) == (
        MessageKind.BOUNCE,
        False,
        "request.42@example.ro",
    )
    assert read.bounced == (
        BouncedAddress(address="maria@example.org", action="failed", status="5.1.1"),
        BouncedAddress(address="ion@example.org", action="delayed", status="4.4.7"),
    )


def test_spam_complaint_is_a_complaint_report() -> None:
    read = report("Feedback-Type: abuse\nVersion: 1", kind="feedback-report", part="message/feedback-report")

    assert (read.kind, read.original_message_id) == (MessageKind.COMPLAINT_REPORT, "request.42@example.ro")


def test_read_receipt_is_an_automatic_answer() -> None:
    status = "Original-Message-ID: <request.9@example.ro>\nDisposition: manual-action; displayed"

    read = report(status, kind="disposition-notification", part="message/disposition-notification")

    assert (read.kind, read.acknowledge) == (MessageKind.AUTO_REPLY, False)
    assert read.original_message_id == "request.9@example.ro"


@pytest.mark.parametrize(
    "field",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated (vacation)",
        "X-Autoreply: yes",
        "X-Autorespond: Absent",
        "Precedence: auto_reply",
        "Precedence: bulk",
        "Precedence: junk",
        "Return-Path: <>",
        "X-POST-MessageClass: 9; Autoresponder",
    ],
)
def test_marked_automatic_answer_is_never_answered(field: str) -> None:
    read = mail(field, "In-Reply-To: <request.1@example.ro>")

    assert (read.kind, read.acknowledge) == (MessageKind.AUTO_REPLY, False)


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Cerere",
        "Răspuns automat: Cerere",
        "Automatische Antwort: Unterlagen",
        "Réponse automatique : Documents",
        "Risposta automatica: Documenti",
        "Respuesta automática: Documentos",
        "Automatikus válasz: Kérés",
        "Odpowiedź automatyczna: Dokumenty",
        "Automatisch antwoord: Stukken",
        "Автоматический ответ: Документы",
    ],
)
def test_unmarked_automatic_answer_is_known_by_its_subject(subject: str) -> None:
    assert mail(f"Subject: {subject}", without="Subject").kind is MessageKind.AUTO_REPLY


@pytest.mark.parametrize("subject", ["Out of Office: Cerere", "Out of Office", "Poza biurem", "OOO"])
def test_subject_that_people_write_too_is_a_programs_only_over_an_answer(subject: str) -> None:
    answers, away = "In-Reply-To: <request.1@example.ro>", "I am away until Monday. Invoices go to ap@example.org."
    answer = mail(f"Subject: {subject}", answers, text=away, without="Subject")

    assert answer.kind is MessageKind.AUTO_REPLY
    assert mail(f"Subject: {subject}", answers, text="Olen lomalla.", without="Subject").kind is MessageKind.AUTO_REPLY
    assert mail(f"Subject: {subject}", text=away, without="Subject").kind is MessageKind.MESSAGE


@pytest.mark.parametrize(
    "said",
    [
        "Bună ziua, atașez factura.",
        "I am out of the office until Monday. Can you wait for the report?",
        "I am on leave until Monday.\nThe inspector was rude and did not look at the roof",
        "Sunt în concediu până luni. Banca spune că nu a intrat nimic.",
        "nu mai gasesc bonul\nSunt in concediu pana luni.",
    ],
)
def test_what_no_program_says_makes_it_a_persons_whatever_the_subject(said: str) -> None:
    answer = mail("Subject: Out of Office", "In-Reply-To: <request.1@example.ro>", text=said, without="Subject")

    assert answer.kind is MessageKind.MESSAGE


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Automatic reply: Cerere",
        "Out of office hours I had an accident",
        "Undelivered parcel",
        "Failure of the brakes",
        "Auto avariat",
    ],
)
def test_person_who_writes_about_such_things_is_a_person(subject: str) -> None:
    assert mail(f"Subject: {subject}", without="Subject").kind is MessageKind.MESSAGE


def test_person_who_answers_a_bounce_is_no_bounce() -> None:
    read = mail(
        "Subject: Re: Undelivered Mail Returned to Sender",
        text="<ion@example.org>: 550 5.1.1 ce inseamna asta?",
        without="Subject",
    )

    assert (read.kind, read.bounced) == (MessageKind.MESSAGE, ())


@pytest.mark.parametrize(
    "fields",
    [
        ["List-Id: <news.example.org>"],
        ["List-Unsubscribe: <https://example.org/u>", "Precedence: bulk"],
        ["Precedence: list"],
    ],
)
def test_mailing_list_is_a_list(fields: list[str]) -> None:
    read = mail(*fields)

    assert (read.kind, read.acknowledge) == (MessageKind.LIST, False)


def test_group_that_feeds_our_own_mailbox_is_no_list() -> None:
    read = mail("List-Id: <claims.example.ro>", "Precedence: list")

    assert (read.kind, read.acknowledge) == (MessageKind.MESSAGE, False)


@pytest.mark.parametrize("address", ["claims@example.ro", "Claims@Example.ro", "claims+token123@example.ro"])
def test_our_own_mail_come_back_is_never_answered(address: str) -> None:
    read = mail(f"From: {address}", without="From")

    assert (read.kind, read.acknowledge) == (MessageKind.AUTO_REPLY, False)


@pytest.mark.parametrize(
    ("fields", "without"),
    [
        (["From: no-reply@example.org"], "From"),
        (["From: noreply-claims@example.org"], "From"),
        (["From: mailer-daemon@example.org"], "From"),
        (["From: list-request@example.org"], "From"),
        (["From: a@example.org, b@example.org"], "From"),
        ([], "From"),
        (["Reply-To: do-not-reply@example.org"], ""),
        (["X-Auto-Response-Suppress: All"], ""),
        (["List-Unsubscribe: <https://example.org/u>"], ""),
    ],
)
def test_doubtful_mail_stays_a_message_but_gets_no_automatic_answer(fields: list[str], without: str) -> None:
    read = mail(*fields, without=without)

    assert (read.kind, read.acknowledge) == (MessageKind.MESSAGE, False)


def receipt(disposition: str, said: str, *, agent: str = "mx.example.org; Agent") -> InboundMessage:
    """Read a receipt for our request, with what it says in words."""
    raw = (
        "Return-Path: <>\nFrom: postmaster@mx.example.org\nTo: claims@example.ro\nSubject: Cerere\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{said}\n--b\n"
        f"Content-Type: message/disposition-notification\n\nReporting-UA: {agent}\n"
        "Final-Recipient: rfc822; maria@example.org\nOriginal-Message-ID: <request.42@example.ro>\n"
        f"Disposition: {disposition}\n\n--b--\n"
    )
    return mime.read(raw.encode(), own_addresses=OURS)


DELETED = "automatic-action/MDN-sent-automatically; deleted"


@pytest.mark.parametrize(
    ("said", "agent"),
    [
        ("The recipient's filter refused your message.", "mx.example.org; Agent"),
        ("Mesajul a fost respins de destinatar.", "mx.example.org; Agent"),
        ("Nu primesc mail de la firme.", "mx.example.org; Dovecot Mail Delivery Agent"),
    ],
)
def test_filter_that_refuses_by_a_receipt_did_not_deliver(said: str, agent: str) -> None:
    read = receipt(DELETED, said, agent=agent)

    assert read.kind is MessageKind.BOUNCE
    assert [(one.address, one.action) for one in read.bounced] == [("maria@example.org", "failed")]
    assert read.original_message_id == "request.42@example.ro"


@pytest.mark.parametrize(
    ("disposition", "said"),
    [
        (DELETED, "Your message was deleted without being read."),
        ("manual-action/MDN-sent-manually; displayed", "The mail you refused to sign was displayed."),
    ],
)
def test_receipt_for_what_was_delivered_is_no_bounce(disposition: str, said: str) -> None:
    assert receipt(disposition, said).kind is MessageKind.AUTO_REPLY
