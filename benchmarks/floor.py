"""The floor: fetch in batches, parse with the standard library, one durable insert each - and nothing of what we do."""

import imaplib
import sqlite3
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy

from sqlalchemy import make_url

_BATCH = 100
_TABLE = "CREATE TABLE mail (uid INTEGER PRIMARY KEY, message_id TEXT, subject TEXT, sender TEXT, raw {bytes} NOT NULL)"
Insert = Callable[[int, str, str, str, bytes], object]


def run(url: str, *, host: str, port: int, user: str, password: str) -> int:
    """Bring every mail of a mailbox into one table; gives how many."""
    number = 0
    insert = _sqlite(url) if make_url(url).get_backend_name() == "sqlite" else _postgres(url)
    for uid, raw in _fetched(host, port, user, password):
        mail = message_from_bytes(raw, policy=policy.compat32)
        for part in mail.walk():
            part.get_payload(decode=True)
        insert(uid, str(mail["Message-ID"]), str(mail["Subject"]), str(mail["From"]), raw)
        number += 1
    return number


def _fetched(host: str, port: int, user: str, password: str) -> Iterator[tuple[int, bytes]]:
    with imaplib.IMAP4(host, port, timeout=60) as client:
        client.login(user, password)
        client.select("INBOX", readonly=True)
        uids = client.uid("SEARCH", "ALL")[1][0].split()
        for start in range(0, len(uids), _BATCH):
            wanted = b",".join(uids[start : start + _BATCH]).decode()
            for answer in client.uid("FETCH", wanted, "(UID BODY.PEEK[])")[1]:
                if isinstance(answer, tuple):
                    yield int(answer[0].partition(b"UID ")[2].split()[0]), answer[1]


def _sqlite(url: str) -> Insert:
    """As durable as the product's own store: write-ahead log, synced at every commit."""
    store = sqlite3.connect(make_url(url).database or "", isolation_level=None)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = FULL")
    store.execute(_TABLE.format(bytes="BLOB"))
    return lambda *row: store.execute("INSERT INTO mail VALUES (?, ?, ?, ?, ?)", row)


def _postgres(url: str) -> Insert:
    import psycopg

    store = psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False), autocommit=True)
    store.execute(_TABLE.format(bytes="BYTEA").encode())
    return lambda *row: store.execute("INSERT INTO mail VALUES (%s, %s, %s, %s, %s)", row)
