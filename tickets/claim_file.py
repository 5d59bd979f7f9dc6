"""The claim's file: gathers what the checks read of many claims, with a fixed number of queries for any number."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select, union_all
from sqlalchemy.orm import Session, joinedload, selectinload

from tickets import bank_accounts, calendars, claims, invoices, look_alikes, policies, requirements
from tickets.catalogue import Stage
from tickets.checks import ids
from tickets.claim_types import load
from tickets.conditions import parsed
from tickets.cover import later, word
from tickets.facts import (
    Account,
    Bill,
    Contract,
    Cover,
    Deductible,
    Exclusion,
    Expense,
    Facts,
    Item,
    Number,
    OtherLoss,
    Override,
    Paper,
    Person,
    Proposal,
    Rate,
    Release,
    Reporter,
    SameFile,
    Spent,
    Term,
    Thing,
    Version,
)
from tickets.models import (
    BankAccount,
    Claim,
    ClaimParty,
    ClaimState,
    Clock,
    ClockState,
    Coverage,
    Decision,
    DecisionKind,
    DecisionState,
    Document,
    FindingRow,
    FindingState,
    InsuredAsset,
    Invoice,
    MessageFile,
    Party,
    PartyKind,
    Payment,
    PaymentState,
    PictureKey,
    Policy,
    PolicyPerson,
    PolicyVersion,
)
from tickets.office import Office
from tickets.requirements import RequirementState
from tickets.statements import among

PAGE = 500  #: Claims for which one statement asks.
#: Lines whose claims rest on a rule or a purchase, not on a policy, unless they name one.
WITHOUT_POLICY = frozenset({"benefit", "warranty"})
#: Types in which, without another name, the claimant is the person insured.
_PERSONAL = ("health", "disability", "travel_")
_DEATH = "life_death"
#: Words of policies' lines for the lines of claim types.
_FAMILIES = {
    "home": "property",
    "household": "property",
    "pad": "property",
    "auto": "motor",
    "rca": "motor",
    "casco": "motor",
}
_STEPS = (100, 90, 75, 50)  #: Percent of a statutory clock that are told.
_PAID_OUT = (PaymentState.RELEASED, PaymentState.SENT, PaymentState.CONFIRMED)
_NEVER = frozenset({"", "no", "nu", "false", "none", "missing"})
_LOOKED_UP = "policy_ref"
_LAST_YEAR = 9000  #: Past it days cannot be counted on for long.
_KEYS = 10_000  #: Keys of pictures asked for at once: SQLite takes 32,766 values in a statement.
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def gather(session: Session, listed: Sequence[Claim], *, office: Office, now: datetime) -> dict[int, Facts]:
    """What is known of each claim at `now`, by the claim's id."""
    session.flush()  # what this transaction has changed is known too
    found: dict[int, Facts] = {}
    for start in range(0, len(listed), PAGE):
        page = _Page.read(session, [claim.id for claim in listed[start : start + PAGE]], office)
        found |= {claim.id: _facts(page, claim, office, now) for claim in page.claims}
    return found


@dataclass(slots=True)
class _Page:
    """Rows beside those of the claims themselves, by claim id unless said otherwise."""

    claims: list[Claim]
    people: dict[str, Party] = field(default_factory=dict)  #: By customer's id.
    candidates: dict[int, list[Policy]] = field(default_factory=dict)  #: By party id.
    neighbours: dict[int, list[Any]] = field(default_factory=dict)  #: By policy id: other claims as rows.
    bills: list[Any] = field(default_factory=list)
    files: dict[int, list[SameFile]] = field(default_factory=dict)
    accounts: list[BankAccount] = field(default_factory=list)
    clocks: dict[int, list[Clock]] = field(default_factory=dict)
    overrides: dict[int, list[FindingRow]] = field(default_factory=dict)
    decisions: dict[int, Decision] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)

    @classmethod
    def read(cls, session: Session, ids: list[int], office: Office) -> "_Page":
        """Read everything for these claims."""
        page = cls(claims=list(session.scalars(_CLAIMS, {"ids": ids})))
        page.people = _people(session, page.claims)
        page.candidates = _candidates(session, page.claims)
        page.neighbours = _neighbours(session, page.claims, office)
        page.bills = _same_bills(session, page.claims)
        page.files = _same_files(session, ids)
        page.accounts = _accounts(session, page.claims)
        page.clocks = _grouped(session.scalars(select(Clock).where(Clock.claim_id.in_(ids), *_RUNNING)), "claim_id")
        page.overrides = _grouped(
            session.scalars(
                select(FindingRow).where(FindingRow.claim_id.in_(ids), FindingRow.state == FindingState.OVERRIDDEN)
            ),
            "claim_id",
        )
        page.decisions = _decisions(session, ids)
        page.payments = _payments(session, page.claims)
        return page


