"""What a text says."""

import base64
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import sms
from channels.sms import webhook
from tickets.errors import UnreadableError
from tickets.messages import Address, InboundMessage, MessageKind, Sender

JPEG = b"\xff\xd8\xff\xe0" + bytes(50)
FIELDS = {
    "MessageSid": "SM" + "1" * 32,
    "From": "+40722000111",
    "To": "+40312345678",
    "Body": " Bună ziua, trimit poza pentru CLM26-004711-58 \n",
    "NumMedia": "0",
}


def settings(**changes: Any) -> sms.Settings:
    table = {"number": "+40312345678", "account_sid": "AC1", "auth_token": "x"}
    return sms.Settings.model_validate(table | changes)


def read(fields: dict[str, Any], **changes: Any) -> InboundMessage:
    return sms.read(json.dumps(fields).encode(), settings(**changes) if changes else None)


def test_text_is_read_whole() -> None:
    message = read(FIELDS | {"DateSent": "Mon, 23 Nov 2026 08:00:05 +0000"})

    assert message.kind is MessageKind.MESSAGE
    assert (message.sender, message.sender_state) == (Address(address="+40722000111"), Sender.PLAIN)
    assert message.to == (Address(address="+40312345678"),)
    assert message.text == message.new_text == "Bună ziua, trimit poza pentru CLM26-004711-58"
    assert message.sent_at == datetime(2026, 11, 23, 8, 0, 5, tzinfo=UTC)
    assert (message.message_id, message.language) == ("SM" + "1" * 32, "ro")
    assert message.acknowledge
    assert message.notes == ()


@pytest.mark.parametrize("written", ["+40 722 000 111", "0040722000111", "+40-722-000-111"])
def test_number_is_written_in_one_way(written: str) -> None:
    assert read(FIELDS | {"From": written}).sender.address == "+40722000111"


@pytest.mark.parametrize(
    "written", ["1747", "ANAF", "Orange-Info", "", "0722000111", "+40", "+0722000111", "+4072200011a", "٠٧٢٢"]
)
def test_short_codes_and_names_cannot_be_answered(written: str) -> None:
    message = read(FIELDS | {"From": written})

    assert (message.sender.address, message.sender.name) == (None, written)
    assert message.sender_state is Sender.MISSING
    assert not message.acknowledge


def test_text_by_another_way_is_from_the_number_but_not_answered_by_itself() -> None:
    message = read(FIELDS | {"From": "whatsapp:+40722000111", "To": "whatsapp:+40312345678"})

    assert (message.sender.address, message.sender_state) == ("+40722000111", Sender.PLAIN)
    assert message.to == (Address(address="+40312345678"),)
    assert message.notes == ("came by whatsapp",)
    assert not message.acknowledge


def test_messenger_account_is_no_phone_number() -> None:
    assert read(FIELDS | {"From": "messenger:1234567890"}).sender_state is Sender.MISSING


def test_our_own_number_is_never_answered() -> None:
    assert not read(FIELDS | {"From": "+40312345678"}, fold_diacritics=True).acknowledge


def test_stop_is_an_opt_out_and_never_answered() -> None:
    message = read(FIELDS | {"Body": " stop. "})
    assert (message.opt_out, message.opt_in, message.acknowledge) == (True, False, False)


def test_sentence_with_stop_is_no_opt_out() -> None:
    message = read(FIELDS | {"Body": "Stop texting me"})
    assert (message.opt_out, message.acknowledge) == (False, True)


@pytest.mark.parametrize(
    "body", ["da", "NU", "ok, trimit mâine 👍", "am trimis ieri", "?", "👍👍", "a\nb", "STOP?? nu, glumesc"]
)
def test_short_answer_is_a_message_whole_and_may_be_acknowledged(body: str) -> None:
    message = read(FIELDS | {"Body": body, "NumSegments": "1"})

    assert (message.kind, message.text, message.new_text) == (MessageKind.MESSAGE, body, body)
    assert (message.opt_out, message.opt_in, message.acknowledge) == (False, False, True)


def test_long_text_in_many_parts_is_read_whole() -> None:
    body = "Apa a curs de sus și a umflat parchetul 😟. " * 40

    message = read(FIELDS | {"Body": body, "NumSegments": "26"})

    assert message.text == body.strip()
    assert message.language == "ro"


@pytest.mark.parametrize(
    ("body", "answered_by_us"), [("HELP", False), ("Info", False), ("Ajutor!", True), ("ajutor va rog", True)]
)
def test_a_word_for_help_changes_nothing_and_is_not_answered_twice(body: str, answered_by_us: bool) -> None:  # noqa: FBT001 - a table
    message = read(FIELDS | {"Body": body})

    assert (message.opt_out, message.opt_in, message.acknowledge) == (False, False, answered_by_us)


