"""Sending: takes due deliveries from the outbox, hands each to its channel, and keeps the answer.

Three commits a delivery: claimed; transmitting, as late as the protocol allows; the outcome. Killed between the last
two, it is `unknown` and never sent again by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import OperationalError

from inbox.app import App
from tickets import outbox, retractions
from tickets.errors import (
    ChannelRefusedError,
    ChannelUnavailableError,
    DeliveryUnknownError,
    GuardError,
    MessageRefusedError,
)
from tickets.messages import Delivery, DeliveryState, Enclosure, Medium
from tickets.models import OutboxDelivery

_log = structlog.get_logger()

BATCH = 20


@dataclass(kw_only=True)
class Sent:
    """How one look at the outbox went: deliveries the other side answered, and channels that could not be used."""

    answered: int = 0
    trouble: dict[str, str] = field(default_factory=dict)


def send_due(app: App, names: Iterable[str] | None = None) -> Sent:
    """Send what is due on the named channels, or on all; one in trouble keeps its mail, the others go on."""
    sent = Sent()
    for name in names if names is not None else app.settings.channels:
        while name not in sent.trouble and (batch := _claim(app, name)):
            _send_batch(app, name, batch, sent)
    return sent


def _send_batch(app: App, name: str, batch: Sequence[OutboxDelivery], sent: Sent) -> None:
    for position, delivery in enumerate(batch):
        trouble = _send(app, delivery)
        if trouble is not None:
            sent.trouble[name] = trouble
            _give_back(app, batch[position + 1 :])
            return
        sent.answered += 1


def expire(app: App) -> int:
    """Name deliveries `unknown` whose sender has not come back; what has left can be taken back no more."""
    with app.store.writing() as session:
        lost = outbox.expire(session, now=app.clock())
        retractions.let_go(session)
        return lost


def _claim(app: App, name: str) -> list[OutboxDelivery]:
    with app.store.reading() as session:
        if not outbox.is_anything_due(session, [name], now=app.clock()):
            return []
    with app.store.writing() as session:
        return outbox.claim_due(session, [name], now=app.clock(), limit=BATCH)


def _send(app: App, delivery: OutboxDelivery) -> str | None:
    """Send one delivery; if the channel itself is in trouble, say which."""
    status_url = f"{app.office.public_url}/hooks/twilio/status" if delivery.medium is Medium.SMS else None
    try:
        message = outbox.outbound(delivery, status_url=status_url, files=_enclosures(app, delivery))
        outcome = app.channel(delivery.channel).send(message, lambda: _transmitting(app, delivery))
    except (ChannelUnavailableError, ChannelRefusedError) as error:
        _later(app, delivery, str(error))
        return str(error)
    except MessageRefusedError as error:
        outcome = Delivery(state=DeliveryState.REFUSED, detail=str(error))
    except DeliveryUnknownError as error:
        outcome = Delivery(state=DeliveryState.UNKNOWN, detail=str(error))
    except GuardError:
        return None  # somebody else has it, or a person took it back
    except OperationalError:
        raise  # the store itself is in trouble, not a delivery
    except Exception as error:  # noqa: BLE001 - around one delivery: shown to a person, never sent again by itself
        outcome = Delivery(state=DeliveryState.UNKNOWN, detail=f"the channel failed ({type(error).__name__})")
    _record(app, delivery.id, outcome)
    return None


def _enclosures(app: App, delivery: OutboxDelivery) -> list[Enclosure]:
    """The files of a delivery with their bytes; raises `MessageRefusedError` if they are not there any more."""
    files = delivery.message.files
    if not files:
        return []
    try:
        with app.store.reading() as session:
            contents = app.blobs.get_all(session, [each.sha256 for each in files])
    except (KeyError, OSError):
        raise MessageRefusedError(f"delivery {delivery.id}: the bytes of its files are not among the blobs") from None
    return [
        Enclosure(name=each.name, media_type=each.media_type, content=content)
        for each, content in zip(files, contents, strict=True)
    ]


def _transmitting(app: App, delivery: OutboxDelivery) -> None:
    with app.store.writing() as session:
        outbox.transmitting(session, delivery.id, now=app.clock(), attempt=delivery.attempts)


def _record(app: App, delivery_id: int, outcome: Delivery) -> None:
    with app.store.writing() as session:
        outbox.record(session, delivery_id, outcome, now=app.clock())
    _log.info("delivery", delivery=delivery_id, state=outcome.state)


def _later(app: App, delivery: OutboxDelivery, why: str) -> None:
    with app.store.writing() as session:
        outbox.later(session, delivery.id, why, now=app.clock(), attempt=delivery.attempts)
    _log.warning("delivery waits", delivery=delivery.id)


def _give_back(app: App, deliveries: Iterable[OutboxDelivery]) -> None:
    with app.store.writing() as session:
        for delivery in deliveries:
            outbox.give_back(session, delivery.id, attempt=delivery.attempts)
