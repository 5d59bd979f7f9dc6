"""Which texts switch texts off."""

import pytest

from channels.sms.consent import Choice, choice


@pytest.mark.parametrize(
    "text",
    ["STOP", " stop ", "Stop.", "STOP!!!", "StopAll", "stop all", "END", "Quit", "REVOKE", "opt out", "OPTOUT",
     "CANCEL", "unsubscribe\n", "OPRIRE", "dezabonare", "Stop SMS", "STOP\u00a0", "„Stop”", "(stop)", "*STOP*",
     "STOP 🛑", "🚫 stop ❤️", "- Dezabonează -", "\u200estop\u200b"],
)  # fmt: skip
def test_a_switch_word_alone_opts_out(text: str) -> None:
    assert choice(text) is Choice.OUT


@pytest.mark.parametrize(
    "text",
    ["Please stop by my office", "Stop texting me", "I want to cancel my policy", "End of month?", "stopped", "", "!",
     "?", "Am ajuns la STOP", "YES", "DA", "TIMP", "STOP" * 1000, "🛑", "stop 1", "help me stop", "Ajutor, nu merge",
     "Am nevoie de ajutor", "info despre dosar"],
)  # fmt: skip
def test_a_sentence_with_such_a_word_is_an_ordinary_text(text: str) -> None:
    assert choice(text) is None


def test_words_of_the_office_opt_out_too_with_or_without_diacritics() -> None:
    assert choice("gata", words=["GATA"]) is Choice.OUT
    assert choice("Fără mesaje.", words=["FARA MESAJE"]) is Choice.OUT
    assert choice("gata cu dosarul?", words=["GATA"]) is None


def test_empty_words_of_the_office_match_nothing() -> None:
    assert choice("", words=[""]) is None
    assert choice("...", words=["  "]) is None


@pytest.mark.parametrize("text", ["START", "start.", "Unstop"])
def test_start_opts_in(text: str) -> None:
    assert choice(text) is Choice.IN


def test_what_the_carrier_did_counts_more_than_the_words() -> None:
    assert choice("nu mai vreau", "STOP") is Choice.OUT
    assert choice("STOP", "START") is Choice.IN
    assert choice("HELP", "HELP") is Choice.HELP


@pytest.mark.parametrize(
    ("text", "asked"), [("HELP", Choice.HELP), (" info! ", Choice.HELP), ("Ajutor 🙏", Choice.ASKED)]
)
def test_a_word_for_help_is_told_from_those_that_switch(text: str, asked: Choice) -> None:
    assert choice(text) is asked
