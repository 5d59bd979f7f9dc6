"""Answers: which of a claim's missing items the files of a message bring, whichever medium it came by.

Nothing is accepted here: a matched item is `received`, and a person looks at it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tickets import document_kinds
from tickets.catalogue import ItemKind
from tickets.claim_types import load
from tickets.claims import missing
from tickets.document_kinds import Kind
from tickets.kind_reasons import Reason, Why
from tickets.messages import File, InboundMessage, Medium
from tickets.models import Claim, Request, Requirement
from tickets.requirements import RequirementState

#: A proposed kind below this is a guess: it may fill the only item open, never choose among several.
SURE_KIND = 0.5

#: Parts of a mail that are wrapping, not evidence.
_WRAPPING = (
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "text/calendar",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One file as an answer to one requirement (or to none), with the kind proposed and why."""

    file: File
    requirement: Requirement | None
    kind: str | None
    score: float
    reasons: tuple[Reason, ...]


def match(claim: Claim, request: Request | None, inbound: InboundMessage, *, hints: str = "") -> list[Answer]:
    """Match every file of a message to the items the claim lacks; `hints` are earlier words on the same ticket.

    A file's own name and text decide first, then the message's words, then that only one item is open.
    """
    files = evidence(inbound)
    waiting = [row for row in missing(claim) if may_come(row, inbound.medium)]
    words = f"{inbound.subject}\n{inbound.new_text}" if inbound.medium is not Medium.LETTER else ""
    spoken = [
        kind for kind in document_kinds.named(words) or document_kinds.named(hints) if rows_for(kind.kind, waiting)
    ]
    answers: list[Answer] = []
    open_files: list[File] = []
    for file in files:
        found = list(_by_choice(file, waiting)) or list(_by_itself(file, inbound, waiting))
        answers += found
        if not found:
            open_files.append(file)
    answers += _by_words(open_files, spoken, waiting, answers)
    named = {answer.file.part for answer in answers}
    answers += _by_elimination([file for file in open_files if file.part not in named], request, waiting, answers)
    return answers


def evidence(inbound: InboundMessage) -> list[File]:
    """The files that may be evidence: no signatures, invitations or pictures woven into the text."""
    return [file for file in inbound.files if not file.inline and file.media_type not in _WRAPPING and file.size]


def may_come(row: Requirement, medium: Medium) -> bool:
    """Whether an item still waits for a file, and may come by this medium."""
    item = load().items[row.item]
    waits = row.state in (
        RequirementState.NEEDED,
        RequirementState.MAYBE,
        RequirementState.ASKED,
        RequirementState.REJECTED,
    )
    return waits and item.kind is not ItemKind.FIELD and medium not in item.channels_forbidden


def rows_for(kind: str, waiting: Sequence[Requirement]) -> list[Requirement]:
    """The items that a document of this kind answers."""
    items = load().items
    return [row for row in waiting if kind in items[row.item].evidence]


def stated(claim: Claim, inbound: InboundMessage) -> list[tuple[Requirement, str]]:
    """The items of kind field that the customer filled in on the upload page and the claim still lacks."""
    waiting = {row.item: row for row in missing(claim) if load().items[row.item].kind is ItemKind.FIELD}
    return [(waiting[item], value) for item, value in inbound.stated if item in waiting]


def _by_choice(file: File, waiting: Sequence[Requirement]) -> Iterator[Answer]:
    """The item the customer handed it in for; what it really shows is still for a person to see."""
    for row in waiting:
        if row.item == file.answers:
            kinds = load().items[row.item].evidence
            kind = kinds[0] if len(kinds) == 1 else None
            yield Answer(file=file, requirement=row, kind=kind, score=0.9, reasons=(Reason(Why.HANDED_IN),))


def _by_itself(file: File, inbound: InboundMessage, waiting: Sequence[Requirement]) -> Iterator[Answer]:
    """What the file's name and text say it is."""
    text = inbound.text if inbound.medium is Medium.LETTER else (file.text or "")
    for kind in document_kinds.propose(name=file.name, text=text, media_type=file.media_type):
        if kind.score < SURE_KIND:
            continue
        for row in rows_for(kind.kind, waiting):
            yield _answer(file, row, kind)


def _by_words(
    files: Sequence[File], spoken: Sequence[Kind], waiting: Sequence[Requirement], taken: Sequence[Answer]
) -> Iterator[Answer]:
    """What the message says it brings: kinds and files in their order, or all of one for the only other."""
    held = {answer.kind for answer in taken}
    kinds = [kind for kind in spoken if kind.kind not in held]
    if not files or not kinds:
        return
    pairs = zip(files, kinds, strict=True) if len(files) == len(kinds) else _crossed(files, kinds)
    for file, kind in pairs:
        for row in rows_for(kind.kind, waiting):
            yield _answer(file, row, kind)


def _crossed(files: Sequence[File], kinds: Sequence[Kind]) -> list[tuple[File, Kind]]:
    """One file for several kinds, or several files of one kind; otherwise nobody can say which is which."""
    if len(files) == 1 or len(kinds) == 1:
        return [(file, kind) for file in files for kind in kinds]
    return []


def _by_elimination(
    files: Sequence[File], request: Request | None, waiting: Sequence[Requirement], taken: Sequence[Answer]
) -> Iterator[Answer]:
    """A file nobody named answers the only document still open in the request; otherwise it is kept without an item."""
    received = {answer.requirement.item for answer in taken if answer.requirement}
    asked = {item.requirement.item for item in request.items} if request else set()
    left = [row for row in waiting if row.item in asked and row.item not in received]
    for file in files:
        if len(left) == 1:
            evidence_kinds = load().items[left[0].item].evidence
            kind = evidence_kinds[0] if len(evidence_kinds) == 1 else None
            yield Answer(file=file, requirement=left[0], kind=kind, score=0.5, reasons=(Reason(Why.ONLY_ITEM),))
        else:
            best = next(iter(document_kinds.propose(name=file.name, text="", media_type=file.media_type)), None)
            yield Answer(
                file=file,
                requirement=None,
                kind=best.kind if best else None,
                score=best.score if best else 0.0,
                reasons=best.reasons if best else (),
            )


def _answer(file: File, row: Requirement, kind: Kind) -> Answer:
    return Answer(file=file, requirement=row, kind=kind.kind, score=kind.score, reasons=kind.reasons)
