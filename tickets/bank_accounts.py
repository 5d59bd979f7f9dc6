"""Bank accounts: what was given, by which way, since when; the newest is the one in use, once it is safe to pay to."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from tickets import account_changes, history
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause, Refusal
from tickets.identifiers import is_iban
from tickets.models import BankAccount, Claim, Payment, PaymentState, Requirement, Staff
from tickets.requirements import RequirementState

#: An account that changed this recently is called back first (ID-05).
FRESH = timedelta(days=30)
#: By which ways an account may come to us; what comes by mail or text is kept and called back like any other.
SOURCES = frozenset({"form", "call", "letter", "email", "sms", "import"})
ITEM = "bank_account"
#: Letters and digits of the longest IBAN (ISO 13616).
LONGEST_IBAN = 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The account a claim would be paid to, from a row or as an import brought it."""

    iban: str
    holder: str
    changed_on: date | None
    row: BankAccount | None = None
    used_by_others: bool = False

    @property
    def is_cleared(self) -> bool:
        """Called back on a number on file, and agreed by a second person."""
        return self.row is not None and self.row.called_back_at is not None and self.row.agreed_by_id is not None


def normal(iban: str) -> str:
    """Capitals and digits alone, as given otherwise: a wrong account is kept and reported, not mended."""
    return "".join(character for character in iban.upper() if character.isascii() and character.isalnum())[
        :LONGEST_IBAN
    ]


def masked(iban: str) -> str:
    """What a page or a letter may show: `RO..0012`."""
    return f"{iban[:2]}..{iban[-4:]}"


def give(session: Session, claim: Claim, iban: str, *, holder: str, on: date, source: str) -> BankAccount | None:
    """Keep an account given for a claim; the party's former ones are out of use. None without a claimant."""
    if claim.claimant is None:
        return None
    account = BankAccount(
        party=claim.claimant, claim_id=claim.id, iban=normal(iban), holder=holder.strip(), changed_on=on, source=source
    )
    session.execute(
        update(BankAccount).where(BankAccount.party_id == claim.claimant.id, BankAccount.active).values(active=False)
    )
    session.add(account)
    claim.record = claim.record | {
        "bank_account": {"iban": account.iban, "holder": account.holder, "changed_on": on.isoformat()}
    }
    return account


def enter(
    session: Session, claim: Claim, *, iban: str, holder: str, source: str, today: date, cause: Cause
) -> BankAccount:
    """Keep the account a representative was told; a wrong number is kept too, and asked for again."""
    if source not in SOURCES:
        raise GuardError(
            f"an account comes by {', '.join(sorted(SOURCES))}, not {source}",
            guard="source",
            ro=f"un cont vine prin {', '.join(sorted(SOURCES))}, nu prin {source}",
        )
    account = give(session, claim, iban, holder=holder, on=today, source=source)
    if account is None:
        raise GuardError(
            f"{claim.ref} has no claimant yet: link a customer first",
            ro=f"{claim.ref} nu are încă o persoană păgubită: legați mai întâi un client",
            guard="claimant",
        )
    _judge_item(claim, right=is_iban(account.iban))
    session.flush()  # its number is named in the history
    history.record(
        session, "account.given", actor=cause.actor, at=cause.at, claim=claim, message=cause.message,
        account=account.id, source=source, right=is_iban(account.iban),
    )  # fmt: skip
    return account


def _judge_item(claim: Claim, *, right: bool) -> None:
    """A wrong number is asked for again, with the reason; a right one settles the item."""
    row: Requirement | None = next((each for each in claim.requirements if each.item == ITEM), None)
    if row is not None and row.state not in (RequirementState.WAIVED, RequirementState.NOT_APPLICABLE):
        row.state = RequirementState.ACCEPTED if right else RequirementState.REJECTED
        row.reason = None if right else "the check digits of the account number are wrong"


def call_back(session: Session, account: BankAccount, *, number: str, staff: Staff, now: datetime) -> None:
    """Record that the customer confirmed the account on a number that was on file before."""
    account_changes.require_on_file(session, account.party, number, on=now)
    account.called_back_at, account.called_back_by_id, account.called_number = now, staff.id, number
    _record(session, "account.called_back", account, staff, now)


