"""What one run cost: seconds, processor time and peak memory of the process and its reading children."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True, kw_only=True)
class Cost:
    """The cost of one run, filled in when it ends."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0  #: Own and of living children.
    children_cpu_seconds: float = 0.0
    peak_mb: float = 0.0  #: Own and of living children, each at its own peak.


@contextmanager
def measured() -> Iterator[Cost]:
    """Measure what happens inside; children must live from before the beginning to after the end."""
    cost = Cost()
    own, theirs, began = time.process_time(), _children_seconds(), time.perf_counter()
    yield cost
    cost.seconds = time.perf_counter() - began
    cost.children_cpu_seconds = _children_seconds() - theirs
    cost.cpu_seconds = time.process_time() - own + cost.children_cpu_seconds
    cost.peak_mb = sum(_peak(pid) for pid in [os.getpid(), *_children()]) / 1024


def _children() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.pid]


def _children_seconds() -> float:
    """User and system time of the living children (proc(5), /proc/pid/stat fields 14 and 15)."""
    fields = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in _children())
    return sum(int(each[11]) + int(each[12]) for each in fields) / _TICKS


def _peak(pid: int) -> int:
    """Peak resident memory in kB (proc(5), VmHWM); `ru_maxrss` would count the process that started us too."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
