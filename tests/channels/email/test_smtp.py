"""Handing in mail: once, to one recipient, with the truth about what was taken."""

import email.policy
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from channels.email import EmailChannel
from channels.email.outgoing import compose, wire_address
from channels.email.settings import Smtp
from tests.servers.certificates import Certificates
from tests.servers.smtp import CUT, HANG, Phase, Sink
from tickets.errors import (
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    DeliveryUnknownError,
    MessageRefusedError,
)
from tickets.messages import Address, Delivery, DeliveryState, Enclosure, Medium, OutboundMessage

Open = Callable[..., EmailChannel]
REQUEST = OutboundMessage(
    message_id="r1.clm26-004711-58@example.ro",
    medium=Medium.EMAIL,
    to=Address(name="Ana Pop", address="ana@exemplu.ro"),
    subject="Ce mai lipsește: adeverința asociației",
    text="Bună ziua,\n.\nVă rugăm să ne trimiteți adeverința.\n",
    html="<p>Bună ziua, vă rugăm să ne trimiteți adeverința.</p>",
    reply_to="claims+token@example.ro",
    in_reply_to="abc@mail.exemplu.ro",
    references=("first@mail.exemplu.ro", "abc@mail.exemplu.ro"),
    sent_at=datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
    files=(Enclosure(name="listă.pdf", media_type="application/pdf", content=b"%PDF-1.7"),),
)


def changed(**changes: object) -> OutboundMessage:
    return OutboundMessage(**({name: getattr(REQUEST, name) for name in REQUEST.__slots__} | changes))


def send(channel: EmailChannel, message: OutboundMessage = REQUEST) -> Delivery:
    return channel.send(message, lambda: None)


def composed(message: OutboundMessage) -> Message:
    return message_from_bytes(compose(message, address="claims@example.ro", name="Exemplu Asigurări"))


def shown(message: Message, field: str) -> str:
    return str(make_header(decode_header(message[field])))


def test_customer_sees_the_message_as_it_was_written(sink: Sink, open_outbox: Open) -> None:
    delivery = send(open_outbox(from_name="Exemplu Asigurări"))

    [received] = sink.received
    read = message_from_bytes(received.raw, policy=email.policy.default)
    assert received.rcpt_to == ("ana@exemplu.ro",)
    assert received.mail_from == "claims@example.ro"
    assert read["From"].addresses[0].display_name == "Exemplu Asigurări"
    assert read["Subject"] == REQUEST.subject
    assert read["Date"].datetime == REQUEST.sent_at
    assert read["Reply-To"].addresses[0].addr_spec == "claims+token@example.ro"
    assert read["References"].split() == ["<first@mail.exemplu.ro>", "<abc@mail.exemplu.ro>"]
    body = read.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == REQUEST.text
    [file] = read.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("listă.pdf", b"%PDF-1.7")
    assert (delivery.state, delivery.provider_id) == (DeliveryState.SENT, REQUEST.message_id)


def test_every_attempt_is_the_same_mail(sink: Sink, open_outbox: Open) -> None:
    channel = open_outbox()

    send(channel)
    send(channel)

    first, second = sink.received
    assert first.raw == second.raw
    assert first.message["Message-ID"] == f"<{REQUEST.message_id}>"


def test_several_messages_share_a_connection(sink: Sink, open_outbox: Open) -> None:
    channel = open_outbox()
    for _ in range(3):
        send(channel)

    assert len(sink.received) == 3
    assert sink.seen.count("AUTH") == 1


def test_automatic_message_asks_for_no_answer_from_machines(sink: Sink, open_outbox: Open) -> None:
    send(open_outbox(), changed(automatic=True))

    [received] = sink.received
    assert received.mail_from == "<>"  # the null return path, as the sink writes it
    assert received.message["Auto-Submitted"] == "auto-generated"


def test_person_s_message_is_not_marked_as_automatic() -> None:
    assert composed(REQUEST)["Auto-Submitted"] is None


def test_bytes_on_the_way_are_ascii_and_lines_are_short() -> None:
    raw = compose(changed(text="ș" * 5000, subject="ț" * 300), address="claims@example.ro", name="Exemplu")

    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\0", "\u2028", "\u2029", "\x85", "\x0b", "\ud800"])
def test_line_break_in_any_field_makes_no_header_and_the_answer_still_goes(
    sink: Sink, open_outbox: Open, break_: str
) -> None:
    evil = f"Ana{break_}Bcc: evil@example.com{break_}{break_}Body"
    message = changed(
        to=Address(name=evil, address="ana@exemplu.ro"),
        subject=evil,
        reply_to="claims@example.ro" + break_ + "Bcc: evil@example.com",
        in_reply_to="abc@example.ro" + break_ + "Bcc: evil@example.com",
        references=(evil,),
        language=evil,
        files=(Enclosure(name=evil, media_type="application/pdf" + evil, content=b"x"),),
    )

    send(open_outbox(from_name=evil), message)

    [received] = sink.received
    assert received.rcpt_to == ("ana@exemplu.ro",)
    assert received.message["Bcc"] is None
    assert not [line for line in received.raw.splitlines() if line.lower().startswith(b"bcc")]


