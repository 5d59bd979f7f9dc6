"""Authority: who may decide, waive, reopen, pay or override by themselves, up to how much, with which codes.

Measured on the whole amount of a claim, so that splitting a payment does not stay under a limit. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from tickets.guards import Refusal
from tickets.models import Staff
from tickets.office import DEFAULT_AUTHORITY, Action, Authority, Office

#: Codes that a supervisor alone may use; D15 also needs the answers of SIU and legal on file.
SUPERVISORS_ONLY = frozenset({"D09", "D14", "D15"})
#: Departments whose answer must be on file before a claim is refused for this reason.
HEARD_FIRST: Mapping[str, tuple[str, ...]] = MappingProxyType({"D15": ("siu", "legal")})
SUPERVISOR = "supervisor"
#: A senior representative may do at least what a representative may.
_IMPLIED: Mapping[str, str] = MappingProxyType({"senior_representative": "representative"})
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who wants to act, as the rules see him."""

    id: int
    name: str
    roles: frozenset[str]
    names: frozenset[str]  #: By which a row may mean him: e-mail address, id.

    @classmethod
    def of(cls, staff: Staff) -> "Person":
        """Read a member of staff; a senior representative is a representative too."""
        roles = {str(role) for role in staff.roles}
        roles |= {_IMPLIED[role] for role in roles & _IMPLIED.keys()}
        names = {staff.email.casefold(), (staff.external_id or staff.email).casefold()}
        return cls(id=staff.id, name=staff.name, roles=frozenset(roles), names=frozenset(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to do on a claim."""

    action: Action
    lines: frozenset[str]  #: The claim's line and type.
    amount_minor: int = 0
    currency: str = "RON"
    codes: tuple[str, ...] = ()  #: Reason codes it uses.
    warnings: tuple[str, ...] = ()  #: Codes of the open warnings.
    on: date


def rows(office_rows: Iterable[Authority]) -> tuple[Authority, ...]:
    """The rows in force: those configured, and the product's for every role that none of them names."""
    given = tuple(office_rows)
    named = {row.role for row in given}
    return given + tuple(row for row in DEFAULT_AUTHORITY if row.role not in named and row not in given)


def held(table: Iterable[Authority], person: Person) -> list[Authority]:
    """The rows that speak of somebody, in their order."""
    return [row for row in table if _is_his(row, person)]


def why_not(table: Iterable[Authority], person: Person, wish: Wish) -> Refusal | None:
    """Say why somebody may not do this alone; None if he may."""
    his = [row for row in table if _is_his(row, person) and _applies(row, wish)]
    if wish.action is Action.DENY:
        return _codes_refused(table, person, wish)
    if not his:
        return _refusal(
            f"{person.name} has no authority to {wish.action} here",
            f"{person.name} nu are competența pentru această acțiune",
        )
    if all(_minor(row) < wish.amount_minor for row in his):
        return _above(person, wish, max(map(_minor, his)))
    if wish.warnings and not any(row.warnings for row in his if _minor(row) >= wish.amount_minor):
        names = ", ".join(wish.warnings)
        return _refusal(
            f"{person.name} may {wish.action} alone only while no warning is open: {names}",
            f"{person.name} poate decide singur(ă) doar fără avertismente deschise: {names}",
        )
    return _codes_refused(table, person, wish)


def limit(table: Iterable[Authority], person: Person, wish: Wish) -> int | None:
    """Up to how much somebody may do this alone, in minor units; None: he may not at all."""
    return max((_minor(row) for row in table if _is_his(row, person) and _applies(row, wish)), default=None)


def may_waive(office: Office, staff: Staff, lines: frozenset[str], *, on: date) -> None:
    """Raise `GuardError` where the office says who does without an item, and this is somebody else."""
    if not any(row.action is Action.WAIVE for row in office.authority):
        return
    wish = Wish(action=Action.WAIVE, lines=lines, on=on)
    if refusal := why_not(rows(office.authority), Person.of(staff), wish):
        raise refusal.error()


def needs_two(table: Iterable[Authority], wish: Wish) -> bool:
    """Whether the amount is above what any one person may decide."""
    return all(_minor(row) < wish.amount_minor for row in table if _applies(row, wish))


def may_join(table: Iterable[Authority], person: Person, wish: Wish) -> Refusal | None:
    """Say why somebody may not be one of two who decide above every limit: both are supervisors."""
    if SUPERVISOR not in person.roles:
        return _refusal(
            f"{person.name}: above every limit two supervisors decide",
            f"{person.name}: peste orice limită decid doi supervizori",
        )
    return _codes_refused(table, person, wish)


def _is_his(row: Authority, person: Person) -> bool:
    return row.role in person.roles if row.role else row.person.casefold() in person.names


def _applies(row: Authority, wish: Wish) -> bool:
    return (
        row.action is wish.action
        and (row.line == "*" or row.line in wish.lines)
        and (row.currency == wish.currency or not _has_amount(wish))
        and (row.starts is None or row.starts <= wish.on)
        and (row.ends is None or wish.on <= row.ends)
    )


def _has_amount(wish: Wish) -> bool:
    return wish.action in (Action.APPROVE, Action.PAY)


def _minor(row: Authority) -> int:
    return int(row.most * _HUNDRED)


def _codes_refused(table: Iterable[Authority], person: Person, wish: Wish) -> Refusal | None:
    """A refused part needs the right to refuse with its code."""
    if wish.action is Action.DENY and not wish.codes:
        return _refusal("a denial needs a reason code", "refuzul are nevoie de un cod de motiv")
    allowed = _codes(table, person, wish)
    for code in wish.codes:
        if code in SUPERVISORS_ONLY and SUPERVISOR not in person.roles:
            return _code_refused(person, code)
        if allowed is None or (allowed and code not in allowed):
            return _code_refused(person, code)
    return None


def _codes(table: Iterable[Authority], person: Person, wish: Wish) -> frozenset[str] | None:
    """The codes somebody may refuse with; empty: every one; None: none.

    A role that has no row for denials may use the codes of its approvals: one row says both.
    """
    his = [row for row in table if _is_his(row, person) and _in_time_and_line(row, wish)]
    denials = [row for row in his if row.action is Action.DENY]
    denials = denials or [row for row in his if row.action is Action.APPROVE and row.codes]
    if not denials:
        return None
    if any(not row.codes for row in denials):
        return frozenset()
    return frozenset(code for row in denials for code in row.codes)


def _in_time_and_line(row: Authority, wish: Wish) -> bool:
    return (
        (row.line == "*" or row.line in wish.lines)
        and (row.starts is None or row.starts <= wish.on)
        and (row.ends is None or wish.on <= row.ends)
    )


def _code_refused(person: Person, code: str) -> Refusal:
    return _refusal(
        f"{code} is not among the codes of {person.name}: it needs a supervisor",
        f"{code} nu este între codurile pe care le poate folosi {person.name}: e nevoie de un supervizor",
    )


def _above(person: Person, wish: Wish, most: int) -> Refusal:
    asked, limit = _said(wish.amount_minor, wish.currency), _said(most, wish.currency)
    return _refusal(
        f"{asked} is above the limit of {person.name}, {limit}",
        f"{asked} depășește limita de {limit} a persoanei {person.name}",
    )


def _said(minor: int, currency: str) -> str:
    return f"{minor // 100}.{minor % 100:02d} {currency}"


def _refusal(en: str, ro: str) -> Refusal:
    return Refusal(guard="PRO-02", en=f"PRO-02: {en}", ro=f"PRO-02: {ro}")
