"""The world file: customers, policies, claims and requests in one document; each row is stored whole or not at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from tickets import claims, numbering, outbox, references
from tickets.claim_types import load as load_catalogue
from tickets.errors import ImportFileError, ImportRowError
from tickets.messages import DeliveryState, Medium
from tickets.models import (
    WAITING,
    Claim,
    ClaimLine,
    ClaimParty,
    ClaimState,
    ContactPoint,
    ContactStatus,
    Coverage,
    Direction,
    InsuredAsset,
    Message,
    OutboxDelivery,
    Party,
    PartyIdentifier,
    PartyKind,
    Policy,
    PolicyPerson,
    PolicyStatus,
    PolicyVersion,
    Request,
    RequestItem,
    RequestState,
    Requirement,
    Role,
    Setting,
    Staff,
    Ticket,
    TicketState,
)
from tickets.office import Office
from tickets.parties import folded_name, normal_address
from tickets.reach import Recipient
from tickets.requirements import RequirementState

Row = TypeVar("Row", bound=BaseModel)

#: Tables of the configuration that a world may bring along, and the keys each has.
SETTINGS: Mapping[str, frozenset[str]] = {
    "checks": frozenset({"dat04_days", "duplicate_days"}),
    "requests": frozenset({"send", "due_days", "ladder"}),
    "deadlines": frozenset({"jurisdictions", "after_hours"}),
}


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_as_text)]


class Shape(BaseModel):
    """One record of the file; an unknown key in it is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ContactShape(Shape):
    value: str
    shared: bool = False
    preferred: bool = False
    status: ContactStatus = ContactStatus.OK


class StaffShape(Shape):
    id: Text
    name: str
    email: str
    role: Role
    lines: list[str] = []


class CustomerShape(Shape):
    id: Text
    name: str
    kind: PartyKind = PartyKind.PERSON
    birth_date: date | None = None
    language: str | None = None
    cnp: Text | None = None
    cui: Text | None = None
    emails: list[ContactShape] = []
    phones: list[ContactShape] = []
    postal: str | ContactShape | None = None


class CoverageShape(Shape):
    code: str
    perils: list[str] = []
    limit_event: int | None = None
    limit_aggregate: int | None = None
    sub_limits: dict[str, int] = {}
    deductible: dict[str, Any] = {}
    waiting_days: int = 0
    clause: Text = ""


class VersionShape(Shape):
    effective_from: date
    effective_to: date
    recorded_at: datetime | date
    status: PolicyStatus = PolicyStatus.ACTIVE
    premium_paid_to: date | None = None
    grace_days: int = 0
    territory: list[str] = []
    currency: str = "RON"
    coverages: list[CoverageShape] = []
    exclusions: list[dict[str, Any]] = []
    notice: dict[str, Any] = {}


class AssetShape(Shape):
    kind: str = "vehicle"
    plate: str | None = None
    vin: str | None = None
    address: str | None = None


class PolicyShape(Shape):
    ref: Text
    product: str = ""
    line: str
    holder: Text
    insured_persons: list[Text] = []
    assets: list[AssetShape] = []
    versions: list[VersionShape] = []


class LineShape(Shape):
    coverage: str = ""
    description: str = ""
    qty: Text = "1"
    unit_minor: int | None = None
    total_minor: int
    currency: str | None = None
    kind: str | None = None


class DocumentShape(Shape):
    item: str
    missing: bool = False
    kind: str | None = None
    signed: bool | None = None
    legible: bool | None = None
    expires_on: date | None = None
    person: Text | None = None
    pages: list[int] | None = None
    language: str | None = None


class ClaimShape(Shape):
    ref: str
    type: str
    policy: Text | None = None
    claimant: Text
    loss_date: date | None = None
    reported_on: date | None = None
    cause: str | None = None
    state: ClaimState
    facts: dict[str, Any] = {}
    loss_country: str | None = None
    insured_person: Text | None = None
    asset: dict[str, Any] | None = None
    reporter: dict[str, Any] | None = None
    owner: Text | None = None
    lines: list[LineShape] = []
    total_minor: int | None = None
    currency: str = "RON"
    fx: dict[str, Any] | None = None
    invoices: list[dict[str, Any]] = []
    paid: list[dict[str, Any]] = []
    bank_account: dict[str, Any] | None = None
    payee: Any = None
    application_received_on: datetime | date | None = None
    merged_into: str | None = None
    closed_reason: str | None = None
    documents: Literal["complete"] | list[DocumentShape] | None = None


