"""An IMAP server that says whatever a test tells it to: half answers, wrong numbers, nothing at all."""

import re
import socketserver
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HANG, CUT = b"hang", b"cut"
GREETING = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN UIDPLUS MOVE IDLE] ready\r\n"
SELECTED = (
    b"* 1 EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen \\Deleted)\r\n* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] ok\r\n"
    b"* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 6] ok\r\nTAG OK [READ-WRITE] selected\r\n"
)
ANSWERS = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN UIDPLUS MOVE IDLE\r\nTAG OK done\r\n",
    "AUTHENTICATE": b"+ \r\n",
    "SELECT": SELECTED,
    "LIST": b'* LIST () "/" Archive\r\nTAG OK done\r\n',
    "UID SEARCH": b"* SEARCH 5\r\nTAG OK done\r\n",
    "LOGOUT": b"* BYE bye\r\nTAG OK done\r\n",
}


@dataclass
class ScriptedImap:
    """One mail with UID 5 and UIDVALIDITY 7, unless `answer` says otherwise; TAG stands for the command's tag."""

    port: int = 0
    host: str = "127.0.0.1"
    seen: list[str] = field(default_factory=list)  #: Every line clients sent, credentials too.
    always: dict[str, bytes] = field(default_factory=dict)
    once: dict[str, deque[bytes]] = field(default_factory=dict)

    def answer(self, command: str, *answers: bytes) -> None:
        """Give these answers the next times `command` comes ("greeting", "UID FETCH", …)."""
        self.once.setdefault(command, deque()).extend(answers)

    def reply(self, command: str, detail: str = "") -> bytes:
        """Find what to say: to this very command line first, then to the command; once, then always."""
        for key in (f"{command} {detail}".strip(), command):
            if self.once.get(key):
                return self.once[key].popleft()
            if key in self.always:
                return self.always[key]
        return ANSWERS.get(command, b"TAG OK done\r\n")


def mail(uid: int, raw: bytes, *, seq: int = 1) -> bytes:
    """Write one right FETCH answer."""
    return b'* %d FETCH (UID %d INTERNALDATE "23-Nov-2026 10:00:00 +0200" RFC822.SIZE %d BODY[] {%d}\r\n%s)\r\n' % (
        seq,
        uid,
        len(raw),
        len(raw),
        raw,
    )


@contextmanager
def scripted_imap() -> Iterator[ScriptedImap]:
    """Run a scripted server; it knows no TLS."""
    state = ScriptedImap()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                _converse(state, self)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server((state.host, 0), Handler) as server:
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join(5)


def _converse(state: ScriptedImap, handler: socketserver.StreamRequestHandler) -> None:
    handler.wfile.write(state.reply("greeting") if state.once.get("greeting") else GREETING)
    while line := handler.rfile.readline():
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        state.seen.append(text)
        tag, _, rest = text.partition(" ")
        command, detail = _split(rest)
        answer = state.reply(command, detail)
        if answer == HANG:
            time.sleep(30)
        if answer in {HANG, CUT}:
            return
        handler.wfile.write(answer.replace(b"TAG", tag.encode()))
        if answer.startswith(b"+"):  # a continuation: what follows is no command
            state.seen.append(handler.rfile.readline().decode("utf-8", "replace").rstrip("\r\n"))
            handler.wfile.write(state.reply(f"{command} end").replace(b"TAG", tag.encode()))


def _split(rest: str) -> tuple[str, str]:
    """Tell the command (two words after UID) from its arguments."""
    found = re.match(r"(UID \w+|\w+) ?(.*)", rest)
    return (found[1].upper(), found[2]) if found else (rest, "")
