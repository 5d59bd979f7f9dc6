"""The letters about a claim: a denial says all it must, no code is without words, no letter lacks a value."""

from dataclasses import replace
from datetime import date

import pytest

from templates import Value, needs, render
from templates.letters import (
    ClaimStage,
    Closing,
    ComplaintAcknowledgement,
    ComplaintAnswer,
    Decision,
    HandOver,
    Letter,
    Line,
    Money,
    MoreTime,
    Outcome,
    PromiseConfirmation,
    Reason,
    StatusAnswer,
    denial_codes,
    denial_words,
    outside_bodies,
)
from templates.money import amount

OFFICE: dict[str, Value] = {
    "office": "Exemplu Asigurări",
    "office_short": "Exemplu",
    "office_address": "Str. Exemplului 10, 010101 București",
    "phone": "021 555 0100",
    "person": "Ana Ionescu",
    "name": "Maria Popescu",
    "reference": "CLM26-004711-58",
    "list_by": "letter",
    "address_lines": ["Str. Lungă 1", "010101 București"],
    "code": "CLM26-004711-58",
    "large_print": False,
    "today": "",
}
DENIED = Decision(
    outcome=Outcome.DENY,
    loss_date=date(2026, 11, 14),
    reasons=(Reason(code="D03", clause="Art. 4.2", quote="Nu se despăgubește uzura."),),
    facts=("Raportul instalatorului din 16.11.2026.",),
    appeal_by=date(2026, 12, 28),
    appeal_days=30,
)
PAID_IN_PART = replace(
    DENIED,
    outcome=Outcome.PARTIAL,
    amount=Money(minor=215_000),
    claimed=Money(minor=300_050),
    lines=(Line(what="Parchet", claimed=Money(minor=300_050), paid=Money(minor=215_000)),),
    pay_to="RO..0012",
    pay_by=date(2026, 12, 14),
)
LETTERS: tuple[Letter, ...] = (
    DENIED,
    PAID_IN_PART,
    replace(PAID_IN_PART, outcome=Outcome.APPROVE, reasons=(), deductible=Money(minor=10_000)),
    *(Closing(closing_code=code, other_reference="CLM26-004722-31") for code in ("C01", "C02", "C03", "C04")),
    HandOver(department="Legal", next_by=date(2026, 12, 7)),
    ComplaintAcknowledgement(complained_on=date(2026, 11, 23), answer_by=date(2026, 12, 23)),
    ComplaintAnswer(complained_on=date(2026, 11, 23), outcome="founded", body="Ați avut dreptate."),
    PromiseConfirmation(promised_by=date(2026, 12, 7)),
    MoreTime(before=date(2026, 12, 7), until=date(2026, 12, 23), reason="Așteptăm raportul expertului."),
    StatusAnswer(stage=ClaimStage.REVIEW),
)


def _text(letter: Letter, language: str, medium: str = "letter") -> str:
    values = {**OFFICE, **letter.values(language)}
    return render(letter.template, language=language, medium=medium, values=values).text


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.template)
@pytest.mark.parametrize("language", ["en", "ro"])
def test_letter_fills_every_medium_and_gives_nothing_that_no_text_uses(letter: Letter, language: str) -> None:
    media = ("email", "sms", "letter")

    assert all(_text(letter, language, medium) for medium in media)
    used = {value for medium in media for value in needs(letter.template, language=language, medium=medium)}
    if not isinstance(letter, Decision):  # one class fills three messages
        assert set(letter.values(language)) <= used


@pytest.mark.parametrize("language", ["en", "ro"])
def test_denial_holds_everything_a_denial_must_hold(language: str) -> None:
    said = " ".join(_text(DENIED, language).split())

    wanted = {
        "en": (
            "we cannot pay it",
            denial_words("D03", "en")["words"],
            "Art. 4.2 says: “Nu se despăgubește uzura.”",
            "Raportul instalatorului",
            "What would change this: " + denial_words("D03", "en")["change"],
            "by Monday 28 December 2026",
            "within 30 days",
            "ASF",
            "SAL-FIN",
            "court",
            "large print, another language",
        ),
        "ro": (
            "nu putem plăti despăgubirea",
            denial_words("D03", "ro")["words"],
            "Art. 4.2 prevede: „Nu se despăgubește uzura.”",
            "Raportul instalatorului",
            "Ce ar schimba decizia: " + denial_words("D03", "ro")["change"],
            "până luni, 28 decembrie 2026",
            "în 30 de zile",
            "ASF",
            "SAL-FIN",
            "instanței de judecată",
            "litere mari, altă limbă",
        ),
    }[language]
    assert [words for words in wanted if words not in said] == []


def test_partial_payment_says_what_is_paid_of_what_and_where_to_without_the_whole_account() -> None:
    said = _text(PAID_IN_PART, "ro")

    assert "2.150,00 lei din suma solicitată, de 3.000,50 lei" in said
    assert "în contul RO..0012 până luni, 14 decembrie 2026" in said


@pytest.mark.parametrize("letter", LETTERS[:3], ids=lambda letter: letter.template)
@pytest.mark.parametrize("language", ["en", "ro"])
def test_no_amount_and_no_reason_stands_in_an_sms_or_a_subject(letter: Letter, language: str) -> None:
    values = {**OFFICE, **letter.values(language)}
    subject = render(letter.template, language=language, medium="email", values=values).subject

    for open_to_others in (_text(letter, language, "sms"), subject):
        assert not any(words in open_to_others for words in ("150", "Art.", denial_words("D03", language)["words"]))


def test_every_denial_code_has_words_in_both_languages() -> None:
    assert denial_codes() == tuple(f"D{number:02}" for number in range(1, 18))
    for code in denial_codes():
        for language in ("en", "ro"):
            words, change = denial_words(code, language)["words"], denial_words(code, language)["change"]
            assert words[0].isupper()
            assert words.endswith(".")
            assert change[0].islower()
            assert change.endswith(".")


def test_own_words_stand_in_place_of_ours() -> None:
    own = replace(DENIED, reasons=(Reason(code="D03", words="Uzura nu este asigurată.", change="nimic."),))

    said = _text(own, "ro")

    assert "Uzura nu este asigurată. Ce ar schimba decizia: nimic." in said
    assert denial_words("D03", "ro")["words"] not in said


def test_office_of_another_country_names_no_romanian_body() -> None:
    assert outside_bodies("GB", "en") == []
    assert "ASF" not in _text(replace(DENIED, country="GB"), "en")


@pytest.mark.parametrize(
    ("minor", "currency", "english", "romanian"),
    [
        (215_000, "RON", "2,150.00 lei", "2.150,00 lei"),
        (5, "EUR", "0.05 EUR", "0,05 EUR"),
        (-123_456_789, "RON", "-1,234,567.89 lei", "-1.234.567,89 lei"),
    ],
)
def test_amounts_are_written_as_each_language_writes_them(
    minor: int, currency: str, english: str, romanian: str
) -> None:
    assert (amount(minor, currency, "en"), amount(minor, currency, "ro")) == (english, romanian)
