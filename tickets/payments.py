"""Payments: proposed from a decision in force, released by a second person, handed to the bank in one file each.

Never more than was decided; a payment that comes back may be made again.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from tickets import authority, bank_accounts, claims, deadlines, history, moves, sepa
from tickets.authority import Person, Wish
from tickets.deadlines import Occurrence
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause, Refusal
from tickets.models import (
    Claim,
    ClaimState,
    Decision,
    DecisionKind,
    Party,
    Payment,
    PaymentFile,
    PaymentState,
    Staff,
)
from tickets.office import Action, Office
from tickets.sepa import Transfer

#: Payments that count against what was decided.
COUNTED = (PaymentState.PROPOSED, *moves.GONE)
PAYABLE = (ClaimState.APPROVED, ClaimState.PARTIALLY_APPROVED, ClaimState.PAYMENT_ORDERED, ClaimState.PAID)


def propose(
    session: Session, claim: Claim, *, staff_id: int, now: datetime, amount_minor: int | None = None
) -> Payment:
    """Propose to pay what a decision in force still leaves, or a part of it; raises `GuardError`."""
    if claim.state not in PAYABLE:
        raise _no(
            "states",
            f"{claim.ref} is {claim.state}: nothing is paid now",
            f"{claim.ref}: nu se plătește nimic în această stare ({claim.state})",
        )
    decision = moves.in_force(session, claim)
    if decision is None or decision.kind not in (DecisionKind.APPROVE, DecisionKind.PARTIAL):
        raise _no(
            "decision in force",
            f"{claim.ref}: no decision in force says what to pay",
            f"{claim.ref}: nicio decizie în vigoare nu spune ce se plătește",
        )
    left = decision.amount_minor - _counted(session, claim)
    amount = left if amount_minor is None else amount_minor
    if amount <= 0 or amount > left:
        raise _no(
            "never above the decision",
            f"{claim.ref}: of what was decided {_said(left, decision.currency)} is left to pay",
            f"{claim.ref}: din suma decisă mai sunt de plătit {_said(left, decision.currency)}",
        )
    account = bank_accounts.of_claim(session, claim)
    payment = Payment(
        claim=claim, decision=decision, once=f"{claim.ref}/P{_next_number(session, claim)}",
        payee=payee(session, claim), iban=account.iban if account else "", amount_minor=amount,
        currency=decision.currency, proposed_by_id=staff_id, proposed_at=now,
    )  # fmt: skip
    session.add(payment)
    session.flush()  # the next payment counts this one
    _record(session, "proposed", payment, actor=f"staff:{staff_id}", now=now)
    return payment


def payee(session: Session, claim: Claim) -> str:
    """Who is paid: the party with that part, else whom the claim names, else the claimant."""
    part = next((each.party for each in claim.parties if each.role == "payee"), None)
    named = claim.record.get("payee")
    if part is None and isinstance(named, str) and named:
        part = session.scalar(select(Party).where(Party.external_id == named))
    if part is not None:
        return part.name
    return named if isinstance(named, str) and named else (claim.claimant.name if claim.claimant else "")


def _counted(session: Session, claim: Claim) -> int:
    query = select(func.coalesce(func.sum(Payment.amount_minor), 0)).where(
        Payment.claim_id == claim.id, Payment.state.in_(COUNTED)
    )
    return int(session.scalar(query) or 0)


def _next_number(session: Session, claim: Claim) -> int:
    query = select(func.count()).select_from(Payment).where(Payment.claim_id == claim.id)
    return (session.scalar(query) or 0) + 1


def release(
    session: Session, office: Office, payment: Payment, *, staff: Staff, now: datetime, refresh: Callable[[], object]
) -> None:
    """Let a payment go, by somebody who neither proposed it nor decided the claim; raises `GuardError`.

    `refresh` evaluates the claim anew before the guards are asked.
    """
    if payment.state is not PaymentState.PROPOSED:
        raise _no(
            "states",
            f"{payment.once} is {payment.state}, not proposed",
            f"{payment.once} nu mai este o propunere ({payment.state})",
        )
    claim = payment.claim
    account = bank_accounts.of_claim(session, claim)
    refusal = (
        _own_work(payment, staff)
        or _beyond(office, payment, staff, office.day(now))
        or bank_accounts.why_not(account, today=office.day(now))
        or _beyond_decision(session, payment)
    )
    if refusal:
        raise refusal.error()
    assert account is not None  # why_not refuses none
    payment.iban, payment.payee = account.iban, payee(session, claim)
    payment.state, payment.released_by_id, payment.released_at = PaymentState.RELEASED, staff.id, now
    session.flush()  # the guards read it, and the store checks four eyes
    refresh()
    cause = Cause(actor=f"staff:{staff.id}", at=now, reason=payment.once)
    _record(session, "released", payment, actor=cause.actor, now=now)
    if claim.state is ClaimState.PAYMENT_ORDERED:
        _again(session, claim)
    else:
        moves.move(session, claim, ClaimState.PAYMENT_ORDERED, cause=cause)


def _again(session: Session, claim: Claim) -> None:
    """A further payment of the same decision passes the same guards."""
    standing = moves.standing(session, claim)
    if refusal := moves.guarded(standing, ClaimState.PAYMENT_ORDERED):
        raise refusal.error()


def _own_work(payment: Payment, staff: Staff) -> Refusal | None:
    decision = payment.decision
    took_part = {payment.proposed_by_id}
    if decision is not None:
        took_part |= {decision.proposed_by_id, *(each.staff_id for each in decision.approvals if each.approved)}
    if staff.id not in took_part:
        return None
    return Refusal(
        guard="PRO-03",
        en=f"PRO-03: {staff.name} proposed or approved {payment.once}; a second person releases it",
        ro=f"PRO-03: {staff.name} a propus sau a aprobat {payment.once}; îl eliberează o a doua persoană",
    )


def _beyond(office: Office, payment: Payment, staff: Staff, today: date) -> Refusal | None:
    """Above every limit a supervisor may release who had no part in it."""
    table, person = authority.rows(office.authority), Person.of(staff)
    wish = Wish(
        action=Action.PAY, lines=claims.lines(payment.claim), amount_minor=payment.amount_minor,
        currency=payment.currency, on=today,
    )  # fmt: skip
    refusal = authority.why_not(table, person, wish)
    if refusal and authority.SUPERVISOR in person.roles and authority.needs_two(table, wish):
        return None
    return refusal


def _beyond_decision(session: Session, payment: Payment) -> Refusal | None:
    """The decision may have been overturned, or replaced by a smaller one, since the payment was proposed."""
    decision = moves.in_force(session, payment.claim)
    if decision is not None and decision.id == payment.decision_id:
        return None
    return Refusal(
        guard="decision in force",
        en=f"{payment.once}: its decision is no longer in force; propose the payment anew",
        ro=f"{payment.once}: decizia nu mai este în vigoare; propuneți plata din nou",
    )


def withdraw(session: Session, payment: Payment, *, staff: Staff, now: datetime, reason: str) -> None:
    """Take a proposal back."""
    if payment.state is not PaymentState.PROPOSED:
        raise _no(
            "states",
            f"{payment.once} is {payment.state}: only a proposal can be taken back",
            f"{payment.once}: doar o propunere poate fi retrasă ({payment.state})",
        )
    payment.state, payment.returned_reason = PaymentState.WITHDRAWN, reason or None
    _record(session, "withdrawn", payment, actor=f"staff:{staff.id}", now=now)


# --- to the bank and back


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file for the bank, and what it pays."""

    file: PaymentFile
    content: bytes
    payments: tuple[Payment, ...]


