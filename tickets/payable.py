"""What is payable, step by step: from the lines through rates, sub-limits, deductibles and limits to one amount.

Whole hundredths throughout; every conversion and percentage is rounded once, half up, where it is made.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from templates.money import amount as said
from tickets import cover as covers
from tickets.facts import Cover, Deductible, Expense, Facts, Rate, Spent


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the calculation; the steps add up to what is payable."""

    what: str  #: items | sub_limit | deductible | event_limit | aggregate | frequency | zero | not_payable
    amount: int
    why_en: str
    why_ro: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A limit that was passed."""

    code: str
    coverage: str
    limit: int  #: What could be paid at most.
    asked: int  #: What came to the limit.
    kind: str = ""
    clause: str = ""
    losses: int | None = None  #: How many losses of the period were paid, where their number is the limit.


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """The calculation before findings have their say."""

    currency: str
    claimed: int  #: All lines, converted.
    deducted: int
    after_deductible: int
    amount: int
    steps: tuple[Step, ...] = ()
    cuts: tuple[Cut, ...] = ()

    @property
    def is_below_deductible(self) -> bool:
        """Whether deductibles alone leave nothing of what is asked."""
        return self.deducted > 0 and self.after_deductible == 0


def reckon(facts: Facts) -> Reckoning | None:
    """Calculate; None where it is not defined: no policy or no date to choose a version by, or no rate recorded."""
    if facts.needs_policy and (facts.policy is None or facts.loss_date is None):
        return None
    target = currency(facts)
    lines = [(line, convert(line.total, line.currency, target, facts.rates)) for line in asked(facts)]
    converted = [(line, total) for line, total in lines if total is not None]
    if len(converted) < len(lines):
        return None
    codes = dict.fromkeys(line.coverage for line, _ in converted)
    parts = [_of_coverage(facts, code, [each for each in converted if each[0].coverage == code]) for code in codes]
    return Reckoning(
        currency=target,
        claimed=sum(total for _, total in converted),
        deducted=sum(part.deducted for part in parts),
        after_deductible=sum(part.after_deductible for part in parts),
        amount=sum(part.amount for part in parts),
        steps=tuple(step for part in parts for step in part.steps),
        cuts=tuple(cut for part in parts for cut in part.cuts),
    )


def currency(facts: Facts) -> str:
    """The policy's; the claim's where no version decides."""
    return facts.version.currency if facts.version else facts.currency


def asked(facts: Facts) -> tuple[Expense, ...]:
    """The lines; a stated total without lines is one line under the coverage that fits the cause."""
    if facts.expenses or facts.total is None:
        return facts.expenses
    fitting = covers.relevant(facts)
    code = fitting[0].code if fitting else ""
    return (Expense(number=1, coverage=code, unit=facts.total, total=facts.total, currency=facts.currency),)


def convert(total: int, source: str, target: str, rates: Iterable[Rate]) -> int | None:
    """Hundredths of one currency in another by the recorded rate, in either direction; None without one."""
    if source == target:
        return total
    for rate in rates:
        if (rate.source, rate.target) == (source, target):
            return rounded(total * rate.rate)
        if (rate.source, rate.target) == (target, source):
            return rounded(total / rate.rate)
    return None


def rounded(value: Decimal) -> int:
    """To the whole hundredth, half up."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def deductible(rule: Deductible, total: int) -> int:
    """What the insured bears of `total`."""
    if rule.pct is None:
        return rule.abs or 0
    share = rounded(total * rule.pct / 100)
    share = max(share, rule.min or 0)
    return share if rule.max is None else min(share, rule.max)


class _Ledger:
    """The running amount of one coverage, and how it came about."""

    def __init__(self, code: str, unit: str) -> None:
        self.code, self.unit = code, unit
        self.amount = self.deducted = self.after_deductible = 0
        self.steps: list[Step] = []
        self.cuts: list[Cut] = []

    def book(self, what: str, amount: int, en: str, ro: str) -> None:
        """Add a step, unless it changes nothing."""
        if amount:
            self.amount += amount
            self.steps.append(Step(what=what, amount=amount, why_en=en, why_ro=ro))

    def cut(self, what: str, code: str, limit: int, *, names: tuple[str, str], clause: str) -> None:
        """Cut the amount to a limit, which is a finding if there was more."""
        if self.amount <= limit:
            return
        self.cuts.append(Cut(code=code, coverage=self.code, limit=limit, asked=self.amount, clause=clause))
        en, ro = names
        self.book(what, limit - self.amount, f"{en} {said(limit, self.unit, 'en')}, {self.code}",
                  f"{ro} {said(limit, self.unit, 'ro')}, {self.code}")  # fmt: skip


