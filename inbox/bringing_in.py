"""Imports: one transaction a file, kept if it is real, taken back if it is a dry run."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from inbox.app import App
from tickets.errors import ImportFileError

if TYPE_CHECKING:
    from tickets.world import Outcome


def load(app: App, what: str, file: Path, *, dry_run: bool) -> "Outcome":
    """Bring in one file; raises `ImportFileError` if nothing of it can be stored."""
    from tickets import world

    try:
        content = file.read_bytes()
    except OSError as error:
        raise ImportFileError(f"{file}: {error.strerror}") from error
    with (app.store.rehearsing if dry_run else app.store.writing)() as session:
        if what == "world":
            return world.load(session, _document(content, file), office=app.office, now=app.clock())
        from tickets import imports

        mapping = app.settings.imports.get(what, {})
        return imports.load(session, what, content, name=file.name, mapping=mapping, office=app.office, now=app.clock())


def _document(content: bytes, file: Path) -> object:
    try:
        document: object = json.loads(content)
    except ValueError as error:
        raise ImportFileError(f"{file}: not JSON ({error.args[0]})") from error
    return document


def as_json(outcome: "Outcome", *, dry_run: bool) -> dict[str, object]:
    """What was stored and what was left out, for scripts."""
    errors = [{"noun": e.noun, "row": e.number, "ref": e.ref, "error": e.text} for e in outcome.errors]
    return {"dry_run": dry_run, "stored": dict(outcome.stored), "errors": errors}


def as_text(outcome: "Outcome", *, dry_run: bool) -> str:
    """What was stored and what was left out, for people."""
    counts = ", ".join(f"{number} {noun}" for noun, number in outcome.stored.items()) or "nothing"
    lines = [f"{'would store' if dry_run else 'stored'} {counts}"]
    lines += [f"{e.noun} row {e.number} ({e.ref}): {e.text}" for e in outcome.errors]
    return "\n".join(lines)
