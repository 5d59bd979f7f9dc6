"""The demo's installation: a folder that is made anew, local servers in place of the world, their configuration."""

import os
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from inbox.app import App
from inbox.clock import Clock, now
from inbox.demo import mailbox
from inbox.demo.exchange import Exchange
from inbox.demo.mailbox import Mailbox
from inbox.demo.sink import Sink
from tickets.errors import ConfigurationError

ADDRESS = "claims@example.ro"
PORT = 8400
#: The first line of the configuration: only a folder that carries it is ever emptied.
_MARK = "# The demo's own configuration: this whole folder is made anew each time `make demo` starts."

_CONFIGURATION = """{mark}
[office]
name = "Exemplu Asigurări"
short_name = "Exemplu"
languages = ["ro", "en"]
public_url = "http://127.0.0.1:{port}"
phone = "021 555 0100"
postal_address = "Exemplu Asigurări, Str. Exemplului 1, 010101 București"
[store]
url = "sqlite:///claimdesk.db"
blobs = "./blobs"
[web]
port = {port}
[security]
secret_file = "./secret"
[channels.claims-mail]
kind = "email"
address = "{address}"
poll = "5s"
[channels.claims-mail.imap]
host = "127.0.0.1"
port = {imap}
tls = "none"
user = "{user}"
password = "{password}"
done = "Archive"
[channels.claims-mail.smtp]
host = "127.0.0.1"
port = {smtp}
tls = "none"
[channels.text]
kind = "sms"
number = "{number}"
account_sid = "{account}"
auth_token = "{token}"
api_url = "{exchange}"
poll = "5s"
[channels.post]
kind = "letter"
scans = "./scans/in"
done = "./scans/done"
bad = "./scans/bad"
print = "./print"
poll = "5s"
settle_seconds = 0
[requests]
send = "person"
"""


@dataclass
class Site:
    """One demo: its folder and its servers, running between `with` and its end."""

    folder: Path
    port: int = PORT
    clock: Clock = now
    mailbox: Mailbox = field(default_factory=Mailbox)
    sink: Sink = field(default_factory=Sink)
    exchange: Exchange = field(default_factory=Exchange)

    def __enter__(self) -> Self:
        """Empty the folder, start the servers, write the configuration."""
        self._make_folder()
        self._write(self.mailbox.start(), self.sink.start(), self.exchange.start())
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop the servers; the folder stays to be looked at."""
        self.mailbox.stop()
        self.sink.stop()
        self.exchange.stop()

    @property
    def config(self) -> Path:
        """The configuration file; the commands of claimdesk work on it too."""
        return self.folder / "config.toml"

    @property
    def scans(self) -> Path:
        """Where the scanner puts its files."""
        return self.folder / "scans" / "in"

    def app(self) -> App:
        """The installation as configured."""
        return App.from_file(self.config, clock=self.clock)

    def scan(self, name: str, raw: bytes) -> None:
        """Put one file into the scanner's folder, whole at once."""
        draft = self.scans / f".{name}"
        draft.write_bytes(raw)
        draft.rename(self.scans / name)

    def _make_folder(self) -> None:
        if self.folder.exists() and any(self.folder.iterdir()):
            if not self.config.exists() or not self.config.read_text(encoding="utf-8").startswith(_MARK):
                raise ConfigurationError(f"{self.folder} is not a folder of the demo: name another one with --folder")
            shutil.rmtree(self.folder)
        self.scans.mkdir(parents=True)
        for name in ("scans/done", "scans/bad", "print", "blobs"):
            (self.folder / name).mkdir()

    def _write(self, imap: int, smtp: int, exchange: str) -> None:
        with os.fdopen(os.open(self.folder / "secret", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        words = _CONFIGURATION.format(
            mark=_MARK,
            port=self.port,
            address=ADDRESS,
            imap=imap,
            smtp=smtp,
            user=mailbox.USER,
            password=mailbox.PASSWORD,
            exchange=exchange,
            number=self.exchange.number,
            account=self.exchange.account,
            token=self.exchange.token,
        )
        self.config.write_text(words, encoding="utf-8")