def make_file(session: Session, office: Office, *, form: str, staff: Staff, now: datetime) -> Made:
    """Put every released payment that is in no file yet into one; raises `GuardError` if there is none."""
    released = _rows().join(Payment.claim).where(Payment.state == PaymentState.RELEASED, Payment.file_id.is_(None))
    query = released.where(Claim.state != ClaimState.SIU_HOLD)  # nothing leaves while it is looked into
    payments = tuple(session.scalars(query.order_by(Payment.id).with_for_update(of=Payment, skip_locked=True)))
    if not payments:
        raise _no("released payments", "no released payment waits for a file", "nicio plată eliberată nu așteaptă")
    name = f"PAY{now:%Y%m%d%H%M%S}-{payments[0].id}"
    content = _content(office, name, payments, form=form, now=now)
    file = PaymentFile(
        name=name, format=form, sha256=hashlib.sha256(content).hexdigest(), made_at=now, made_by_id=staff.id
    )
    session.add(file)
    for payment in payments:
        payment.file, payment.state = file, PaymentState.SENT
        _record(session, "sent", payment, actor=f"staff:{staff.id}", now=now)
    session.flush()  # a name used twice shows here
    told = [Occurrence(what="payment_sent", at=now, claim=each.claim) for each in payments]
    deadlines.happened_all(session, office, told, now=now)
    return Made(file=file, content=content, payments=payments)


