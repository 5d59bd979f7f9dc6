"""The schedule beside real servers: it asks when something came, and leaves alone what is busy or away."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES
from sqlalchemy import func, select

from inbox import config, poller
from inbox.app import App
from inbox.schedule import Part, Schedule
from tests.servers.dovecot import Mailbox
from tickets.models import Arrival

_MAIL = b"From: ion@example.com\r\nMessage-ID: <%d@example.com>\r\nSubject: hello\r\n\r\nYour hours?\r\n"


def _app(folder: Path, port: int, user: str, **imap: str) -> App:
    server = {"host": "127.0.0.1", "port": port, "tls": "none", "user": user, "password": "secret"}
    channel = {"kind": "email", "address": "claims@example.ro", "poll": "1m", "imap": server | imap, "smtp": server}
    settings = {
        "office": {"name": "Exemplu Asigurări"},
        "security": {"secret": "for tests only"},
        "store": {"url": f"sqlite:///{folder}/desk.db", "blobs": str(folder / "blobs")},
        "channels": {"claims-mail": channel},
    }
    app = App(settings=config.parse(settings, folder=folder))
    app.store.migrate()
    return app


@contextmanager
def _running(app: App) -> Iterator[Schedule]:
    schedule = Schedule(app, [Part.RECEIVE])
    schedule.start()
    try:
        yield schedule
    finally:
        schedule.stop()
        app.close()


@contextmanager
def _hangs_up() -> Iterator[tuple[int, list[float]]]:
    """A server that takes the call and says nothing; when each call came."""
    calls: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                calls.append(time.monotonic())
                line.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listening.getsockname()[1], calls
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_server_that_hangs_up_is_called_once_in_an_interval(tmp_path: Path) -> None:
    with _hangs_up() as (port, calls):
        with _running(_app(tmp_path, port, "nobody")):
            time.sleep(2)
        assert 1 <= len(calls) <= 4, "the round and the listener, each with one second try"


def _kept(app: App) -> int:
    with app.store.reading() as session:
        return session.scalar(select(func.count(Arrival.id))) or 0


@pytest.mark.parametrize("imap", [{"done": "Archive"}, {}], ids=["moved", "left marked"])
def test_mail_that_comes_during_a_round_is_fetched_after_it_and_asked_for_once(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, imap: dict[str, str]
) -> None:
    app = _app(tmp_path, mailbox.server.port, mailbox.user, **imap)
    skipped: list[object] = []
    fetching, rounds = threading.Event(), 0
    receive = poller.receive

    def slowly(app: App, name: str) -> poller.Round:
        nonlocal rounds
        rounds += 1
        done = receive(app, name)
        fetching.set()
        time.sleep(0.5)  # as a full mailbox would take
        return done

    monkeypatch.setattr(poller, "receive", slowly)
    with _running(app) as schedule:
        schedule._scheduler.add_listener(skipped.append, EVENT_JOB_MAX_INSTANCES)
        assert fetching.wait(10)
        for number in range(20):
            mailbox.deliver(_MAIL % number)
            time.sleep(0.1)
        until = time.monotonic() + 20
        while _kept(app) < 20 and time.monotonic() < until:
            time.sleep(0.05)
        ended = False
        while not ended and time.monotonic() < until + 20:
            before = rounds
            time.sleep(1.5)  # three rounds long: what has been fetched is not asked for again
            ended = rounds == before

    assert _kept(app) == 20
    assert ended, "rounds go on and on though nothing comes"
    assert len(skipped) <= 1
