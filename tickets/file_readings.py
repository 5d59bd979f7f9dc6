"""The queue of files to be read after filing, and what their content proposes: kind, values, items, invoices."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tickets import answers, claims, document_kinds, document_values, history, leaves, look_alikes, requests
from tickets.document_kinds import Kind
from tickets.document_values import ValueName
from tickets.kind_reasons import kept
from tickets.leaves import Leaf
from tickets.messages import Content, File, InboundMessage, Medium
from tickets.models import (
    Claim,
    Document,
    DocumentState,
    DocumentValue,
    FileReading,
    Invoice,
    Message,
    MessageFile,
    PictureKey,
    ReadingState,
    Requirement,
)

GIVE_UP = 3  #: Failed attempts after which a file stays unread.
_LARGEST = 25_000_000  #: Bytes; a larger file is for a person to open.
_MOST_WORDS = 20_000  #: Characters kept of what a file says.
_READ = ("application/pdf", "image/", "text/plain", "application/vnd.openxmlformats-officedocument.")
_SAID_NOTHING = ("application/octet-stream", "application/zip", "")  #: The name then says what it is.
_NAMES = (".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".docx", ".xlsx", ".webp", ".gif", ".bmp", ".txt")


def worth_reading(inbound: InboundMessage) -> Iterator[File]:
    """Give the files whose content may be read later: of a scan nothing, its words are known when it is filed."""
    if inbound.medium is Medium.LETTER:
        return
    for file in answers.evidence(inbound):
        kind = file.media_type.lower()
        by_name = kind in _SAID_NOTHING and file.name.lower().endswith(_NAMES)
        if file.size <= _LARGEST and (kind.startswith(_READ) or by_name):
            yield file


def queue(session: Session, file: Leaf) -> None:
    """Let a file be read when there is time."""
    leaves.add(
        session, FileReading, under={"file_id": file}, state=ReadingState.WAITING, attempts=0, read_at=None,
        kind=None, score=0.0, reasons=[], pages=0, words="",
    )  # fmt: skip


def keep_scan(session: Session, file: Leaf, inbound: InboundMessage, *, now: datetime) -> None:
    """Keep what a scan says and what values it states: its words are known when it is filed."""
    [scan] = inbound.files
    content = Content(media_type=scan.media_type, text=inbound.text, pages=inbound.pages, words=inbound.words)
    kind = next(iter(document_kinds.propose(name=scan.name, text=content.text, media_type=scan.media_type)), None)
    leaves.add(
        session, FileReading, under={"file_id": file}, state=ReadingState.READ, attempts=1, read_at=now,
        kind=kind.kind if kind else None, score=kind.score if kind else 0.0, reasons=kept(kind.reasons) if kind else [],
        pages=content.pages, words=content.text[:_MOST_WORDS].replace("\0", ""),
    )  # fmt: skip
    for value in document_values.read(content):
        leaves.add(session, DocumentValue, under={"file_id": file}, **_columns(value))


def waiting(session: Session, *, limit: int, after: int = 0) -> list[FileReading]:
    """Give the oldest readings that wait, with file, message and arrival."""
    query = (
        select(FileReading)
        .where(FileReading.state == ReadingState.WAITING, FileReading.id > after)
        .order_by(FileReading.id)
        .limit(limit)
        .options(joinedload(FileReading.file).joinedload(MessageFile.message).joinedload(Message.arrival))
    )
    return list(session.scalars(query))


def failed(reading: FileReading, why: str, *, final: bool) -> None:
    """Count a failure; the third, or one that trying again will not change, ends it."""
    reading.attempts += 1
    reading.error = why
    if final or reading.attempts >= GIVE_UP:
        reading.state = ReadingState.UNREADABLE


def take(session: Session, reading: FileReading, content: Content, *, now: datetime) -> None:
    """Keep what a file says, and let it propose: its kind, its values, the items it brings. Accepts nothing."""
    file = reading.file
    reading.state, reading.read_at, reading.error = ReadingState.READ, now, None
    reading.attempts += 1
    reading.pages, reading.words = content.pages, content.text[:_MOST_WORDS].replace("\0", "")
    file.phash = content.phash
    session.add_all(PictureKey(key=key, file=file) for key in look_alikes.keys(content.phash))
    kinds = document_kinds.propose(name=file.name, text=content.text, media_type=content.media_type)
    if kinds:
        reading.kind, reading.score, reading.reasons = kinds[0].kind, kinds[0].score, kept(kinds[0].reasons)
    session.add_all(DocumentValue(file=file, **_columns(value)) for value in document_values.read(content))
    _propose(session, file, kinds, now=now)


def _columns(value: document_values.Value) -> dict[str, Any]:
    box = value.box
    return {
        "name": value.name, "value": value.value, "words": value.words, "score": value.score,
        "page": box.page if box else 1, "x": box.x if box else None, "y": box.y if box else None,
        "w": box.w if box else None, "h": box.h if box else None,
    }  # fmt: skip


# --- what it brings


def _propose(session: Session, file: MessageFile, kinds: Sequence[Kind], *, now: datetime) -> None:
    """Tell the documents of this file what it is; one that answered no item yet may now bring what is missing."""
    query = (
        select(Document)
        .where(Document.file_id == file.id, Document.state == DocumentState.PROPOSED)
        .options(joinedload(Document.claim).selectinload(Claim.requirements))
    )
    documents = list(session.scalars(query))
    sure = [kind for kind in kinds if kind.score >= answers.SURE_KIND]
    if not documents or not sure:
        return
    for document in documents:
        if document.kind is None or document.score < sure[0].score:
            document.kind, document.score, document.reasons = sure[0].kind, sure[0].score, kept(sure[0].reasons)
    if all(document.requirement_id is None for document in documents):
        _receive(session, documents[0], sure, now=now)


def _receive(session: Session, document: Document, kinds: Sequence[Kind], *, now: datetime) -> None:
    """Let a file that nobody had named bring the items its content answers; one file may serve several."""
    claim, message = document.claim, document.file.message if document.file else None
    if message is None:
        return
    rows = list(_answered(claim, message.medium, kinds))
    if not rows:
        return
    document.requirement = rows[0][0]
    for row, kind in rows[1:]:
        session.add(
            Document(
                claim=claim, file=document.file, requirement=row, kind=kind.kind, score=kind.score,
                reasons=kept(kind.reasons), received_at=document.received_at,
            )
        )  # fmt: skip
    received = [row for row, _ in rows]
    requests.receive(session, requests.open_of(session, claim), received, message=message, now=now)
    history.record(
        session, "items.received", actor="documents", at=now, ticket=message.ticket, claim=claim, message=message,
        items=sorted(row.item for row in received),
    )  # fmt: skip


def _answered(claim: Claim, medium: Medium, kinds: Sequence[Kind]) -> Iterator[tuple[Requirement, Kind]]:
    waiting = [row for row in claims.missing(claim) if answers.may_come(row, medium)]
    taken: set[str] = set()
    for kind in kinds:
        for row in answers.rows_for(kind.kind, waiting):
            if row.item not in taken:
                taken.add(row.item)
                yield row, kind


# --- what an accepted document feeds


def keep_invoice(session: Session, claim: Claim, document: Document) -> Invoice | None:
    """Write down an accepted document's invoice, so that it is found wherever else it is handed in (DUP-02).

    None if the file does not say who issued it, its number and its total, or the claim has it already.
    """
    values = _best(session, document)
    issuer, number, total = (
        values.get(name) for name in (ValueName.ISSUER_TAX_ID, ValueName.INVOICE_NUMBER, ValueName.TOTAL)
    )
    if not (issuer and number and total):
        return None
    query = select(Invoice.id).where(
        Invoice.claim_id == claim.id, Invoice.issuer_tax_id == issuer.value, Invoice.number_norm == number.value
    )
    if session.scalar(query) is not None:
        return None
    issued = values.get(ValueName.DATE)
    currency = values.get(ValueName.CURRENCY)
    invoice = Invoice(
        claim=claim, issuer_tax_id=issuer.value, number=number.words, number_norm=number.value,
        total_minor=int(total.value), currency=currency.value if currency else "RON",
        issued_on=date.fromisoformat(issued.value) if issued else None,
        document_id=document.id,
    )  # fmt: skip
    session.add(invoice)
    return invoice


def _best(session: Session, document: Document) -> dict[str, DocumentValue]:
    """The likeliest value of each name."""
    query = select(DocumentValue).where(DocumentValue.file_id == document.file_id).order_by(DocumentValue.score)
    return {each.name: each for each in session.scalars(query)}


def values_of(session: Session, files: Sequence[int]) -> dict[int, list[DocumentValue]]:
    """Give the values of several files, the likeliest first, in one query."""
    query = select(DocumentValue).where(DocumentValue.file_id.in_(files)).order_by(DocumentValue.score.desc())
    found: dict[int, list[DocumentValue]] = {}
    for each in session.scalars(query):
        found.setdefault(each.file_id, []).append(each)
    return found