def make_again(session: Session, office: Office, name: str) -> Made:
    """The same file once more, byte for byte, for one that was lost on the way; raises `GuardError` if it differs."""
    file = session.scalar(select(PaymentFile).where(PaymentFile.name == name))
    if file is None:
        raise UnknownReferenceError(f"there is no payment file {name}")
    payments = tuple(session.scalars(_rows().where(Payment.file_id == file.id).order_by(Payment.id)))
    content = _content(office, name, payments, form=file.format, now=file.made_at)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise _no(
            "same file",
            f"{name} would not be the file it was: [payments] has changed since",
            f"{name} nu ar mai fi același fișier: [payments] s-a schimbat între timp",
        )
    return Made(file=file, content=content, payments=payments)


def _content(office: Office, name: str, payments: Sequence[Payment], *, form: str, now: datetime) -> bytes:
    transfers = [_transfer(payment) for payment in payments]
    if form == "csv":
        return sepa.as_csv(transfers)
    if form != "pain.001":
        raise GuardError(
            f"a payment file is pain.001 or csv, not {form}",
            guard="format",
            ro=f"un fișier de plăți este pain.001 sau csv, nu {form}",
        )
    if office.payer is None:
        raise _no(
            "payer",
            "[payments] in the configuration names no account to pay from: add iban, or take --format csv",
            "[payments] din configurare nu are contul din care se plătește: adăugați iban sau folosiți csv",
        )
    return sepa.pain001(name, transfers, payer=office.payer, made_at=now, on=office.day(now))


def _transfer(payment: Payment) -> Transfer:
    return Transfer(
        reference=payment.once, payee=payment.payee, iban=payment.iban, amount_minor=payment.amount_minor,
        currency=payment.currency, text=f"Claim {payment.claim.ref} payment {payment.once.rpartition('/')[2]}",
    )  # fmt: skip


def confirm(session: Session, payment: Payment, *, paid_on: date, actor: str, now: datetime) -> None:
    """The bank has paid; a claim whose decision is paid in full is paid. Told twice, nothing more happens."""
    if payment.state is PaymentState.CONFIRMED:
        return
    _must_have_left(payment)
    payment.state, payment.paid_on = PaymentState.CONFIRMED, paid_on
    _record(session, "confirmed", payment, actor=actor, now=now)
    session.flush()  # the guard adds up what was confirmed
    claim = payment.claim
    if claim.state is ClaimState.PAYMENT_ORDERED and not moves.guarded(moves.standing(session, claim), ClaimState.PAID):
        moves.move(session, claim, ClaimState.PAID, cause=Cause(actor=actor, at=now, reason=payment.once))


def come_back(session: Session, payment: Payment, *, reason: str, actor: str, now: datetime) -> None:
    """The bank has sent the money back: the account is to be asked for anew, and the claim is not paid."""
    if payment.state is PaymentState.RETURNED:
        return
    _must_have_left(payment)
    payment.state, payment.returned_reason, payment.paid_on = PaymentState.RETURNED, reason or None, None
    _record(session, "returned", payment, actor=actor, now=now)
    claim = payment.claim
    if claim.state is ClaimState.PAID:
        moves.back_to_payment(session, claim, cause=Cause(actor=actor, at=now, reason=payment.once))


def _must_have_left(payment: Payment) -> None:
    if payment.state not in moves.GONE:
        raise _no(
            "states",
            f"{payment.once} is {payment.state}: the bank cannot have had it",
            f"{payment.once}: banca nu putea primi această plată ({payment.state})",
        )


