"""Learning from what the team confirmed, and the figures of how often we were right."""

from datetime import timedelta
from typing import Any

from inbox.app import App
from tickets import learning, quality
from tickets.errors import GuardError
from tickets.models import IntentQuality
from tickets.quality import Figure


def figures(app: App, *, weeks: int) -> dict[str, list[dict[str, Any]]]:
    """How often links and kinds were right, by week, the latest first, and by evidence or kind."""
    now = app.clock()
    since = now - timedelta(weeks=weeks)
    with app.store.writing() as session:
        learning.weigh(session, app.office)
        links = quality.of_links(session, since=since, until=now)
        kinds = learning.quality(session, since=app.office.day(since))
    return {"links": list(map(_link, links)), "kinds": list(map(_kind, kinds))}


def _link(each: Figure) -> dict[str, Any]:
    return {
        "week": each.week.isoformat(), "evidence": each.evidence, "linked": each.linked, "undone": each.undone,
        "precision": round(each.precision, 4),
    }  # fmt: skip


def _kind(each: IntentQuality) -> dict[str, Any]:
    return {
        "week": each.week.isoformat(), "kind": each.kind, "confirmed": each.confirmed, "sure": each.sure,
        "right": each.right,
    }  # fmt: skip


def learn(app: App) -> dict[str, Any]:
    """Bring the weekly figures up to date and train; raises `ConfigurationError` without the extra `ml`."""
    with app.store.writing() as session:
        judged = learning.weigh(session, app.office)
        judgements = list(map(_kind, learning.quality(session)))
    shown: dict[str, Any] = {"confirmed": judged, "version": None, "kept": False, "why": None, "figures": None}
    try:
        with app.store.writing() as session:
            lesson = learning.learn(session, app.blobs, now=app.clock(), actor="command")
    except GuardError as error:
        return shown | {"why": str(error), "quality": judgements}
    measured = {"right": lesson.right, "right_of_examples": lesson.right_of_examples,
                "precision": lesson.precision, "coverage": lesson.coverage}  # fmt: skip
    why = None if lesson.kept else "it is no better than our examples"
    return shown | {
        "version": lesson.version, "kept": lesson.kept, "why": why, "figures": measured, "quality": judgements
    }  # fmt: skip
