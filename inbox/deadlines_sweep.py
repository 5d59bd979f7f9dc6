"""The sweep: raises what is due on clocks and on the ladders of requests, page by page, each step once.

What is due stands in rows. A sweep that was missed changes nothing but the moment; two at once share the work.
"""

import structlog

from inbox.app import App
from tickets import ladder
from tickets.deadlines import escalation

_log = structlog.get_logger()


def sweep(app: App) -> int:
    """Look at everything that is due; gives how many clocks and requests were looked at."""
    number = _clocks(app) + _ladders(app)
    if number:
        _log.info("swept", rows=number)
    return number


def _clocks(app: App) -> int:
    number, now = 0, app.clock()
    while True:
        with app.store.reading() as session:
            if not escalation.is_anything_due(session, now=now):
                return number
        with app.store.writing() as session:
            seen = escalation.raise_due(session, app.office, now=now)
        number += seen
        if not seen:
            return number  # another sweeper has them


def _ladders(app: App) -> int:
    number, now = 0, app.clock()
    while True:
        with app.store.reading() as session:
            if not ladder.is_anything_due(session, now=now):
                return number
        with app.store.writing() as session:
            seen = ladder.climb(session, app.office, now=now)
        number += seen
        if not seen:
            return number
