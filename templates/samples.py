"""Sample values for looking at a message before it goes to anybody: one invented claim, in both languages."""

from collections.abc import Iterator
from datetime import date, datetime

from templates import Value, dates
from templates.counts import wanted, wanted_short
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
)

_DUE, _LOSS, _ASKED = date(2026, 12, 7), date(2026, 11, 14), date(2026, 11, 23)
_CLOSE, _LATER = date(2026, 12, 23), date(2026, 12, 14)
_ANSWER_BY = datetime(2026, 11, 25, 17, 0)  # noqa: DTZ001 - printed as the office's own time

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "statement": "Statement of the owners' association or of a neighbour",
        "statement_why": "It shows when and how the pipe burst.",
        "statement_counts": "A photo is fine if all four corners can be read.",
        "question": "Is the home a flat in a block?",
        "photos": "Photos of the damage",
        "floor": "New floor, 14 square metres",
        "floor_note": "The policy pays up to this amount.",
        "fact": "The plumber's report of 16 November 2026.",
        "clause": "Article 4.2 of the policy terms",
        "quote": "Wear and tear is not covered.",
        "why": "The file needs a colleague who knows this kind of loss.",
        "more_time": "The expert's report arrives next week.",
        "department": "Legal",
        "body": "We should have called you back in October, and did not.",
        "remedy": "We have looked at the file again and write to you this week.",
        "subject": "Your invoice",
        "reply": "We have your invoice.\n\nIt is complete.",
        "days": "5 working days",
    },
    "ro": {
        "statement": "Adeverința de la asociația de proprietari sau declarația unui vecin",
        "statement_why": "Ne arată când și cum s-a spart țeava.",
        "statement_counts": "E bună și o fotografie, cu toate colțurile vizibile.",
        "question": "Locuința este un apartament la bloc?",
        "photos": "Fotografii cu paguba",
        "floor": "Parchet nou, 14 metri pătrați",
        "floor_note": "Polița plătește până la această sumă.",
        "fact": "Raportul instalatorului din 16 noiembrie 2026.",
        "clause": "Art. 4.2 din condițiile de asigurare",
        "quote": "Uzura nu se despăgubește.",
        "why": "Dosarul are nevoie de un coleg care cunoaște acest fel de pagube.",
        "more_time": "Raportul expertului sosește săptămâna viitoare.",
        "department": "Juridic",
        "body": "Trebuia să vă sunăm înapoi în octombrie și nu am făcut-o.",
        "remedy": "Am analizat din nou dosarul și vă scriem săptămâna aceasta.",
        "subject": "Factura dvs.",
        "reply": "Am primit factura.\n\nEste completă.",
        "days": "5 zile lucrătoare",
    },
}


def values(name: str, language: str) -> dict[str, Value]:
    """Give sample values for message `name`; those of a deployer's own message may be among them or not."""
    chosen = "ro" if language == "ro" else "en"
    found = {**_common(chosen), **_request(chosen)}
    for letter in _letters(chosen):
        if letter.template == name:
            found |= letter.values(chosen)
    return found


def _common(language: str) -> dict[str, Value]:
    words = _WORDS[language]
    return {
        "name": "Maria Popescu",
        "reference": "CLM26-004711-58",
        "ticket": "TKT26-000091-47",
        "code": "CLM26-004711-58/R1",
        "request_no": "R1",
        "person": "Ana Ionescu",
        "office": "Exemplu Asigurări",
        "office_short": "Exemplu",
        "office_address": "Str. Exemplului 10, 010101 București",
        "phone": "021 555 0100",
        "address_lines": ["Str. Lungă 1", "010101 București"],
        "today": dates.long_date(_ASKED, language),
        "large_print": False,
        "list_by": "email",
        "is_claim": True,
        "answer_by": dates.long_moment(_ANSWER_BY, language),
        "answer_by_short": dates.short_moment(_ANSWER_BY, language),
        "decide_by": dates.long_date(_LATER, language),
        "decide_by_short": dates.short_date(_LATER, language),
        "subject": words["subject"],
        "body": words["reply"],
    }


def _request(language: str) -> dict[str, Value]:
    words = _WORDS[language]
    statement: dict[str, Value] = {
        "label": words["statement"], "why": words["statement_why"], "counts": words["statement_counts"],
        "question": False,
    }  # fmt: skip
    return {
        "items": [statement, {"label": words["question"], "why": "", "counts": "", "question": True}],
        "needed": wanted(1, 1, language),
        "needed_short": wanted_short(1, 1, language),
        "due": dates.long_date(_DUE, language),
        "due_day": dates.weekday_date(_DUE, language),
        "due_short": dates.short_date(_DUE, language),
        "upload_url": "https://exemplu.example/u/0123456789012345678901",
        "send_to": "daune@exemplu.example",
        "purpose": "decide",
        "decide_in": words["days"],
        "policy_held": True,
        "loss_day": dates.day_month(_LOSS, language),
        "remind_days": dates.several_days([date(2026, 12, 2), _DUE], language),
        "close_day": dates.day_month(_CLOSE, language),
        "close_short": dates.short_date(_CLOSE, language),
        "asked_on": dates.day_month(_ASKED, language),
        "received": [words["photos"]],
        "tried": "letter",
        "tried_on": dates.day_month(_ASKED, language),
    }


def _letters(language: str) -> Iterator[Letter]:
    words = _WORDS[language]
    for outcome in Outcome:
        yield Decision(
            outcome=outcome,
            loss_date=_LOSS,
            amount=Money(minor=215_000),
            claimed=Money(minor=300_000),
            lines=(
                Line(
                    what=words["floor"],
                    claimed=Money(minor=300_000),
                    paid=Money(minor=225_000),
                    note=words["floor_note"],
                ),
            ),
            deductible=Money(minor=10_000),
            reasons=(Reason(code="D03", clause=words["clause"], quote=words["quote"]),),
            facts=(words["fact"],),
            pay_to="RO..0012",
            pay_by=_LATER,
            appeal_by=_CLOSE,
            appeal_days=30,
        )
    yield Closing(closing_code="C01", asked_on=_ASKED, missing=(words["statement"],))
    yield HandOver(new_person="Ion Vasile", department=words["department"], why=words["why"], next_by=_DUE)
    yield ComplaintAcknowledgement(complained_on=_ASKED, claim_reference="CLM26-004711-58", answer_by=_CLOSE)
    yield ComplaintAnswer(
        complained_on=_ASKED, claim_reference="CLM26-004711-58", outcome="partly", body=words["body"],
        remedy=words["remedy"],
    )  # fmt: skip
    yield PromiseConfirmation(
        promised_by=_DUE, missing=(words["statement"],), upload_url="https://exemplu.example/u/0123456789012345678901"
    )
    yield MoreTime(before=_DUE, until=_CLOSE, reason=words["more_time"])
    yield StatusAnswer(stage=ClaimStage.WAITING, missing=(words["statement"],), next_by=_DUE)
