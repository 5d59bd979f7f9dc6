"""Bytes addressed by their sha256: written once, small ones in the transaction, large ones as files.

A small raw message committed with its arrival costs one fsync; a file of its own costs a second (docs/decisions.md).
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tickets.models import Blob

#: Up to this size bytes stand in the database's own transaction.
INLINE_BYTES = 256 * 1024


class Blobs:
    """The blob store of one installation."""

    def __init__(self, folder: Path) -> None:
        """Take the folder for large blobs; it is made when first needed."""
        self._folder = folder

    def put(self, session: Session, contents: Iterable[bytes]) -> list[str]:
        """Keep each of `contents` once; durable when the transaction commits. Returns their sha256, in order."""
        hashed = [(hashlib.sha256(content).hexdigest(), content) for content in contents]
        by_hash = dict(hashed)
        known = set(session.scalars(select(Blob.sha256).where(Blob.sha256.in_(by_hash))))
        if new := [self._blob(sha256, content) for sha256, content in by_hash.items() if sha256 not in known]:
            session.execute(insert(Blob), new)
        return [sha256 for sha256, _ in hashed]

    def get(self, session: Session, sha256: str) -> bytes:
        """The bytes of one blob; KeyError if there is none."""
        [content] = self.get_all(session, [sha256])
        return content

    def get_all(self, session: Session, hashes: Sequence[str]) -> list[bytes]:
        """The bytes of several blobs, in the order of `hashes`; KeyError if one is not here."""
        query = select(Blob.sha256, Blob.content).where(Blob.sha256.in_(set(hashes)))
        held = {sha256: content for sha256, content in session.execute(query)}  # noqa: C416 - dict() takes a result for a mapping
        return [self._path(each).read_bytes() if (content := held[each]) is None else content for each in hashes]

    def _blob(self, sha256: str, content: bytes) -> dict[str, object]:
        """The row of one blob; its bytes are in it, or in their file already."""
        row: dict[str, object] = {"sha256": sha256, "size": len(content), "content": None}
        if len(content) <= INLINE_BYTES:
            return row | {"content": content}
        _write_durably(self._path(sha256), content)
        return row

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def _write_durably(path: Path, content: bytes) -> None:
    """Write beside, fsync, rename, fsync the folder: the name never shows half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as beside:
        beside.write(content)
        beside.flush()
        os.fsync(beside.fileno())
    Path(beside.name).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
