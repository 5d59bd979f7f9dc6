"""Picking up mail: what waits in a folder is handed out, what is safe with us is moved or marked there."""

import re
import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import count, islice

from channels.email.imap_connection import KEYWORD, Connection, Folder, Mail, UnreadableAnswerError, open_connection
from channels.email.oauth import Tokens
from channels.email.settings import Imap
from tickets.errors import ChannelError, ChannelUnavailableError
from tickets.messages import Pickup

SIZES_AT_ONCE = 500
MAILS_AT_ONCE = 50
BYTES_AT_ONCE = 8_000_000
ACKNOWLEDGED_AT_ONCE = 500
#: The headers that say how to read a body, which a placeholder no longer has.
BODY_FORMAT = re.compile(
    rb"^content-(?:type|transfer-encoding):[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE
)
IDLE_FOR = 600.0  # seconds: servers end an IDLE that is not renewed (RFC 2177: 29 minutes; routers sooner)


@dataclass(frozen=True, slots=True)
class Handle:
    """One mail at the source; its UID means this mail only as long as the folder's validity is the same."""

    validity: str
    uid: int


class Mailbox:
    """The folder of one account. One thread at a time; after an error the next call connects anew."""

    def __init__(self, name: str, settings: Imap, tokens: Tokens | None = None) -> None:
        self._name = name
        self._settings = settings
        self._tokens = tokens
        self._connection: Connection | None = None
        self._folder: Folder | None = None
        self._done_is_there = False
        self._sessions = count(1)
        self._session = ""
        self._validity = ""
        self._highest = 0  # the last UID handed out or told of: `wait` looks for younger ones
        self._kept: set[Handle] = set()  # acknowledged mail that the server cannot mark for us

    def fetch(self) -> Iterator[Pickup]:
        """Hand out every mail that is not acknowledged, oldest first; see `Channel.fetch`.

        A mail that the server cannot show now is left for the next time; if any is left, or the server lists
        fewer mails than it counts, `ChannelUnavailableError` says so after everything else was handed out.
        """
        with self._dropping():
            connection, folder = self._select()
            uids, complete = self._waiting(connection, folder)
            last = connection.last() if folder.last_uid is None else folder.last_uid
        validity, left_out = self._validity, list[int]()
        for batch in self._batches(validity, uids):
            found = self._mails(validity, batch)
            left_out += [uid for uid in batch if uid not in found]
            for uid, mail in sorted(found.items()):
                self._highest = max(self._highest, uid)
                yield self._pickup(Handle(validity, uid), mail)
        self._highest = max(self._highest, last)
        self._account_for(validity, left_out, complete=complete)

    def acknowledge_all(self, handles: Iterable[Hashable]) -> None:
        """Move (or mark) many mails; a handle from before the folder was made anew is left alone."""
        pending = iter([handle for handle in handles if isinstance(handle, Handle)])
        while batch := list(islice(pending, ACKNOWLEDGED_AT_ONCE)):
            with self._dropping():
                connection, folder = self._selected()
                current = [handle for handle in batch if handle.validity == self._validity]
                if current:
                    self._acknowledge(connection, folder, current)

    def wait(self, seconds: float) -> bool:
        """Listen for new mail for at most `seconds`; a server without IDLE is asked again after that time.

        The same mail is told of once: one that nobody fetches is found by the next round in its own time.
        """
        end = time.monotonic() + seconds
        with self._dropping():
            connection, _ = self._selected()
            if not connection.offers("IDLE"):
                time.sleep(seconds)
                return False
            while (youngest := connection.youngest(above=self._highest)) is None:
                left = end - time.monotonic()
                if left <= 0:
                    return False
                if connection.idle(min(left, IDLE_FOR)):
                    return True
            self._highest = youngest
        return True

    def check(self) -> str:
        """Sign in and look, changing nothing."""
        with self._dropping():
            connection = self._connected()
            self._folder = None
            folder = connection.select(self._settings.folder, readonly=True)
            done = self._settings.done
            told = f"imap {self._settings.host}: {folder.count} in {self._settings.folder}"
            return told if not done or connection.exists(done) else f"{told}; {done} will be made"

    def close(self) -> None:
        """Sign out."""
        if self._connection is not None:
            self._connection.leave()
        self._forget()

    def _select(self) -> tuple[Connection, Folder]:
        """Open the folder afresh; an old connection that turns out to be dead is replaced once."""
        had_connection = self._connection is not None
        try:
            return self._opened(self._connected())
        except ChannelUnavailableError:
            self._drop()
            if not had_connection:
                raise
            return self._opened(self._connected())

    def _selected(self) -> tuple[Connection, Folder]:
        """Give the folder as it is open; `acknowledge` and `wait` need no fresh count."""
        if self._connection is not None and self._folder is not None:
            return self._connection, self._folder
        return self._select()

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = open_connection(self._name, self._settings, self._tokens)
            self._session = f"session-{next(self._sessions)}"
        return self._connection

    def _opened(self, connection: Connection) -> tuple[Connection, Folder]:
        self._folder = None
        folder = connection.select(self._settings.folder)
        # Without UIDVALIDITY a UID is good for this connection only.
        validity = str(folder.validity) if folder.validity else self._session
        if validity != self._validity:
            self._validity, self._highest, self._kept = validity, 0, set()
        self._folder = folder
        return connection, folder

    def _waiting(self, connection: Connection, folder: Folder) -> tuple[list[int], bool]:
        """Find the UIDs not acknowledged; False beside them if the server named fewer than it said there are."""
        if folder.count == 0:
            return [], True
        if self._stays(connection, folder):
            return connection.search("UNKEYWORD", KEYWORD, count=folder.count), True
        found = connection.search("ALL", count=folder.count)
        complete = len(found) >= folder.count or len(found) >= self._opened(connection)[1].count
        return [uid for uid in found if Handle(self._validity, uid) not in self._kept], complete

    def _stays(self, connection: Connection, folder: Folder) -> bool:
        """Whether acknowledged mail is still in the folder, marked by our keyword."""
        return folder.keeps_keywords and not self._leaves(connection)

    def _leaves(self, connection: Connection) -> bool:
        """Whether acknowledged mail goes away from the folder."""
        return self._settings.done is not None and (connection.offers("MOVE") or connection.offers("UIDPLUS"))

    def _batches(self, validity: str, uids: Sequence[int]) -> Iterator[dict[int, int]]:
        """Cut the list where 50 mails or 8 MB are reached, with their sizes; one without a size is asked for alone."""
        for start in range(0, len(uids), SIZES_AT_ONCE):
            part = uids[start : start + SIZES_AT_ONCE]
            with self._dropping():
                sizes = self._same(validity).sizes(part)
            batch: dict[int, int] = {}
            for uid in part:
                size = sizes.get(uid, BYTES_AT_ONCE)
                if batch and (len(batch) == MAILS_AT_ONCE or sum(batch.values()) + size > BYTES_AT_ONCE):
                    yield batch
                    batch = {}
                batch[uid] = size
            yield batch

    def _mails(self, validity: str, batch: dict[int, int]) -> dict[int, Mail]:
        with self._dropping():
            connection = self._same(validity)
            found = _whole(connection, [uid for uid, size in batch.items() if size <= self._settings.max_size])
            for uid, size in batch.items():
                if size > self._settings.max_size and (mail := connection.mails([uid], "HEADER").get(uid)):
                    found[uid] = _placeholder(mail, size)
            return {uid: mail for uid, mail in found.items() if mail.raw or batch[uid] == 0}

    def _same(self, validity: str) -> Connection:
        """Give the connection if the UIDs in hand still mean the same mails; it may have been made anew meanwhile."""
        connection, _ = self._selected()
        if validity != self._validity:
            raise ChannelUnavailableError(f"{self._name}: the folder was made anew while it was read")
        return connection

    def _pickup(self, handle: Handle, mail: Mail) -> Pickup:
        # A session's UIDs may name other mails tomorrow: then the content is the only lasting identity.
        lasting = handle.validity if handle.validity.isdigit() else sha256(mail.raw).hexdigest()
        return Pickup(
            handle=handle,
            external_id=f"{self._settings.folder}/{lasting}/{handle.uid}",
            raw=mail.raw,
            received_at=mail.received_at,
        )

    def _account_for(self, validity: str, left_out: list[int], *, complete: bool) -> None:
        """Say what could not be fetched although it is there; a mail that has gone meanwhile is nobody's fault."""
        if left_out:
            with self._dropping():
                still = self._same(validity).present(left_out)
            if still:
                raise UnreadableAnswerError(
                    f"{self._name}: {len(still)} mails cannot be fetched, first UID {min(still)}"
                )
        if not complete:
            raise UnreadableAnswerError(f"{self._name}: the server lists fewer mails than it counts")

    def _acknowledge(self, connection: Connection, folder: Folder, handles: Sequence[Handle]) -> None:
        uids, done = [handle.uid for handle in handles], self._settings.done
        if done is None:
            connection.mark(uids)
        else:
            self._make_done(connection, done)
            connection.move(uids, done)
        if not folder.keeps_keywords and not self._leaves(connection):
            self._kept.update(handles)

    def _make_done(self, connection: Connection, done: str) -> None:
        """Look once a connection whether the folder is there."""
        if not self._done_is_there and not connection.exists(done):
            connection.create(done)
        self._done_is_there = True

    @contextmanager
    def _dropping(self) -> Iterator[None]:
        """After any error the line is in an unknown state: the next call begins with a new one."""
        try:
            yield
        except ChannelError:
            self._drop()
            raise

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.drop()
        self._forget()

    def _forget(self) -> None:
        self._connection, self._folder, self._done_is_there = None, None, False


def _whole(connection: Connection, uids: Sequence[int]) -> dict[int, Mail]:
    """Fetch mails; if the answer for all is not readable, find the one it breaks on and get the others."""
    if not uids:
        return {}
    try:
        return connection.mails(uids)
    except UnreadableAnswerError:
        if len(uids) == 1:
            return {}
    middle = len(uids) // 2
    return _whole(connection, uids[:middle]) | _whole(connection, uids[middle:])


def _placeholder(mail: Mail, size: int) -> Mail:
    """Stand in for a mail that is too large: its headers, and a sentence where its body was."""
    headers = BODY_FORMAT.sub(b"", mail.raw).rstrip(b"\r\n")
    told = f"[This mail has {size} bytes. Its body was left on the mail server.]"
    return Mail(headers + b"\r\n\r\n" + told.encode() + b"\r\n", mail.received_at)
