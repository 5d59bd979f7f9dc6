"""Answers in words: to numbered questions, to what a sentence speaks of; and what a customer does not have."""

import pytest

from tickets.catalogue import read_facts
from tickets.spoken_answers import facts, lacked, lacked_of

FACTS = read_facts()


@pytest.mark.parametrize(
    ("text", "asked", "told"),
    [
        ("da, e apartament", ("flat",), {"flat": "yes"}),
        ("nu a fost politia", ("police", "injuries"), {"police": "no"}),
        ("1) da 2) nu", ("flat", "police"), {"flat": "yes", "police": "no"}),
        ("1. nu\n2. da", ("injuries", "police"), {"injuries": "no", "police": "yes"}),
        ("Nobody was hurt. The police came.", ("injuries", "police"), {"injuries": "no", "police": "yes"}),
        ("No, the police were not called.", ("police", "flat"), {"police": "no"}),
        ("yes its a flat, 3rd floor of 8", ("flat", "police"), {"flat": "yes"}),
        ("No.", ("injuries",), {"injuries": "no"}),
        ("Da", ("flat",), {"flat": "yes"}),
        ("Nu, nu a fost nimeni ranit", ("injuries", "police"), {"injuries": "no"}),
        ("masina nu e in leasing", ("vehicle_leased", "police"), {"vehicle_leased": "no"}),
        ("au fost 2 masini implicate", ("vehicles",), {"vehicles": "2"}),
        ("doua", ("vehicles",), {"vehicles": "2"}),
        ("a fost un incendiu", ("loss_cause",), {"loss_cause": "fire"}),
        ("furtuna", ("loss_cause",), {"loss_cause": "storm"}),
        ("a venit politia?", ("police",), {}),
        ("Buna ziua, va trimit factura.", ("police", "flat"), {}),
        ("1 - da, 2 - nu, 3 - nu", ("flat", "police", "injuries"), {"flat": "yes", "police": "no", "injuries": "no"}),
        ("e casa la curte, nu apartament", ("flat", "police"), {"flat": "no"}),
        ("it belongs to a company", ("owner_kind", "police"), {"owner_kind": "company"}),
        ("Yes, we have a mortgage at BCR", ("mortgaged",), {"mortgaged": "yes"}),
    ],
)
def test_words_answer_the_questions_they_speak_of(text: str, asked: tuple[str, ...], told: dict[str, str]) -> None:
    questions = {number: FACTS[fact] for number, fact in enumerate(asked, start=1)}

    assert {each.fact: each.value for each in facts(text, questions)} == told


MEDICAL = {
    "forensic_report": "Forensic medical certificate Certificat medico-legal",
    "fire_report": "Fire service report",
}


@pytest.mark.parametrize(
    ("text", "labels", "items"),
    [
        ("nu mi s-a eliberat certificatul", MEDICAL, {"forensic_report"}),
        ("I no longer have the certificate", MEDICAL, {"forensic_report"}),
        ("the fire service won't give me the report", MEDICAL, {"fire_report"}),
        ("I don't have it", MEDICAL, set()),
        ("I don't have it", {"police_report": "Police report"}, {"police_report"}),
        ("nu mai am hârtia aia", {"police_report": "Police report"}, {"police_report"}),
        ("nu am nicio problemă", {"police_report": "Police report"}, set()),
        ("certificatul nu l-am trimis încă", MEDICAL, set()),
    ],
)
def test_paper_he_lacks_is_known_by_the_words_of_its_item(text: str, labels: dict[str, str], items: set[str]) -> None:
    assert lacked_of(text, labels).keys() == items


def test_numbers_are_those_of_the_list_not_of_the_questions_alone() -> None:
    questions = {2: FACTS["flat"], 4: FACTS["police"]}

    told = {each.fact: each.value for each in facts("1) atașat 2) da 3) vezi poza 4) nu", questions)}

    assert told == {"flat": "yes", "police": "no"}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("nu am factura", ["invoice"]),
        ("I don't have the receipt", ["receipt"]),
        ("n-am bonul, l-am aruncat", ["fiscal_receipt"]),
        ("I can't get the police report", ["police_report"]),
        ("nu pot obține procesul verbal", ["police_report"]),
        ("Nu am încă devizul", ["estimate"]),
        ("factura nu am, am platit cash", ["invoice"]),
        ("nu am trimis factura inca", []),
        ("factura o trimit maine", []),
        ("no, I have the invoice", []),
        ("No, invoice attached", []),
        ("no invoice, sorry", ["invoice"]),
        ("chitanța nu o mai găsesc", ["receipt"]),
        ("adeverința nu mi-o dau", ["association_statement"]),
        ("am aruncat bonul", ["fiscal_receipt"]),
        ("bonul s-a șters, nu se mai vede nimic", ["fiscal_receipt"]),
        ("mi s-a furat și talonul", ["registration_certificate"]),
        ("nu mi-au eliberat procesul verbal", ["police_report"]),
        ("devizul nu l-am primit", ["estimate"]),
        ("I threw the invoice away", ["invoice"]),
        ("the receipt is gone", ["receipt"]),
        ("police report: none was made", ["police_report"]),
        ("not able to get the estimate", ["estimate"]),
        ("the receipt faded, nothing can be read", ["receipt"]),
        ("nu am uitat factura, vi-o trimit mâine", []),
        ("I have the receipt attached", []),
    ],
)
def test_what_a_customer_says_he_does_not_have_is_named_and_what_he_has_not_sent_is_not(
    text: str, kinds: list[str]
) -> None:
    assert [kind for kind, _ in lacked(text)] == kinds