class DeliveryShape(Shape):
    medium: Medium | None = None
    channel: Medium | None = None  #: Read too.
    to: str
    message_id: str | None = None


class RequestShape(Shape):
    claim: str
    no: int
    tracking: str | None = None
    state: RequestState
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    due_on: date | None = None
    items: list[str]
    deliveries: list[DeliveryShape] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """Why one row was left out: its noun, its number in the file (from 1), and what it is known by."""

    noun: str
    number: int
    ref: str
    text: str


@dataclass(slots=True)
class Outcome:
    """What an import stored, by noun, and what it left out."""

    stored: dict[str, int] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)


def load(session: Session, document: object, *, office: Office, now: datetime) -> Outcome:
    """Store a world; the same file again changes nothing. Raises `ImportFileError` if the file as a whole is wrong."""
    world = _checked(document)
    _keep_settings(session, world.get("settings", {}))
    importer = _Importer(session, office, now)
    for noun, shape, store in (
        ("staff", StaffShape, importer.staff),
        ("customers", CustomerShape, importer.customer),
        ("policies", PolicyShape, importer.policy),
        ("claims", ClaimShape, importer.claim),
        ("requests", RequestShape, importer.request),
    ):
        importer.rows(noun, world.get(noun, []), shape, store)
    return importer.outcome


def _checked(document: object) -> Mapping[str, Any]:
    known = {"schema", "settings", "staff", "customers", "policies", "claims", "requests"}
    if not isinstance(document, dict):
        raise ImportFileError("a world is one JSON object")
    if document.get("schema") != 1:
        raise ImportFileError('a world needs "schema": 1')
    if unknown := sorted(set(document) - known):
        raise ImportFileError(f"unknown key {', '.join(unknown)}: there are {', '.join(sorted(known))}")
    for noun in known - {"schema", "settings"}:
        if not isinstance(document.get(noun, []), list):
            raise ImportFileError(f"{noun} must be a list")
    return document


def _keep_settings(session: Session, settings: Mapping[str, Any]) -> None:
    known = {*SETTINGS, "authority", "reference"}
    if unknown := sorted(set(settings) - known):
        raise ImportFileError(f"settings.{unknown[0]}: unknown table; there are {', '.join(sorted(known))}")
    for name, table in settings.items():
        if name in SETTINGS and (extra := sorted(set(table) - SETTINGS[name])):
            raise ImportFileError(f"settings.{name}.{extra[0]}: unknown key")
        session.merge(Setting(name=name, value={"rows": table} if isinstance(table, list) else dict(table)))


