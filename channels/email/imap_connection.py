"""One signed-in IMAP connection; the only file that knows imapclient and what its answers can look like."""

import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from imapclient import IMAPClient
from imapclient.datetime_util import parse_to_datetime
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, IMAPClientReadOnlyError, LoginError
from imapclient.response_parser import parse_response

from channels.email.oauth import Tokens
from channels.email.settings import Imap
from tickets.errors import ChannelRefusedError, ChannelUnavailableError

#: On every acknowledged mail that stays in its folder (RFC 3501, section 2.3.2: a keyword has no backslash).
KEYWORD = "$ClaimdeskDone"
#: The server's words for "not now" (RFC 5530, section 3; LIMIT and OVERQUOTA come and go too).
LATER = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|OVERQUOTA|THROTTLED)\b", re.IGNORECASE)
#: What imapclient raises when an answer is not IMAP; ProtocolError is an IMAPClientError.
NONSENSE = (ValueError, TypeError, LookupError, AttributeError, RecursionError, MemoryError)
#: imaplib quotes a line it did not expect: after a broken literal that is a line of a customer's mail.
QUOTES_ANSWER = re.compile(r"unexpected|unterminated|invalid|Expecting|incomplete")
SEARCH_WINDOW = 50_000  # an answer line holds at most 1,000,000 bytes in imaplib: 10 digits and a blank a message


class UnreadableAnswerError(ChannelUnavailableError):
    """The server answered, but not with what was asked; the connection is still good."""


