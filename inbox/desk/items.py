"""Items of a claim: what came is judged, facts become known."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.app import App
from inbox.desk.subjects import actor, find_claim, find_message
from tickets import authority, claims, deadlines, file_readings, findings, history, moves, requests
from tickets.catalogue import ItemKind
from tickets.claim_types import load as load_catalogue
from tickets.deadlines.filing import of_judging
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import (
    Claim,
    Direction,
    Document,
    DocumentState,
    MessageFile,
    Requirement,
    Staff,
)
from tickets.requirements import RECORDED, RequirementState, may_become


def accept(app: App, claim_ref: str, item: str, *, staff: Staff, document_id: int | None = None) -> None:
    """Accept what came for an item."""
    _judge(app, claim_ref, item, RequirementState.ACCEPTED, staff=staff, document_id=document_id, reason=None)


def accept_file(
    app: App,
    claim_ref: str,
    item: str,
    *,
    staff: Staff,
    file_id: int,
    first: int | None = None,
    last: int | None = None,
) -> None:
    """Accept a file, or some of its pages, as an item, whatever it was taken for; one file may serve several items."""
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        row = _requirement(claim, item)
        file = session.get(MessageFile, file_id)
        if file is None or file.message.direction is Direction.OUT:  # what we sent is no evidence
            raise UnknownReferenceError(f"there is no file {file_id}")
        find_message(session, file.message_id, staff=staff)  # a file of a ticket one may not see is not there
        pages = f"{first}-{last or first}" if first else None
        document = session.scalar(
            select(Document).where(Document.file_id == file_id, Document.requirement_id == row.id)
        )
        if document is None:
            document = Document(claim=claim, file=file, requirement=row, score=1.0, received_at=app.clock())
            session.add(document)
        document.pages = pages
        session.flush()  # the judgement below names the document by its key
        if row.state is not RequirementState.RECEIVED and may_become(row.state, RequirementState.RECEIVED):
            row.state = RequirementState.RECEIVED
        document_id = document.id
    accept(app, claim_ref, item, staff=staff, document_id=document_id)


def reject(app: App, claim_ref: str, item: str, *, staff: Staff, reason: str, document_id: int | None = None) -> None:
    """Reject what came for an item; the reason goes into the next request."""
    if not reason.strip():
        raise GuardError("rejecting needs a reason")
    _judge(app, claim_ref, item, RequirementState.REJECTED, staff=staff, document_id=document_id, reason=reason)


def waive(app: App, claim_ref: str, item: str, *, staff: Staff, reason: str) -> None:
    """Do without an item, with a reason that stays on file."""
    if not reason.strip():
        raise GuardError("waiving needs a reason")
    with app.store.reading() as session:
        lines, today = claims.lines(claims.find(session, claim_ref)), app.office.day(app.clock())
    authority.may_waive(app.office, staff, lines, on=today)
    _judge(app, claim_ref, item, RequirementState.WAIVED, staff=staff, document_id=None, reason=reason)


def supersede(app: App, claim_ref: str, item: str, *, staff: Staff, reason: str) -> None:
    """An accepted item gives way to a better one, which the reason names."""
    if not reason.strip():
        raise GuardError("superseding needs a reason", ro="înlocuirea are nevoie de un motiv")
    _judge(app, claim_ref, item, RequirementState.SUPERSEDED, staff=staff, document_id=None, reason=reason)


def set_aside(app: App, claim_ref: str, code: str, *, subject: str = "", staff: Staff, reason: str) -> None:
    """Override a finding, with the authority to do so and a reason that is kept."""
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        findings.refresh(session, app.office, [claim], now=now)
        session.flush()  # what the checks say now is looked up below
        rows = findings.kept(session, claim)
        found = next((row for row in rows if (row.code, row.subject) == (code, subject)), None)
        if found is None:
            raise UnknownReferenceError(f"{claim_ref} has no finding {code}")
        findings.override(session, app.office, found, staff=staff, reason=reason, now=now)
        look_again(app, session, claim, cause=Cause(actor=actor(staff), at=now))


def _judge(
    app: App,
    claim_ref: str,
    item: str,
    state: RequirementState,
    *,
    staff: Staff,
    document_id: int | None,
    reason: str | None,
) -> None:
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        row = _requirement(claim, item)
        if not may_become(row.state, state):
            raise GuardError(
                f"{claim_ref}: {item} is {row.state} and cannot become {state}",
                ro=f"{claim_ref}: {item} este {row.state} și nu poate deveni {state}",
            )
        if document_id is not None:
            _judge_document(session, claim, document_id, state, reason)
            state = _with_its_documents(session, row, state)
        row.state, row.reason, row.decided_by = state, reason, actor(staff)
        _settle_request(app, session, claim, now=now, tell=state is not RequirementState.REJECTED)
        history.record(
            session, f"item.{state}", actor=actor(staff), at=now, claim=claim, item=item, reason=reason,
            ticket=requests.latest_ticket(session, claim),
        )  # fmt: skip
        look_again(app, session, claim, cause=Cause(actor=actor(staff), at=now))


def _settle_request(app: App, session: Session, claim: Claim, *, now: datetime, tell: bool = True) -> None:
    """What is open follows the items, and so do the clocks that wait for them."""
    open_request = requests.open_of(session, claim)
    if open_request is not None:
        requests.settle(session, open_request, now=now)
    if tell:
        deadlines.happened_all(session, app.office, list(of_judging(claim, open_request, now)), now=now)


def told_more(app: App, session: Session, claim: Claim, *, cause: Cause) -> None:
    """Within a move: the record has more than it had, so less may be missing."""
    claims.refresh(claim)
    _settle_request(app, session, claim, now=cause.at)
    look_again(app, session, claim, cause=cause)


def look_again(app: App, session: Session, claim: Claim, *, cause: Cause) -> None:
    """Within a move: the claim follows its items, and the checks what has changed."""
    moves.settle(session, claim, cause=cause)
    session.flush()  # the evaluation reads rows
    findings.refresh(session, app.office, [claim], now=cause.at)


def _with_its_documents(session: Session, row: Requirement, state: RequirementState) -> RequirementState:
    """An item that takes several documents is received until enough of them are accepted."""
    needed = load_catalogue().items[row.item].min_count
    if state is not RequirementState.ACCEPTED or needed == 1:
        return state
    session.flush()  # the one just accepted counts
    query = select(func.count()).where(Document.requirement_id == row.id, Document.state == DocumentState.ACCEPTED)
    return state if (session.scalar(query) or 0) >= needed else RequirementState.RECEIVED


def _judge_document(
    session: Session, claim: Claim, document_id: int, state: RequirementState, reason: str | None
) -> None:
    document = session.get(Document, document_id)
    if document is None or document.claim_id != claim.id:
        raise UnknownReferenceError(f"{claim.ref} has no document {document_id}")
    accepted = state is RequirementState.ACCEPTED
    document.state, document.reason = (DocumentState.ACCEPTED if accepted else DocumentState.REJECTED), reason
    if accepted:
        file_readings.keep_invoice(session, claim, document)


def know(app: App, claim_ref: str, fact: str, value: str, *, staff: Staff) -> None:
    """Record a fact of a claim; what its type needs follows from it."""
    with app.store.writing() as session:
        now, claim = app.clock(), find_claim(session, claim_ref)
        learn_fact(session, claim, fact, value, by=actor(staff), now=now)
        told_more(app, session, claim, cause=Cause(actor=actor(staff), at=now))


def learn_fact(session: Session, claim: Claim, fact: str, value: str, *, by: str, now: datetime) -> None:
    """Record a fact, or the answer to a question of its type, within a move; raises `GuardError` for any other word."""
    known = {*load_catalogue().facts, *_told_fields()}
    if fact not in known:
        raise GuardError(
            f"there is no fact {fact}: conditions and items ask about {', '.join(sorted(known))}",
            ro=f"nu există informația {fact}: se întreabă despre {', '.join(sorted(known))}",
        )
    claim.facts = claim.facts | {fact: value}
    claims.refresh(claim)
    history.record(
        session, "fact.known", actor=by, at=now, claim=claim, fact=fact, ticket=requests.latest_ticket(session, claim)
    )


def _told_fields() -> set[str]:
    """Items that a word answers, however it came; numbers of people are not kept in clear."""
    items = load_catalogue().items.items()
    fields = {key for key, each in items if each.kind is ItemKind.FIELD and not each.sensitive and not each.resolved_by}
    return fields - RECORDED


def _requirement(claim: Claim, item: str) -> Requirement:
    found = next((row for row in claim.requirements if row.item == item), None)
    if found is None:
        raise UnknownReferenceError(f"{claim.ref} does not need {item}")
    return found
