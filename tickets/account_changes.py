"""Changes of what we hold on a customer: address, contact, name, bank account; the last two called back, four eyes."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from tickets import history
from tickets.errors import GuardError, UnknownReferenceError
from tickets.identifiers import is_iban
from tickets.messages import Medium
from tickets.models import AccountChange, BankAccount, ChangeState, ContactPoint, Party, Staff, Ticket
from tickets.office import Office
from tickets.parties import folded_name, normal_address

#: What each kind of change may set.
KINDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "address": frozenset({"postal"}),
        "contact": frozenset({"email", "phone"}),
        "name": frozenset({"name"}),
        "bank_account": frozenset({"iban", "holder"}),
    }
)
#: Kinds that need a call back and a second person.
GUARDED = frozenset({"name", "bank_account"})
#: A number added this recently is not "on file": whoever steals an identity changes the number first.
SETTLED_FOR = timedelta(days=30)
_WAITING = (
    select(AccountChange)
    .where(
        AccountChange.party_id == bindparam("party"),
        AccountChange.state.in_((ChangeState.PROPOSED, ChangeState.CALLED_BACK)),
    )
    .order_by(AccountChange.id)
)
_MEDIA: Mapping[str, Medium] = MappingProxyType({"postal": Medium.LETTER, "email": Medium.EMAIL, "phone": Medium.SMS})
_CALLED = (Medium.SMS, Medium.PHONE)
#: What a value has to look like, where that can be told; and how we say that it does not.
_LOOKS: Mapping[str, tuple[re.Pattern[str], str, str]] = MappingProxyType(
    {
        "email": (
            re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+"),
            "this is no e-mail address",
            "aceasta nu este o adresă de e-mail",
        ),
        "phone": (
            re.compile(r"\+?[ ().\-/]*(?:[0-9][ ().\-/]*){5,15}"),
            "this is no phone number",
            "acesta nu este un număr de telefon",
        ),
    }
)
_LONGEST = 300


def propose(
    session: Session,
    office: Office,
    party: Party,
    kind: str,
    *,
    after: Mapping[str, str],
    staff: Staff,
    now: datetime,
    ticket: Ticket | None = None,
) -> AccountChange:
    """Write down a customer's wish; an address or contact is changed at once, a name or account only when agreed."""
    values = {key: " ".join(value.split()) for key, value in after.items() if value.strip()}
    if kind not in KINDS or not values or not values.keys() <= KINDS[kind]:
        known = "; ".join(f"{name}: {', '.join(sorted(keys))}" for name, keys in KINDS.items())
        raise GuardError(
            f"a change names what it sets ({known})", guard="kind", ro=f"o schimbare spune ce modifică ({known})"
        )
    _look_right(values)
    if "iban" in values and not is_iban(values["iban"]):
        raise GuardError(
            "ID-03: the check digits of the account number are wrong",
            ro="ID-03: cifrele de control ale IBAN-ului sunt greșite",
            guard="ID-03",
        )
    change = AccountChange(
        party=party, ticket_id=ticket.id if ticket else None, kind=kind, before=_before(session, party, kind),
        after=dict(values), proposed_by_id=staff.id, proposed_at=now,
    )  # fmt: skip
    session.add(change)
    session.flush()  # its number is what people name it by
    _record(session, "proposed", change, staff, now)
    if kind not in GUARDED:
        _apply(session, office, change, now)
        change.state, change.settled_at = ChangeState.DONE, now
        _record(session, "done", change, staff, now)
    return change


def _look_right(values: Mapping[str, str]) -> None:
    if any(len(value) > _LONGEST for value in values.values()):
        raise GuardError("this is too long", ro="valoarea este prea lungă", guard="length")
    for key, (pattern, en, ro) in _LOOKS.items():
        if key in values and not pattern.fullmatch(values[key]):
            raise GuardError(en, ro=ro, guard=key)


def _before(session: Session, party: Party, kind: str) -> dict[str, object]:
    """What we held when the change was made."""
    if kind == "name":
        return {"name": party.name}
    if kind == "bank_account":
        query = select(BankAccount).where(BankAccount.party_id == party.id, BankAccount.active)
        row = session.scalar(query.order_by(BankAccount.id.desc()).limit(1))
        return {"iban": row.iban, "holder": row.holder} if row else {}
    media = {_MEDIA[key] for key in KINDS[kind]}
    return {"contacts": [point.value for point in party.contacts if point.medium in media]}


def call_back(session: Session, change: AccountChange, *, number: str, staff: Staff, now: datetime) -> None:
    """Record that the customer confirmed the change on a number that was on file before."""
    _must_be(change, ChangeState.PROPOSED)
    require_on_file(session, change.party, number, on=now)
    change.state = ChangeState.CALLED_BACK
    change.called_back_by_id, change.called_back_at, change.called_number = staff.id, now, number
    _record(session, "called_back", change, staff, now)