class _SignInRefusedError(ChannelRefusedError):
    """The credentials were refused; a fresh access token may help."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A selected folder as the server described it."""

    count: int
    validity: int | None  #: UIDVALIDITY; None: the server does not promise that a UID means the same tomorrow.
    keeps_keywords: bool
    last_uid: int | None  #: UIDNEXT less one; None: not said.


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as FETCH gave it."""

    raw: bytes
    received_at: datetime | None


class Connection:
    """Commands by UID, and nothing but UIDs; every method raises channel errors only."""

    def __init__(self, name: str, server: Imap, token: str | None) -> None:
        self._name = name
        with self._translated():
            self._client = _connect(name, server)
        # The library keeps what we need behind this name: answers before it repairs or merges them.
        self._protocol = self._client._imap  # noqa: SLF001 - see above
        # imapclient writes every line, customers' words included, to a log, and formats it even when nobody listens.
        self._protocol.debug = 0
        self._protocol.read = _bounded(self._protocol.read, 2 * server.max_size)
        try:
            with self._translated():
                self._secure(server)
                self._sign_in(server, token)
        except BaseException:
            self.drop()
            raise

    def offers(self, capability: str) -> bool:
        """Whether the server says it can do something."""
        with self._translated():
            return bool(self._client.has_capability(capability))

    def select(self, folder: str, *, readonly: bool = False) -> Folder:
        """Open a folder; raises `ChannelRefusedError` if there is no such folder or it cannot be written."""
        with self._translated():
            try:
                answer = self._client.select_folder(folder, readonly)
            except IMAPClientReadOnlyError as error:
                raise ChannelRefusedError(f"{self._name}: folder {folder} is read-only") from error
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                if LATER.search(str(error)):
                    raise
                raise ChannelRefusedError(f"{self._name}: folder {folder} cannot be opened: {error}") from error
            flags = answer.get(b"PERMANENTFLAGS") or answer.get(b"FLAGS") or ()
            keeps = b"\\*" in flags or KEYWORD.lower().encode() in {flag.lower() for flag in flags}
            next_uid = answer.get(b"UIDNEXT")
            return Folder(answer[b"EXISTS"], answer.get(b"UIDVALIDITY"), keeps, next_uid - 1 if next_uid else None)

    def exists(self, folder: str) -> bool:
        """Whether there is such a folder."""
        with self._translated():
            return bool(self._client.folder_exists(folder))

    def create(self, folder: str) -> None:
        """Make a folder and show it to people, unless somebody else just has; `ChannelRefusedError` if we may not."""
        with self._translated():
            try:
                self._client.create_folder(folder)
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                if not self._client.folder_exists(folder):
                    raise ChannelRefusedError(f"{self._name}: folder {folder} cannot be made: {error}") from error
            with suppress(IMAPClientError):
                self._client.subscribe_folder(folder)

    def search(self, *criteria: str, count: int) -> list[int]:
        """Find UIDs in a folder of `count` mails, ascending. Anything but numbers in an answer is an error."""
        if count <= SEARCH_WINDOW:
            return sorted(set(self._search(*criteria)))
        found: set[int] = set()
        # In pieces by sequence number, the last one up to `*`: no answer line grows past what imaplib reads.
        for first in range(1, count + 1, SEARCH_WINDOW):
            last = str(first + SEARCH_WINDOW - 1) if first + SEARCH_WINDOW <= count else "*"
            found.update(self._search(f"{first}:{last}", *criteria))
        return sorted(found)

    def present(self, uids: Iterable[int]) -> set[int]:
        """Say which of these mails are still in the folder, as it is now."""
        self._look_again()
        return set(self._search("UID", _set(uids))) & set(uids)

    def youngest(self, *, above: int) -> int | None:
        """The highest UID of the folder if it is above `above`: that mail has come since."""
        self._look_again()
        # `n:*` always names the last mail, even one below n (RFC 3501, section 6.4.8): so look at the answer.
        return max((found for found in self._search("UID", f"{above + 1}:*") if found > above), default=None)

    def last(self) -> int:
        """Give the highest UID in the folder, 0 if it is empty."""
        return max(self._search("UID", "*"), default=0)

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Ask how many bytes each mail has; one that has gone is left out."""
        answers = self._fetch(uids, "RFC822.SIZE")
        return {uid: size for uid, answer in answers if isinstance(size := answer.get(b"RFC822.SIZE"), int)}

    def mails(self, uids: Sequence[int], section: str = "") -> dict[int, Mail]:
        """Fetch whole mails (or their `HEADER` section), unseen; whatever is missing in the answer was not fetched."""
        found: dict[int, Mail] = {}
        for uid, answer in self._fetch(uids, f"INTERNALDATE BODY.PEEK[{section}]"):
            raw = answer.get(f"BODY[{section}]".encode())
            if isinstance(raw, bytes):
                found[uid] = Mail(raw, _moment(answer.get(b"INTERNALDATE")))
        return found

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move mails (RFC 6851), or copy and remove exactly these (RFC 4315), or copy and mark them as deleted.

        Those that somebody else has taken away meanwhile are gone, and the others are moved.
        """
        try:
            self._move(uids, folder)
        except ChannelUnavailableError as error:
            if not isinstance(error.__cause__, IMAPClientError) or isinstance(error.__cause__, IMAPClientAbortError):
                raise
            still = self.present(uids)
            if len(still) == len(set(uids)):
                raise
            if still:
                self.move(sorted(still), folder)

    def _move(self, uids: Sequence[int], folder: str) -> None:
        with self._translated():
            if self._client.has_capability("MOVE"):
                self._client.move(_set(uids), folder)
                return
            self._client.copy(_set(uids), folder)
            self._store(uids, "(\\Deleted " + KEYWORD + ")", "(\\Deleted)")
            if self._client.has_capability("UIDPLUS"):
                self._client.uid_expunge(_set(uids))

    def mark(self, uids: Sequence[int]) -> None:
        """Mark mails that stay where they are: our keyword, and seen."""
        with self._translated():
            self._store(uids, f"(\\Seen {KEYWORD})", "(\\Seen)")

    def idle(self, seconds: float) -> bool:
        """Listen (RFC 2177) until the server announces mail or the time is over."""
        end = monotonic() + seconds
        with self._translated():
            if not self._begin_idle():
                return True
            announced = False
            while not announced and (left := end - monotonic()) > 0:
                answers = self._client.idle_check(timeout=left)
                announced = any(len(answer) > 1 and answer[1] == b"EXISTS" for answer in answers)
                if not answers:
                    break  # the time is over, or the line is dead: DONE finds out
            self._client.idle_done()
            return announced

    def _begin_idle(self) -> bool:
        """Start to listen; False if the server had news first, which imapclient takes for an error."""
        try:
            self._client.idle()
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            self.drop()  # an unfinished IDLE cannot be taken back: the next command meets a closed line
            return False
        return True

    def leave(self) -> None:
        """Say goodbye."""
        try:
            self._client.logout()
        except (*NONSENSE, IMAPClientError, OSError):
            self.drop()

    def drop(self) -> None:
        """Close the line without a word."""
        with suppress(*NONSENSE, IMAPClientError, OSError):
            self._client.shutdown()

    def _secure(self, server: Imap) -> None:
        """Start TLS before anything secret; there is no way on without it (RFC 8314, section 3)."""
        if server.tls != "starttls":
            return
        if not self._client.has_capability("STARTTLS"):
            raise ChannelRefusedError(f"{self._name}: the server offers no STARTTLS: nothing was sent to it")
        try:
            self._client.starttls(server.trust())
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            raise ChannelRefusedError(f"{self._name}: the server refuses STARTTLS: {error}") from error
        except ssl.SSLError as error:
            raise _tls_error(self._name, error) from error

    def _sign_in(self, server: Imap, token: str | None) -> None:
        if self._protocol.state != "NONAUTH":  # the server greeted us as known already (PREAUTH)
            return
        try:
            self._show_credentials(server, token)
        except UnicodeEncodeError as error:
            raise ChannelRefusedError(
                f"{self._name}: the server's LOGIN takes ASCII only; change the password"
            ) from error
        except LoginError as error:
            # imapclient wraps a lost connection into the same class as a wrong password.
            if isinstance(error.__context__, IMAPClientAbortError) or LATER.search(str(error)):
                raise ChannelUnavailableError(f"{self._name}: sign-in was put off: {error}") from error
            raise _SignInRefusedError(f"{self._name}: sign-in refused: {error}") from error

    def _show_credentials(self, server: Imap, token: str | None) -> None:
        password = server.password.get_secret_value() if server.password else ""
        if token is not None and server.auth == "xoauth2":
            self._client.oauth2_login(server.user, token)
        elif token is not None:
            self._client.oauthbearer_login(server.user, token)
        elif self._client.has_capability("AUTH=PLAIN"):
            self._client.plain_login(server.user, password)
        elif self._client.has_capability("LOGINDISABLED"):
            raise ChannelRefusedError(f"{self._name}: the server offers no sign-in with a password here")
        else:
            self._client.login(server.user, password)

    def _look_again(self) -> None:
        """Hear what has changed: a search looks at the folder as the server last told it to us."""
        with self._translated():
            self._client.noop()

    def _search(self, *criteria: str) -> list[int]:
        with self._translated():
            lines = self._ask("SEARCH", *criteria)
            words = b" ".join(line for line in lines if line).split()
            if not all(word.isdigit() for word in words):
                # imapclient would give the numbers before the first other word, and hide the rest.
                raise UnreadableAnswerError(f"{self._name}: the server's list of mails is not readable")
            return [int(word) for word in words if int(word) > 0]

    def _fetch(self, uids: Sequence[int], items: str) -> Iterator[tuple[int, dict[bytes, Any]]]:
        """Give each answer that names one of `uids` itself; a sequence number is never taken for a UID."""
        wanted = frozenset(uids)
        with self._translated():
            lines = self._ask("FETCH", _set(uids), f"(UID {items})")
            try:
                atoms = parse_response(lines)
                answers = [_pairs(content) for content in atoms[1::2]]
            except (*NONSENSE, IMAPClientError):
                # Without its cause: that quotes the answer, which holds a customer's words.
                raise UnreadableAnswerError(f"{self._name}: the server's answer to FETCH is not readable") from None
        return ((answer[b"UID"], answer) for answer in answers if answer.get(b"UID") in wanted)

    def _ask(self, command: str, *arguments: str) -> list[Any]:
        status, lines = self._protocol.uid(command, *arguments)
        if status == "NO" and b"[EXPUNGEISSUED]" in bytes(lines[0] or b"").upper():
            _, lines = self._protocol.response(command)  # some have gone (RFC 5530): what it said of the others
        elif status != "OK":
            raise UnreadableAnswerError(f"{self._name}: the server answered {status} to {command}: {lines[0]!r}")
        found: list[Any] = lines
        return found

    def _store(self, uids: Sequence[int], flags: str, plain: str) -> None:
        """Add flags; a server that takes no keywords still gets the plain ones."""
        status, _ = self._protocol.uid("STORE", _set(uids), "+FLAGS.SILENT", flags)
        if status != "OK":
            status, lines = self._protocol.uid("STORE", _set(uids), "+FLAGS.SILENT", plain)
            if status != "OK":
                raise IMAPClientError(f"STORE: {lines[0]!r}")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (IMAPClientError, OSError) as error:
            if QUOTES_ANSWER.search(str(error)):
                raise ChannelUnavailableError(f"{self._name}: mailbox: the server's answer is not IMAP") from None
            raise ChannelUnavailableError(f"{self._name}: mailbox: {error}") from error
        except NONSENSE:
            raise ChannelUnavailableError(f"{self._name}: mailbox: the server's answer is not readable") from None


def open_connection(name: str, server: Imap, tokens: Tokens | None) -> Connection:
    """Connect and sign in; an access token that is refused is renewed once."""
    if tokens is None:
        return Connection(name, server, None)
    token = tokens.current()
    try:
        return Connection(name, server, token)
    except _SignInRefusedError:
        return Connection(name, server, tokens.renew(token))


def _connect(name: str, server: Imap) -> IMAPClient:
    try:
        context = server.trust() if server.tls == "tls" else None
    except OSError as error:
        raise ChannelRefusedError(f"{name}: imap.ca_file cannot be read") from error
    try:
        return IMAPClient(
            server.host, server.port, ssl=server.tls == "tls", ssl_context=context, timeout=server.timeout
        )
    except ssl.SSLError as error:
        raise _tls_error(name, error) from error


def _tls_error(name: str, error: ssl.SSLError) -> ChannelUnavailableError | ChannelRefusedError:
    """Tell a line that broke from a server that is not who it should be."""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return ChannelUnavailableError(f"{name}: the server hung up while TLS began")
    return ChannelRefusedError(f"{name}: the server's TLS is not trusted, nothing was sent to it: {error}")


def _bounded(read: Callable[[int], bytes], limit: int) -> Callable[[int], bytes]:
    """Refuse a literal longer than any we asked for, before memory is set aside for it."""

    def bounded(size: int) -> bytes:
        if size > limit:
            raise IMAPClientAbortError(f"a literal of {size} bytes was announced")
        return read(size)

    return bounded


def _pairs(content: Any) -> dict[bytes, Any]:
    """Read one FETCH answer: name, value, name, value."""
    if not isinstance(content, tuple) or len(content) % 2:
        raise ValueError("not a list of names and values")
    return {bytes(name).upper(): value for name, value in zip(content[::2], content[1::2], strict=True)}


def _set(uids: Iterable[int]) -> str:
    """Write UIDs as a sequence set with ranges: 1:3,7."""
    runs: list[list[int]] = []
    for uid in sorted(set(uids)):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in runs)


def _moment(internal_date: Any) -> datetime | None:
    """Read an INTERNALDATE; one that is no date is no reason to leave the mail."""
    if not isinstance(internal_date, bytes):
        return None
    try:
        moment: datetime = parse_to_datetime(internal_date, normalise=False)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