def agree(session: Session, account: BankAccount, *, staff: Staff, now: datetime) -> None:
    """A second person agrees to an account that was called back."""
    if account.called_back_at is None:
        raise GuardError(
            "ID-05: call the customer back on a number on file first",
            ro="ID-05: sunați mai întâi clientul la un număr aflat deja în evidență",
            guard="ID-05",
        )
    if staff.id == account.called_back_by_id:
        raise GuardError(
            f"ID-05: {staff.name} made the call; a second person agrees",
            ro=f"ID-05: {staff.name} a dat telefonul; trebuie să confirme o a doua persoană",
            guard="four eyes",
        )
    account.agreed_by_id = staff.id
    _record(session, "account.agreed", account, staff, now)


def _record(session: Session, kind: str, account: BankAccount, staff: Staff, now: datetime) -> None:
    claim = session.get(Claim, account.claim_id) if account.claim_id else None
    history.record(session, kind, actor=f"staff:{staff.id}", at=now, claim=claim, account=account.id)


def of_claim(session: Session, claim: Claim) -> Known | None:
    """The account a claim would be paid to."""
    row, brought = session.scalar(_rows(claim).limit(1)), claim.record.get(ITEM) or {}
    if row is not None and row.claim_id != claim.id and normal(str(brought.get("iban") or row.iban)) != row.iban:
        row = None  # given for another claim: what this one brought counts
    if row is None and not brought.get("iban"):
        return None
    iban = row.iban if row else normal(str(brought["iban"]))
    changed = row.changed_on if row else _day(brought.get("changed_on"))
    return Known(
        iban=iban, holder=row.holder if row else str(brought.get("holder") or ""), changed_on=changed, row=row,
        used_by_others=_is_used_by_others(session, claim, iban),
    )  # fmt: skip


def row_of(session: Session, claim: Claim) -> BankAccount:
    """The account's row, made from what an import brought if there is none; raises `UnknownReferenceError`."""
    known = of_claim(session, claim)
    if known is None or claim.claimant is None:
        raise UnknownReferenceError(f"{claim.ref} has no bank account yet")
    if known.row is not None:
        return known.row
    row = BankAccount(
        party=claim.claimant, claim_id=claim.id, iban=known.iban, holder=known.holder,
        changed_on=known.changed_on or claim.created_at.date(), source="import",
    )  # fmt: skip
    session.add(row)
    return row


def _rows(claim: Claim) -> Select[BankAccount]:
    """The account in use of the claimant, the newest first."""
    his = (BankAccount.active, BankAccount.party_id == claim.claimant_id)
    return select(BankAccount).where(*his).order_by(BankAccount.id.desc())


def _is_used_by_others(session: Session, claim: Claim, iban: str) -> bool:
    accounts = select(BankAccount.id).where(BankAccount.iban == iban, BankAccount.party_id != claim.claimant_id)
    paid = (
        select(Payment.id)
        .join(Claim, Claim.id == Payment.claim_id)
        .where(
            Payment.iban == iban,
            Claim.claimant_id != claim.claimant_id,
            Payment.state.not_in((PaymentState.WITHDRAWN, PaymentState.PROPOSED)),
        )
    )
    return session.scalar(accounts.limit(1)) is not None or session.scalar(paid.limit(1)) is not None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def why_not(known: Known | None, *, today: date) -> Refusal | None:
    """Say why an account may not be paid to today; None if it may."""
    if known is None:
        return Refusal(
            guard="bank account",
            en="there is no bank account yet: ask for it by form or telephone",
            ro="nu există încă un cont bancar: cereți-l prin formular sau telefon",
        )
    if not is_iban(known.iban):
        return Refusal(
            guard="ID-03",
            en="ID-03: the check digits of the account number are wrong: ask for it again by form or telephone",
            ro="ID-03: cifrele de control ale IBAN-ului sunt greșite: cereți-l din nou prin formular sau telefon",
        )
    fresh = known.changed_on is not None and today - known.changed_on < FRESH
    if (fresh or known.used_by_others) and not known.is_cleared:
        return Refusal(
            guard="ID-05",
            en="ID-05: the account is new or another customer's: call back on a number on file, a second person agrees",
            ro="ID-05: contul este nou sau al altui client: sunați la un număr din evidență, confirmă a doua persoană",
        )
    return None
