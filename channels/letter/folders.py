"""Folders shared with scanners and printers: made, listed, and files moved between them without ever losing one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from tickets.errors import ChannelRefusedError, ChannelUnavailableError

_LONGEST = 200  #: Bytes of a name that leave room for a count.


@contextmanager
def reaching(channel: str, folder: Path) -> Iterator[None]:
    """Name what the operating system says about `folder` in the channel's errors; a file's name is never told."""
    try:
        yield
    except (PermissionError, NotADirectoryError) as error:
        raise ChannelRefusedError(f"{channel}: we may not use the folder {folder}: {_reason(error)}") from None
    except OSError as error:
        raise ChannelUnavailableError(f"{channel}: the folder {folder} cannot be reached: {_reason(error)}") from None


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else "unknown reason"


def make(folder: Path) -> None:
    """Make a folder where there is none. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)


def move(file: Path, folder: Path) -> Path:
    """Move a file into `folder` under its own name, or name-2, name-3 if that is taken; nothing is overwritten.

    At every moment the whole file stands in one of the two folders. Raises OSError.
    """
    target = _reserve(folder, file.name)
    try:
        file.replace(target)
    except OSError:
        target.unlink()
        if not _is_elsewhere(file, folder):
            raise
        _carry(file, folder)
    return target


def write(folder: Path, name: str, content: bytes) -> None:
    """Let a file appear whole under `name`, durable. Raises OSError, and then there is none."""
    part = folder / f".{name}.part"
    try:
        with part.open("wb") as handle:
            handle.write(content)
            _sync(handle.fileno())
        part.replace(folder / name)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
    _sync_folder(folder)


def _reserve(folder: Path, name: str) -> Path:
    """Take a free name for ourselves, so that two processes never write to the same one."""
    suffix = Path(name).suffix
    stem = os.fsdecode(os.fsencode(name.removesuffix(suffix))[:_LONGEST])
    for number in count(1):
        target = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        with suppress(FileExistsError):
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
            return target
    raise AssertionError("counting never ends")


def _is_elsewhere(file: Path, folder: Path) -> bool:
    """Whether the two are on different file systems, so that moving means copying."""
    return file.stat().st_dev != folder.stat().st_dev


def _carry(file: Path, folder: Path) -> None:
    """Copy durably to the other file system, then let go of the original."""
    part = folder / f".{os.getpid()}.part"
    try:
        with file.open("rb") as source, part.open("wb") as copy:
            shutil.copyfileobj(source, copy)
            _sync(copy.fileno())
        part.replace(_reserve(folder, file.name))
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(folder)
    file.unlink()


def _sync(descriptor: int) -> None:
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some shares cannot sync a folder
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
