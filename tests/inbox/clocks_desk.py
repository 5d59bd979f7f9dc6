"""An office whose clock the test moves, with the scenarios' world and no server: desk, sweep and `show`."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from inbox import deadlines_sweep
from inbox.app import App
from tests.tickets.desk import Desk
from tickets import outbox, shown
from tickets.messages import Delivery, DeliveryState, InboundMessage
from tickets.models import Escalation, OutboxDelivery, Staff, Task
from tickets.triage import Filed


@dataclass
class ClocksDesk:
    """The moves of a day by the moment at which they are made."""

    app: App

    def at(self, moment: str) -> "ClocksDesk":
        """Move the office's clock, and sweep as the schedule would."""
        self.app.clock = lambda: self.local(moment)
        deadlines_sweep.sweep(self.app)
        return self

    def local(self, moment: str) -> datetime:
        return datetime.fromisoformat(moment).replace(tzinfo=self.app.office.timezone).astimezone(UTC)

    @property
    def desk(self) -> Desk:
        return Desk(self.app.store, self.app.office, self.app.clock())

    def receive(self, message: InboundMessage) -> Filed:
        return self.desk.file_one(message)

    def deliver(self) -> None:
        """Let everything that waits leave and arrive, a minute later."""
        with self.app.store.writing() as session:
            channels = [outlet.channel for outlet in self.app.office.outlets.values()]
            later = self.app.clock() + timedelta(minutes=1)
            for delivery in outbox.claim_due(session, channels, now=later, limit=100):
                outbox.transmitting(session, delivery.id, now=later)
                outbox.record(session, delivery.id, Delivery(state=DeliveryState.SENT), now=later)

    def show(self, ref: str) -> dict[str, Any]:
        with self.app.store.reading() as session:
            return shown.any(session, ref, self.app.office, now=self.app.clock())

    def clock(self, ref: str, key: str) -> dict[str, Any]:
        [found] = [each for each in self.show(ref)["clocks"] if each["key"] == key]
        clock: dict[str, Any] = found
        return clock

    def staff(self, name: str) -> Staff:
        with self.app.store.reading() as session:
            return session.scalars(select(Staff).where(Staff.name.startswith(name))).one()

    def tasks(self, kind: str) -> list[Task]:
        with self.app.store.reading() as session:
            return list(session.scalars(select(Task).where(Task.kind == kind).order_by(Task.id)))

    def raised(self, key: str) -> dict[int, str]:
        """When each step of a clock was raised, as the office's clock shows it."""
        with self.app.store.reading() as session:
            found = session.scalars(select(Escalation).order_by(Escalation.id)).all()
            return {
                each.step: each.raised_at.astimezone(self.app.office.timezone).isoformat(timespec="minutes")[:16]
                for each in found
                if each.clock.key == key
            }

    def sent(self, *templates: str) -> list[OutboxDelivery]:
        return [each for each in self.desk.outgoing() if each.template in templates]