@pytest.mark.parametrize("announced", ["0", "7", "-1", "1.0", "many", ""])
def test_media_that_are_there_are_listed_whatever_is_announced(announced: str) -> None:
    fields = FIELDS | {"NumMedia": announced, "MediaContent0": base64.b64encode(JPEG).decode()}

    [file] = read(fields).files

    assert (file.name, file.media_type) == ("photo-1.jpg", "image/jpeg")


def test_words_of_the_office_are_heeded() -> None:
    assert read(FIELDS | {"Body": "gata"}, opt_out_words=["GATA"]).opt_out
    assert not read(FIELDS | {"Body": "gata"}).opt_out


def test_what_the_carrier_says_of_an_opt_out_is_heeded() -> None:
    assert read(FIELDS | {"Body": "ajunge", "OptOutType": "STOP"}).opt_out
    assert read(FIELDS | {"Body": "da", "OptOutType": "START"}).opt_in


def test_pictures_are_files_and_found_again_by_their_part() -> None:
    fields = FIELDS | {"NumMedia": "2", "MediaContentType0": "image/jpeg", "MediaContentType1": "application/pdf"}
    raw = webhook.envelope(fields, [JPEG, b"%PDF-1.7"])

    message = sms.read(raw)

    assert [(file.name, file.media_type, file.size) for file in message.files] == [
        ("photo-1.jpg", "image/jpeg", 54),
        ("document-2.pdf", "application/pdf", 8),
    ]
    assert [sms.extract(raw, file.part) for file in message.files] == [JPEG, b"%PDF-1.7"]
    assert message.files[0].sha256 == sha256(JPEG).hexdigest()
    assert message.notes == ()


def test_picture_that_was_not_fetched_is_named_and_not_made_up() -> None:
    fields = FIELDS | {"NumMedia": "2", "MediaContentType0": "image/jpeg", "MediaUrl0": "https://api.twilio.com/x"}

    message = sms.read(webhook.envelope(fields, [None, JPEG]))

    assert [file.part for file in message.files] == ["1"]
    assert "media 1 not fetched" in message.notes


def test_file_that_is_not_what_it_claims_is_told() -> None:
    fields = FIELDS | {"NumMedia": "1", "MediaContentType0": "image/jpeg"}

    message = sms.read(webhook.envelope(fields, [b"<html>"]))

    assert message.files[0].media_type == "application/octet-stream"
    assert message.notes == ("media 1 is not what it is declared to be",)


def test_media_that_is_not_there_cannot_be_extracted() -> None:
    raw = webhook.envelope(FIELDS, [JPEG])
    for part in ("1", "x", "../0"):
        with pytest.raises(UnreadableError):
            sms.extract(raw, part)
    assert sms.extract(raw, "") == raw


@pytest.mark.parametrize(
    "raw", [b"", b"hello", b"[]", b'"x"', b"null", b"\xff\xfe\x00", b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5000]
)
def test_what_is_no_object_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableError):
        sms.read(raw)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"Body": None, "From": None, "NumMedia": None},
        {"Body": 5, "From": 40722000111, "NumMedia": 1},
        {"Body": {"a": 1}, "From": ["+40722000111"], "To": []},
        {"NumMedia": "9" * 5000, "MediaContent0": "%%%"},
        {"NumMedia": "²", "MediaContent0": 5},
        {"Body": "\ud800 \u0000", "DateSent": "\u0000"},
    ],
)
def test_odd_fields_never_stop_the_inbox(odd: dict[str, Any]) -> None:
    message = read(odd)
    assert message.kind is MessageKind.MESSAGE
    assert "\x00" not in message.text
    message.text.encode()


def test_export_with_lists_of_one_is_read() -> None:
    assert read({name: [value] for name, value in FIELDS.items()}) == read(FIELDS)


def test_file_with_a_byte_order_mark_is_read() -> None:
    assert sms.read(b"\xef\xbb\xbf" + json.dumps(FIELDS).encode()).sender_state is Sender.PLAIN


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5)
NAMED = st.sampled_from([*FIELDS, "OptOutType", "DateSent", "MediaContent0", "MediaContentType0", "SmsSid"])


@given(st.dictionaries(NAMED, JSON))
def test_any_object_is_a_message(fields: dict[str, Any]) -> None:
    message = read(fields)
    assert (message.sender_state is Sender.PLAIN) == (message.sender.address is not None)


def test_media_content_is_taken_only_as_base64() -> None:
    fields = FIELDS | {"NumMedia": "1", "MediaContent0": base64.b64encode(JPEG).decode() + "!!"}
    assert read(fields).files == ()


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 40))
def test_damaged_bytes_are_a_message_or_unreadable(junk: bytes, at: int, dropped: int) -> None:
    raw = json.dumps(FIELDS).encode()
    damaged = raw[:at] + junk + raw[at + dropped :]

    try:
        message = sms.read(damaged)
    except UnreadableError:
        return
    message.text.encode()
