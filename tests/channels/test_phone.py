"""A call note is a message like any other."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from channels import phone
from tickets.errors import UnreadableError
from tickets.messages import Medium, MessageKind, Sender

AT = datetime(2026, 11, 23, 10, 30, tzinfo=timezone(timedelta(hours=2)))


def note(**changes: Any) -> bytes:
    whole: dict[str, Any] = {
        "text": "Roof was repaired.",
        "number": "+40 722 000 111",
        "caller": "Ana Pop",
        "outcome": "will send photos",
    }
    return phone.note(**(whole | changes), at=AT, by="M. Ionescu")


def test_note_reads_back_as_a_message() -> None:
    message = phone.read(note())

    assert (message.medium, message.kind) == (Medium.PHONE, MessageKind.MESSAGE)
    assert (message.sender.address, message.sender.name) == ("+40722000111", "Ana Pop")
    assert message.text == message.new_text == "Roof was repaired."
    assert message.sent_at == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert message.notes == ("they called", "outcome: will send photos", "by: M. Ionescu")


def test_call_of_ours_is_told_as_ours() -> None:
    assert "we called" in phone.read(note(direction=phone.Direction.OUT)).notes


def test_no_automatic_answer_goes_to_a_call() -> None:
    assert not phone.read(note()).acknowledge


@pytest.mark.parametrize("typed", ["", "hidden", "12", "0722 000 111", "+40 722 000 11x"])
def test_number_without_a_country_is_nobodys(typed: str) -> None:
    message = phone.read(note(number=typed))
    assert (message.sender.address, message.sender_state) == (None, Sender.MISSING)


@pytest.mark.parametrize("typed", ["0722 000 111", "(0722) 000-111", "0040722000111", "+40722000111"])
def test_number_as_people_dial_it_is_read_in_the_office_country(typed: str) -> None:
    assert phone.read(note(number=typed), phone.Settings(country="RO")).sender.address == "+40722000111"


@pytest.mark.parametrize("typed", ["12", "hidden", "0" * 5000])
def test_impossible_number_is_nobodys_in_any_country(typed: str) -> None:
    assert phone.read(note(number=typed), phone.Settings(country="RO")).sender_state is Sender.MISSING


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"[" * 100_000, b"\xff"])
def test_what_is_no_note_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableError):
        phone.read(raw)


@pytest.mark.parametrize(
    "raw", [b"{}", b'{"text": 5, "at": "soon", "number": null}', b'{"at": "0001-01-01T00:00:00+14:00"}']
)
def test_odd_notes_never_stop_the_inbox(raw: bytes) -> None:
    assert phone.read(raw).kind is MessageKind.MESSAGE


def test_note_holds_no_files() -> None:
    assert phone.extract(note(), "") == note()
    with pytest.raises(UnreadableError):
        phone.extract(note(), "0")
