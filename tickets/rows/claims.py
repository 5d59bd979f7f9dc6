"""Storing claims: what is asked for, by whom, under which policy, and which requirements are met already."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import select

from tickets import bank_accounts, deadlines, history, invoices, moves, numbering, references
from tickets.claim_types import load
from tickets.claims import refresh
from tickets.deadlines.importing import of_claim
from tickets.errors import ImportRowError
from tickets.guards import Cause
from tickets.models import (
    BankAccount,
    Claim,
    ClaimLine,
    ClaimParty,
    ClaimVehicle,
    Invoice,
    Requirement,
)
from tickets.policies import canonical, normal_mark
from tickets.requirements import RequirementState
from tickets.rows.loading import Given, Loading, pages
from tickets.rows.shapes import ClaimRow, DocumentRow, Line
from tickets.rows.shapes import Invoice as InvoiceRow

#: The actor of what an import brings.
ACTOR = "import"

#: Keys of the row that have no column yet and are kept in the claim's record.
RECORDED = frozenset(
    {"asset", "reporter", "fx", "invoices", "paid", "bank_account", "payee", "insured_person", "documents"}
)
_HOURS = frozenset({"loss_at", "reported_at"})
_SETTLED = frozenset({RequirementState.WAIVED, RequirementState.NOT_APPLICABLE, RequirementState.SUPERSEDED})
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def store(
    loading: Loading, rows: Iterable[Given[ClaimRow]], *, beside: Mapping[str, Mapping[str, Any]] = _NOTHING
) -> None:
    """Add or change each by reference; `beside` has, by reference, what else to keep in the claim's record."""
    listed = list(rows)
    _find_what_they_name(loading, [each.row for each in listed])
    checked = loading.passing("claim", listed, lambda row: _check(loading, row))
    checked = _with_targets(loading, checked)
    known = set(loading.claims)
    for each in checked:
        _apply(loading, each.row, beside.get(each.row.ref, {}))
    never_give_out_again(loading, [each.row.ref for each in checked])
    loading.session.flush()  # a merged claim names the other by key
    for each in checked:
        if each.row.merged_into:
            loading.claims[each.row.ref].merged_into_id = loading.claims[each.row.merged_into].id
    _keep_accounts(loading, [each.row for each in checked if each.row.bank_account])
    loading.session.flush()  # what the store would refuse shows here
    _start_clocks(loading, [each.row.ref for each in checked], known)
    loading.count("claims", len(checked))


def _start_clocks(loading: Loading, refs: Iterable[str], known: Container[str]) -> None:
    for page in pages(refs):
        told = [
            each
            for ref in page
            for each in of_claim(loading.claims[ref], loading.office, fresh=ref not in known, now=loading.now)
        ]
        deadlines.happened_all(loading.session, loading.office, told, now=loading.now)


def _find_what_they_name(loading: Loading, rows: Sequence[ClaimRow]) -> None:
    loading.find_staff()
    loading.find_parties(party for row in rows for party in (row.claimant, row.insured_person))
    loading.find_policies(canonical(number, loading.formats) for number in {row.policy for row in rows if row.policy})
    loading.find_claims(ref for row in rows for ref in (row.ref, row.merged_into))


def _check(loading: Loading, row: ClaimRow) -> None:
    parsed = references.parse(row.ref)
    if parsed is None or parsed[0] != "CLM":
        raise ImportRowError("ref: no claim reference, or its check digits are wrong")
    if row.type not in load().claim_types:
        raise ImportRowError(f"type: there is no claim type {row.type[:40]!r}")
    loading.customer("claimant", row.claimant)
    if row.insured_person:
        loading.customer("insured_person", row.insured_person)
    if row.owner:
        loading.member(row.owner)
    for each in (row.loss_date, row.reported_on, row.application_received_on):
        if each is not None:
            loading.moment(each)
    if isinstance(row.documents, tuple):
        known_items("documents", (each.item for each in row.documents))


def known_items(name: str, items: Iterable[str]) -> None:
    """Raise `ImportRowError` for an item that the catalogue does not have."""
    for item in items:
        if item not in load().items:
            raise ImportRowError(f"{name}: there is no item {item[:40]!r}")


def _with_targets(loading: Loading, rows: list[Given[ClaimRow]]) -> list[Given[ClaimRow]]:
    """Leave out what was merged into a claim that does not exist, and what was merged into that."""
    while True:
        refs = {each.row.ref for each in rows} | loading.claims.keys()
        lost = [each for each in rows if each.row.merged_into and not _has_target(each.row, refs)]
        if not lost:
            return rows
        for each in lost:
            loading.refuse("claim", each, "merged_into: there is no such claim")
        left_out = {each.number for each in lost}
        rows = [each for each in rows if each.number not in left_out]


def _has_target(row: ClaimRow, refs: set[str]) -> bool:
    return row.merged_into in refs and row.merged_into != row.ref


def _apply(loading: Loading, row: ClaimRow, beside: Mapping[str, Any]) -> None:
    claim = loading.claims.get(row.ref)
    if claim is None:
        claim = loading.claims[row.ref] = Claim(
            ref=row.ref, type=row.type, state=row.state, created_at=loading.now, currency=row.currency or "RON"
        )
        loading.session.add(claim)
        history.record(
            loading.session, "claim.imported", actor=ACTOR, at=loading.now, claim=claim, before=None, state=claim.state
        )
    moves.follow(loading.session, claim, row.state, cause=Cause(actor=ACTOR, at=loading.now, reason="imported"))
    _describe(loading, claim, row)
    _take_part(loading, claim, row)
    _about(claim, row)
    claim.record = _record(row, claim.record, {**_hours(loading, row), **beside})
    invoices.keep(claim, [_invoice(each, claim.currency) for each in row.invoices])
    refresh(claim)
    if row.documents is not None:
        _accept(claim.requirements, row.documents)


