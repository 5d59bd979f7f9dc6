"""Invoices a claim rests on, in the one form under which the same invoice is found in every claim."""

import re
from collections.abc import Iterable

from tickets.models import Claim, Invoice


def issuer(tax_id: str) -> str:
    """A tax number as digits alone, without RO; a foreign one as capitals and digits."""
    written = re.sub(r"[^0-9A-Z]", "", tax_id.upper())
    return re.sub(r"^RO(?=[0-9]+$)", "", written)


def number(printed: str) -> str:
    """An invoice's number as capitals and digits alone: `Nord-4711` and `NORD 4711` are one."""
    return re.sub(r"[\W_]", "", printed.upper())


def keep(claim: Claim, told: Iterable[Invoice]) -> None:
    """Make the claim's invoices those `told`; one told twice is kept once."""
    wanted = {(each.issuer_tax_id, each.number_norm): each for each in told}
    held = {(each.issuer_tax_id, each.number_norm): each for each in claim.invoices}
    for key, each in wanted.items():
        if key not in held:
            claim.invoices.append(each)
        else:
            held[key].total_minor, held[key].currency, held[key].number = each.total_minor, each.currency, each.number
    for key in held.keys() - wanted.keys():
        claim.invoices.remove(held[key])


def invoice(tax_id: str, printed: str, *, total_minor: int, currency: str) -> Invoice:
    """An invoice as printed."""
    return Invoice(
        issuer_tax_id=issuer(tax_id),
        number=printed,
        number_norm=number(printed),
        total_minor=total_minor,
        currency=currency,
    )
