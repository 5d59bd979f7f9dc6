"""Checks of identities: names, personal and company numbers, vehicle numbers, who is paid and on which account."""

import re
from collections.abc import Iterator
from datetime import timedelta

from stdnum import iban as iban_numbers
from stdnum.ro import cnp as cnp_numbers
from stdnum.ro import cui as cui_numbers

from tickets.checks.finding import Finding, day
from tickets.facts import Facts, Number, Person
from tickets.likeness import Likeness, compare
from tickets.models.findings import Severity

_FRESH = timedelta(days=30)  #: An account changed so shortly before a payment needs a call back.
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
KEPT = 4  #: Characters of a number that may be shown.

#: How two names differ, where they do not quite.
_HOW = {
    Likeness.SHORTER: (
        "differ by a maiden or middle name, or an initial",
        "diferă printr-un nume de fată, un prenume în plus sau o inițială",
    ),
    Likeness.FUZZY: ("differ by a few letters", "diferă prin câteva litere"),
    Likeness.DIFFERS: ("are different names", "sunt nume diferite"),
}


def number(kind: str, value: str) -> Number:
    """A CNP or CUI as facts hold it."""
    written = "".join(value.upper().split())
    return Number(kind=kind, masked=f"..{written[-KEPT:]}", valid=is_number(kind, written))


def is_number(kind: str, written: str) -> bool:
    """Whether a CNP or CUI may be right; what has letters beyond RO is a foreign number, which we cannot judge."""
    digits = written.removeprefix("RO") if kind == "cui" else written
    if not digits.isdigit():
        return bool(digits) and any(map(str.isalpha, digits))
    valid: bool = (cnp_numbers if kind == "cnp" else cui_numbers).is_valid(digits)
    return valid


def is_iban(iban: str) -> bool:
    """Whether length and check digits are right."""
    valid: bool = iban_numbers.is_valid(iban)
    return valid


def other_name(facts: Facts) -> Iterator[Finding]:
    """ID-01: a name that is not quite the same: the account's holder and who is paid, who is paid and the claimant."""
    paid = _paid(facts)
    if facts.account is not None and facts.account.holder and paid:
        yield from _other_name("account_holder", facts.account.holder, paid)
    if facts.payee and facts.claimant and compare(facts.payee, facts.claimant.name) is not Likeness.DIFFERS:
        yield from _other_name("payee", facts.payee, facts.claimant.name)


def _paid(facts: Facts) -> str | None:
    return facts.payee or (facts.claimant.name if facts.claimant else None)


def _other_name(subject: str, one: str, other: str) -> Iterator[Finding]:
    likeness = compare(one, other)
    if likeness not in _HOW:
        return
    names = {
        "account_holder": ("The account's holder", "Titularul contului"),
        "payee": ("The payee", "Beneficiarul plății"),
    }
    yield Finding(
        code="ID-01",
        subject=subject,
        severity=Severity.WARN,
        text_en=f"{names[subject][0]}, {one}, and {other} {_HOW[likeness][0]}.",
        text_ro=f"{names[subject][1]}, {one}, și {other} {_HOW[likeness][1]}.",
        inputs={"name": one, "compared_with": other, "likeness": likeness.name.lower()},
        resolver="rep",
    )


def wrong_number(facts: Facts) -> Iterator[Finding]:
    """ID-02: the check digit of a personal or company number fails."""
    people = {each.id: each for each in (facts.claimant, facts.insured) if each is not None}
    for person in people.values():
        yield from (_wrong_number(person, each) for each in person.numbers if not each.valid)


def _wrong_number(person: Person, wrong: Number) -> Finding:
    kind = wrong.kind.upper()
    return Finding(
        code="ID-02",
        subject=f"{person.id}/{wrong.kind}",
        severity=Severity.BLOCK,
        text_en=f"The check digit of the {kind} {wrong.masked} of {person.name} is wrong.",
        text_ro=f"Cifra de control a {kind} {wrong.masked} ({person.name}) este greșită.",
        inputs={"person": person.id, "kind": wrong.kind, "number": wrong.masked},
        resolver="rep",
    )


