"""Payments: proposed, released by a second person, handed to the bank, and what the bank says of them."""

from datetime import date

from inbox.app import App
from inbox.desk.subjects import actor, find_claim, must_work
from tickets import findings, imports, payments
from tickets.errors import GuardError
from tickets.models import Payment, PaymentState, Role, Staff
from tickets.payments import Made, Stand
from tickets.rows.loading import Outcome

#: Who hands payments to the bank and notes what the bank says.
_PAYS = frozenset({Role.PAYMENTS_CLERK, Role.SUPERVISOR})


def propose_payment(app: App, claim_ref: str, *, staff: Staff, amount_minor: int | None = None) -> Payment:
    """Propose to pay what the decision leaves, or a part of it."""
    must_work(staff)
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        return payments.propose(session, claim, staff_id=staff.id, now=app.clock(), amount_minor=amount_minor)


def release_payment(app: App, once: str, *, staff: Staff) -> Payment:
    """Let a payment go, as somebody who had no part in it."""
    now = app.clock()
    with app.store.writing() as session:
        payment = payments.find(session, once)
        claim = find_claim(session, payment.claim.ref)

        def refresh() -> None:
            findings.refresh(session, app.office, [claim], now=now)
            session.flush()  # the guards read rows

        payments.release(session, app.office, payment, staff=staff, now=now, refresh=refresh)
        return payment


def withdraw_payment(app: App, once: str, *, staff: Staff, reason: str) -> Payment:
    """Take a proposal back."""
    must_work(staff)
    with app.store.writing() as session:
        payment = payments.find(session, once)
        payments.withdraw(session, payment, staff=staff, now=app.clock(), reason=reason)
        return payment


def make_payment_file(app: App, form: str, *, staff: Staff) -> Made:
    """Put every released payment into one file for the bank: pain.001 or csv."""
    _must_pay(staff)
    with app.store.writing() as session:
        return payments.make_file(session, app.office, form=form, staff=staff, now=app.clock())


def payment_file_again(app: App, name: str, *, staff: Staff) -> Made:
    """The same file once more, byte for byte."""
    _must_pay(staff)
    with app.store.reading() as session:
        return payments.make_again(session, app.office, name)


def payment_state(
    app: App, once: str, state: PaymentState, *, staff: Staff, on: date | None = None, reason: str = ""
) -> Payment:
    """Note what the bank says of a payment: confirmed, or returned with its reason."""
    _must_pay(staff)
    now = app.clock()
    with app.store.writing() as session:
        payment = payments.find(session, once)
        if on is not None:
            _must_have_come(app, payment, on)
        if state is PaymentState.CONFIRMED:
            payments.confirm(session, payment, paid_on=on or app.office.day(now), actor=actor(staff), now=now)
        elif state is PaymentState.RETURNED:
            payments.come_back(session, payment, reason=reason, actor=actor(staff), now=now)
        else:
            raise GuardError(
                "the bank confirms a payment or returns it",
                guard="states",
                ro="banca confirmă o plată sau o returnează",
            )
        return payment


def _must_have_come(app: App, payment: Payment, on: date) -> None:
    """A delay costs by the day: the bank paid on none before the release, and on none to come."""
    first = app.office.day(payment.released_at) if payment.released_at else on
    if not first <= on <= app.office.day(app.clock()):
        raise GuardError(
            f"{payment.once}: {on} is still to come, or before its release on {first}",
            ro=f"{payment.once}: {on} este o zi viitoare sau înainte de eliberarea din {first}",
            guard="day",
        )


def bank_says(app: App, content: bytes, *, name: str, staff: Staff, dry_run: bool) -> Outcome:
    """Note what a file of the bank says of many payments, as `import payments` reads it; a dry run keeps nothing."""
    _must_pay(staff)
    with (app.store.rehearsing if dry_run else app.store.writing)() as session:
        return imports.load(
            session, "payments", content, name=name, mapping=app.settings.imports.get("payments", {}),
            office=app.office, now=app.clock(), actor=actor(staff),
        )  # fmt: skip


def payment_stand(app: App, claim_ref: str) -> Stand:
    """How the payment of a claim stands, for a customer who waits."""
    with app.store.reading() as session:
        return payments.where_it_stands(session, app.office, find_claim(session, claim_ref), now=app.clock())


def may_pay(staff: Staff) -> bool:
    """Whether somebody deals with the bank."""
    return bool(_PAYS & set(staff.roles))


def _must_pay(staff: Staff) -> None:
    if not may_pay(staff):
        raise GuardError(
            f"{staff.name} does not deal with the bank: the payments clerk or a supervisor does",
            ro=f"{staff.name} nu lucrează cu banca: o fac plățile sau un supervizor",
            guard="role",
        )