def _describe(loading: Loading, claim: Claim, row: ClaimRow) -> None:
    claim.type, claim.closed_reason = row.type, row.closed_reason
    claim.cause, claim.loss_country, claim.facts = row.cause, row.loss_country, dict(row.facts)
    claim.loss_date = loading.day(row.loss_date) if row.loss_date else None
    claim.reported_on = loading.day(row.reported_on) if row.reported_on else None
    received = row.application_received_on
    claim.application_received_on = loading.moment(received) if received else None
    claim.total_minor = row.total_minor
    claim.currency = row.currency or "RON"
    claim.owner_id = loading.member(row.owner).id if row.owner else None


def _take_part(loading: Loading, claim: Claim, row: ClaimRow) -> None:
    """The policy, if it exists (its number is kept if it does not), the claimant and the lines."""
    claim.policy_ref = row.policy
    claim.policy = loading.policies.get(canonical(row.policy, loading.formats)) if row.policy else None
    claimant = claim.claimant = loading.parties[row.claimant]
    if not any(each.role == "claimant" and each.party is claimant for each in claim.parties):
        claim.parties = [each for each in claim.parties if each.role != "claimant"]
        claim.parties.append(ClaimParty(party=claimant, role="claimant"))
    wanted = [_line(each, claim.currency) for each in row.lines]
    if [{key: getattr(each, key) for key in Line.model_fields} for each in claim.lines] != wanted:
        claim.lines = [ClaimLine(**each) for each in wanted]


def _about(claim: Claim, row: ClaimRow) -> None:
    """The vehicle the claim is about, as messages name it."""
    plate = normal_mark(row.asset.plate, "plate") if row.asset else None
    vin = normal_mark(row.asset.vin, "vin") if row.asset else None
    if [(each.plate_norm, each.vin) for each in claim.vehicles] != [(plate, vin)]:
        claim.vehicles = [ClaimVehicle(plate_norm=plate, vin=vin)] if plate or vin else []


def _line(line: Line, currency: str) -> dict[str, Any]:
    return {**line.model_dump(), "qty": format(line.qty, "f"), "currency": line.currency or currency}


def _invoice(row: InvoiceRow, currency: str) -> Invoice:
    return invoices.invoice(row.issuer_tax_id, row.number, total_minor=row.total_minor, currency=currency)


def _hours(loading: Loading, row: ClaimRow) -> dict[str, str]:
    """The hours of the loss and of the report, where the file gives them beside the day."""
    told = {"loss_at": row.loss_date, "reported_at": row.reported_on}
    return {key: loading.moment(value).isoformat() for key, value in told.items() if isinstance(value, datetime)}


def _keep_accounts(loading: Loading, rows: Sequence[ClaimRow]) -> None:
    """The account each row names is the one in use for its claim."""
    held: dict[int, list[BankAccount]] = {}
    for page in pages(row.ref for row in rows):
        query = select(BankAccount).where(BankAccount.claim_id.in_([loading.claims[ref].id for ref in page]))
        for account in loading.session.scalars(query):
            held.setdefault(account.claim_id or 0, []).append(account)
    for row in rows:
        assert row.bank_account is not None
        claim, said = loading.claims[row.ref], row.bank_account
        accounts = held.get(claim.id, [])
        number = bank_accounts.normal(said.iban)
        known = next((each for each in accounts if each.iban == number), None)
        if known is None:
            known = BankAccount(party=loading.parties[row.claimant], claim_id=claim.id, iban=number)
            loading.session.add(known)
        for each in accounts:
            each.active = each is known
        known.holder, known.changed_on = said.holder, said.changed_on


def _record(row: ClaimRow, before: Mapping[str, Any], beside: Mapping[str, Any]) -> dict[str, Any]:
    """What has no column yet; what other imports have put beside it stays."""
    kept = {key: value for key, value in before.items() if key not in RECORDED | _HOURS}
    said = row.model_dump(mode="json", by_alias=True, include=set(RECORDED), exclude_none=True)
    filled = {key: value for key, value in said.items() if value or key == "documents"}
    return {**kept, **beside, **filled}


def _accept(requirements: Iterable[Requirement], documents: Literal["complete"] | tuple[DocumentRow, ...]) -> None:
    """Every item the type and the facts need, or may need, counts as accepted but those the list takes away."""
    missing = {each.item for each in documents if each.missing} if isinstance(documents, tuple) else set()
    for row in requirements:
        if row.item in missing:
            row.state = RequirementState.NEEDED if row.state is RequirementState.ACCEPTED else row.state
        elif row.state not in _SETTLED and row.state is not RequirementState.ACCEPTED:
            row.state, row.decided_by = RequirementState.ACCEPTED, "import"


def by_foreign_number(loading: Loading, numbers: Iterable[str]) -> dict[str, str]:
    """Our references of claims that came with a number of another system."""
    number = Claim.record["external_ref"].as_string()
    found: dict[str, str] = {}
    for page in pages(numbers):
        rows = loading.session.execute(select(number, Claim.ref).where(number.in_(page)))
        found |= {row[0]: row[1] for row in rows}
    return found


def never_give_out_again(loading: Loading, refs: Iterable[str]) -> None:
    """Only the highest number of each year matters to the counter."""
    highest: dict[int, str] = {}
    for ref in sorted(refs):
        parsed = references.parse(ref)
        assert parsed is not None
        highest[parsed[1]] = ref
    for ref in highest.values():
        numbering.seen(loading.session, ref)
