"""Previews: every message in both languages looks as it will, and a deployer sees his own before anybody gets it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import templates
from inbox import cli, previews
from tests.tickets.desk import OFFICE
from tickets.errors import ConfigurationError


def test_every_message_can_be_looked_at_in_every_language_and_medium() -> None:
    shown = list(previews.previews(None, "", "", ""))

    assert {each["template"] for each in shown} == set(templates.names(language="en"))
    assert [each for each in shown if each["error"]] == []
    assert {each["segments"] for each in shown if each["medium"] == "sms"} == {1}


def test_office_sees_its_own_words_and_name_and_what_is_wrong_with_them(tmp_path: Path) -> None:
    for name, words in (("own_letter", "{{ office }}: {{ reference }}"), ("broken", "{{ nothing_of_ours }}")):
        folder = tmp_path / "ro" / name
        folder.mkdir(parents=True)
        (folder / "sms.txt").write_text(words, encoding="utf-8")

    office = replace(OFFICE, templates=(tmp_path,))

    [own] = previews.previews(office, "own_letter", "ro", "")
    [broken] = previews.previews(office, "broken", "ro", "sms")

    assert own["text"] == "Exemplu Asigurări: CLM26-004711-58"
    assert broken["error"] == "ro/broken (sms): missing nothing_of_ours"


@pytest.mark.parametrize(
    ("name", "language", "medium"), [("nothing", "", ""), ("../request", "", ""), ("reply", "xx", "")]
)
def test_message_that_is_not_there_is_named_with_those_that_are(name: str, language: str, medium: str) -> None:
    with pytest.raises(ConfigurationError):
        list(previews.previews(None, name, language, medium))


def test_command_prints_one_line_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(cli.cli, ["--json", "preview", "request", "--language", "ro", "--medium", "sms"])

    assert result.exit_code == 0
    assert json.loads(result.stdout)["template"] == "request"
