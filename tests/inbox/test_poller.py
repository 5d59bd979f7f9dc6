"""Rounds through a real mailbox: what fails is set aside, what does not goes on."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from inbox import config, poller
from inbox.app import App
from tests.installation import Installation
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.shared import free_port
from tests.servers.smtp import Sink
from tickets import intake
from tickets.database import Store
from tickets.messages import InboundMessage, Medium, Pickup

GOOD = (
    b"From: ion@example.com\r\nMessage-ID: <%d@example.com>\r\nSubject: hello\r\n\r\nWhat are your opening hours?\r\n"
)


@pytest.fixture
def installation(
    tmp_path: Path,
    mailbox: Mailbox,
    make_sink: Callable[[], Sink],
    server_certificates: Certificates,
    store_url: str,
) -> Installation:
    return Installation(tmp_path, mailbox, make_sink(), store_url, server_certificates).write()


def test_mail_is_filed_archived_and_acknowledged_once_however_often_we_poll(installation: Installation) -> None:
    installation.mailbox.deliver(GOOD % 1)

    [first] = installation.lines("poll", "--once")
    [second] = installation.lines("poll", "--once")

    assert (first["received"], first["filed"], first["sent"]) == (1, 1, 1)
    assert (second["received"], second["filed"], second["sent"]) == (0, 0, 0)
    assert installation.mailbox.mails() == []
    assert len(installation.mailbox.mails("Archive")) == 1
    [acknowledgement] = installation.sink.received
    assert acknowledgement.message["Auto-Submitted"] == "auto-generated"
    assert acknowledgement.mail_from.strip("<>") == ""


def test_two_pollers_at_once_give_the_result_of_one(installation: Installation) -> None:
    deliver(installation, 30)

    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _: installation.launch("poll", "--once"), range(2)))

    assert [each.returncode for each in done] == [0, 0], [each.stderr for each in done]
    assert installation.mailbox.mails() == []
    # A server may let both move the same mail at one moment, and hold two copies then: here each is one all the same.
    assert len(set(installation.mailbox.mails("Archive"))) == 30
    assert_filed_once(installation, 30)
    assert len({each.message["To"] for each in installation.sink.received}) == len(installation.sink.received)


def test_garbage_is_collected_again_when_a_batch_was_looked_at_whatever_became_of_it(
    installation: Installation,
) -> None:
    deliver(installation, 2)
    app = installation.app()
    poller.receive(app, "claims-mail")

    def look(_: object) -> None:
        raise RuntimeError("the report could not be printed" if not gc.isenabled() else "collected too early")

    with pytest.raises(RuntimeError, match="printed"):
        poller.process_all(app, each=look)

    assert gc.isenabled()
    app.close()


def test_two_workers_at_once_file_each_arrival_once(installation: Installation) -> None:
    deliver(installation, 30)
    workers = [installation.app() for _ in range(2)]
    poller.receive(workers[0], "claims-mail")

    with ThreadPoolExecutor(2) as both:
        filed = list(both.map(poller.process_all, workers))
    for worker in workers:
        worker.close()

    assert sum(filed) == 30
    assert_filed_once(installation, 30)


def deliver(installation: Installation, mails: int) -> None:
    """Mails of as many senders."""
    for number in range(mails):
        installation.mailbox.deliver((GOOD % number).replace(b"ion@", b"ion%d@" % number))


def assert_filed_once(installation: Installation, mails: int) -> None:
    arrived = installation.lines("intake")
    assert sorted(line["message_id"] for line in arrived) == sorted(f"{number}@example.com" for number in range(mails))
    assert {line["state"] for line in arrived} == {"filed"}
    assert len({line["ticket"] for line in arrived}) == mails


def test_message_that_cannot_be_read_is_quarantined_with_its_bytes_and_the_next_goes_on(
    installation: Installation,
) -> None:
    installation.mailbox.deliver(b"\r\n\r\n \r\n")
    installation.mailbox.deliver(GOOD % 1)

    installation.lines("poll", "--once")

    assert [line["state"] for line in installation.lines("intake")] == ["quarantined", "filed"]
    [line] = installation.lines("intake", "--state", "quarantined")
    assert line["error"]
    assert line["size"] > 0


def test_quarantined_arrival_is_tried_again_on_request(installation: Installation) -> None:
    installation.mailbox.deliver(b"\r\n\r\n \r\n")
    installation.lines("poll", "--once")

    done = installation.run("intake", "retry", "1")

    assert done.returncode == 0, done.stderr
    [line] = installation.lines("intake")
    assert line["state"] == "quarantined"


def test_channel_that_cannot_be_reached_stops_only_itself(installation: Installation, dovecot_server: Dovecot) -> None:
    other = dovecot_server.mailbox()
    other.deliver(GOOD % 7)
    broken = f"""
