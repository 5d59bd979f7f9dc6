"""Checks of amounts: do the items add up, in which currency are they, is anything zero or negative."""

from collections.abc import Iterator
from decimal import Decimal

from templates.money import amount as said
from tickets.checks.finding import Finding, day, plain
from tickets.facts import Expense, Facts
from tickets.models.findings import Severity
from tickets.payable import convert, currency, rounded

#: Rates of value added tax that Romanian invoices bear, in percent: what often explains a difference.
_VAT = tuple(map(Decimal, (21, 11, 19, 9, 5)))


def does_not_add_up(facts: Facts) -> Finding | None:
    """AMT-01: the items and the stated total differ by more than a hundredth an item, or an item in itself does."""
    wrong = [line.number for line in facts.expenses if abs(rounded(line.qty * line.unit) - line.total) > 1]
    difference = _difference(facts)
    if difference is None and not wrong:
        return None
    shares = _of_total(facts, difference) if difference is not None else ("", "", {})
    words = ("Quantity times price is not the total of item", "Cantitatea înmulțită cu prețul nu dă totalul poziției")
    return Finding(
        code="AMT-01",
        severity=Severity.WARN,
        text_en=" ".join(filter(None, [shares[0], _lines(words[0], wrong)])),
        text_ro=" ".join(filter(None, [shares[1], _lines(words[1], wrong)])),
        inputs={**shares[2], "items": wrong},
        resolver="rep",
    )


def _lines(words: str, numbers: list[int]) -> str:
    return f"{words} {', '.join(map(str, numbers))}." if numbers else ""


def _difference(facts: Facts) -> tuple[int, int] | None:
    """The sum of the items and how far the stated total is above it; None if they agree or cannot be compared.

    Items in the total's currency are compared with it, and so are all of them converted: either may be what was meant.
    """
    if facts.total is None or not facts.expenses:
        return None
    own = [line for line in facts.expenses if line.currency == facts.currency]
    whole = [convert(line.total, line.currency, facts.currency, facts.rates) for line in facts.expenses]
    sums = [sum(each for each in whole if each is not None)] if None not in whole else []
    sums += [sum(line.total for line in own)] if own else []
    if not sums or any(abs(facts.total - each) <= len(facts.expenses) for each in sums):
        return None
    return sums[0], facts.total - sums[0]


def _of_total(facts: Facts, difference: tuple[int, int]) -> tuple[str, str, dict[str, str]]:
    items, above = difference
    total, vat = items + above, _vat(items, above, len(facts.expenses))
    figures = {language: [said(each, facts.currency, language) for each in (items, total, abs(above))]
               for language in ("en", "ro")}  # fmt: skip
    en, ro = figures["en"], figures["ro"]
    words_en = f"The items add up to {en[0]}, the stated total is {en[1]}: a difference of {en[2]}."
    words_ro = f"Pozițiile însumează {ro[0]}, totalul declarat este {ro[1]}: o diferență de {ro[2]}."
    if vat is not None:
        words_en += f" It is value added tax of {vat} %."
        words_ro += f" Diferența este TVA de {vat} %."
    inputs = {"items_total": plain(items), "stated_total": plain(total), "difference": plain(above)}
    return words_en, words_ro, {**inputs, "currency": facts.currency} | ({"vat": str(vat)} if vat is not None else {})


def _vat(items: int, above: int, count: int) -> Decimal | None:
    return next((rate for rate in _VAT if abs(rounded(items * rate / 100) - above) <= count), None)


def other_currency(facts: Facts) -> Iterator[Finding]:
    """AMT-02: an amount in another currency than the policy's, with the recorded rate and its day, or without."""
    target = currency(facts)
    asked = {line.currency for line in facts.expenses}
    if not facts.expenses and facts.total is not None:
        asked = {facts.currency}
    for foreign in sorted(asked - {target}):
        yield _foreign(facts, foreign, target)


def _foreign(facts: Facts, foreign: str, target: str) -> Finding:
    rate = next((each for each in facts.rates if {each.source, each.target} == {foreign, target}), None)
    if rate is None:
        words = (f"Amounts in {foreign}, the policy is in {target}: no rate of exchange is recorded.",
                 f"Sume în {foreign}, polița este în {target}: nu este înregistrat niciun curs de schimb.")  # fmt: skip
    else:
        figures = format(rate.rate, "f")
        en, ro = (f"1 {rate.source} = {each} {rate.target}" for each in (figures, figures.replace(".", ",")))
        words = (f"Amounts in {foreign}, the policy is in {target}: {en}, rate of {day(rate.day, 'en')}.",
                 f"Sume în {foreign}, polița este în {target}: {ro}, cursul din {day(rate.day, 'ro')}.")  # fmt: skip
    return Finding(
        code="AMT-02",
        subject=foreign,
        severity=Severity.WARN,
        text_en=words[0],
        text_ro=words[1],
        inputs={
            "currency": foreign,
            "policy_currency": target,
            "rate": format(rate.rate, "f") if rate else None,
            "date": rate.day.isoformat() if rate else None,
        },
        resolver="rep",
    )


def not_positive(facts: Facts) -> Iterator[Finding]:
    """AMT-03: an item or the stated total is zero or negative."""
    for line in facts.expenses:
        if line.total <= 0:
            yield _not_positive(f"item {line.number}", line.total, line.currency, line)
    if facts.total is not None and facts.total <= 0:
        yield _not_positive("total", facts.total, facts.currency, None)


def _not_positive(subject: str, minor: int, unit: str, line: Expense | None) -> Finding:
    names = (f"Item {line.number}", f"Poziția {line.number}") if line else ("The stated total", "Totalul declarat")
    return Finding(
        code="AMT-03",
        subject=subject,
        severity=Severity.BLOCK,
        text_en=f"{names[0]} is {said(minor, unit, 'en')}: an amount must be above zero.",
        text_ro=f"{names[1]} este {said(minor, unit, 'ro')}: suma trebuie să fie mai mare decât zero.",
        inputs={"amount": plain(minor), "currency": unit},
        resolver="rep",
    )


CHECKS = (does_not_add_up, other_currency, not_positive)
