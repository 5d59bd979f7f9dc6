"""Setting up an installation, and trying out everything its configuration names."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.exc import OperationalError

from inbox.app import App
from tickets.errors import (
    ChannelError,
    ChannelUnavailableError,
    ClaimdeskError,
    ConfigurationError,
)

_EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
#: Below this the disk is called full: raw messages could soon not be kept.
_LOW_DISK = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one part of the installation answered."""

    part: str
    ok: bool
    says: str
    unavailable: bool = False  #: Could not be reached at all.


def write_config(path: Path) -> bool:
    """Write the example configuration and a secret beside it, if there is no configuration; True if it was written."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    secret = path.parent / "secret"
    if not secret.exists():
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    return True


def migrate(app: App) -> None:
    """Make or change the tables; raises `ConfigurationError` if the store's folder is missing."""
    try:
        app.store.migrate(keys=app.settings.security.keys())  # the office reads tables that are not there yet
    except OperationalError as error:
        raise ConfigurationError(f"store.url: the store cannot be opened ({type(error.orig).__name__})") from error


def check(app: App) -> Iterator[Finding]:
    """Try the store, the disk, text recognition, letters, and each channel: connect, sign in, change nothing."""
    yield _tried("store", lambda: _store(app))
    yield _tried("disk", lambda: _disk(app))
    yield _tried("text recognition", _recognition)
    for name in app.settings.channels:
        yield _tried(f"channels.{name}", app_check(app, name))


def app_check(app: App, name: str) -> Callable[[], str]:
    """The check of one channel, to be called."""
    return lambda: app.channel(name).check()


def _tried(part: str, attempt: Callable[[], str]) -> Finding:
    try:
        return Finding(part=part, ok=True, says=attempt())
    except ChannelUnavailableError as error:
        return Finding(part=part, ok=False, says=str(error), unavailable=True)
    except (ChannelError, ClaimdeskError) as error:
        return Finding(part=part, ok=False, says=str(error))
    except OperationalError as error:
        return Finding(part=part, ok=False, says=f"cannot be reached ({type(error.orig).__name__})", unavailable=True)


def _store(app: App) -> str:
    if not app.store.is_current():
        raise ConfigurationError("its tables are of another version: run `claimdesk init`")
    return f"{app.store.engine.dialect.name}, tables are current"


def _disk(app: App) -> str:
    folder = Path(app.settings.store.blobs)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < _LOW_DISK:
        raise ConfigurationError(f"only {free // 2**20} MB are free at {folder}: make room")
    return f"{free // 2**30} GB free"


def _recognition() -> str:
    engines = [name for name in ("tesserocr", "rapidocr") if find_spec(name)]
    if not engines:
        raise ConfigurationError("no engine is installed: add claimdesk[tesseract] or claimdesk[ocr]")
    return ", ".join(engines)
