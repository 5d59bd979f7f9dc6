"""Deciding a claim: findings with inputs, the payable amount step by step, the letter as it would leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.responses import Response

from inbox import desk
from inbox.web import timeline
from inbox.web.visits import Posted, Ref, Visit, Visiting, go, number
from inbox.web.words import N_
from templates import letters
from tickets import (
    bank_accounts,
    claims,
    conversation,
    deadlines,
    decisions,
    expenses,
    findings,
    merging,
    queue,
    value_uses,
)
from tickets.claim_details import STILL_OPEN
from tickets.decision_letters import Preview
from tickets.errors import DisclosureError, GuardError, UnknownReferenceError
from tickets.evaluation import Evaluation
from tickets.models import (
    BankAccount,
    Claim,
    ClaimState,
    Decision,
    DecisionKind,
    FindingRow,
    Ticket,
)
from tickets.proposals import Part, Proposal

router = APIRouter()
_KINDS = (DecisionKind.APPROVE, DecisionKind.PARTIAL, DecisionKind.DENY)
_LONGEST = 4000
_LONGEST_IBAN, _LONGEST_NAME = 60, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A claim as a decider sees it."""

    claim: Claim
    evaluation: Evaluation
    rows: Mapping[tuple[str, str], FindingRow]  #: What was kept of its findings, by code and subject.
    ticket: Ticket | None
    decisions: Sequence[Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where a claim would be paid."""

    shown: str  #: Masked.
    holder: str
    row: BankAccount | None  #: How it came and who confirmed it; None as long as an import alone knows it.
    why_not: str  #: "" if it may be paid to.


@router.get("/claims/{ref}/decide")
def show(visit: Visiting, ref: Ref) -> Response:
    """What stands for and against, what is payable, and the form of a decision."""
    return case_page(visit, ref)


@router.post("/claims/{ref}/decide")
def decide(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Show the letter first; with its mark, decide. What is beyond one's authority waits for a second person."""
    try:
        proposal = _proposal(fields)
        if fields.get("do") != "decide":
            shown = desk.preview_decision(visit.app, ref, proposal, staff=visit.staff)
            return case_page(visit, ref, typed=fields, preview=shown)
        desk.decide(visit.app, ref, replace(proposal, seen=fields.get("mark", "")), staff=visit.staff)
    except (GuardError, DisclosureError) as error:
        return case_page(visit, ref, typed=fields, status=409, trouble=refused(error, visit))
    return go(f"/claims/{ref}/decide")


@router.post("/claims/{ref}/findings/{code}/override")
def override(visit: Visiting, ref: Ref, code: Ref, fields: Posted) -> Response:
    """Set one finding aside, with a reason that stays on file."""
    try:
        subject, reason = fields.get("subject", ""), fields.get("reason", "")
        desk.set_aside(visit.app, ref, code, subject=subject, staff=visit.staff, reason=reason)
    except GuardError as error:
        return case_page(visit, ref, status=409, trouble=refused(error, visit))
    return go(f"/claims/{ref}/decide")


@router.post("/claims/{ref}/account")
def account(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Enter the account to pay to, note the call by which it was confirmed, or agree to it as a second person."""
    number_called = fields.get("number", "").strip()
    try:
        match fields.get("do", ""):
            case "call":
                desk.call_back_account(visit.app, ref, staff=visit.staff, number=number_called)
            case "agree":
                desk.agree_account(visit.app, ref, staff=visit.staff)
            case _:
                iban, holder = fields.get("iban", "")[:_LONGEST_IBAN], fields.get("holder", "")[:_LONGEST_NAME].strip()
                source = fields.get("source", "")
                desk.give_account(visit.app, ref, staff=visit.staff, iban=iban, holder=holder, source=source)
    except GuardError as error:
        return case_page(visit, ref, status=409, trouble=refused(error, visit))
    return go(f"/claims/{ref}/decide")


@router.post("/claims/{ref}/merge")
def merge(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Make this claim a duplicate of another one, or give back all that this took."""
    into, undo = fields.get("into", "").strip().upper(), number(fields.get("merge", ""))
    try:
        if undo is not None:
            desk.unmerge(visit.app, undo, staff=visit.staff)
        else:
            desk.merge_claims(visit.app, ref, into, staff=visit.staff, reason=fields.get("reason", "").strip())
    except GuardError as error:
        return case_page(visit, ref, status=409, trouble=refused(error, visit))
    except UnknownReferenceError:  # the claim's own is looked at again when its page is shown
        unknown = N_("there is no claim with this reference") if undo is None else N_("this merge is undone already")
        return case_page(visit, ref, status=409, trouble=unknown)
    return go(f"/claims/{ref}/decide")


def _account(session: Session, visit: Visit, claim: Claim) -> "Account | None":
    """The account a claim would be paid to, its number masked, and why it may not be yet."""
    known, today = bank_accounts.of_claim(session, claim), visit.app.office.day(visit.app.clock())
    if known is None:
        return None
    refusal = bank_accounts.why_not(known, today=today)
    why = (refusal.ro if visit.language.code == "ro" else refusal.en) if refusal else ""
    return Account(shown=bank_accounts.masked(known.iban), holder=known.holder, row=known.row, why_not=why)


def case_page(
    visit: Visit,
    ref: str,
    *,
    status: int = 200,
    trouble: str | None = None,
    typed: Mapping[str, str] | None = None,
    preview: Preview | None = None,
) -> Response:
    """Show a claim as a decider sees it; where a move was refused, with its reason and all that was typed."""
    with visit.reading() as session:
        case = case_of(session, visit, ref)
        return visit.page(
            "decide.html",
            status=status,
            case=case,
            claim=case.claim,
            account=_account(session, visit, case.claim),
            merged=_merged(session, case.claim),
            ticket_ref=case.ticket.ref if case.ticket else "",
            kinds=_KINDS,
            stops=decisions.stops(session, case.claim),
            codes=_codes(visit),
            coverages=value_uses.coverages(case.claim),
            evidence={each.id: each.name for each in expenses.evidence(session, case.claim)},
            may_spend=case.claim.state in STILL_OPEN,
            names=visit.names,
            typed=dict(typed or {}),
            preview=preview,
            trouble=trouble,
        )


def _merged(session: Session, claim: Claim) -> tuple[int, str] | None:
    """The number of the merge by which this claim went, and into which it went."""
    merge = merging.standing(session, claim) if claim.state is ClaimState.DUPLICATE_OF else None
    target = session.get(Claim, merge.target_id) if merge else None
    return (merge.id, target.ref) if merge and target else None


def case_of(session: Session, visit: Visit, ref: str) -> Case:
    """A claim with all it is judged by; raises `UnknownReferenceError`."""
    claim = claims.find(session, ref)
    now = visit.app.clock()
    return Case(
        claim=claim,
        evaluation=findings.evaluated(session, visit.app.office, [claim], now=now)[claim.id],
        rows={(row.code, row.subject): row for row in findings.kept(session, claim)},
        ticket=queue.ticket_of(session, claim),
        decisions=decisions.listed(session, claim=claim),
    )


def _codes(visit: Visit) -> list[tuple[str, str]]:
    """The codes of refusals with the words a customer reads."""
    language = visit.language.code
    return [(code, letters.denial_words(code, language)["words"]) for code in letters.denial_codes()]


def _proposal(fields: Mapping[str, str]) -> Proposal:
    """What the form says; raises `GuardError` for what is no decision or no amount."""
    if fields.get("kind") not in list(_KINDS):
        raise GuardError(N_("choose what to decide"))
    kind = DecisionKind(fields["kind"])
    said = {name: fields.get(name, "").strip()[:_LONGEST] for name in ("code", "clause", "quote", "facts", "note")}
    return Proposal(
        kind=kind,
        amount_minor=None if kind is DecisionKind.DENY else amount_in_minor(fields.get("amount", "")),
        code=said["code"] or None if kind is DecisionKind.DENY else None,
        clause=said["clause"] or None if kind is DecisionKind.DENY else None,
        quote=said["quote"] if kind is DecisionKind.DENY else "",
        facts=said["facts"] if kind is DecisionKind.DENY else "",
        refused=_refused(fields, said) if kind is DecisionKind.PARTIAL else (),
        note=said["note"],
    )


def _refused(fields: Mapping[str, str], said: Mapping[str, str]) -> tuple[Part, ...]:
    amount = amount_in_minor(fields.get("refused", ""))
    part = Part(
        amount_minor=amount or 0, code=said["code"], clause=said["clause"], facts=said["facts"], quote=said["quote"]
    )
    return (part,)


def amount_in_minor(written: str) -> int | None:
    """An amount as people write it: `2450`, `2.450,00`, `2,450.00`; None for nothing written."""
    plain = "".join(written.split()).removesuffix("lei").removesuffix("RON")
    if not plain:
        return None
    if "," in plain and plain.rfind(",") > plain.rfind("."):
        plain = plain.replace(".", "").replace(",", ".")
    try:
        amount = Decimal(plain.replace(",", ""))
    except InvalidOperation:
        raise GuardError(N_("write the amount as 2450.00")) from None
    if not amount.is_finite() or amount < 0 or amount != round(amount, 2) or amount > Decimal(10) ** 12:
        raise GuardError(N_("write the amount as 2450.00"))
    return int(amount * 100)


def refused(error: GuardError | DisclosureError, visit: Visit) -> str:
    """Why a move was refused, in the words of who made it."""
    return error.said(visit.language.code)


# --- the claim file on paper


@router.get("/claims/{ref}/file")
def on_paper(visit: Visiting, ref: Ref) -> Response:
    """The whole file of a claim on one page to be printed: facts, findings, clocks, timeline, decisions."""
    with visit.reading() as session:
        case = case_of(session, visit, ref)
        return visit.part(
            "claim_file.html",
            case=case,
            claim=case.claim,
            clocks=deadlines.of_claim(session, visit.app.office, case.claim),
            tickets=queue.tickets_of(session, case.claim),
            entries=timeline.entries(
                conversation.course(session, case.claim, restricted=visit.looking.restricted),
            ),
            timeline=timeline,
            names=visit.names,
        )
