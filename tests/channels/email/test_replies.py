"""Tests of channels.email.replies: the writer's own words."""

import tomllib
from pathlib import Path

import pytest

from channels.email import replies

DATA = Path(__file__).parents[2] / "data" / "mail"
TAILS = tomllib.loads((DATA / "replies.toml").read_text("utf-8"))["tail"]
OWN = "Bună ziua,\n\nAm trimis constatarea ieri.\n\nMulțumesc"


@pytest.mark.parametrize("tail", TAILS, ids=lambda tail: tail["program"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_only_the_customers_words_stay(tail: dict[str, str], line_end: str) -> None:
    text = f"{OWN}\n\n{tail['text'].lstrip(chr(10))}".replace("\n", line_end)

    assert replies.new_text(text, subject="Re: Cerere", is_answer=True) == OWN


@pytest.mark.parametrize("tail", TAILS, ids=lambda tail: tail["program"])
def test_answer_without_its_thread_headers_is_cut_too(tail: dict[str, str]) -> None:
    assert replies.new_text(f"{OWN}\n\n{tail['text']}", subject="Documente") == OWN


def test_answers_between_and_below_quoted_lines_stay() -> None:
    text = (
        "Răspund mai jos.\n\nOn Mon, Nov 23, 2026 at 10:00 AM Daune <claims@example.ro> wrote:\n"
        "> A fost cineva rănit?\n\nNu.\n\n> Aveți factura?\n\nDa, atașată.\n"
    )

    assert replies.new_text(text, is_answer=True) == "Răspund mai jos.\n\nNu.\n\nDa, atașată."


def test_answer_below_an_outlook_head_with_marked_quotation_stays() -> None:
    text = "-----Original Message-----\nFrom: Daune\nSent: luni\nTo: M\nSubject: x\n\n> Aveți factura?\n\nDa."

    assert replies.new_text(text, is_answer=True) == "Da."


def test_answer_that_adds_nothing_is_empty() -> None:
    text = "\n\nDe la: Daune <claims@example.ro>\nTrimis: luni\nCătre: Maria\nSubiect: Cerere\n\nVă rugăm"

    assert replies.new_text(text, subject="RE: Cerere", is_answer=True) == ""


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Fwd: Deviz", "---------- Forwarded message ---------\nFrom: Service <s@example.ro>\nSubject: D\n\n2000 lei"),
        ("FW: Deviz", "Vezi:\n\n-----Original Message-----\nFrom: Service\nSent: luni\nTo: M\nSubject: D\n\n2000 lei"),
        ("Fwd: Deviz", "Începutul mesajului redirecționat:\n\n> De la: Service <s@example.ro>\n> Subiect: D\n> 2 lei"),
        ("TR: Devis", "De : Service\nEnvoyé : lundi\nÀ : M\nObjet : Devis\n\n2000 lei"),
    ],
)  # fmt: skip
def test_forwarded_text_is_the_message(subject: str, text: str) -> None:
    assert replies.new_text(text, subject=subject) == text


@pytest.mark.parametrize(
    "text",
    [
        "Buna ziua,\n\nOn 3 November 2026 at 10:15 the mechanic wrote:\nWe cannot repair it.\nWhat now?",
        "From: Cluj\nTo: Rome\nDate: 3 November\n\nMy baggage was lost.",
        "Am plătit\n> 5000 lei\nși atât",
        "Am atașat poza.\nTrimis prin poștă și originalul, ieri.",
        "Mi-au scris așa:\n\nNu putem repara mașina.",
        "--\n" + "\n".join(f"rândul {number}" for number in range(60)),
    ],
)
def test_words_that_only_look_like_a_quotation_are_kept(text: str) -> None:
    assert replies.new_text(text, subject="Daună") == text.strip()


def test_signature_goes_and_words_after_a_quotation_below_it_stay() -> None:
    text = "Da.\n-- \nMaria Popescu\n> Aveți factura?\nAm și factura."

    assert replies.new_text(text, is_answer=True) == "Da.\nAm și factura."
