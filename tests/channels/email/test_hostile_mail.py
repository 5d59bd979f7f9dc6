"""Tests that no mail, however made, stops the reader or keeps it busy."""

import random
from collections.abc import Callable
from dataclasses import astuple
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.hostile_mails import HOSTILE
from channels.email import mime
from tickets.errors import UnreadableError

PIECES = [
    b"From: a@example.org\r\n",
    b"Subject: =?utf-8?q?",
    b"?=",
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"--b\r\n",
    b"--b--\r\n",
    b"Content-Type: text/html; charset=punycode\r\n",
    b"Content-Type: message/delivery-status\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Type: application/ms-tnef\r\n",
    b'x\x9f>"\x01\x00',
    b"\x02\x02\x90\x06\x00\xff\xff\xff\xff",
    b"Return-Path: <>\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b"<p style='display:none'>",
    b"<table><td>",
    b"On 1 Jan 2026 10:00 a@b wrote:\n",
    b"> ",
    b"begin 644 a\n#0V%T\nend\n",
    b"\0",
    b"\xff\xfe",
    b"(",
    b'"',
    b"<",
    b">",
    b"@",
    b"; filename*0*=utf-8''",
    b"Content-Type: application/pkcs7-mime\r\n",
    b"0\x80\x06\x09",
    b"Content-Type: text/plain; charset=utf-7; format=flowed\r\n",
    b"+2AA-",
    b"{\\rtf1\\fromhtml1 ",
    b"Final-Recipient: rfc822;",
    b"Action: ",
    b"Authentication-Results: mx; spf=",
    b"Date: Mon, 99 Foo 99999 99:99 +9999\r\n",
    b"Message-ID: <>\r\n",
    b"References: <a@[b>\r\n",
    b"BEGIN:VEVENT",
]


def check(raw: bytes) -> None:
    """Read bytes and take out each file; only UnreadableError may come."""
    try:
        message = mime.read(raw, trusted_authserv="mx", own_addresses=("claims@example.ro",))
    except UnreadableError:
        return
    assert "\\x00" not in repr(astuple(message)).replace("\\\\", "")  # whoever writes a backslash, x and noughts may
    repr(astuple(message)).encode("utf-8")
    for file in message.files:
        assert sha256(mime.extract(raw, file.part)).hexdigest() == file.sha256


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8)), max_size=30).map(b"".join),
    )
)
def test_any_bytes_give_a_message_or_are_unreadable(raw: bytes) -> None:
    check(raw)


def test_damaged_mail_is_read() -> None:
    chance = random.Random(20261123)
    whole = b"".join(PIECES[:12]) + b"YWJj\r\n" * 20 + b"".join(PIECES[12:])
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(8):
            place = chance.randrange(len(damaged))
            damaged[place : place + chance.randrange(3)] = chance.choice(PIECES)
        check(bytes(damaged))


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_mail_made_to_keep_a_reader_busy_is_read(make: Callable[[int], bytes]) -> None:
    check(make(300))


def test_text_over_a_million_letters_is_cut_and_noted() -> None:
    message = mime.read(b"From: a@example.org\n\n" + b"cuvinte \n" * 200_000)

    assert len(message.text) <= 1_000_000
    assert any("cut" in note for note in message.notes)


def test_more_parts_than_anybody_sends_are_counted_and_noted() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\nContent-Type: image/png\n\na\n" * 3_000

    message = mime.read(raw)

    assert len(message.files) < 1_000
    assert any("parts" in note for note in message.notes)
