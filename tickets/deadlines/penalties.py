"""What a delay costs: a share of each payment for each day after its time was up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets.models import Payment, PaymentState

_LEFT = (PaymentState.SENT, PaymentState.CONFIRMED)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """Days of delay, the first and the last of them, and what they cost; in major units, rounded half up once."""

    days: int
    first: date
    last: date
    per_cent_a_day: Decimal
    amount: Decimal


def penalty(amount: Decimal, *, due_on: date, paid_on: date, per_cent_a_day: Decimal) -> Penalty | None:
    """What is owed beside `amount` if it is paid on `paid_on`: the day after `due_on` is the first of delay."""
    days = (paid_on - due_on).days
    if days <= 0:
        return None
    owed = (amount * per_cent_a_day * days / 100).quantize(_CENT, ROUND_HALF_UP)
    return Penalty(
        days=days, first=due_on + timedelta(days=1), last=paid_on, per_cent_a_day=per_cent_a_day, amount=owed
    )  # fmt: skip


def payments(session: Session, claim_ids: Sequence[int]) -> dict[int, list[Payment]]:
    """What has been paid on these claims, oldest first."""
    found: dict[int, list[Payment]] = {}
    query = select(Payment).where(Payment.claim_id.in_(claim_ids), Payment.state.in_(_LEFT)).order_by(Payment.id)
    for each in session.scalars(query):
        found.setdefault(each.claim_id, []).append(each)
    return found