def test_encoded_line_break_in_a_subject_stays_text() -> None:
    evil = "=?utf-8?q?a=0D=0ABcc:_evil@x?="

    read = composed(changed(subject=evil))

    assert read["Bcc"] is None
    assert shown(read, "Subject") == evil


@given(subject=st.text(max_size=300), name=st.text(max_size=100), file_name=st.text(max_size=100), text=st.text())
def test_any_text_goes_out_whole(subject: str, name: str, file_name: str, text: str) -> None:
    file = Enclosure(name=file_name, media_type="application/pdf", content=text.encode("utf-8", "replace"))
    message = changed(subject=subject, to=Address(name=name, address="a@b.ro"), text=text, files=(file,))

    raw = compose(message, address="claims@example.ro", name=name)
    read = message_from_bytes(raw)
    plain, _html, enclosed = (part.get_payload(decode=True) for part in read.walk() if not part.is_multipart())

    fields = (
        "MIME-Version From To Reply-To Subject Date Message-ID In-Reply-To References Content-Language Content-Type"
    )
    assert set(read.keys()) <= set(fields.split())
    assert raw.isascii()
    assert enclosed == file.content
    assert _words(shown(read, "Subject")) == _words(subject) if read["Subject"] else not _words(subject)
    lines = text.encode("utf-8", "replace").decode().replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    assert isinstance(plain, bytes)
    assert plain.decode().replace("\r\n", "\n").rstrip("\n") == lines.rstrip("\n")


def _words(text: str) -> list[str]:
    """What of a header's text a person can read."""
    return "".join(character if character.isprintable() else " " for character in text).split()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "@exemplu.ro",
        "ana@",
        "ana@exemplu.ro\r\nRCPT TO:<evil@example.com>",
        "ana@exemplu.ro>\nDATA",
        "ana pop@exemplu.ro",
        "ana@exemplu.ro,evil@example.com",
        "ana@exemplu.ro evil@example.com",
        "Ana <ana@exemplu.ro>",
        "<ana@exemplu.ro>",
        "victim@a.ro <attacker@b.ro>",
        "ana@ex..ro",
        "ana@-exemplu.ro",
        "ana@" + "x" * 300 + ".ro",
        "a" * 65 + "@exemplu.ro",
        "\ud800@exemplu.ro",
        "ana@exemplu.ro\u2028",
    ],
)
def test_what_is_no_address_is_refused_before_the_server_is_asked(sink: Sink, open_outbox: Open, address: str) -> None:
    with pytest.raises(MessageRefusedError):
        send(open_outbox(), changed(to=Address(address=address)))

    assert sink.seen == []


@pytest.mark.parametrize(
    "address", ["-oQ/x@exemplu.ro", "$(id)@exemplu.ro", "`id`@exemplu.ro", "o'neil+a=b@exemplu.ro"]
)
def test_address_that_looks_like_a_command_is_only_an_address(sink: Sink, open_outbox: Open, address: str) -> None:
    if wire_address(address) is None:
        with pytest.raises(MessageRefusedError):
            send(open_outbox(), changed(to=Address(address=address)))
        return

    send(open_outbox(), changed(to=Address(address=address)))

    assert sink.received[0].rcpt_to == (address,)


def test_domain_with_diacritics_is_written_in_ascii(sink: Sink, open_outbox: Open) -> None:
    send(open_outbox(), changed(to=Address(address="ana@asigurări.ro")))

    [received] = sink.received
    assert received.rcpt_to == ("ana@xn--asigurri-47a.ro",)
    assert received.raw.isascii()


def test_address_with_diacritics_needs_a_server_that_can(make_sink: Callable[..., Sink], open_outbox: Open) -> None:
    able, unable = make_sink(), make_sink(offers_smtputf8=False)
    message = changed(to=Address(address="ștefan@exemplu.ro"))

    send(open_outbox(port=able.port), message)
    with pytest.raises(MessageRefusedError):
        send(open_outbox(port=unable.port), message)

    assert able.received[0].rcpt_to == ("ștefan@exemplu.ro",)
    assert unable.received == []


@pytest.mark.parametrize(
    ("phase", "answer", "error"),
    [
        ("greeting", "421 4.3.2 too busy", ChannelUnavailableError),
        ("greeting", CUT, ChannelUnavailableError),
        ("auth", "454 4.7.0 later", ChannelUnavailableError),
        ("auth", "535 5.7.8 wrong", ChannelRefusedError),
        ("auth", CUT, ChannelUnavailableError),
        ("mail", "421 4.3.2 going down", ChannelUnavailableError),
        ("mail", "450 4.7.1 greylisted", ChannelUnavailableError),
        ("mail", "530 5.7.0 sign in first", ChannelRefusedError),
        ("mail", "550 5.7.1 not you", MessageRefusedError),
        ("mail", "552 5.3.4 too large", MessageRefusedError),
        ("rcpt", "421 4.3.2 going down", ChannelUnavailableError),
        ("rcpt", "450 4.2.1 mailbox busy", ChannelUnavailableError),
        ("rcpt", "550 5.1.1 no such user", MessageRefusedError),
        ("rcpt", CUT, ChannelUnavailableError),
        ("rcpt", "nonsense", ChannelUnavailableError),
        ("data", "451 4.3.0 later", ChannelUnavailableError),
        ("data", "554 5.6.0 no", MessageRefusedError),
        ("data", CUT, ChannelUnavailableError),
    ],
)
def test_failure_before_the_message_was_asked_for_means_nothing_was_taken(
    sink: Sink, open_outbox: Open, phase: Phase, answer: str, error: type[ChannelError]
) -> None:
    sink.answer(phase, answer)
    intents: list[int] = []
    channel = open_outbox()

    with pytest.raises(error):
        channel.send(REQUEST, lambda: intents.append(1))

    assert (intents, sink.received) == ([], [])
    send(channel)
    assert len(sink.received) == 1