class _Importer:
    """Stores rows one savepoint each, resolving the ids of the file."""

    def __init__(self, session: Session, office: Office, now: datetime) -> None:
        self.outcome = Outcome()
        self._session = session
        self._office = office
        self._now = now

    def rows(self, noun: str, rows: Sequence[object], shape: type[Row], store: Callable[[Row], None]) -> None:
        """Store each row in whole or not at all; count it, or say why not."""
        stored = 0
        for number, row in enumerate(rows, start=1):
            try:
                with self._session.begin_nested(), self._session.no_autoflush:
                    store(shape.model_validate(row))
            except (ValidationError, ImportRowError, IntegrityError) as error:
                self.outcome.errors.append(RowError(noun=noun, number=number, ref=_known_by(row), text=_why(error)))
            else:
                stored += 1
        if rows:
            self.outcome.stored[noun] = stored

    def staff(self, row: StaffShape) -> None:
        person = self._find(Staff, Staff.external_id, row.id) or self._find(Staff, Staff.email, row.email.casefold())
        if person is None:
            person = Staff(external_id=row.id, name=row.name, email=row.email.casefold())
            self._session.add(person)
        person.external_id, person.name = row.id, row.name
        person.roles, person.lines = [row.role.value], row.lines

    def customer(self, row: CustomerShape) -> None:
        party = self._find(Party, Party.external_id, row.id)
        if party is None:
            party = Party(external_id=row.id, name=row.name)
            self._session.add(party)
        party.name, party.name_folded, party.kind = row.name, folded_name(row.name), row.kind
        party.birth_date, party.language = row.birth_date, row.language
        points = [(Medium.EMAIL, each) for each in row.emails] + [(Medium.SMS, each) for each in row.phones]
        if row.postal:
            postal = row.postal if isinstance(row.postal, ContactShape) else ContactShape(value=row.postal)
            points.append((Medium.LETTER, postal))
        self._set_contacts(party, points)
        party.identifiers = [
            next((held for held in party.identifiers if (held.kind, held.value) == (kind, value)), None)
            or PartyIdentifier(kind=kind, value=value)
            for kind, value in (("cnp", row.cnp), ("cui", row.cui))
            if value
        ]

    def _set_contacts(self, party: Party, points: Iterable[tuple[Medium, ContactShape]]) -> None:
        held = {(point.medium, point.value_norm): point for point in party.contacts}
        kept: dict[tuple[Medium, str], ContactPoint] = {}
        for medium, shape in points:
            norm = normal_address(medium, shape.value, country=self._office.country)
            point = held.get((medium, norm)) or ContactPoint(medium=medium, value=shape.value, value_norm=norm)
            point.shared, point.preferred, point.status = shape.shared, shape.preferred, shape.status
            kept[medium, norm] = point
        party.contacts = list(kept.values())

    def policy(self, row: PolicyShape) -> None:
        norm = normal_policy(row.ref, self._office)
        policy = self._find(Policy, Policy.ref_norm, norm)
        if policy is None:
            policy = Policy(ref=row.ref, ref_norm=norm, line=row.line)
            self._session.add(policy)
        policy.line, policy.product, policy.holder = row.line, row.product, self._party(row.holder)
        policy.persons = [
            next((held for held in policy.persons if held.party is party), None) or PolicyPerson(party=party)
            for party in map(self._party, row.insured_persons)
        ]
        policy.assets = [_asset(each) for each in row.assets]
        for version in row.versions:
            self._set_version(policy, version)

    def _set_version(self, policy: Policy, row: VersionShape) -> None:
        recorded = self._moment(row.recorded_at)
        held = next(
            (v for v in policy.versions if (v.effective_from, v.recorded_at) == (row.effective_from, recorded)), None
        )
        if held is None:
            held = PolicyVersion(effective_from=row.effective_from, effective_to=row.effective_to, recorded_at=recorded)
            policy.versions.append(held)
        held.effective_to, held.status, held.premium_paid_to = row.effective_to, row.status, row.premium_paid_to
        held.grace_days, held.territory, held.currency = row.grace_days, row.territory, row.currency
        held.exclusions, held.notice = row.exclusions, row.notice
        held.coverages = [Coverage(**coverage.model_dump()) for coverage in row.coverages]

    def claim(self, row: ClaimShape) -> None:
        if not references.is_valid(row.ref) or not row.ref.startswith("CLM"):
            raise ImportRowError("ref: the check digits of the claim number are wrong")
        if row.type not in load_catalogue().claim_types:
            raise ImportRowError(f"type: there is no claim type {row.type!r}")
        claim = self._find(Claim, Claim.ref, row.ref)
        if claim is None:
            claim = Claim(ref=row.ref, type=row.type, created_at=self._now)
            self._session.add(claim)
            numbering.seen(self._session, row.ref)
        _set_claim(claim, row)
        claim.application_received_on = (
            self._moment(row.application_received_on) if row.application_received_on else None
        )
        claim.owner_id = self._staff(row.owner).id if row.owner else None
        claim.policy = (
            self._find(Policy, Policy.ref_norm, normal_policy(row.policy, self._office)) if row.policy else None
        )
        claim.claimant = self._party(row.claimant)
        self._set_parties(claim, row)
        if row.merged_into:
            claim.merged_into_id = self._claim(row.merged_into).id
        claims.refresh(claim)
        _hold_documents(claim, row.documents)

    def _set_parties(self, claim: Claim, row: ClaimShape) -> None:
        wanted = [(claim.claimant, "claimant")]
        if row.insured_person:
            wanted.append((self._party(row.insured_person), "insured"))
        claim.parties = [
            next((held for held in claim.parties if held.party is party and held.role == role), None)
            or ClaimParty(party=party, role=role)
            for party, role in wanted
        ]

    def request(self, row: RequestShape) -> None:
        claim = self._claim(row.claim)
        code = row.tracking or f"{claim.ref}/R{row.no}"
        request = self._find(Request, Request.code, code)
        is_new = request is None
        if request is None:
            request = Request(
                claim=claim, number=row.no, code=code, created_at=row.sent_at or self._now, created_by="import"
            )
            self._session.add(request)
        request.state, request.sent_at, request.delivered_at = row.state, row.sent_at, row.delivered_at
        request.due_on = row.due_on
        self._set_items(request, row)
        if is_new and row.state is not RequestState.DRAFT:
            self._set_deliveries(request, row)

    def _set_items(self, request: Request, row: RequestShape) -> None:
        unknown = [key for key in row.items if key not in load_catalogue().items]
        if unknown:
            raise ImportRowError(f"items: there is no item {', '.join(unknown)}")
        requirements = [self._requirement(request.claim, key) for key in row.items]
        kept = {item.requirement.item: item for item in request.items}
        request.items = [
            kept.get(each.item) or RequestItem(requirement=each, position=position)
            for position, each in enumerate(requirements, start=1)
        ]
        for each in requirements:
            _ask(each, row.state)

    def _requirement(self, claim: Claim, key: str) -> Requirement:
        """The claim's requirement; one that the rules did not ask for stands because the request did."""
        held = next((each for each in claim.requirements if each.item == key), None)
        if held is None:
            stage = load_catalogue().items[key].stage or "decision"
            held = Requirement(item=key, stage=stage, state=RequirementState.NEEDED, because="asked before")  # type: ignore[arg-type]
            claim.requirements.append(held)
        return held

    def _set_deliveries(self, request: Request, row: RequestShape) -> None:
        ticket = self._ticket(request)
        request.ticket = ticket
        ticket.state = TicketState.WAITING_CUSTOMER if request.state in WAITING else ticket.state
        for each in row.deliveries:
            self._deliver(request, ticket, each)

    def _ticket(self, request: Request) -> Ticket:
        at = request.sent_at or self._now
        found = self._session.scalar(select(Ticket).where(Ticket.claim == request.claim, Ticket.verified).limit(1))
        if found is not None:
            return found
        [ref] = numbering.take(self._session, "TKT", year=at.year)
        ticket = Ticket(
            ref=ref, kind="reply_to_request", queue="claims.owner", claim=request.claim, party=request.claim.claimant,
            owner_id=request.claim.owner_id, verified=True, priority=3, opened_at=at, last_message_at=at, unread=False,
        )  # fmt: skip
        self._session.add(ticket)
        return ticket

    def _deliver(self, request: Request, ticket: Ticket, row: DeliveryShape) -> None:
        medium = row.medium or row.channel
        if medium is None:
            raise ImportRowError("deliveries: each needs a medium")
        at = request.sent_at or self._now
        claimant = request.claim.claimant
        to = Recipient(
            medium=medium,
            address=row.to,
            norm=normal_address(medium, row.to, country=self._office.country),
            name=claimant.name if claimant else "",
            party_id=claimant.id if claimant else None,
        )
        reply_to = None
        if medium is Medium.EMAIL:
            self._session.flush()  # the token names the ticket and the request
            token = outbox.reply_token(self._session, self._office, ticket, to, request=request, now=at)
            reply_to = outbox.reply_address(self._office, token)
        self._session.add(_sent(request, ticket, to, row, at=at, reply_to=reply_to, office=self._office))

    # --- finding what a row names

    def _find(self, table: type[Any], column: InstrumentedAttribute[Any], value: object) -> Any:
        return self._session.scalar(select(table).where(column == value))

    def _party(self, external_id: str) -> Party:
        found = self._find(Party, Party.external_id, external_id)
        if found is None:
            raise ImportRowError(f"there is no customer {external_id!r}")
        party: Party = found
        return party

    def _staff(self, external_id: str) -> Staff:
        found = self._find(Staff, Staff.external_id, external_id)
        if found is None:
            raise ImportRowError(f"there is nobody {external_id!r} on the staff")
        person: Staff = found
        return person

    def _claim(self, ref: str) -> Claim:
        found = self._session.scalar(select(Claim).where(Claim.ref == ref).options(selectinload(Claim.requirements)))
        if found is None:
            raise ImportRowError(f"there is no claim {ref}")
        return found

    def _moment(self, value: datetime | date) -> datetime:
        """A day is its first moment in the office's zone; a moment without a zone is the office's."""
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        return moment if moment.tzinfo else moment.replace(tzinfo=self._office.timezone)


