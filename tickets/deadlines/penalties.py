"""What a delay costs: a share of the payment for each day after the time was up. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

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
