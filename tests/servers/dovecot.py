"""A real Dovecot on loopback, and mailboxes in it that tests fill through the file system."""

import base64
import grp
import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt

from tests.servers import certificates
from tests.servers.shared import free_port

PASSWORD = "secret"
STARTS_WITHIN = 20.0
_numbers = itertools.count()


@dataclass(frozen=True)
class Dovecot:
    """A running server: any user name signs in with `PASSWORD`, or with a token from `token`."""

    folder: Path
    pid: int
    port: int  #: Clear text and STARTTLS.
    tls_port: int
    ca_file: Path
    token_key: bytes
    host: str = "127.0.0.1"

    def mailbox(self) -> "Mailbox":
        """Make an empty mailbox with a user name of its own."""
        return Mailbox(self, f"user-{secrets.token_hex(8)}")

    def token(self, user: str, *, valid_for: timedelta = timedelta(hours=1)) -> str:
        """Sign an access token that Dovecot checks without asking anybody."""
        now = datetime.fromtimestamp(time.time(), UTC)
        claims = {"sub": user, "iat": now - timedelta(hours=2), "exp": now + valid_for}
        return jwt.encode(claims, self.token_key, algorithm="HS256")


@dataclass(frozen=True)
class Mailbox:
    """One user's mail as Maildir files; what a test does here happens behind the back of every client."""

    server: Dovecot
    user: str
    password: str = PASSWORD

    @property
    def root(self) -> Path:
        """The Maildir, where INBOX lives; other folders are `.NAME` below it."""
        return self.server.folder / "mail" / self.user

    def deliver(self, raw: bytes, *, folder: str = "INBOX", at: datetime | None = None) -> None:
        """Put one mail in, as a delivery agent would; `at` becomes its INTERNALDATE."""
        place = self._make(folder)
        name = f"{time.time_ns() // 10**9}.M{next(_numbers):06}P{os.getpid()}.test"
        written = place / "tmp" / name
        written.write_bytes(raw)
        if at:
            os.utime(written, (at.timestamp(), at.timestamp()))
        _give_away(written)
        written.rename(place / "new" / name)

    def mails(self, folder: str = "INBOX") -> list[bytes]:
        """Read everything in a folder that is not marked as deleted, oldest first."""
        place = self._place(folder)
        files = [*(place / "new").glob("*"), *(place / "cur").glob("*")]
        left = [file for file in files if "T" not in file.name.partition(":2,")[2]]
        return [file.read_bytes() for file in sorted(left, key=lambda file: file.name)]

    def flags(self, folder: str = "INBOX") -> list[str]:
        """Read the Maildir flag letters of each mail (S seen, T deleted, a to z keywords), oldest first."""
        files = sorted((self._place(folder) / "cur").glob("*"), key=lambda file: file.name)
        return [file.name.partition(":2,")[2] for file in files]

    def make(self, folder: str) -> None:
        """Make a folder."""
        self._make(folder)

    def remove(self, folder: str) -> None:
        """Remove a folder with all that is in it; made again it has another UIDVALIDITY."""
        shutil.rmtree(self._place(folder))

    def _place(self, folder: str) -> Path:
        return self.root if folder == "INBOX" else self.root / f".{folder}"

    def _make(self, folder: str) -> Path:
        place = self._place(folder)
        for part in (self.root, place, *(place / name for name in ("tmp", "new", "cur"))):
            if not part.exists():
                part.mkdir()
                _give_away(part)
        return place


def start() -> Dovecot:
    """Start a server in the foreground, below a folder of its own that the mail user can reach."""
    assert shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists(), "Dovecot is missing: install dovecot-imapd"
    folder = Path(tempfile.mkdtemp(prefix="claimdesk-dovecot-"))
    folder.chmod(0o755)
    certs = certificates.make(folder / "certs")
    key = secrets.token_bytes(32)
    _write_token_key(folder, key)
    port, tls_port = free_port(), free_port()
    (folder / "dovecot.conf").write_text(_configuration(folder, port, tls_port))
    (folder / "mail").mkdir()
    _give_away(folder / "mail")
    pid = _launch(folder, port)
    return Dovecot(folder, pid, port, tls_port, certs.ca, key)


def stop(server: Dovecot) -> None:
    """End the server and forget its mail."""
    os.kill(server.pid, signal.SIGTERM)
    _gone(server.pid)
    shutil.rmtree(server.folder, ignore_errors=True)


def _launch(folder: Path, port: int) -> int:
    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    # Its own session: a Ctrl-C in the terminal must not end it before the last worker is done.
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [program, "-F", "-c", str(folder / "dovecot.conf")], stdout=output, stderr=output, start_new_session=True
        )
    pid, process.returncode = process.pid, 0  # it is ended by its id, maybe by another worker
    for _ in _until(STARTS_WITHIN):
        assert Path(f"/proc/{pid}").exists(), f"Dovecot ended: {_said(folder)}"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return pid
    raise AssertionError(f"Dovecot does not answer: {_said(folder)}")


def _said(folder: Path) -> str:
    return "\n".join(file.read_text() for file in (folder / "output", folder / "log") if file.exists())


def _gone(pid: int) -> None:
    for _ in _until(5.0):
        # A child of this worker is collected here; another worker's child is not ours to wait for.
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        if not Path(f"/proc/{pid}").exists():
            return


def _until(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.02)


def _give_away(path: Path) -> None:
    """Let the mail user own what a test made; without root the tests' own user is the mail user."""
    if os.geteuid() == 0:
        os.chown(path, pwd.getpwnam("nobody").pw_uid, grp.getgrnam("nogroup").gr_gid)


def _write_token_key(folder: Path, key: bytes) -> None:
    """Where Dovecot looks for the key of HS256 tokens without a key id: default/hs256/default."""
    place = folder / "keys" / "default" / "HS256"
    place.mkdir(parents=True)
    (place / "default").write_bytes(base64.b64encode(key))
    (folder / "oauth.conf").write_text(
        "introspection_mode = local\n"
        f"local_validation_key_dict = fs:posix:prefix={folder}/keys/\n"
        "username_attribute = sub\n"
    )


def _configuration(folder: Path, port: int, tls_port: int) -> str:
    root = os.geteuid() == 0
    me = pwd.getpwuid(os.geteuid()).pw_name
    group = grp.getgrgid(os.getegid()).gr_name
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/certs/cert.pem
ssl_key = <{folder}/certs/key.pem
default_internal_user = {"dovecot" if root else me}
default_login_user = {"dovenull" if root else me}
default_internal_group = {"dovecot" if root else group}
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
disable_plaintext_auth = no
auth_mechanisms = plain login oauthbearer xoauth2
auth_failure_delay = 0
imap_idle_notify_interval = 30 s
passdb {{
  driver = static
  args = password={PASSWORD}
}}
passdb {{
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = {folder}/oauth.conf
}}
userdb {{
  driver = static
  args = uid={"nobody" if root else me} gid={"nogroup" if root else group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""