def find(session: Session, once: str) -> Payment:
    """A payment to be changed: locked. Raises `UnknownReferenceError`."""
    session.scalar(select(Payment.id).where(Payment.once == once).with_for_update())
    return get(session, once)


def get(session: Session, once: str) -> Payment:
    """A payment by its reference; raises `UnknownReferenceError`."""
    found = session.scalar(_rows().where(Payment.once == once))
    if found is None:
        raise UnknownReferenceError(f"there is no payment {once}")
    return found


def listed(
    session: Session, *, claim: Claim | None = None, state: PaymentState | None = None, after: int = 0, limit: int = 500
) -> list[Payment]:
    """Payments in their order, a page at a time."""
    query = _rows().where(Payment.id > after)
    if claim is not None:
        query = query.where(Payment.claim_id == claim.id)
    if state is not None:
        query = query.where(Payment.state == state)
    return list(session.scalars(query.order_by(Payment.id).limit(limit)))


def latest(session: Session, *, limit: int) -> list[Payment]:
    """The newest payments first."""
    return list(session.scalars(_rows().order_by(Payment.id.desc()).limit(limit)))


def _rows() -> Select[Payment]:
    return select(Payment).options(
        joinedload(Payment.claim).joinedload(Claim.claimant),
        joinedload(Payment.decision).selectinload(Decision.approvals),
        joinedload(Payment.file),
    )


# --- "where is my money?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How the payment of a claim stands, and who is waited for."""

    key: str
    waits_for: str  #: us | customer | bank | nobody
    en: str
    ro: str
    payment: str | None = None


def where_it_stands(session: Session, office: Office, claim: Claim, *, now: datetime) -> Stand:
    """Answer a customer who waits for money."""
    latest = _latest(session, claim)
    decision = moves.in_force(session, claim)
    if latest is None or latest.state is PaymentState.WITHDRAWN:
        if decision is None or decision.kind not in (DecisionKind.APPROVE, DecisionKind.PARTIAL):
            return _STANDS["undecided"]
        return _STANDS["to_propose"]
    if latest.state is PaymentState.PROPOSED:
        refusal = bank_accounts.why_not(bank_accounts.of_claim(session, claim), today=office.day(now))
        key = (
            {"bank account": "account", "ID-03": "account", "ID-05": "call_back"}.get(refusal.guard) if refusal else ""
        )
        return _with(_STANDS[key or "to_release"], latest)
    return _with(_STANDS[str(latest.state)], latest)


def _latest(session: Session, claim: Claim) -> Payment | None:
    query = select(Payment).where(Payment.claim_id == claim.id).order_by(Payment.id.desc()).limit(1)
    return session.scalar(query)


def _with(stand: Stand, payment: Payment) -> Stand:
    return Stand(key=stand.key, waits_for=stand.waits_for, en=stand.en, ro=stand.ro, payment=payment.once)


_STANDS = {
    key: Stand(key=key, waits_for=who, en=en, ro=ro)
    for key, who, en, ro in (
        ("undecided", "us", "the claim is not decided yet", "dosarul nu are încă o decizie"),
        ("to_propose", "us", "decided; the payment is not proposed yet", "decis; plata nu este încă propusă"),
        ("account", "customer", "no usable bank account yet", "nu există încă un cont bancar bun de plată"),
        ("call_back", "us", "the account waits for a call back and a second person", "contul așteaptă verificarea"),
        ("to_release", "us", "waits for release by a second person", "așteaptă eliberarea de către a doua persoană"),
        ("released", "us", "released; goes with the next file to the bank", "eliberată; pleacă cu următorul fișier"),
        ("sent", "bank", "sent to the bank; not confirmed yet", "trimisă la bancă; neconfirmată încă"),
        ("confirmed", "nobody", "paid", "plătită"),
        ("returned", "customer", "came back from the bank: ask for another account", "întoarsă: cereți alt cont"),
    )
}


def _record(session: Session, what: str, payment: Payment, *, actor: str, now: datetime) -> None:
    history.record(session, f"payment.{what}", actor=actor, at=now, claim=payment.claim, payment=payment.once)


def _no(guard: str, en: str, ro: str) -> GuardError:
    return GuardError(en, ro=ro, guard=guard)


def _said(minor: int, currency: str) -> str:
    return f"{minor // 100}.{minor % 100:02d} {currency}"
