"""Tests that no damage to a real mail stops the reader, and that a mail built of parts is read as it was built.

`make fuzz` damages ten thousand mails; a run of the whole suite fewer.
"""

import os
import random
from email.header import Header
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email import mime
from tests.channels.email.test_hostile_mail import PIECES, check

MAILS = [path.read_bytes() for path in sorted((Path(__file__).parents[2] / "data" / "mail").glob("*.eml"))]
ROUNDS = int(os.environ.get("CLAIMDESK_FUZZ", "1500"))
SHARES = 10


def damaged(number: int) -> bytes:
    """Damage one mail: cut it, turn bytes, double or move a stretch, put in pieces of it, of another, of ours."""
    chance = random.Random(number)
    raw = bytearray(chance.choice(MAILS))
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(raw) + 1)
        stretch = raw[start : start + chance.randint(1, 80)]
        other = chance.choice(MAILS)
        where = chance.randrange(len(other))
        match chance.randrange(8):
            case 0:
                del raw[start : start + chance.randint(1, 200)]
            case 1:
                raw[start:start] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
            case 2:
                raw[start : start + 1] = bytes([chance.randrange(256)])
            case 3:
                raw[chance.randrange(len(raw) + 1) : 0] = stretch
            case 4:
                raw[start:start] = other[where : where + chance.randint(1, 400)]
            case 5:
                raw[start:start] = chance.choice(PIECES)
            case 6:
                raw = raw.replace(b"\n", chance.choice([b"\r", b"\r\n", b"\n\n", b"\n "]), chance.randint(1, 9))
            case _:
                del raw[start:]
    return bytes(raw)


@pytest.mark.parametrize("share", range(SHARES))
def test_damaged_mail_is_read_or_unreadable(share: int) -> None:
    for number in range(share, ROUNDS, SHARES):
        check(damaged(number))


LETTERS = "abcxyzABC0189ăâîșțĂȘŢéüñßğжя東京😀"
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=40)
NAMES = st.builds(
    lambda words, extension: " ".join(words) + extension,
    st.lists(st.text(LETTERS + "-_()'&+,;=#@!%$", min_size=1, max_size=12), min_size=1, max_size=6),
    st.sampled_from([".pdf", ".jpg", ".tar.gz", ".docx", ""]),
)


class Enclosed(NamedTuple):
    name: str
    content: bytes
    encoding: str


FILES = st.lists(
    st.builds(Enclosed, NAMES, st.binary(max_size=2_000), st.sampled_from(["base64", "quoted-printable"])), max_size=4
)


@settings(max_examples=150, deadline=None)
@given(words=WORDS, html=st.booleans(), listed=FILES, line_end=st.sampled_from([b"\n", b"\r\n"]))
def test_mail_built_of_parts_is_read_as_it_was_built(
    *, words: list[str], html: bool, listed: list[Enclosed], line_end: bytes
) -> None:
    mail = EmailMessage()
    mail["From"] = "maria@example.org"
    mail.set_content(" ".join(words), cte="base64")
    if html:
        mail.add_alternative(f"<p>{' '.join(words)}</p>", subtype="html", cte="quoted-printable")
    for one in listed:
        mail.add_attachment(one.content, maintype="application", subtype="x-y", filename=one.name, cte=one.encoding)
    subject = Header(" ".join(words[:5]), "utf-8").encode()  # EmailMessage's own loses blanks between encoded words
    raw = (f"Subject: {subject}\n".encode() + mail.as_bytes()).replace(b"\n", line_end)

    message = mime.read(raw)

    assert message.text.split() == " ".join(words).split()
    assert message.subject.split() == words[:5]
    read = [(file.name, file.size, file.sha256) for file in message.files]
    assert read == [(one.name, len(one.content), sha256(one.content).hexdigest()) for one in listed]
    assert [mime.extract(raw, file.part) for file in message.files] == [one.content for one in listed]
