"""Files that go out with an answer: kept beside its draft, moved onto the message once it is written, given back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tickets.blobs import Blobs
from tickets.errors import GuardError
from tickets.file_names import safe_name
from tickets.messages import Enclosure, Medium
from tickets.models import DraftFile, Message, MessageFile, Ticket

#: What one answer carries at most. Base64 makes a third more of it; most mail servers take 25 MB.
MOST_FILES, MOST_BYTES = 10, 15_000_000
_PRINTED = "application/pdf"
_KEPT = (
    select(DraftFile)
    .where(DraftFile.ticket_id == bindparam("ticket"), DraftFile.staff_id == bindparam("staff"))
    .order_by(DraftFile.id)
)


def keep(
    session: Session, blobs: Blobs, ticket: Ticket, staff_id: int, *, files: Sequence[Enclosure], now: datetime
) -> None:
    """Put files to the answer somebody is writing; all of them or, if one cannot be, none. Raises `GuardError`."""
    _require_room([*kept(session, ticket.id, staff_id), *files])
    hashes = blobs.put(session, [each.content for each in files])
    session.add_all(
        DraftFile(
            ticket=ticket, staff_id=staff_id, name=safe_name(each.name), media_type=each.media_type,
            size=len(each.content), sha256=sha256, kept_at=now,
        )
        for each, sha256 in zip(files, hashes, strict=True)
    )  # fmt: skip


def _require_room(files: Sequence[Enclosure | DraftFile]) -> None:
    sizes = [each.size if isinstance(each, DraftFile) else len(each.content) for each in files]
    if not all(sizes):
        raise GuardError("the file is empty: choose another one", ro="fișierul este gol: alegeți altul", guard="files")
    if len(files) > MOST_FILES:
        raise GuardError(
            f"an answer carries at most {MOST_FILES} files: remove one first",
            ro=f"un răspuns poate avea cel mult {MOST_FILES} fișiere: scoateți întâi unul",
            guard="files",
        )
    if sum(sizes) > MOST_BYTES:
        raise GuardError(
            f"an answer carries at most {MOST_BYTES // 1_000_000} MB of files: choose smaller ones",
            ro=f"fișierele unui răspuns au împreună cel mult {MOST_BYTES // 1_000_000} MB: alegeți altele mai mici",
            guard="files",
        )


def kept(session: Session, ticket_id: int, staff_id: int) -> list[DraftFile]:
    """The files put to somebody's answer on a ticket, in the order in which they came."""
    return list(session.scalars(_KEPT, {"ticket": ticket_id, "staff": staff_id}))


def drop(session: Session, ticket_id: int, staff_id: int, file_id: int) -> None:
    """Take a file away from an answer again; one that is gone already is no mistake."""
    for each in kept(session, ticket_id, staff_id):
        if each.id == file_id:
            session.delete(each)


def chosen(session: Session, ticket_id: int, staff_id: int, *, ids: Sequence[int], medium: Medium) -> list[DraftFile]:
    """The files that are to leave with an answer. Raises `GuardError` if one is gone or the medium cannot carry it."""
    files = [each for each in kept(session, ticket_id, staff_id) if each.id in ids]
    if len(files) != len(set(ids)):
        raise GuardError(
            "the files of this answer have changed meanwhile: look at them and send again",
            ro="fișierele acestui răspuns s-au schimbat între timp: verificați-le și trimiteți din nou",
            guard="files",
        )
    _require_carried(files, medium)
    return files


def _require_carried(files: Sequence[DraftFile], medium: Medium) -> None:
    if files and medium is Medium.SMS:
        raise GuardError(
            "a text message carries no files: answer by e-mail or letter, or remove them",
            ro="un SMS nu poate avea fișiere: răspundeți prin e-mail sau scrisoare ori scoateți-le",
            guard="files",
        )
    unprinted = [str(number) for number, each in enumerate(files, 1) if each.media_type != _PRINTED]
    if unprinted and medium is Medium.LETTER:
        raise GuardError(
            f"only PDF files are printed behind a letter: remove file {', '.join(unprinted)}, or answer by e-mail",
            ro=f"după o scrisoare se tipăresc doar fișiere PDF: scoateți fișierul {', '.join(unprinted)} sau răspundeți"
            " prin e-mail",
            guard="files",
        )


def enclose(session: Session, message: Message, files: Sequence[DraftFile]) -> None:
    """Move files from a draft onto the message that was made of it."""
    for each in files:
        row = MessageFile(part="", name=each.name, media_type=each.media_type, size=each.size, sha256=each.sha256)
        message.files.append(row)
        session.delete(each)


def give_back(session: Session, message: Message, staff_id: int, *, now: datetime) -> None:
    """Put the files of a message that was taken back to its writer's draft again; the message keeps its own."""
    session.add_all(
        DraftFile(
            ticket=message.ticket, staff_id=staff_id, name=each.name, media_type=each.media_type, size=each.size,
            sha256=each.sha256, kept_at=now,
        )
        for each in message.files
    )  # fmt: skip
