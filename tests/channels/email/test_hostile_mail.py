"""Tests that no mail, however made, stops the reader or keeps it busy."""

import random
from collections.abc import Callable
from dataclasses import astuple
from hashlib import sha256
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    assert "\\x00" not in repr(astuple(message))
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


def html(body: bytes) -> bytes:
    """Write an HTML mail."""
    return b"From: a@example.org\nContent-Type: text/html\n\n" + body


#: Each makes a mail of a size; twice the size may take little more than twice the time.
HOSTILE: dict[str, Callable[[int], bytes]] = {
    "punycode": lambda size: b"Content-Type: text/plain; charset=punycode\n\n" + b"a-b\xc3" * (size * 10),
    "encoded words": lambda size: b"Subject: " + b"=?utf-8?q??= " * size + b"\n\nx",
    "unfinished words": lambda size: b"Subject: " + b"=?utf-8?q?" * size + b"\n\nx",
    "recipients": lambda size: b"To: " + b"a@example.org, " * size + b"\n\nx",
    "fields": lambda size: b"X-A: b\n" * (size * 5) + b"\nx",
    "folded lines": lambda size: b"X-A: b\n" + b" c\n" * (size * 5) + b"\nx",
    "parts": lambda size: b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * (size * 5),
    "nested parts": lambda size: b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(size)
    ),
    "boundary in a line": lambda size: b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a" * (size * 20),
    "parameters": lambda size: b"Content-Type: text/plain" + b"; a=b" * size + b"\n\nx",
    "quotes in parameters": lambda size: b"Content-Type: text/plain" + b'; a="\\' * size + b"\n\nx",
    "parentheses": lambda size: b"From: " + b"(" * (size * 3) + b"\n\nx",
    "angles": lambda size: b"From: " + b"<" * (size * 3) + b"\n\nx",
    "ids": lambda size: b"References: " + b"a@" * size + b"\n\nx",
    "padded base64": lambda size: (
        b"Content-Transfer-Encoding: base64\nContent-Type: image/png\n\n" + b"YQ==\n" * (size * 10)
    ),
    "soft breaks": lambda size: b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=  " * (size * 20),
    "uuencode": lambda size: b"X: y\n\n" + b"begin 644 a\n" * (size * 3),
    "tags": lambda size: html(b"<div><p style='color:red'>x" * size),
    "signs": lambda size: html(b"< " * (size * 10)),
    "quotes in tags": lambda size: html(b"<a '\">" * (size * 5)),
    "style rules": lambda size: html(b"".join(b"<style>.a%d{display:none}</style>" % n for n in range(size))),
    "unclosed elements": lambda size: html(b"<b>" * (size * 5) + b"</i>" * (size * 5)),
    "list items": lambda size: html(b"<ul><li>x" * size),
    "quoted blanks": lambda size: b"X: y\n\n" + b"> > >\n" * (size * 10),
    "blank lines": lambda size: b"X: y\n\n" + b" \n" * (size * 30),
    "attributions": lambda size: b"Subject: Re: x\n\n" + b"On Mon 23 Nov 2026 wrote:\n" * (size * 2),
    "heads": lambda size: b"X: y\n\n" + b"From: a\n" * (size * 5),
    "signatures": lambda size: b"X: y\n\n" + b"-- \n" * (size * 10),
    "one long line": lambda size: b"X: y\n\n" + b"On a@b wrote " * (size * 5),
    "reports": lambda size: b"From: MAILER-DAEMON@x.ro\nSubject: Undelivered\n\n" + b"a@" * (size * 20),
    "winmail": lambda size: (
        b'Content-Type: application/ms-tnef\n\nx\x9f>"\0\0' + b"\x02\x02\x90\x06\0\0\0\0\0\0\0" * (size * 5)
    ),
    "open signature": lambda size: b"Content-Type: application/pkcs7-mime\n\n" + b"0\x80" * (size * 10),
}


def seconds(raw: bytes) -> float:
    """Measure the fastest of three readings, in seconds of CPU."""
    taken = []
    for _ in range(3):
        start = process_time()
        mime.read(raw)
        taken.append(process_time() - start)
    return min(taken)


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_four_times_the_bytes_take_no_more_than_about_four_times_as_long(make: Callable[[int], bytes]) -> None:
    small, large = seconds(make(2_500)), seconds(make(10_000))

    assert large <= 8 * small + 0.02


def test_text_over_a_million_letters_is_cut_and_noted() -> None:
    message = mime.read(b"From: a@example.org\n\n" + b"cuvinte \n" * 200_000)

    assert len(message.text) <= 1_000_000
    assert any("cut" in note for note in message.notes)


def test_more_parts_than_anybody_sends_are_counted_and_noted() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\nContent-Type: image/png\n\na\n" * 3_000

    message = mime.read(raw)

    assert len(message.files) < 1_000
    assert any("parts" in note for note in message.notes)