def wrong_account_or_vehicle(facts: Facts) -> Iterator[Finding]:
    """ID-03: an IBAN whose check digits are wrong, or a VIN that has not the form of one."""
    if facts.account is not None and not facts.account.valid:
        yield _wrong("iban", facts.account.masked,
                     (f"The check digits of the IBAN {facts.account.masked} are wrong.",
                      f"Cifrele de control ale IBAN-ului {facts.account.masked} sunt greșite."))  # fmt: skip
    vin = facts.thing.vin if facts.thing else None
    if vin and not _VIN.fullmatch(vin):
        yield _wrong("vin", vin, (f"{vin} is no VIN: 17 letters and digits, without I, O and Q.",
                                  f"{vin} nu este o serie de șasiu: 17 litere și cifre, fără I, O și Q."))  # fmt: skip


def _wrong(subject: str, shown: str, words: tuple[str, str]) -> Finding:
    return Finding(
        code="ID-03",
        subject=subject,
        severity=Severity.BLOCK,
        text_en=words[0],
        text_ro=words[1],
        inputs={"number": shown},
        resolver="rep",
    )


def other_payee(facts: Facts) -> Iterator[Finding]:
    """ID-04: somebody else than the claimant is paid, or the account is somebody else's."""
    claimant, paid = facts.claimant, _paid(facts)
    if facts.payee and claimant and compare(facts.payee, claimant.name) is Likeness.DIFFERS:
        yield _other_payee("payee", facts.payee, claimant.name,
                           (f"{facts.payee} is to be paid, the claimant is {claimant.name}.",
                            f"Plata merge la {facts.payee}, dar cererea este făcută de {claimant.name}."))  # fmt: skip
    holder = facts.account.holder if facts.account else ""
    if holder and paid and compare(holder, paid) is Likeness.DIFFERS:
        yield _other_payee("account_holder", holder, paid,
                           (f"The account is held by {holder}, not by {paid}.",
                            f"Titularul contului este {holder}, nu {paid}."))  # fmt: skip


def _other_payee(subject: str, one: str, other: str, words: tuple[str, str]) -> Finding:
    return Finding(
        code="ID-04",
        subject=subject,
        severity=Severity.BLOCK,
        text_en=words[0],
        text_ro=words[1],
        inputs={"name": one, "compared_with": other},
        resolver="four_eyes",
    )


def fresh_or_shared_account(facts: Facts) -> Iterator[Finding]:
    """ID-05: the account changed shortly before the payment, or is another customer's; a call back clears both."""
    account = facts.account
    if account is None or account.cleared:
        return
    if account.changed_on is not None and facts.today - account.changed_on < _FRESH:
        changed = account.changed_on
        en = f"The account changed on {day(changed, 'en')}, less than 30 days ago: call back and four eyes."
        ro = f"Contul a fost schimbat la {day(changed, 'ro')}, sub 30 de zile: apel de verificare și patru ochi."
        yield _uncleared("changed", {"changed_on": changed.isoformat(), "iban": account.masked}, (en, ro))
    if account.used_by:
        yield _uncleared("shared", {"customers": list(account.used_by), "iban": account.masked},
                         ("The account is used by another customer too.",
                          "Contul este folosit și de alt client."))  # fmt: skip


def _uncleared(subject: str, inputs: dict[str, object], words: tuple[str, str]) -> Finding:
    return Finding(
        code="ID-05",
        subject=subject,
        severity=Severity.BLOCK,
        text_en=words[0],
        text_ro=words[1],
        inputs=inputs,
        resolver="four_eyes",
    )


CHECKS = (other_name, wrong_number, wrong_account_or_vehicle, other_payee, fresh_or_shared_account)