def normal_policy(ref: str, office: Office) -> str:
    """A policy number as linking looks it up: as it is read in a message, else in capitals without blanks."""
    for found in references.find(ref, own=office.formats):
        if found.kind.startswith("policy."):
            return found.value
    return "".join(ref.upper().split())


def _set_claim(claim: Claim, row: ClaimShape) -> None:
    claim.type, claim.state, claim.policy_ref = row.type, row.state, row.policy
    claim.loss_date, claim.reported_on, claim.cause = row.loss_date, row.reported_on, row.cause
    claim.facts, claim.loss_country = row.facts, row.loss_country
    claim.total_minor, claim.currency, claim.closed_reason = row.total_minor, row.currency, row.closed_reason
    claim.lines = [
        ClaimLine(
            coverage=line.coverage, description=line.description, kind=line.kind, qty=line.qty,
            unit_minor=line.unit_minor if line.unit_minor is not None else line.total_minor,
            total_minor=line.total_minor, currency=line.currency or row.currency,
        )
        for line in row.lines
    ]  # fmt: skip
    kept = {"asset", "reporter", "fx", "invoices", "paid", "bank_account", "payee", "insured_person", "documents"}
    claim.record = row.model_dump(mode="json", include=kept, exclude_none=True, exclude_defaults=True)