def _of_coverage(facts: Facts, code: str, lines: list[tuple[Expense, int]]) -> _Ledger:
    ledger = _Ledger(code, currency(facts))
    held = covers.find(facts.version, code)
    total = sum(converted for _, converted in lines)
    ledger.book("items", total, *_items(facts, code, [line for line, _ in lines]))
    if held is not None:
        _cut_kinds(ledger, held, lines)
        _deduct(ledger, held)
    ledger.after_deductible = max(ledger.amount, 0)
    if held is not None:
        spent = [each for each in facts.spent if each.coverage == code]
        _cut_to_limits(ledger, held, sum(each.amount for each in spent))
        _cut_to_frequency(ledger, held, _losses(spent))
    ledger.book("zero", max(-ledger.amount, 0), "never below zero", "niciodată sub zero")
    return ledger


def _items(facts: Facts, code: str, lines: list[Expense]) -> tuple[str, str]:
    """The lines of one coverage, and the rates they were converted by."""
    used = list(_rates(facts, lines))
    en = [f"{len(lines)} {'item' if len(lines) == 1 else 'items'}", *(_rate(each, "en") for each in used)]
    ro = [f"{len(lines)} {'poziție' if len(lines) == 1 else 'poziții'}", *(_rate(each, "ro") for each in used)]
    return ", ".join([*en, *filter(None, [code])]), ", ".join([*ro, *filter(None, [code])])


def _rates(facts: Facts, lines: list[Expense]) -> Iterator[Rate]:
    target = currency(facts)
    foreign = {line.currency for line in lines} - {target}
    return (
        rate
        for rate in facts.rates
        if target in (rate.source, rate.target) and {rate.source, rate.target} - {target} <= foreign
    )


def _rate(rate: Rate, language: str) -> str:
    figures = format(rate.rate, "f")
    text = figures.replace(".", ",") if language == "ro" else figures
    return f"1 {rate.source} = {text} {rate.target} ({rate.day.isoformat()})"


def _cut_kinds(ledger: _Ledger, held: Cover, lines: list[tuple[Expense, int]]) -> None:
    for kind, limit in held.sub_limits.items():
        asked_for = sum(total for line, total in lines if line.kind is not None and _same(line.kind, kind))
        if asked_for <= limit:
            continue
        ledger.cuts.append(
            Cut(code="LIM-02", coverage=held.code, kind=kind, limit=limit, asked=asked_for, clause=held.clause)
        )
        ledger.book("sub_limit", limit - asked_for, f"sub-limit of {said(limit, ledger.unit, 'en')} for {kind}",
                    f"sublimita de {said(limit, ledger.unit, 'ro')} pentru {kind}")  # fmt: skip


def _same(one: str, other: str) -> bool:
    return covers.word(one) == covers.word(other)


def _deduct(ledger: _Ledger, held: Cover) -> None:
    amount = max(ledger.amount, 0)
    whole = deductible(held.deductible, amount)
    ledger.deducted = min(whole, amount)
    en, ro = said(whole, ledger.unit, "en"), said(whole, ledger.unit, "ro")
    ledger.book("deductible", -ledger.deducted, f"deductible of {en}, {held.code}", f"franșiza de {ro}, {held.code}")


def _cut_to_limits(ledger: _Ledger, held: Cover, spent: int) -> None:
    for limit, names in (
        (held.limit_event, ("limit per event of", "limita pe eveniment de")),
        (held.limit_person, ("limit per person of", "limita pe persoană de")),
    ):
        if limit is not None:
            ledger.cut("event_limit", "LIM-01", limit, names=names, clause=held.clause)
    if held.limit_aggregate is not None:
        left = max(held.limit_aggregate - spent, 0)
        names = ("left of the aggregate limit:", "rămas din limita agregată:")
        ledger.cut("aggregate", "LIM-03", left, names=names, clause=held.clause)


def _losses(spent: Iterable[Spent]) -> int:
    """How many losses were paid: payments of one claim are one loss, each that an import brought is one."""
    known = [each.claim for each in spent]
    return len(set(filter(None, known))) + known.count("")


def _cut_to_frequency(ledger: _Ledger, held: Cover, losses: int) -> None:
    if held.frequency is None or losses < held.frequency or ledger.amount <= 0:
        return
    ledger.cuts.append(
        Cut(code="LIM-02", coverage=held.code, limit=0, asked=ledger.amount, clause=held.clause, losses=losses)
    )
    ledger.book("frequency", -ledger.amount, f"losses paid in the period: {losses} of {held.frequency}, {held.code}",
                f"daune plătite în perioadă: {losses} din {held.frequency}, {held.code}")  # fmt: skip
