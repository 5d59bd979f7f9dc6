"""Tests of channels.email.enclosed: a message from winmail.dat reads like the mail it was."""

from channels.email import enclosed, mime


def test_enclosed_message_reads_back_with_sender_subject_words_and_files() -> None:
    file = enclosed.attachment("Factură nouă.pdf", "application/pdf", b"%PDF")
    fields = [
        ("From", enclosed.person("Ion Țepeș", "ion@example.net")),
        ("Subject", "Ofertă\r\nBcc: x@example.org"),
        ("Date", ""),
    ]

    message = mime.read(enclosed.write(fields, text="Bună ziua", html=None, parts=[file]))

    assert (message.sender.address, message.subject, message.text) == (
        "ion@example.net",
        "Ofertă Bcc: x@example.org",
        "Bună ziua",
    )
    assert [(one.name, one.size) for one in message.files] == [("Factură nouă.pdf", 4)]


def test_the_same_message_is_written_in_the_same_bytes() -> None:
    written = [enclosed.write([("Subject", "ș")], text="", html="<p>a</p>", parts=[]) for _ in range(2)]

    assert written[0] == written[1]


def test_address_of_exchange_itself_is_left_out() -> None:
    assert enclosed.person("Ion Pop", "/O=FIRMA/CN=ION") == "Ion Pop"


def test_impossible_moment_is_no_date() -> None:
    assert enclosed.moment(0) == enclosed.moment(2**64 - 1) == ""
    assert enclosed.moment(133_500_000_000_000_000).startswith("Wed, 17 Jan 2024")
