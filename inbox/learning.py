"""Learning from what the team confirmed, and the figures of how often we were right."""

from typing import Any

from inbox.app import App
from tickets import learning
from tickets.errors import GuardError


def learn(app: App) -> dict[str, Any]:
    """Bring the weekly figures up to date and train; raises `ConfigurationError` without the extra `ml`."""
    with app.store.writing() as session:
        judged = learning.weigh(session, app.office)
        quality = [
            {"week": each.week.isoformat(), "kind": each.kind, "confirmed": each.confirmed, "sure": each.sure,
             "right": each.right}
            for each in learning.quality(session)
        ]  # fmt: skip
    shown: dict[str, Any] = {"confirmed": judged, "version": None, "kept": False, "why": None, "figures": None}
    try:
        with app.store.writing() as session:
            lesson = learning.learn(session, app.blobs, now=app.clock(), actor="command")
    except GuardError as error:
        return shown | {"why": str(error), "quality": quality}
    figures = {"right": lesson.right, "right_of_examples": lesson.right_of_examples,
               "precision": lesson.precision, "coverage": lesson.coverage}  # fmt: skip
    why = None if lesson.kept else "it is no better than our examples"
    return shown | {
        "version": lesson.version, "kept": lesson.kept, "why": why, "figures": figures, "quality": quality
    }  # fmt: skip
