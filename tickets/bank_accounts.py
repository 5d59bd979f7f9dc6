"""Bank accounts: what was given, by which way, since when; the newest of a party is the one in use."""

from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session

from tickets.models import BankAccount, Claim

#: Letters and digits of the longest IBAN (ISO 13616).
LONGEST_IBAN = 34


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
