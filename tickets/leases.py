"""Leases: who may do a job that one process at a time does. A lost lease costs nothing: unique keys hold without it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets.models import Lease


def hold(session: Session, name: str, *, holder: str, now: datetime, lasts: timedelta) -> bool:
    """Take or renew the lease `name` for `holder`; False while somebody else has it."""
    lease = session.scalar(select(Lease).where(Lease.name == name).with_for_update())
    if lease is None:
        session.add(Lease(name=name, holder=holder, until=now + lasts))
        session.flush()  # two that begin at once: the second fails here
        return True
    if lease.holder != holder and lease.until > now:
        return False
    lease.holder, lease.until = holder, now + lasts
    return True
