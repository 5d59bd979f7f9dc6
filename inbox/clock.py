"""The clock: the only place that reads the time."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """The moment, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one place


def fixed(moment: datetime) -> Clock:
    """A clock that stands still, for dry runs and training."""
    return lambda: moment
