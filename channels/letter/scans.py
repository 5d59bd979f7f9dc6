"""The folder a scanner writes into: whole files are handed out, and moved away once they are ours."""

import hashlib
import os
import stat
import threading
from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from channels.letter import folders
from channels.letter.settings import Settings
from tickets.messages import Pickup

_EXTENSIONS = frozenset({".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg"})
_UNFINISHED = frozenset({".part", ".tmp", ".crdownload", ".filepart"})
_STARTS = (b"%PDF-", b"II*\0", b"MM\0*", b"\x89PNG\r\n", b"\xff\xd8\xff")
_ENDS = {b"%PDF": b"%%EOF", b"\x89PNG": b"IEND", b"\xff\xd8\xff": b"\xff\xd9"}
_TAIL = 4096  #: Bytes in which a whole file's end stands, whatever a scanner wrote behind it.
_CUT_OFF_PATIENCE = 3  #: A file without its end waits so many times longer: a share may have stalled.
_MOST_BYTES = 512_000_000  #: No scanner writes more; what is larger would not fit into memory.
_LOOK_EVERY = 1.0  #: Seconds, while waiting.
_PROBE = ".claimdesk-clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One file as it was when we looked: the handle of a pickup. Another file under the same name is another scan."""

    path: Path
    size: int
    written_ns: int
    changed_ns: int  #: Also when it was moved in (ctime).

    @property
    def source(self) -> str:
        """Tell this very file from a copy of it that is put in later."""
        name = hashlib.sha256(os.fsencode(self.path.name)).hexdigest()[:16]
        return f"{self.changed_ns}-{self.written_ns}-{name}"


class Scans:
    """The watched folder of one channel. Files are only read; `acknowledge` and `reject` move them."""

    def __init__(self, name: str, settings: Settings) -> None:
        self._name = name
        self._folder = settings.scans
        self._done = settings.done
        self._bad = settings.bad
        self._settle = settings.settle_seconds
        self._known: frozenset[Path] = frozenset()  #: What the last look found.
        self._closed = threading.Event()

    def make_folders(self) -> None:
        """Make those of our folders that are missing. Raises a `ChannelError`."""
        for folder in (self._folder, self._done, self._bad):
            with folders.reaching(self._name, folder):
                folders.make(folder)

    def fetch(self) -> Iterator[Pickup]:
        """Hand out the whole files, the one that was put in first, first; a file that grows is left alone.

        Files younger than `settle_seconds` are waited for once and handed out last, if they did not change. An empty
        file goes to the bad ones.
        """
        seen, now_ns = self._look(), self._clock()
        young = {scan: wait for scan in seen if (wait := self._wait_for(scan, now_ns)) > 0}
        for scan in seen:
            if scan not in young:
                yield from self._pick_up(scan)
        if young:
            self._closed.wait(max(young.values()))
            for scan in self._look():
                if scan in young:
                    yield from self._pick_up(scan)

    def acknowledge(self, handle: Hashable) -> None:
        """Move a scan to the done ones, unless it has gone or another file stands in its place."""
        self._put_away(handle, self._done)

    def reject(self, handle: Hashable) -> None:
        """Move a scan to the bad ones."""
        self._put_away(handle, self._bad)

    def wait(self, seconds: float) -> bool:
        """Look at the folder every second until there is a file we have not seen."""
        while seconds > 0 and not self._closed.wait(min(seconds, _LOOK_EVERY)):
            seconds -= _LOOK_EVERY
            with suppress(OSError):  # the next fetch tells
                if set(self._candidates()) - self._known:
                    return True
        self._closed.clear()
        return False

    def check(self) -> str:
        """Make the folders, count what waits; says too if a file may not be read."""
        self.make_folders()
        waiting = self._look()
        locked = sum(not os.access(scan.path, os.R_OK) for scan in waiting)
        return f"{len(waiting)} scans wait" + (f", {locked} of them may not be read" if locked else "")

    def close(self) -> None:
        """End a `wait`."""
        self._closed.set()

    def _look(self) -> list[Scan]:
        """Every file that may be a scan, oldest first."""
        with folders.reaching(self._name, self._folder):
            candidates = self._candidates()
            seen = [scan for path in candidates if (scan := _scan(path)) is not None]
        self._known = frozenset(candidates)
        return sorted(seen, key=lambda scan: (scan.written_ns, scan.path.name))

    def _candidates(self) -> list[Path]:
        with os.scandir(self._folder) as entries:
            return [Path(entry.path) for entry in entries if _may_be_scan(entry)]

    def _clock(self) -> int:
        """What time it is on the file system itself, in ns: a share has a clock of its own."""
        probe = self._folder / _PROBE
        with folders.reaching(self._name, self._folder):
            probe.unlink(missing_ok=True)
            probe.touch()
            now_ns = probe.stat().st_mtime_ns
            probe.unlink(missing_ok=True)
        return now_ns

    def _wait_for(self, scan: Scan, now_ns: int) -> float:
        """Seconds until `scan` is surely whole if it does not change; 0: it is."""
        patience = self._settle * (1 if _has_its_end(scan) else _CUT_OFF_PATIENCE)
        age = (now_ns - max(scan.written_ns, scan.changed_ns)) / 1e9
        return max(0.0, patience - max(0.0, age))

    def _pick_up(self, scan: Scan) -> Iterator[Pickup]:
        """Read a scan; nothing if it vanished, changed, may not be read, or is no scan at all."""
        if not 0 < scan.size <= _MOST_BYTES:
            self.reject(scan)
            return
        try:
            raw = scan.path.read_bytes()
        except OSError:
            return  # gone, locked or forbidden: the others go on, and `check` tells
        if _scan(scan.path) == scan and _is_scan(scan.path, raw):
            yield Pickup(
                handle=scan,
                external_id=hashlib.sha256(raw).hexdigest(),
                raw=raw,
                name=_shown(scan.path),
                source=scan.source,
            )

    def _put_away(self, handle: Hashable, folder: Path) -> None:
        assert isinstance(handle, Scan)
        with folders.reaching(self._name, folder), suppress(FileNotFoundError):
            if _scan(handle.path) == handle:
                folders.make(folder)
                folders.move(handle.path, folder)


def _may_be_scan(entry: "os.DirEntry[str]") -> bool:
    """Whether a directory entry is an ordinary file whose name does not say that it is unfinished."""
    suffix = Path(entry.name).suffix.lower()
    return not entry.name.startswith(".") and suffix not in _UNFINISHED and entry.is_file(follow_symlinks=False)


def _scan(path: Path) -> Scan | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Scan(path=path, size=found.st_size, written_ns=found.st_mtime_ns, changed_ns=found.st_ctime_ns)


def _has_its_end(scan: Scan) -> bool:
    """Whether the file ends as its kind does; kinds without a mark count as whole."""
    try:
        with scan.path.open("rb") as handle:
            start = handle.read(8)
            handle.seek(max(0, scan.size - _TAIL))
            tail = handle.read(_TAIL)
    except OSError:
        return True
    return all(end in tail for beginning, end in _ENDS.items() if start.startswith(beginning))


def _is_scan(path: Path, raw: bytes) -> bool:
    return path.suffix.lower() in _EXTENSIONS or raw.startswith(_STARTS)


def _shown(path: Path) -> str:
    """A file's name for people; bytes that are no UTF-8 become question marks."""
    return os.fsencode(path.name).decode(errors="replace")
