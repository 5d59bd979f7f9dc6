"""Checks of duplicates: the same loss, the same invoice, the same file in another claim."""

from collections.abc import Iterator

from templates.dates import joined
from templates.money import amount as said
from tickets import cover
from tickets.checks.finding import Finding, day, plain
from tickets.facts import Bill, Facts, OtherLoss, SameFile, Thing
from tickets.models.findings import Severity
from tickets.parties import fold


def same_loss(facts: Facts) -> Iterator[Finding]:
    """DUP-01: another claim on the policy, about the same time, of the same cause or thing, open or closed."""
    for other in facts.other_losses:
        shared = list(_shared(facts, other))
        if shared and facts.loss_date and abs((other.loss_date - facts.loss_date).days) <= facts.same_loss:
            yield _same_loss(other, shared)


def _shared(facts: Facts, other: OtherLoss) -> Iterator[str]:
    if facts.cause and other.cause and cover.word(facts.cause) == cover.word(other.cause):
        yield "cause"
    if facts.thing and other.thing and _is_same(facts.thing, other.thing):
        yield "asset"


def _is_same(one: Thing, other: Thing) -> bool:
    """Any number in common, or the same address."""
    if (one.vin and one.vin == other.vin) or (one.plate and one.plate == other.plate):
        return True
    return bool(one.address and other.address and fold(one.address) == fold(other.address))


def _same_loss(other: OtherLoss, shared: list[str]) -> Finding:
    ro = {"cause": "aceeași cauză", "asset": "același bun"}
    return Finding(
        code="DUP-01",
        subject=other.claim,
        severity=Severity.BLOCK,
        text_en=f"{other.claim} is about a loss on the same policy on {day(other.loss_date, 'en')}, "
        f"same {joined(shared, 'en')}.",
        text_ro=f"{other.claim} privește o pagubă din {day(other.loss_date, 'ro')} pe aceeași poliță: "
        f"{joined([ro[each] for each in shared], 'ro')}.",
        inputs={"claim": other.claim, "loss_date": other.loss_date.isoformat(), "same": shared},
        resolver="rep",
    )


def same_invoice(facts: Facts) -> Iterator[Finding]:
    """DUP-02: an invoice that another claim rests on, or that has been paid already."""
    for bill in facts.bills:
        if bill.elsewhere:
            yield _same_invoice(bill)


def _same_invoice(bill: Bill) -> Finding:
    where = ", ".join(bill.elsewhere)
    paid_en = f"; paid in {', '.join(bill.paid_in)}" if bill.paid_in else ""
    paid_ro = f"; plătită în {', '.join(bill.paid_in)}" if bill.paid_in else ""
    return Finding(
        code="DUP-02",
        subject=f"{bill.issuer}/{bill.number}",
        severity=Severity.BLOCK,
        text_en=f"Invoice {bill.number} of {bill.issuer}, {said(bill.total, bill.currency, 'en')}, "
        f"is also in {where}{paid_en}.",
        text_ro=f"Factura {bill.number} emisă de {bill.issuer}, {said(bill.total, bill.currency, 'ro')}, "
        f"se află și în {where}{paid_ro}.",
        inputs={
            "issuer": bill.issuer,
            "number": bill.number,
            "total": plain(bill.total),
            "currency": bill.currency,
            "claims": list(bill.elsewhere),
            "paid_in": list(bill.paid_in),
        },
        resolver="supervisor",
    )


def same_file(facts: Facts) -> Iterator[Finding]:
    """DUP-03: a file that another claim has too, or a picture that looks the same."""
    return (_same_file(each) for each in facts.same_files)


def _same_file(each: SameFile) -> Finding:
    what = ("is byte for byte a file of", "este identic cu un fișier din") if each.exact else (
        "looks like a picture of", "seamănă cu o fotografie din")  # fmt: skip
    return Finding(
        code="DUP-03",
        subject=f"{each.document}/{each.claim}",
        severity=Severity.WARN,
        text_en=f"Document {each.document} {what[0]} {each.claim}.",
        text_ro=f"Documentul {each.document} {what[1]} {each.claim}.",
        inputs={"document": each.document, "claim": each.claim, "distance": each.distance, "same_bytes": each.exact},
        resolver="siu",
    )


CHECKS = (same_loss, same_invoice, same_file)