@pytest.mark.parametrize(
    ("phase", "answer", "error"),
    [
        ("dot", "421 4.3.2 going down", ChannelUnavailableError),
        ("dot", "451 4.3.0 disk full", ChannelUnavailableError),
        ("dot", "550 5.7.1 looks like spam", MessageRefusedError),
        ("dot", "554 5.6.0 no", MessageRefusedError),
        ("dot", CUT, DeliveryUnknownError),
        ("dot", HANG, DeliveryUnknownError),
        ("dot", "nonsense", DeliveryUnknownError),
        ("body", CUT, DeliveryUnknownError),
    ],
)
def test_only_a_clear_answer_to_the_message_is_a_clear_fate(
    sink: Sink, open_outbox: Open, phase: Phase, answer: str, error: type[ChannelError]
) -> None:
    sink.answer(phase, answer)
    intents: list[int] = []

    with pytest.raises(error):
        open_outbox(final_timeout=0.3).send(REQUEST, lambda: intents.append(1))

    assert (intents, sink.received) == ([1], [])


def test_server_s_own_words_are_kept_with_the_delivery(sink: Sink, open_outbox: Open) -> None:
    sink.answer("dot", "250 2.0.0 Ok: queued as 4BxYz")

    assert send(open_outbox()).detail == "250 2.0.0 Ok: queued as 4BxYz"


def test_errors_name_no_customer(sink: Sink, open_outbox: Open) -> None:
    channel = open_outbox()
    for phase in ("rcpt", "dot"):
        sink.answer(phase, CUT)
        with pytest.raises(ChannelError) as raised:
            send(channel)
        assert "ana" not in str(raised.value).lower().replace("unavailable", "")


def test_connection_that_died_between_two_messages_is_replaced(sink: Sink, open_outbox: Open) -> None:
    channel = open_outbox()
    send(channel)
    for connection in sink.connections:
        connection.loop.call_soon_threadsafe(connection.hang_up)
    time.sleep(0.05)

    send(channel)

    assert len(sink.received) == 2


def test_tls_from_the_first_byte(make_sink: Callable[..., Sink], open_outbox: Open) -> None:
    implicit = make_sink(tls="tls")

    send(open_outbox(port=implicit.port, tls="tls"))

    assert len(implicit.received) == 1


def test_without_starttls_no_password_leaves(make_sink: Callable[..., Sink], open_outbox: Open) -> None:
    stripped = make_sink(tls="none")

    with pytest.raises(ChannelRefusedError, match="STARTTLS"):
        send(open_outbox(port=stripped.port))

    assert (stripped.seen, stripped.credentials) == ([], [])


@pytest.mark.parametrize(
    ("answer", "error"), [("454 4.7.0 not now", ChannelUnavailableError), ("502 5.5.1 no", ChannelRefusedError)]
)
def test_refused_starttls_is_not_gone_around(
    sink: Sink, open_outbox: Open, answer: str, error: type[ChannelError]
) -> None:
    sink.answer("starttls", answer)

    with pytest.raises(error):
        send(open_outbox())

    assert (sink.seen, sink.credentials) == (["STARTTLS"], [])


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_certificate_of_a_stranger_gets_no_password(
    make_sink: Callable[..., Sink], open_outbox: Open, tls: str, dovecot_server: object
) -> None:
    other = make_sink(tls=tls)

    with pytest.raises(ChannelRefusedError, match="not trusted"):
        send(open_outbox(port=other.port, tls=tls, ca_file=getattr(dovecot_server, "ca_file")))  # noqa: B009 - typed as object

    assert other.credentials == []


def test_server_that_is_down_is_tried_later(open_outbox: Open) -> None:
    with pytest.raises(ChannelUnavailableError):
        send(open_outbox(port=1))


def test_ca_file_that_is_missing_is_a_matter_for_a_person(open_outbox: Open, server_certificates: Certificates) -> None:
    with pytest.raises(ChannelRefusedError, match="ca_file"):
        send(open_outbox(ca_file=server_certificates.ca.with_name("nowhere.pem")))


def test_configuration_error_shows_no_password() -> None:
    with pytest.raises(ValidationError) as raised:
        Smtp.model_validate({"host": "mail.example.ro", "tls": "none", "password": "hunter2", "nonsense": 1})

    assert "nonsense" in str(raised.value)
    assert "hunter2" not in str(raised.value)
