"""The reading children: limits, deaths, and the messages behind them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from inbox.reading import Item, Limits, Readers, Unread
from tests.installation import ROOT
from tickets import gist
from tickets.errors import UnreadableError
from tickets.gist import Gist
from tickets.messages import InboundMessage
from tickets.references import PolicyFormat

MAIL = b"From: Maria Popescu <maria.popescu@example.ro>\r\nSubject: a pipe burst\r\n\r\nIn the kitchen.\r\n"
WITH_FILE = (
    b"From: maria.popescu@example.ro\r\nSubject: invoice\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nhere it is\r\n"
    b'--b\r\nContent-Type: application/pdf; name="invoice.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    b"JVBERi0xLjQ=\r\n--b--\r\n"
)

#: Reads one mail, says which process has read it, and stays.
DESK = """
import multiprocessing, time
from inbox.reading import Item, Limits, Readers
readers = Readers(Limits())
readers.read([Item(reader="email", raw=b"Subject: a\\r\\n\\r\\nb")])
print(*(child.pid for child in multiprocessing.active_children()), flush=True)
time.sleep(600)
"""


class Deadly(bytes):
    """A mail that sends its reader the signal whose number it is, as a fault in a parser may end or hold it."""

    def strip(self, *_: object) -> bytes:
        """Do it when the reader first touches it."""
        os.kill(os.getpid(), int(self))
        return b""


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers(Limits(seconds=5, megabytes=512), count=2) as both:
        yield both


def mails(*raws: bytes) -> list[Item]:
    return [Item(reader="email", raw=raw) for raw in raws]


def test_batch_comes_back_in_its_order(readers: Readers) -> None:
    raws = [MAIL.replace(b"kitchen", b"room %d" % number) for number in range(7)]

    read = readers.read(mails(*raws))

    assert [outcome.text.strip() for outcome in read if isinstance(outcome, InboundMessage)] == [
        f"In the room {number}." for number in range(7)
    ]


def test_child_works_out_the_same_gist_as_the_one_who_files(readers: Readers) -> None:
    words = MAIL.replace(b"kitchen", b"kitchen yesterday. My policy is CAS-0451234")
    raw = b"Content-Type: text/html\r\n" + words
    day, formats = date(2026, 11, 27), (PolicyFormat(kind="casco", pattern=r"CAS-\d{7}"),)
    [read] = readers.read(mails(raw))
    assert isinstance(read, InboundMessage)
    here = gist.of(read, day=day, formats=formats)

    [there] = readers.gists([Item(reader="email", raw=raw, received=day, formats=formats)])

    assert isinstance(there, Gist)
    assert there == here
    assert there.inbound.html is None
    assert there.has_html
    assert there.judged is not None
    assert there.judged.weighed[0].kind == "new_claim"
    assert [each.reference.value for each in there.found] == ["CAS-0451234"]
    assert there.loss is not None
    assert there.loss.day == date(2026, 11, 26)


def test_bytes_that_are_no_message_are_told_at_once(readers: Readers) -> None:
    [outcome] = readers.read(mails(b""))

    assert isinstance(outcome, Unread)
    assert outcome.final


def test_child_that_is_killed_takes_one_message_with_it_and_the_others_are_read(readers: Readers) -> None:
    readers.read(mails(MAIL, MAIL))
    for child in readers._children:
        assert child._process is not None
        assert child._process.pid is not None
        os.kill(child._process.pid, signal.SIGKILL)

    outcomes = readers.read(mails(MAIL, MAIL, MAIL, MAIL))

    assert sum(isinstance(outcome, InboundMessage) for outcome in outcomes) >= 2
    again = readers.read(mails(MAIL, MAIL))
    assert all(isinstance(outcome, InboundMessage) for outcome in again)


def test_reading_that_never_ends_is_cut_off_and_the_next_one_goes_on() -> None:
    with Readers(Limits(seconds=0.5, megabytes=512)) as readers:
        readers.read(mails(MAIL))
        child = readers._children[0]
        assert child._process is not None
        assert child._process.pid is not None
        os.kill(child._process.pid, signal.SIGSTOP)

        stuck, following = readers.read(mails(MAIL, MAIL))

    assert isinstance(stuck, Unread)
    assert not stuck.final
    assert isinstance(following, InboundMessage)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_mail_that_a_child_dies_of_is_told_from_those_read_before_it(how: signal.Signals) -> None:
    raws = [MAIL.replace(b"kitchen", b"room %d" % number) for number in range(6)]
    batch = mails(*raws[:3], Deadly(b"%d" % how), *raws[4:])

    with Readers(Limits(seconds=0.5, megabytes=512)) as readers:
        outcomes = readers.read(batch)

    assert [outcome.text.strip() if isinstance(outcome, InboundMessage) else outcome.final for outcome in outcomes] == [
        "In the room 0.", "In the room 1.", "In the room 2.", False, "In the room 4.", "In the room 5.",
    ]  # fmt: skip


def test_reading_that_needs_too_much_memory_is_told_apart_from_a_bad_message() -> None:
    with Readers(Limits(seconds=20, megabytes=300)) as readers:
        [outcome] = readers.read(mails(MAIL + b"x" * 400_000_000))

    assert isinstance(outcome, Unread)
    assert not outcome.final


def test_file_inside_a_message_is_taken_out_by_its_part(readers: Readers) -> None:
    [read] = readers.read(mails(WITH_FILE))
    assert isinstance(read, InboundMessage)
    [file] = read.files

    content = readers.extract(Item(reader="email", raw=WITH_FILE, part=file.part))

    assert content == b"%PDF-1.4"
    assert file.name == "invoice.pdf"


def test_part_that_is_not_there_is_an_error_not_another_file(readers: Readers) -> None:
    with pytest.raises(UnreadableError):
        readers.extract(Item(reader="email", raw=WITH_FILE, part="9.9"))


def test_child_outlives_the_thread_that_asked_first(readers: Readers) -> None:
    """Linux ends a child with the thread that made it: the pages ask from threads that come and go."""
    readers.close()
    asking = threading.Thread(target=readers.read, args=(mails(MAIL, MAIL),))
    asking.start()
    asking.join()
    first = {child.pid for child in multiprocessing.active_children()}

    read = readers.read(mails(MAIL, MAIL))

    assert all(isinstance(outcome, InboundMessage) for outcome in read)
    assert {child.pid for child in multiprocessing.active_children()} == first


def test_child_that_reads_without_end_dies_with_a_desk_that_is_killed() -> None:
    """Nobody is left to cut it off, and one that hangs sees no closed pipe: a stopped process stands for it."""
    with subprocess.Popen([sys.executable, "-c", DESK], stdout=subprocess.PIPE, text=True, cwd=ROOT) as desk:
        assert desk.stdout is not None
        child = int(desk.stdout.readline())
        os.kill(child, signal.SIGSTOP)
        desk.kill()

    for _ in range(500):
        if not Path(f"/proc/{child}").exists():
            break
        time.sleep(0.02)
    assert not Path(f"/proc/{child}").exists()