_CLAIM_PARTS = (
    joinedload(Claim.claimant).selectinload(Party.identifiers),
    joinedload(Claim.policy).joinedload(Policy.holder).selectinload(Party.identifiers),
    joinedload(Claim.policy)
    .selectinload(Policy.persons)
    .joinedload(PolicyPerson.party)
    .selectinload(Party.identifiers),
    joinedload(Claim.policy).selectinload(Policy.assets),
    joinedload(Claim.policy).selectinload(Policy.versions).selectinload(PolicyVersion.coverages),
    selectinload(Claim.parties).joinedload(ClaimParty.party),
    selectinload(Claim.lines),
    selectinload(Claim.requirements),
    selectinload(Claim.invoices),
)
#: Put together once: doing it takes longer than asking the store for one claim.
_CLAIMS = select(Claim).where(among(Claim.id, "ids")).options(*_CLAIM_PARTS)
_RUNNING = (Clock.statutory, Clock.state.in_((ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED)))


# --- reading, one query each


def _grouped(rows: Iterable[Any], key: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found


def _people(session: Session, listed: Sequence[Claim]) -> dict[str, Party]:
    """Customers that records name by their id."""
    named = {claim.record.get(key) for claim in listed for key in ("insured_person", "payee")} - {None}
    if not named:
        return {}
    rows = session.scalars(select(Party).where(Party.external_id.in_(named)).options(selectinload(Party.identifiers)))
    return {row.external_id or "": row for row in rows}


def _candidates(session: Session, listed: Sequence[Claim]) -> dict[int, list[Policy]]:
    """Policies under which claimants whose claim has none are protected."""
    parties = {claim.claimant_id for claim in listed if claim.policy_id is None and claim.claimant_id is not None}
    if not parties:
        return {}
    held = select(Policy.id).where(Policy.holder_id.in_(parties))
    insured = select(PolicyPerson.policy_id).where(PolicyPerson.party_id.in_(parties))
    query = select(Policy).where(Policy.id.in_(union_all(held, insured)))
    found: dict[int, list[Policy]] = {}
    for policy in session.scalars(query.options(selectinload(Policy.persons)).order_by(Policy.ref_norm)):
        for party_id in parties & {policy.holder_id, *(each.party_id for each in policy.persons)}:
            found.setdefault(party_id, []).append(policy)
    return found


def _neighbours(session: Session, listed: Sequence[Claim], office: Office) -> dict[int, list[Any]]:
    """Other claims under the same policies, about the same time."""
    dated = [claim for claim in listed if claim.policy_id is not None and claim.loss_date is not None]
    if not dated:
        return {}
    margin = timedelta(days=office.margins.same_loss)
    days = [claim.loss_date for claim in dated if claim.loss_date]
    query = select(
        Claim.id,
        Claim.ref,
        Claim.state,
        Claim.loss_date,
        Claim.cause,
        Claim.record,
        Claim.policy_id,
        Claim.merged_into_id,
    ).where(
        Claim.policy_id.in_({claim.policy_id for claim in dated}),
        Claim.loss_date.between(_shifted(min(days), -margin), _shifted(max(days), margin)),
    )
    return _grouped(session.execute(query.order_by(Claim.ref)), "policy_id")


def _shifted(day: date, by: timedelta) -> date:
    """The calendar ends somewhere."""
    try:
        return day + by
    except OverflowError:
        return day


def _same_bills(session: Session, listed: Sequence[Claim]) -> list[Any]:
    """Every invoice with an issuer and a number that these claims have, with its claim."""
    own = [invoice for claim in listed for invoice in claim.invoices]
    if not own:
        return []
    query = (
        select(
            Invoice.claim_id, Invoice.issuer_tax_id, Invoice.number_norm, Invoice.total_minor,
            Claim.ref, Claim.state, Claim.merged_into_id,
        )
        .join(Claim)
        .where(
            Invoice.issuer_tax_id.in_({each.issuer_tax_id for each in own}),
            Invoice.number_norm.in_({each.number_norm for each in own}),
        )
    )  # fmt: skip
    return list(session.execute(query.order_by(Claim.ref)))


def _same_files(session: Session, ids: list[int]) -> dict[int, list[SameFile]]:
    """Files that other claims have too: byte for byte, or pictures that look the same.

    One message filed on two claims is no second copy.
    """
    columns = (Document.id, Document.claim_id, MessageFile.message_id, MessageFile.sha256, MessageFile.phash)
    files = select(*columns, Claim.ref).join(MessageFile).join(Claim, Claim.id == Document.claim_id)
    own = session.execute(files.where(Document.claim_id.in_(ids))).all()
    found: dict[int, dict[tuple[int, str], SameFile]] = {}
    others = _alike(session, files, own)
    for row in own:
        twins = filter(None, (_twin(row, other) for other in others))
        for twin in sorted(twins, key=lambda each: each.distance, reverse=True):
            found.setdefault(row.claim_id, {})[row.id, twin.claim] = twin  # the closest stays
    return {claim_id: list(twins.values()) for claim_id, twins in found.items()}


def _alike(session: Session, files: Any, own: Sequence[Any]) -> list[Any]:
    """The files that have the bytes or nearly the looks of these, in the order of their documents."""
    if not own:
        return []
    found = {row.id: row for row in session.execute(files.where(MessageFile.sha256.in_({row.sha256 for row in own})))}
    keys = sorted({key for row in own for key in look_alikes.near(row.phash)})
    for start in range(0, len(keys), _KEYS):
        pictures = select(PictureKey.file_id).where(PictureKey.key.in_(keys[start : start + _KEYS]))
        found |= {row.id: row for row in session.execute(files.where(MessageFile.id.in_(pictures)))}
    return [found[key] for key in sorted(found)]


def _twin(own: Any, other: Any) -> SameFile | None:
    """What two files of two claims have in common."""
    if other.claim_id == own.claim_id or other.message_id == own.message_id:
        return None
    if other.sha256 == own.sha256:
        return SameFile(document=own.id, claim=other.ref)
    distance = look_alikes.distance(own.phash, other.phash)
    if distance is None or distance > look_alikes.ALIKE:
        return None
    return SameFile(document=own.id, claim=other.ref, distance=distance, exact=False)


def _accounts(session: Session, listed: Sequence[Claim]) -> list[BankAccount]:
    """The accounts of the claims and their claimants, and everybody else's with the same numbers."""
    ids = [claim.id for claim in listed]
    parties = {claim.claimant_id for claim in listed} - {None}
    of_them = or_(BankAccount.claim_id.in_(ids), BankAccount.party_id.in_(parties))
    numbers = select(BankAccount.iban).where(of_them)
    query = select(BankAccount).where(BankAccount.iban.in_(numbers)).options(joinedload(BankAccount.party))
    return list(session.scalars(query.order_by(BankAccount.id)))


def _decisions(session: Session, ids: list[int]) -> dict[int, Decision]:
    """The newest decision of each claim that waits or stands."""
    states = (DecisionState.PROPOSED, DecisionState.IN_FORCE)
    query = (
        select(Decision)
        .where(Decision.claim_id.in_(ids), Decision.state.in_(states))
        .options(selectinload(Decision.approvals))
    )
    return {row.claim_id: row for row in session.scalars(query.order_by(Decision.number))}


def _payments(session: Session, listed: Sequence[Claim]) -> list[Payment]:
    """Payments on these claims and on others under the same policies."""
    named = {claim.policy_id for claim in listed} - {None}
    of_them = or_(Claim.id.in_([claim.id for claim in listed]), Claim.policy_id.in_(named))
    query = select(Payment).where(
        Payment.claim_id.in_(select(Claim.id).where(of_them)),
        Payment.released_by_id.is_not(None) | Payment.state.in_(_PAID_OUT),
    )
    return list(session.scalars(query.options(joinedload(Payment.claim)).order_by(Payment.id)))


# --- one claim's facts


def _facts(page: _Page, claim: Claim, office: Office, now: datetime) -> Facts:
    contract = _contract(claim.policy, office) if claim.policy else None
    facts = Facts(
        claim=claim.ref,
        type=claim.type,
        state=str(claim.state),
        today=office.day(now),
        policy_ref=claim.policy_ref,
        policy=contract,
        languages=tuple(dict.fromkeys(("ro", "en", *office.languages))),
        cover_is_new=office.margins.cover_is_new,
        same_loss=office.margins.same_loss,
        terms=_terms(page.clocks.get(claim.id, ()), office, now),
        **_kind(page, claim),
        **_happened(page, claim, contract),
        **_people_and_things(page, claim),
        **_money(page, claim),
        **_proceeding(page, claim),
    )
    return _under_version(facts, page, claim, office)


def _kind(page: _Page, claim: Claim) -> dict[str, Any]:
    """What the claim's type says of it, and which policies may be meant."""
    declared = load().claim_types.get(claim.type)
    line = declared.line if declared else ""
    return {
        "line": line,
        "needs_policy": line not in WITHOUT_POLICY or bool(claim.policy_ref or claim.policy_id),
        "is_liability": claim.type.startswith(claims.LIABILITY),
        "is_personal": claim.type.startswith(_PERSONAL),
        "about_death": claim.type == _DEATH,
        "candidates": _may_be_meant(page, claim, line),
    }


def _happened(page: _Page, claim: Claim, contract: Contract | None) -> dict[str, Any]:
    """The loss, what is known of it, what shows it, and where else it is told."""
    known = claims.facts(claim)
    loss_date, loss_at = _loss(claim)
    return {
        "loss_date": loss_date,
        "loss_at": loss_at,
        "reported_on": claim.reported_on,
        "reported_at": _moment(claim.record.get("reported_at")),
        "cause": claim.cause,
        "cause_names": _cause_names(claim.cause, contract),
        "loss_country": claim.loss_country,
        "known": _asked_about(known, contract),
        "items": _items(claim, known),
        "papers": _papers(claim.record.get("documents")),
        "same_files": tuple(page.files.get(claim.id, ())),
        "other_losses": _other_losses(page, claim, loss_date),
    }


def _people_and_things(page: _Page, claim: Claim) -> dict[str, Any]:
    return {
        "claimant": _person(claim.claimant) if claim.claimant else None,
        "insured": _named(page, claim.record.get("insured_person")),
        "thing": _thing(claim.record.get("asset")),
        "own_plate": policies.normal_mark(_text(claim.facts.get("vehicle_plate")), "plate"),
        "reporter": _reporter(claim.record.get("reporter")),
    }


def _money(page: _Page, claim: Claim) -> dict[str, Any]:
    """What is asked for, by which invoices, and where the money is to go."""
    return {
        "expenses": _expenses(claim),
        "total": claim.total_minor,
        "currency": claim.currency,
        "rates": _rates(claim.record.get("fx")),
        "bills": _bills(page, claim),
        "account": _account(page, claim),
        "payee": _payee(page, claim),
    }


def _proceeding(page: _Page, claim: Claim) -> dict[str, Any]:
    """What was decided, released and set aside before."""
    aside = page.overrides.get(claim.id, ())
    return {
        "proposal": _proposal(page.decisions.get(claim.id)),
        "release": _release(page, claim),
        "overrides": tuple(Override(code=row.code, subject=row.subject, inputs=row.inputs) for row in aside),
    }


def _under_version(facts: Facts, page: _Page, claim: Claim, office: Office) -> Facts:
    """What rests on the version that decides: by when to report, and what was spent in its period."""
    version = facts.version
    if version is None:
        return replace(facts, spent=_brought(claim))
    until = _report_until(facts, version, office)
    return replace(facts, report_until=until, spent=(*_brought(claim), *_spent(page, claim, version)))


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and str(value).strip() else None


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _loss(claim: Claim) -> tuple[date | None, datetime | None]:
    """The day and, where it is known, the hour; for medical services the first of their days."""
    if claim.loss_date is not None:
        return claim.loss_date, _moment(claim.record.get("loss_at"))
    found = _DATE.findall(str(claim.facts.get("service_dates") or ""))
    days = sorted(day for each in found if (day := _day(each)) is not None)
    return (days[0] if days else None), None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _asked_about(known: Mapping[str, object], contract: Contract | None) -> dict[str, object]:
    """The facts that a condition may ask about: a customer's story is none of a decision's inputs."""
    versions = contract.versions if contract else ()
    asked = {each.fact for version in versions for one in version.exclusions for each in parsed(one.when).comparisons}
    return {key: value for key, value in known.items() if key in asked or key in load().facts}


def _cause_names(cause: str | None, contract: Contract | None) -> dict[str, tuple[str, str]]:
    """What the cause and the perils of the policy are called."""
    covers = (cover for version in (contract.versions if contract else ()) for cover in version.covers)
    words = sorted({peril for cover in covers for peril in cover.perils} | ({cause} if cause else set()))
    names = load().facts["loss_cause"].choices
    known = {each: names.get(word(each)) for each in words}
    return {each: (name.en, name.ro) for each, name in known.items() if name is not None}


def _may_be_meant(page: _Page, claim: Claim, line: str) -> tuple[str, ...]:
    if claim.policy is not None or claim.claimant_id is None or claim.policy_ref:
        return ()
    policies_of = page.candidates.get(claim.claimant_id, ())
    return tuple(each.ref for each in policies_of if _FAMILIES.get(each.line, each.line) == line)


def _person(party: Party) -> Person:
    numbers = (
        Number(kind=each.kind, masked=f"..{each.ending}", valid=each.valid)
        for each in party.identifiers
        if each.kind in ("cnp", "cui")
    )
    return Person(
        id=party.external_id or str(party.id),
        name=party.name,
        is_person=party.kind is PartyKind.PERSON,
        birth_date=party.birth_date,
        numbers=tuple(sorted(numbers, key=lambda each: each.kind)),
    )


def _named(page: _Page, customer: object) -> Person | None:
    party = page.people.get(customer) if isinstance(customer, str) else None
    return _person(party) if party else None


def _payee(page: _Page, claim: Claim) -> str | None:
    """A party of the claim with that part, else the customer or the name that the record says."""
    party = next((each.party for each in claim.parties if each.role == "payee"), None)
    said = claim.record.get("payee")
    known = party or (page.people.get(said) if isinstance(said, str) else None)
    return known.name if known else _text(said)


def _thing(record: Mapping[str, Any] | None) -> Thing | None:
    if not record:
        return None
    vin = _text(record.get("vin"))
    return Thing(
        kind=record.get("kind") or "",
        plate=policies.normal_mark(_text(record.get("plate")), "plate"),
        vin="".join(vin.upper().split()) if vin else None,
        address=_text(record.get("address")),
    )


def _reporter(record: Mapping[str, Any] | None) -> Reporter | None:
    if not record:
        return None
    shown = record.get("authority_document")
    return Reporter(
        name=record.get("name") or "",
        relation=record.get("relation") or "",
        has_authority=shown is True or (isinstance(shown, str) and shown.strip().lower() not in _NEVER),
    )


def _expenses(claim: Claim) -> tuple[Expense, ...]:
    return tuple(
        Expense(
            number=number, coverage=line.coverage, kind=line.kind, qty=Decimal(line.qty), unit=line.unit_minor,
            total=line.total_minor, currency=line.currency,
        )
        for number, line in enumerate(claim.lines, start=1)
    )  # fmt: skip


def _rates(record: Mapping[str, Any] | None) -> tuple[Rate, ...]:
    if not record:
        return ()
    day = date.fromisoformat(record["date"])
    return (Rate(source=record["from"], target=record["to"], rate=Decimal(str(record["rate"])), day=day),)


def _brought(claim: Claim) -> tuple[Spent, ...]:
    """What an import says was paid under the policy before."""
    paid = claim.record.get("paid") or ()
    return tuple(Spent(coverage=each["coverage"], amount=each["amount_minor"]) for each in paid)


def _spent(page: _Page, claim: Claim, version: Version) -> tuple[Spent, ...]:
    """What we paid on other claims under the same policy for losses in the same period."""
    only = version.covers[0].code if len(version.covers) == 1 else ""
    return tuple(
        Spent(coverage=each.coverage or only, amount=each.amount_minor, claim=each.claim.ref)
        for each in page.payments
        if each.claim_id != claim.id
        and each.claim.policy_id == claim.policy_id
        and each.state in _PAID_OUT
        and each.claim.loss_date is not None
        and version.is_effective(each.claim.loss_date)
    )


def _bills(page: _Page, claim: Claim) -> tuple[Bill, ...]:
    return tuple(_bill(page, claim, each) for each in claim.invoices)


def _bill(page: _Page, claim: Claim, invoice: Invoice) -> Bill:
    same = [
        row
        for row in page.bills
        if (row.issuer_tax_id, row.number_norm, row.total_minor)
        == (invoice.issuer_tax_id, invoice.number_norm, invoice.total_minor)
        and not _are_one(claim, row.claim_id, row.merged_into_id)
    ]
    twice = [claim.ref] if _is_listed_twice(claim, invoice) else []
    return Bill(
        issuer=invoice.issuer_tax_id,
        number=invoice.number,
        total=invoice.total_minor,
        currency=invoice.currency,
        elsewhere=tuple(dict.fromkeys([*twice, *(row.ref for row in same)])),
        paid_in=tuple(row.ref for row in same if row.state is ClaimState.PAID),
    )


def _are_one(claim: Claim, other_id: int, other_merged_into: int | None) -> bool:
    """The claim itself, or one that was merged with it."""
    return claim.id in (other_id, other_merged_into) or claim.merged_into_id == other_id


def _is_listed_twice(claim: Claim, invoice: Invoice) -> bool:
    listed = claim.record.get("invoices") or ()
    key = (invoice.issuer_tax_id, invoice.number_norm)
    same = [each for each in listed if (invoices.issuer(each["issuer_tax_id"]), invoices.number(each["number"])) == key]
    return len(same) > 1


def _other_losses(page: _Page, claim: Claim, loss: date | None) -> tuple[OtherLoss, ...]:
    if claim.policy_id is None or loss is None:
        return ()
    return tuple(
        OtherLoss(
            claim=row.ref, state=str(row.state), loss_date=row.loss_date, cause=row.cause,
            thing=_thing(row.record.get("asset")),
        )
        for row in page.neighbours.get(claim.policy_id, ())
        if not _are_one(claim, row.id, row.merged_into_id)
    )  # fmt: skip


def _account(page: _Page, claim: Claim) -> Account | None:
    """The account given for the claim, else the claimant's; active ones alone, the newest first."""
    active = [each for each in reversed(page.accounts) if each.active]
    of_claim = next((each for each in active if each.claim_id == claim.id), None)
    chosen = of_claim or next((each for each in active if each.party_id == claim.claimant_id), None)
    if chosen is None:
        return None
    others = {each.party_id: each.party for each in page.accounts if each.iban == chosen.iban}
    others.pop(chosen.party_id, None)
    return Account(
        masked=bank_accounts.masked(chosen.iban),
        valid=ids.is_iban(chosen.iban),
        holder=chosen.holder,
        changed_on=chosen.changed_on,
        used_by=tuple(sorted(each.external_id or str(each.id) for each in others.values())),
        cleared=chosen.called_back_at is not None and chosen.agreed_by_id is not None,
    )


def _terms(clocks: Iterable[Clock], office: Office, now: datetime) -> tuple[Term, ...]:
    found = (Term(key=each.key, percent=_reached(each, office, now), due_on=each.due_on) for each in clocks)
    return tuple(sorted((term for term in found if term.percent), key=lambda term: (term.key, term.due_on)))


def _reached(clock: Clock, office: Office, now: datetime) -> int:
    """The last step reached, by days; a clock has run out when its last day is over."""
    if clock.state is ClockState.BREACHED or now > clock.due_at:
        return _STEPS[0]
    start = office.day(clock.started_at)
    run, whole = (office.day(now) - start).days, max((clock.due_on - start).days, 1)
    return next((step for step in _STEPS[1:] if run >= math.floor(whole * step / 100)), 0)


def _proposal(decision: Decision | None) -> Proposal | None:
    if decision is None:
        return None
    approved = tuple(each.staff_id for each in decision.approvals if each.approved)
    short = decision.state is DecisionState.IN_FORCE and len(approved) < decision.approvals_needed
    return Proposal(
        number=decision.number,
        approves=decision.kind in (DecisionKind.APPROVE, DecisionKind.PARTIAL),
        amount=decision.amount_minor,
        currency=decision.currency,
        proposed_by=decision.proposed_by_id,
        outside=("approvals",) if short else (),
        approved_by=approved,
        approvals_needed=decision.approvals_needed,
    )


def _release(page: _Page, claim: Claim) -> Release | None:
    own = next((each for each in reversed(page.payments) if each.claim_id == claim.id and each.released_by_id), None)
    if own is None:
        return None
    decision = page.decisions.get(claim.id)
    approved = tuple(each.staff_id for each in decision.approvals if each.approved) if decision else ()
    return Release(
        payment=own.once, proposed_by=own.proposed_by_id, approved_by=approved, released_by=own.released_by_id
    )


# --- items and papers


def _items(claim: Claim, known: Mapping[str, object]) -> tuple[Item, ...]:
    """Every item the type and the facts need now, with its state; what the record answers is accepted."""
    catalogue = load()
    if claim.type not in catalogue.claim_types:
        return ()
    rows = {row.item: row for row in claim.requirements}
    needed = requirements.derive(catalogue.claim_types[claim.type], catalogue, known, claims.held(claim))
    return tuple(_item(claim, each, rows.get(each.key)) for each in needed)


def _item(claim: Claim, needed: requirements.Needed, row: Any) -> Item:
    declared = load().items[needed.key]
    return Item(
        key=needed.key,
        stage=Stage(needed.stage),
        state=_state(claim, needed, row.state if row else None),
        kind=declared.kind,
        en=declared.en,
        ro=declared.ro,
        evidence=declared.evidence,
        checks=declared.check,
        looked_up=declared.resolved_by is not None,
        reason=row.reason if row else None,
    )


def _state(claim: Claim, needed: requirements.Needed, row: RequirementState | None) -> RequirementState:
    """A row tells what came; what the record holds is never missing unless somebody rejected it."""
    if needed.key == _LOOKED_UP and not _is_policy_told(claim):
        return RequirementState.NEEDED
    kept = (RequirementState.REJECTED, RequirementState.WAIVED)
    if needed.held and row not in kept:
        return RequirementState.ACCEPTED
    undecided = (None, RequirementState.MAYBE, RequirementState.NEEDED, RequirementState.NOT_APPLICABLE)
    return needed.state if row is None or row in undecided else row


def _is_policy_told(claim: Claim) -> bool:
    """Named, or among the documents that an import says are all there."""
    told = claim.record.get("documents")
    taken_away = isinstance(told, list) and any(each["item"] == _LOOKED_UP and each.get("missing") for each in told)
    return bool(claim.policy_ref or claim.policy_id) or (told is not None and not taken_away)


def _papers(record: object) -> tuple[Paper, ...]:
    """What an import told of documents, beyond that they are held."""
    return tuple(_paper(each) for each in record if not each.get("missing")) if isinstance(record, list) else ()


def _paper(each: Mapping[str, Any]) -> Paper:
    present, whole = each.get("pages") or (None, None)
    expires = each.get("expires_on")
    return Paper(
        item=each["item"], kind=each.get("kind"), signed=each.get("signed"), legible=each.get("legible"),
        expires_on=date.fromisoformat(expires) if expires else None, person=each.get("person"),
        pages_present=present, pages_in_all=whole, language=each.get("language"),
    )  # fmt: skip


# --- the policy


def _contract(policy: Policy, office: Office) -> Contract:
    versions = enumerate(policies.numbered(policy), start=1)
    return Contract(
        ref=policy.ref,
        holder=_person(policy.holder),
        insured=tuple(_person(each.party) for each in policy.persons),
        things=tuple(_insured(each) for each in policy.assets),
        versions=tuple(_version(number, each, office) for number, each in versions),
    )


def _insured(asset: InsuredAsset) -> Thing:
    return Thing(kind=asset.kind, plate=asset.plate_norm, vin=asset.vin, address=asset.address)


def _version(number: int, row: PolicyVersion, office: Office) -> Version:
    return Version(
        number=number,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        recorded_on=office.day(row.recorded_at),
        recorded_at=row.recorded_at,
        status=str(row.status),
        premium_paid_to=row.premium_paid_to,
        grace_days=row.grace_days,
        territory=tuple(row.territory),
        currency=row.currency,
        covers=tuple(_cover(each) for each in row.coverages),
        exclusions=tuple(
            Exclusion(code=each.get("code") or "", when=each["when"], clause=each.get("clause") or "")
            for each in row.exclusions
        ),
        notice_days=row.notice.get("duration"),
        notice_unit=_unit(str(row.notice.get("day") or "calendar")),
    )


def _unit(word: str) -> str:
    """`working`, `working_days` and `wd`; `hours` and `h`; anything else counts calendar days."""
    folded = word.strip().lower()
    if folded.startswith("work") or folded in ("wd", "business"):
        return "hours" if folded.endswith("hours") else "working"
    return "hours" if folded in ("h", "hour", "hours") else "calendar"


def _cover(row: Coverage) -> Cover:
    rule = row.deductible
    return Cover(
        code=row.code,
        perils=tuple(row.perils),
        limit_event=row.limit_event,
        limit_person=row.limit_person,
        limit_aggregate=row.limit_aggregate,
        frequency=row.frequency,
        sub_limits=dict(row.sub_limits),
        deductible=Deductible(
            abs=rule.get("abs"),
            pct=Decimal(str(rule["pct"])) if rule.get("pct") is not None else None,
            min=rule.get("min"),
            max=rule.get("max"),
        ),
        waiting_days=row.waiting_days,
        territory=tuple(row.territory),
        clause=row.clause,
    )


def _report_until(facts: Facts, version: Version, office: Office) -> date | None:
    """The last day to report; the first day is not counted, hours without a clock are whole days."""
    if version.notice_days is None or facts.loss_date is None or facts.loss_date.year > _LAST_YEAR:
        return None
    day, days = facts.loss_date, version.notice_days
    count: Mapping[str, Callable[[], date]] = {
        "calendar": lambda: later(day, days),
        "hours": lambda: later(day, math.ceil(days / 24)),
        "working": lambda: calendars.of(office).working_after(day, days),
    }
    return count[version.notice_unit]()
