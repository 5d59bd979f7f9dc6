"""A whole installation for tests: a config.toml against real servers, the scenarios' world, and the commands."""

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from inbox import cli
from inbox.app import App
from inbox.clock import Clock, now
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import Sink

ROOT = Path(__file__).parent.parent
WORLD = ROOT / "tests" / "data" / "worlds" / "scenarios.json"


class Done(NamedTuple):
    """How a command went."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Installation:
    """One desk in a folder of its own, with its mailbox, its sink and a migrated store."""

    folder: Path
    mailbox: Mailbox
    sink: Sink
    store_url: str
    certificates: Certificates
    extra: str = ""  #: More TOML.
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def write(self) -> "Installation":
        """Write the configuration; secrets come from the environment."""
        server = self.mailbox.server
        self.config.write_text(
            f"""
[office]
name = "Exemplu Asigurări"
phone = "021 555 0100"
postal_address = "Str. Exemplului 1, 010101 București"
public_url = "https://desk.example.ro"
[store]
url = "{self.store_url}"
[security]
secret_env = "CLAIMDESK_SECRET"
[channels.claims-mail]
kind = "email"
address = "claims@example.ro"
trusted_authserv = "mx.example.ro"
[channels.claims-mail.imap]
host = "127.0.0.1"
port = {server.tls_port}
user = "{self.mailbox.user}"
password_env = "MAIL_PASSWORD"
done = "Archive"
ca_file = "{server.ca_file}"
[channels.claims-mail.smtp]
host = "127.0.0.1"
port = {self.sink.port}
user = "claims"
password_env = "MAIL_PASSWORD"
ca_file = "{self.certificates.ca}"
{self.extra}
""",
            encoding="utf-8",
        )
        return self

    def app(self, clock: Clock = now) -> App:
        """The application in this process."""
        os.environ.update(self.secrets())
        return App.from_file(self.config, clock=clock)

    def run(self, *arguments: str) -> Done:
        """Run one command in this process, as the shell would see it."""
        stdout, stderr = io.StringIO(), io.StringIO()
        code: object = 0
        with (
            mock.patch.dict(os.environ, {**self.secrets(), **self.environment}),
            contextlib.redirect_stdout(stdout),
            contextlib.redirect_stderr(stderr),
        ):
            try:
                cli.main(["--config", str(self.config), *arguments])
            except SystemExit as ended:
                code = ended.code
        return Done(int(str(code or 0)), stdout.getvalue(), stderr.getvalue())

    def launch(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command as a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "inbox.cli", "--config", str(self.config), *arguments],
            capture_output=True, text=True, timeout=120, cwd=ROOT, check=False,
            env={**os.environ, **self.secrets(), **self.environment},
        )  # fmt: skip

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        """What a command prints as JSON, a line each; it must have gone well."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def load_world(self, path: Path = WORLD) -> None:
        done = self.run("import", "world", str(path))
        assert done.returncode == 0, done.stderr

    def secrets(self) -> dict[str, str]:
        """What the configuration takes from the environment."""
        return {"CLAIMDESK_SECRET": "for tests only", "MAIL_PASSWORD": self.mailbox.password, "TWILIO_TOKEN": "token"}