def _hold_documents(claim: Claim, documents: Literal["complete"] | list[DocumentShape] | None) -> None:
    """Complete, or a list that overrides item by item: every item the type and facts need counts as accepted."""
    if documents is None:
        return
    taken_away = {each.item for each in documents if each.missing} if isinstance(documents, list) else set()
    for row in claim.requirements:
        if row.item in taken_away:
            row.state = RequirementState.NEEDED if row.state is RequirementState.ACCEPTED else row.state
        elif row.state is not RequirementState.MAYBE:
            row.state, row.decided_by = RequirementState.ACCEPTED, "import"


def _ask(requirement: Requirement, state: RequestState) -> None:
    if state in WAITING and requirement.state in (RequirementState.NEEDED, RequirementState.REJECTED):
        requirement.state = RequirementState.ASKED
        requirement.asked_count += 1
    elif state is RequestState.ANSWERED and requirement.state is RequirementState.NEEDED:
        requirement.state = RequirementState.RECEIVED


def _asset(shape: AssetShape) -> InsuredAsset:
    plate = "".join(shape.plate.upper().split()) if shape.plate else None
    return InsuredAsset(kind=shape.kind, plate_norm=plate, vin=shape.vin, address=shape.address)


def _sent(
    request: Request,
    ticket: Ticket,
    to: Recipient,
    row: DeliveryShape,
    *,
    at: datetime,
    reply_to: str | None,
    office: Office,
) -> OutboxDelivery:
    """A delivery that happened before the import: it answers to its Message-ID, and is never sent again."""
    outlet = office.outlets.get(to.medium)
    message = Message(
        ticket=ticket, medium=to.medium, channel=outlet.channel if outlet else "import", direction=Direction.OUT,
        at=at, from_name=office.name, to=[{"name": to.name, "address": to.address}], subject=f"[{request.claim.ref}]",
        text=request.code, new_text=request.code, message_id=(row.message_id or "").strip("<>") or None,
    )  # fmt: skip
    return OutboxDelivery(
        message=message, request=request, channel=message.channel, medium=to.medium, template="request",
        to_name=to.name, to_address=to.address, to_norm=to.norm, reply_address=reply_to, queued_at=at, due_at=at,
        sent_at=at, delivered_at=request.delivered_at,
        state=DeliveryState.DELIVERED if request.delivered_at else DeliveryState.SENT,
    )  # fmt: skip


def _known_by(row: object) -> str:
    if not isinstance(row, dict):
        return ""
    return str(row.get("ref") or row.get("id") or row.get("claim") or "")


def _why(error: Exception) -> str:
    """What is wrong with a row, by key, without its values."""
    if isinstance(error, ValidationError):
        problems = error.errors(include_input=False, include_url=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in problems[:5])
    if isinstance(error, IntegrityError):
        return "clashes with a row that is stored already"
    return str(error)
