"""One import as it goes: the office it is for, what is known so far, what was stored and what was left out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tickets.errors import ImportRowError
from tickets.models import Claim, Party, Policy, PolicyVersion, Staff
from tickets.office import Office
from tickets.policy_numbers import PolicyFormat
from tickets.rows import settings

T = TypeVar("T")

#: Parameters one statement takes safely on every store.
PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """One row that was left out, and why; never with a customer's words."""

    noun: str  #: customer, policy, claim, request, staff, payment
    number: int  #: Its place in the list, or its row in the file as a spreadsheet counts (1 is the first).
    ref: str  #: Its id or reference as given; "" if it has none.
    text: str


@dataclass(slots=True)
class Outcome:
    """What an import stored, by noun, and what it left out."""

    stored: dict[str, int] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given(Generic[T]):
    """One row that has the right shape, and where it stands."""

    number: int
    ref: str
    row: T


@dataclass(slots=True, kw_only=True)
class Loading:
    """What the rows of one import are checked against and stored into; it grows with what they bring."""

    session: Session
    office: Office
    now: datetime
    formats: tuple[PolicyFormat, ...]
    outcome: Outcome
    actor: str = "import"  #: Who brings the rows in.
    parties: dict[str, Party] = field(default_factory=dict)  #: By the customer's id.
    staff: dict[str, Staff] = field(default_factory=dict)  #: By id, and by e-mail in lower case.
    policies: dict[str, Policy] = field(default_factory=dict)  #: By canonical number.
    claims: dict[str, Claim] = field(default_factory=dict)  #: By reference.
    customers: dict[str, int] = field(default_factory=dict)  #: Keys of parties, by the customer's id.
    stored_policies: set[int] = field(default_factory=set)  #: Keys of policies that this import has added or changed.

    @classmethod
    def begin(
        cls, session: Session, *, office: Office, now: datetime, outcome: Outcome, actor: str = "import"
    ) -> "Loading":
        """Begin with the policy numbers that the configuration and an earlier world declare."""
        formats = settings.formats(session, office)
        return cls(session=session, office=office, now=now, outcome=outcome, actor=actor, formats=formats)

    def passing(self, noun: str, rows: Iterable[Given[T]], check: Callable[[T], object]) -> list[Given[T]]:
        """Keep the rows that `check` lets pass; the others are reported."""
        return [each for each in rows if self._passes(noun, each, check)]

    def _passes(self, noun: str, each: Given[T], check: Callable[[T], object]) -> bool:
        try:
            check(each.row)
        except ImportRowError as error:
            self.refuse(noun, each, str(error))
            return False
        return True

    def refuse(self, noun: str, each: Given[T], why: str) -> None:
        """Report a row that is left out."""
        self.outcome.errors.append(RowError(noun=noun, number=each.number, ref=each.ref, text=why))

    def count(self, nouns: str, number: int) -> None:
        """Say how many rows were stored."""
        if number:
            self.outcome.stored[nouns] = self.outcome.stored.get(nouns, 0) + number

    # --- what the store knows already, one query for many rows

    def find_staff(self) -> None:
        """Learn everybody who works here."""
        for each in self.session.scalars(select(Staff)):
            self.learn_staff(each)

    def learn_staff(self, each: Staff) -> None:
        """Know somebody by id and by e-mail address."""
        self.staff[each.email.casefold()] = each
        if each.external_id:
            self.staff[each.external_id] = each

    def find_parties(self, ids: Iterable[str | None]) -> None:
        """Learn the customers of these ids, with how they are reached."""
        options = (selectinload(Party.contacts), selectinload(Party.identifiers))
        for page in pages(ids, self.parties):
            query = select(Party).where(Party.external_id.in_(page)).options(*options)
            self.parties |= {each.external_id or "": each for each in self.session.scalars(query)}

    def find_customers(self, ids: Iterable[str | None]) -> None:
        """Learn the keys of these customers alone; those already known, from what is known."""
        self.customers |= {ref: party.id for ref, party in self.parties.items()}
        for page in pages(ids, self.customers):
            rows = self.session.execute(select(Party.external_id, Party.id).where(Party.external_id.in_(page)))
            self.customers |= {row.external_id or "": row.id for row in rows}

    def find_policies(self, norms: Iterable[str | None]) -> None:
        """Learn the policies of these canonical numbers, with all they say."""
        options = (
            selectinload(Policy.persons),
            selectinload(Policy.assets),
            selectinload(Policy.versions).selectinload(PolicyVersion.coverages),
        )
        for page in pages(norms, self.policies):
            query = select(Policy).where(Policy.ref_norm.in_(page)).options(*options)
            self.policies |= {each.ref_norm: each for each in self.session.scalars(query)}

    def find_claims(self, refs: Iterable[str | None]) -> None:
        """Learn the claims of these references, with what their requirements rest on."""
        options = (
            joinedload(Claim.policy),
            joinedload(Claim.claimant).selectinload(Party.contacts),
            joinedload(Claim.claimant).selectinload(Party.identifiers),
            selectinload(Claim.parties),
            selectinload(Claim.lines),
            selectinload(Claim.vehicles),
            selectinload(Claim.invoices),
            selectinload(Claim.requirements),
        )
        for page in pages(refs, self.claims):
            query = select(Claim).where(Claim.ref.in_(page)).options(*options)
            self.claims |= {each.ref: each for each in self.session.scalars(query)}

    # --- what a row refers to

    def customer(self, name: str, ref: str) -> Party:
        """The customer a row names; raises `ImportRowError` if there is none."""
        if ref not in self.parties:
            raise ImportRowError(f"{name}: there is no such customer")
        return self.parties[ref]

    def customer_id(self, name: str, ref: str) -> int:
        """The key of the customer a row names; raises `ImportRowError` if there is none."""
        if ref not in self.customers:
            raise ImportRowError(f"{name}: there is no such customer")
        return self.customers[ref]

    def member(self, ref: str) -> Staff:
        """Who of the staff a row names, by id or e-mail; raises `ImportRowError`."""
        found = self.staff.get(ref) or self.staff.get(ref.casefold())
        if found is None:
            raise ImportRowError("owner: nobody of the staff has this id")
        return found

    # --- days and moments as the office counts them

    def moment(self, value: date | datetime) -> datetime:
        """A moment in UTC; a date is the start of that day at the office, as is its clock where no zone is given."""
        if not isinstance(value, datetime):
            value = datetime.combine(value, time())
        try:
            return (value if value.tzinfo else value.replace(tzinfo=self.office.timezone)).astimezone(UTC)
        except OverflowError:
            raise ImportRowError("a moment before the calendar begins or after it ends") from None

    def day(self, value: date | datetime) -> date:
        """The office's day of a moment; a date is itself."""
        return self.office.day(self.moment(value)) if isinstance(value, datetime) else value


def pages(keys: Iterable[str | None], known: Iterable[str] = ()) -> Iterator[list[str]]:
    """Keys not known yet, in pages one statement can take."""
    wanted = sorted({key for key in keys if key} - set(known))
    return (wanted[start : start + PAGE] for start in range(0, len(wanted), PAGE))
