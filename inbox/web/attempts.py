"""Sign-in attempts: counts those that failed, so that nobody can guess on."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

#: Failures within the window after which further attempts are refused unheard.
PER_PERSON, PER_HOST = 8, 60
WINDOW = timedelta(minutes=10)
#: Keys remembered at most; the oldest are forgotten first.
_MOST = 10_000


class Attempts:
    """Failed sign-ins of the last minutes, by host and by host and address; kept in memory only."""

    def __init__(self) -> None:
        """Nobody has failed yet."""
        self._failures: OrderedDict[tuple[str, str], list[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def is_refused(self, host: str, email: str, *, now: datetime) -> bool:
        """Whether this host has failed too often, with this address or with many."""
        with self._lock:
            by_person = self._recent((host, email.strip().casefold()), now)
            return len(by_person) >= PER_PERSON or len(self._recent((host, ""), now)) >= PER_HOST

    def failed(self, host: str, email: str, *, now: datetime) -> None:
        """Count one failure."""
        with self._lock:
            for key in ((host, email.strip().casefold()), (host, "")):
                self._failures[key] = [*self._recent(key, now), now]
                self._failures.move_to_end(key)
            while len(self._failures) > _MOST:
                self._failures.popitem(last=False)

    def _recent(self, key: tuple[str, str], now: datetime) -> list[datetime]:
        return [at for at in self._failures.get(key, ()) if now - at < WINDOW]
