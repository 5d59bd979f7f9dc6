"""Raw message files on disk: which ones a command means, and what each of them is."""

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from tickets.errors import ConfigurationError, UnreadableError
from tickets.messages import Medium

_SCANS = frozenset({".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg"})
_MOST_BYTES = 200_000_000
_FIRST_BYTES = (b"%PDF", b"II*\0", b"MM\0*", b"\x89PNG", b"\xff\xd8\xff")


def found(paths: Iterable[Path]) -> Iterator[Path]:
    """Every file meant, folders walked, in order; raises `ConfigurationError` for a path that is not there."""
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.is_file())
        elif path.exists():
            yield path
        else:
            raise ConfigurationError(f"there is no {path}")


def recognised(path: Path) -> tuple[str, Medium]:
    """The kind of reader a file needs and its medium: by its name, else by its first bytes, else as e-mail."""
    name = path.name.lower()
    if name.endswith(".sms.json"):
        return "sms", Medium.SMS
    if path.suffix.lower() == ".eml":
        return "email", Medium.EMAIL
    if path.suffix.lower() in _SCANS or _begins_like_a_scan(path):
        return "letter", Medium.LETTER
    return "email", Medium.EMAIL


def content(path: Path) -> bytes:
    """The bytes of a file; raises `UnreadableError` for one that cannot be read, or is no file but a pipe or device."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise UnreadableError("it is no file: a pipe or a device is not read")
        if about.st_size > _MOST_BYTES:
            raise UnreadableError(f"it is larger than {_MOST_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"the file cannot be opened: {error.strerror}") from error


def _begins_like_a_scan(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(4).startswith(_FIRST_BYTES)
    except OSError:
        return False
