"""kill -9 at every commit of a round, before and after: nothing lost, nothing doubled, nothing sent twice by itself."""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from inbox import clock, sending
from tests.installation import ROOT, Installation
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import Sink
from tickets.database import Store
from tickets.messages import DeliveryState
from tickets.models import OutboxDelivery

#: More commits than a round of these mails makes; the test checks that it reached the end.
ENOUGH = 40
MAILS = 3


@pytest.fixture
def installation(
    tmp_path: Path,
    mailbox: Mailbox,
    make_sink: Callable[[], Sink],
    server_certificates: Certificates,
    store_url: str,
) -> Installation:
    return Installation(tmp_path, mailbox, make_sink(), store_url, server_certificates).write()


@pytest.fixture(scope="module")
def launcher() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.faults.launcher"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as launcher:
        yield launcher


@pytest.mark.parametrize("when", ["before", "after"])
def test_round_killed_at_every_commit_loses_doubles_and_resends_nothing(
    installation: Installation, launcher: subprocess.Popen[str], when: str
) -> None:
    kills = 0
    for number in range(1, ENOUGH):
        deliver(installation, number)
        code = poll(installation, launcher, when, number)
        if code == 0:
            break
        assert code == -signal.SIGKILL, errors(installation).read_text()
        kills += 1
        finish(installation)
    assert code == 0
    assert kills >= 6  # a round records, files, and claims, transmits and keeps each acknowledgement

    delivered = [f"crash-{number}-{mail}@example.com" for number in range(1, kills + 2) for mail in range(MAILS)]
    arrived = installation.lines("intake")
    assert sorted(line["message_id"] for line in arrived) == sorted(delivered)
    assert {line["state"] for line in arrived} == {"filed"}
    assert installation.mailbox.mails() == []
    sent = Counter(received.message["Message-ID"] for received in installation.sink.received)
    assert max(sent.values()) == 1


def test_sender_killed_between_the_servers_yes_and_the_record_leaves_an_unknown_delivery(
    installation: Installation, launcher: subprocess.Popen[str]
) -> None:
    deliver(installation, 1, mails=1)
    for number in range(1, ENOUGH):
        poll(installation, launcher, "before", number)
        if installation.sink.received:
            break
        reset_leases(installation)

    finish(installation)
    assert states(installation) == [DeliveryState.TRANSMITTING]
    later = installation.app(lambda: clock.now() + timedelta(minutes=5))
    sending.expire(later)
    sending.send_due(later)
    later.close()

    assert states(installation) == [DeliveryState.UNKNOWN]
    assert len(installation.sink.received) == 1


def deliver(installation: Installation, number: int, mails: int = MAILS) -> None:
    for mail in range(mails):
        installation.mailbox.deliver(
            f"From: person-{number}-{mail}@example.com\r\nTo: claims@example.ro\r\n"
            f"Message-ID: <crash-{number}-{mail}@example.com>\r\nSubject: question {mail}\r\n\r\n"
            "Does my home policy cover a broken phone?\r\n".encode()
        )


def poll(installation: Installation, launcher: subprocess.Popen[str], when: str, number: int) -> int:
    """One round that is killed at its n-th commit; gives how it ended."""
    assert launcher.stdin is not None
    assert launcher.stdout is not None
    run = {
        "arguments": ["--config", str(installation.config), "poll", "--once"], "when": when, "number": number,
        "errors": str(errors(installation)), "environment": installation.secrets(),
    }  # fmt: skip
    print(json.dumps(run), file=launcher.stdin, flush=True)
    return int(launcher.stdout.readline())


def errors(installation: Installation) -> Path:
    return installation.folder / "errors"


def finish(installation: Installation) -> None:
    """Run again without a kill; a delivery that was under way keeps its lease."""
    done = installation.run("poll", "--once")
    assert done.returncode == 0, done.stderr


def reset_leases(installation: Installation) -> None:
    """Time passes: what was claimed and not transmitted is free again."""
    store = Store(installation.store_url)
    with store.writing() as session:
        for delivery in session.scalars(select(OutboxDelivery).where(OutboxDelivery.state == DeliveryState.CLAIMED)):
            delivery.state, delivery.lease_until = DeliveryState.QUEUED, None
    store.close()


def states(installation: Installation) -> list[DeliveryState]:
    store = Store(installation.store_url)
    with store.reading() as session:
        found = list(session.scalars(select(OutboxDelivery.state).order_by(OutboxDelivery.id)))
    store.close()
    return found
