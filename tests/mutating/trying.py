"""How changes are tried: tests are collected once, and every change gets a fork that runs those that reach it."""

import gc
import multiprocessing
import os
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state

#: Processor seconds a fork gets beyond twice what its tests took unchanged.
PATIENCE = 5


@dataclass
class Tally:
    """What became of each change that was tried."""

    killed: list[str] = field(default_factory=list)
    survived: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)


class Trying:
    """A plugin that tries changes where tests would have been run."""

    def __init__(self, names: list[str], *, until: float) -> None:
        self.tally = Tally()
        self._names, self._until = names, until
        self._reaching: dict[str, list[pytest.Item]] = defaultdict(list)
        self._seconds: dict[str, float] = {}
        self._kills: Counter[tuple[str, str]] = Counter()  # function and test, then file and test
        self._noticed = multiprocessing.RawValue("i")  # shared with a fork: which of its tests noticed the change

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """One store will do."""
        items[:] = [each for each in items if "postgres" not in each.nodeid]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run every test once to see what it reaches, then try each change."""
        self._see(session)
        self._session = session
        with suppress(KeyboardInterrupt):
            for name in self._names:
                if time.monotonic() < self._until:
                    getattr(self.tally, self._try(name)).append(name)
        tried = {*self.tally.killed, *self.tally.survived, *self.tally.unreached}
        self.tally.untried += [each for each in self._names if each not in tried]
        return True

    def _see(self, session: pytest.Session) -> None:
        set_mutant_under_test("stats")
        for number, item in enumerate(session.items):
            state()._stats.clear()  # what mutmut's trampolines have counted
            self._forget()
            begun = time.process_time()
            following = session.items[min(number + 1, len(session.items) - 1)]
            reports = runtestprotocol(item, log=False, nextitem=following)
            failed = [each.longreprtext for each in reports if each.failed]
            if failed:
                sys.exit(f"{item.nodeid} fails without any change: {failed[0]}")
            self._seconds[item.nodeid] = time.process_time() - begun
            for function in state()._stats:
                self._reaching[function].append(item)
        set_mutant_under_test("")
        gc.freeze()  # or every fork would copy what its collector marks

    def _try(self, name: str) -> str:
        places = name.partition("__mutmut_")[0], name.rpartition(".")[0]
        items = sorted(self._reaching[places[0]], key=lambda item: self._promise(item.nodeid, *places))
        if not items:
            return "unreached"
        self._noticed.value = -1
        child = os.fork()
        if child == 0:
            self._run_in_fork(name, items)
        _, status = os.waitpid(child, 0)
        self._kills.update((place, items[self._noticed.value].nodeid) for place in places if self._noticed.value >= 0)
        return "survived" if status == 0 else "killed"

    def _promise(self, test: str, function: str, module: str) -> tuple[int, int, float]:
        """First what noticed other changes of the function, then of its file, then the quickest."""
        return -self._kills[function, test], -self._kills[module, test], self._seconds[test]

    def _run_in_fork(self, name: str, items: list[pytest.Item]) -> None:
        """Never comes back: exits with 1, or by a signal, as soon as a test notices the change."""
        seconds = int(2 * sum(self._seconds[each.nodeid] for each in items)) + PATIENCE
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        self._forget()
        set_mutant_under_test(name)
        self._session._setupstate.teardown_exact(items[0])  # the last one seen is still set up
        for number, (item, following) in enumerate(zip(items, [*items[1:], items[-1]], strict=True)):
            if any(each.failed for each in runtestprotocol(item, log=False, nextitem=following)):
                self._noticed.value = number
                os._exit(1)
        os._exit(0)

    def _forget(self) -> None:
        """Forget what the changed modules have worked out: a test reaches what it would have to work out anew."""
        for name in {each.rpartition(".")[0] for each in self._names}:
            for value in vars(sys.modules[name]).values():
                if hasattr(value, "cache_clear") and value.__module__ == name:
                    value.cache_clear()


def drawn(names: list[str], *, every: int, seed: int) -> list[str]:
    """One in `every` of these, drawn by a seed."""
    return sorted(random.Random(seed).sample(names, -(-len(names) // every)))
