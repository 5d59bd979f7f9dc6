"""One server for a whole test run: the first worker that needs it starts it, the last one stops it."""

import fcntl
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket
from typing import TypeVar

S = TypeVar("S")


@contextmanager
def shared(root: Path, name: str, start: Callable[[], S], stop: Callable[[S], None]) -> Iterator[S]:
    """Give the server `name` of this run; `root` is a folder that all workers of the run see."""
    state, lock = root / f"{name}.server", root / f"{name}.lock"
    with _locked(lock):
        server, users = _read(state) or (start(), set[int]())
        _write(state, server, users | {os.getpid()})
    try:
        yield server
    finally:
        with _locked(lock):
            _leave(state, stop)


def _leave(state: Path, stop: Callable[[S], None]) -> None:
    """Take this worker off the list; a worker that was killed no longer counts."""
    found: tuple[S, set[int]] | None = _read(state)
    assert found is not None, f"{state} has vanished"
    server, users = found
    left = {pid for pid in users if pid != os.getpid() and Path(f"/proc/{pid}").exists()}
    if left:
        _write(state, server, left)
        return
    state.unlink()
    stop(server)


@contextmanager
def _locked(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _read(state: Path) -> "tuple[S, set[int]] | None":
    return pickle.loads(state.read_bytes()) if state.exists() else None


def _write(state: Path, server: S, users: set[int]) -> None:
    state.write_bytes(pickle.dumps((server, users)))


def free_port() -> int:
    """Find a loopback port that nobody listens on now."""
    with socket(AF_INET, SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
