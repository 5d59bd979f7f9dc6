"""Accounts: bank accounts given for claims, and changes of what we hold on a customer; called back, four eyes."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.app import App
from inbox.desk.items import look_again, told_more
from inbox.desk.subjects import actor, find_claim, find_ticket, must_work
from tickets import account_changes, bank_accounts, identity
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import AccountChange, BankAccount, Party, Staff, Ticket


def give_account(app: App, claim_ref: str, *, staff: Staff, iban: str, holder: str = "", source: str) -> BankAccount:
    """Keep the account to pay a claim to; a wrong number is kept, found and asked for again."""
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        cause = Cause(actor=actor(staff), at=now)
        account = bank_accounts.enter(
            session, claim, iban=iban, holder=holder, source=source, today=app.office.day(now), cause=cause
        )
        told_more(app, session, claim, cause=cause)
        return account


def call_back_account(app: App, claim_ref: str, *, staff: Staff, number: str) -> BankAccount:
    """Note that the claimant confirmed the account on a number that was on file before."""
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        account = bank_accounts.row_of(session, claim)
        bank_accounts.call_back(session, account, number=number, staff=staff, now=now)
        return account


def agree_account(app: App, claim_ref: str, *, staff: Staff) -> BankAccount:
    """Agree, as a second person, to an account that was called back."""
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        account = bank_accounts.row_of(session, claim)
        bank_accounts.agree(session, account, staff=staff, now=now)
        look_again(app, session, claim, cause=Cause(actor=actor(staff), at=now))
        return account


def change_account(
    app: App, customer: str, kind: str, *, staff: Staff, after: Mapping[str, str], ticket_ref: str
) -> AccountChange:
    """Write down a customer's wish to change what we hold, made on a ticket; an address or contact changes at once.

    Raises `GuardError` unless it is known who asks, and that he is this customer.
    """
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        ticket, party = find_ticket(session, ticket_ref, staff=staff), _customer(session, customer)
        if person_of(ticket) is not party:
            raise GuardError(
                f"{ticket.ref} is not about {customer}: name the ticket on which he asks",
                ro=f"{ticket.ref} privește pe altcineva: numiți tichetul pe care s-a cerut",
                guard="party",
            )
        identity.require_known(session, ticket, now=now)
        return account_changes.propose(
            session, app.office, party, kind, after=after, staff=staff, now=now, ticket=ticket
        )


def change_of_ticket(
    app: App, ticket_ref: str, what: str, value: str, *, staff: Staff, shown: int | None
) -> AccountChange:
    """Write down what the person of a ticket wants changed; raises `GuardError` unless it is known who asks.

    `shown`: whose data the page showed; the ticket may have been linked to somebody else since.
    """
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        party = person_of(ticket)
        kind = next((kind for kind, keys in account_changes.KINDS.items() if what in keys), "")
        if party is None or kind == "bank_account":
            raise GuardError(f"{ticket.ref}: choose what changes", ro=f"{ticket.ref}: alegeți ce se schimbă")
        if party.id != shown:
            raise GuardError("somebody else changed this at the same moment: look at it and try again")
        identity.require_known(session, ticket, now=now)
        return account_changes.propose(
            session, app.office, party, kind, after={what: value}, staff=staff, now=now, ticket=ticket
        )


def verify_caller(app: App, ticket_ref: str, asked: Iterable[str], *, passed: bool, staff: Staff) -> None:
    """Keep which questions a caller was asked and whether the answers were right."""
    must_work(staff)
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        identity.verify(session, ticket, asked, passed=passed, cause=Cause(actor=actor(staff), at=app.clock()))


def person_of(ticket: Ticket) -> Party | None:
    """Whom a ticket is about: the claimant, else who writes."""
    return ticket.claim.claimant if ticket.claim and ticket.claim.claimant else ticket.party


def call_back_change(app: App, change_id: int, *, staff: Staff, number: str, on: str = "") -> AccountChange:
    """Note that the customer confirmed a change on a number that was on file before."""
    must_work(staff)
    with app.store.writing() as session:
        change = _change(session, change_id, on, staff)
        account_changes.call_back(session, change, number=number, staff=staff, now=app.clock())
        return change


def agree_change(app: App, change_id: int, *, staff: Staff, on: str = "") -> AccountChange:
    """Agree, as a second person, to a change that was called back."""
    must_work(staff)
    with app.store.writing() as session:
        change = _change(session, change_id, on, staff)
        account_changes.agree(session, app.office, change, staff=staff, now=app.clock())
        return change


def refuse_change(app: App, change_id: int, *, staff: Staff, reason: str, on: str = "") -> AccountChange:
    """Set a change aside."""
    must_work(staff)
    with app.store.writing() as session:
        change = _change(session, change_id, on, staff)
        account_changes.refuse(session, change, reason=reason, staff=staff, now=app.clock())
        return change


def _change(session: Session, change_id: int, on: str, staff: Staff) -> AccountChange:
    """The change; where it is reached from a ticket, only if it is of that ticket's person."""
    change = account_changes.find(session, change_id)
    if on and person_of(find_ticket(session, on, staff=staff)) is not change.party:
        raise UnknownReferenceError(f"{on} has no change {change_id}")
    return change


def _customer(session: Session, name: str) -> Party:
    """A customer by the id a file gave, else by ours."""
    found = session.scalar(select(Party).where(Party.external_id == name))
    if found is None and name.isdigit():
        found = session.get(Party, int(name))
    if found is None:
        raise UnknownReferenceError(f"there is no customer {name}")
    return found
