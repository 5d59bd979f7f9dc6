"""Why something is done, and why it may not be: what every move is given, and what every guard answers."""

from dataclasses import dataclass
from datetime import datetime

from tickets.errors import GuardError
from tickets.models import Message, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Who moves something, when, why, and the message that caused it."""

    actor: str
    at: datetime
    reason: str = ""
    message: Message | None = None
    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a move is not allowed, and what would lift it."""

    guard: str
    en: str
    ro: str

    def error(self) -> GuardError:
        """What is raised."""
        return GuardError(self.en, ro=self.ro, guard=self.guard)