def agree(session: Session, office: Office, change: AccountChange, *, staff: Staff, now: datetime) -> None:
    """A second person agrees; the change takes effect."""
    _must_be(change, ChangeState.CALLED_BACK)
    if staff.id in (change.proposed_by_id, change.called_back_by_id):
        raise GuardError(
            f"change {change.id}: {staff.name} proposed it or made the call; a second person agrees",
            ro=f"modificarea {change.id}: {staff.name} a propus-o sau a dat telefonul; confirmă o a doua persoană",
            guard="four eyes",
        )
    change.agreed_by_id, change.state, change.settled_at = staff.id, ChangeState.DONE, now
    _apply(session, office, change, now)
    _record(session, "done", change, staff, now)


def refuse(session: Session, change: AccountChange, *, reason: str, staff: Staff, now: datetime) -> None:
    """Set a change aside, with a reason."""
    if change.state in (ChangeState.DONE, ChangeState.REFUSED):
        raise _wrong_state(change)
    if not reason.strip():
        raise GuardError("refusing a change needs a reason", ro="refuzul are nevoie de un motiv", guard="reason")
    change.state, change.settled_at, change.reason = ChangeState.REFUSED, now, reason.strip()
    _record(session, "refused", change, staff, now)


def _must_be(change: AccountChange, state: ChangeState) -> None:
    if change.state is not state:
        raise _wrong_state(change)


def _wrong_state(change: AccountChange) -> GuardError:
    following = {
        ChangeState.PROPOSED: "the customer is called back first",
        ChangeState.CALLED_BACK: "a second person agrees next",
    }.get(change.state, "nothing more can be done with it")
    return GuardError(
        f"change {change.id} is {change.state}: {following}",
        ro=f"modificarea {change.id} nu este în starea potrivită ({change.state})",
        guard="states",
    )


def require_on_file(session: Session, party: Party, number: str, *, on: datetime) -> None:
    """Raise `GuardError` unless the customer's record has held this telephone number for long enough."""
    norm = normal_address(Medium.PHONE, number)
    held = {point.value_norm for point in party.contacts if point.medium in _CALLED}
    if norm not in held - _added_lately(session, party, on):
        raise GuardError(
            "the call back goes to a number that was on file before, not to this one",
            ro="apelul de verificare se face la un număr aflat deja în evidență, nu la acesta",
            guard="call-back",
        )


def _added_lately(session: Session, party: Party, on: datetime) -> set[str]:
    query = select(AccountChange.after).where(
        AccountChange.party_id == party.id,
        AccountChange.kind == "contact",
        AccountChange.state == ChangeState.DONE,
        AccountChange.settled_at > on - SETTLED_FOR,
    )
    return {normal_address(Medium.PHONE, each["phone"]) for each in session.scalars(query) if "phone" in each}


def _apply(session: Session, office: Office, change: AccountChange, now: datetime) -> None:
    party, after = change.party, change.after
    if change.kind == "name":
        party.name, party.name_folded = after["name"], folded_name(after["name"])
    elif change.kind == "bank_account":
        _keep_account(session, office, change, now)
    else:
        for key, value in after.items():
            _reach(party, _MEDIA[key], value, country=office.country)


def _keep_account(session: Session, office: Office, change: AccountChange, now: datetime) -> None:
    """An account agreed to by two is cleared from the start."""
    query = select(BankAccount).where(BankAccount.party_id == change.party_id, BankAccount.active)
    for older in session.scalars(query):
        older.active = False
    session.add(
        BankAccount(
            party=change.party, iban="".join(change.after["iban"].split()).upper(),
            holder=change.after.get("holder", ""), changed_on=office.day(now), source="call",
            called_back_at=change.called_back_at, called_back_by_id=change.called_back_by_id,
            called_number=change.called_number, agreed_by_id=change.agreed_by_id,
        )
    )  # fmt: skip


def _reach(party: Party, medium: Medium, value: str, *, country: str) -> None:
    """Prefer the new address of its medium; the old one stays known."""
    norm = normal_address(medium, value, country=country)
    alike = [point for point in party.contacts if point.medium is medium]
    for point in alike:
        point.preferred = False
    found = next((point for point in alike if point.value_norm == norm), None)
    if found is None:
        found = ContactPoint(medium=medium, value=value, value_norm=norm)
        party.contacts.append(found)
    found.preferred = True


def waiting(session: Session, party: Party) -> list[AccountChange]:
    """A customer's changes that wait for a call back or a second person, oldest first."""
    return list(session.scalars(_WAITING, {"party": party.id}))


def find(session: Session, change_id: int) -> AccountChange:
    """The change, locked; raises `UnknownReferenceError`."""
    session.scalar(select(AccountChange.id).where(AccountChange.id == change_id).with_for_update())
    return get(session, change_id)


def get(session: Session, change_id: int) -> AccountChange:
    """The change with its customer; raises `UnknownReferenceError`."""
    query = select(AccountChange).where(AccountChange.id == change_id).options(joinedload(AccountChange.party))
    found = session.scalar(query)
    if found is None:
        raise UnknownReferenceError(f"there is no account change {change_id}")
    return found


def _record(session: Session, what: str, change: AccountChange, staff: Staff, now: datetime) -> None:
    ticket = session.get(Ticket, change.ticket_id) if change.ticket_id else None
    history.record(
        session, f"account_change.{what}", actor=f"staff:{staff.id}", at=now, ticket=ticket,
        change=change.id, what=change.kind,
    )  # fmt: skip