[channels.aaa-broken]
kind = "email"
address = "other@example.ro"
[channels.aaa-broken.imap]
host = "127.0.0.1"
port = {free_port()}
user = "nobody"
password_env = "MAIL_PASSWORD"
[channels.aaa-broken.smtp]
host = "127.0.0.1"
port = {free_port()}
user = "nobody"
password_env = "MAIL_PASSWORD"
"""
    replace(installation, extra=broken).write()
    installation.mailbox.deliver(GOOD % 1)

    done = installation.run("poll", "--once")

    assert done.returncode == 3
    assert "aaa-broken" in done.stderr
    assert [line["state"] for line in installation.lines("intake")] == ["filed"]


def test_wrong_password_is_a_refusal_that_names_the_channel(installation: Installation) -> None:
    wrong = replace(installation, environment={"MAIL_PASSWORD": "wrong"})

    done = wrong.run("check-config")

    assert done.returncode == 1
    assert "claims-mail" in done.stderr
    assert "wrong" not in done.stderr


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@example.com\r\nSubject: nul \x00 here\r\n\r\nnul \x00 there\r\n",
        b"From: a@example.com\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+2AA-\r\n",
        b"From: =?utf-8?b?7aCA?= <a@example.com>\r\nSubject: =?utf-16?b?2AAA?=\r\n\r\n\xed\xa0\x80\r\n",
        b"Subject: no sender at all",
        b"\xff\xfe\x00\x01" * 1000,
        b"From: a@example.com\r\nMessage-ID: <" + b"x" * 100_000 + b"@y>\r\n\r\nlong id\r\n",
    ],
)
def test_strange_bytes_are_filed_on_every_store(installation: Installation, raw: bytes) -> None:
    path = installation.folder / "strange.eml"
    path.write_bytes(raw)

    done = installation.run("file", str(path), "--channel", "claims-mail", "--json")

    assert done.returncode == 0, done.stderr
    assert '"state": "filed"' in done.stdout


def test_same_file_handed_in_twice_is_a_duplicate(installation: Installation) -> None:
    path = installation.folder / "mail.eml"
    path.write_bytes(GOOD % 1)

    first = installation.lines("file", str(path), "--channel", "claims-mail")
    second = installation.lines("file", str(path), "--channel", "claims-mail")

    assert [first[0]["state"], second[0]["state"]] == ["filed", "duplicate"]
    assert second[0]["ticket"] == first[0]["ticket"]


@pytest.fixture
def no_subject_twice(store: Store) -> Iterator[None]:
    """A rule that a second message breaks; the database is another test's afterwards."""
    with store.writing() as session:
        session.execute(text("CREATE UNIQUE INDEX hostile ON message (subject)"))
    yield
    with store.writing() as session:
        session.execute(text("DROP INDEX hostile"))


@pytest.mark.usefixtures("no_subject_twice")
def test_filing_that_fails_sets_one_message_aside_and_logs_none_of_its_words(store_url: str, tmp_path: Path) -> None:
    mailbox = {"claims-mail": {"kind": "memory"}}
    tables = {"office": {"name": "X", "public_url": "https://x.example"}, "security": {"secret": "for tests only"}}
    app = App(settings=config.parse({**tables, "channels": mailbox, "store": {"url": store_url}}, folder=tmp_path))
    with app.store.writing() as session:
        pickups = [Pickup(handle=n, external_id=str(n), raw=b"%d" % n) for n in range(3)]
        made = intake.record(session, app.blobs, pickups, source=app.source("claims-mail"), now=app.clock())
        session.flush()
        numbers = [each.id for each in made if each is not None]
    secret = InboundMessage(medium=Medium.EMAIL, subject="parola mea", text="corect-cal-baterie")

    with capture_logs() as logged:
        for _ in range(3):
            poller._file(app, dict.fromkeys(numbers, secret))

    with app.store.reading() as session:
        states = [line.arrival.state for line in intake.ledger(session)]
    app.close()
    assert states == ["filed", "quarantined", "quarantined"]
    assert {entry["error"] for entry in logged if "error" in entry} == {"IntegrityError"}
    assert not [entry for entry in logged if "exc_info" in entry]  # a traceback is printed with the values around it
    assert "parola" not in str(logged)
    assert "corect" not in str(logged)
