"""The configuration: wrong words are named, secrets stay secret."""

import os
from pathlib import Path
from typing import Any

import pytest

from inbox import config, setup
from tickets.errors import ConfigurationError
from tickets.messages import Medium

SMALLEST: dict[str, Any] = {
    "office": {"name": "Exemplu"},
    "store": {"url": "sqlite:///desk.db"},
    "security": {"secret": "one, two"},
    "channels": {
        "claims-mail": {
            "kind": "email",
            "address": "claims@example.ro",
            "imap": {"host": "127.0.0.1", "user": "claims", "password_env": "MAIL_PASSWORD", "folder": "INBOX"},
            "smtp": {"host": "127.0.0.1", "user": "claims", "password_env": "MAIL_PASSWORD"},
        }
    },
}


def changed(**tables: Any) -> dict[str, Any]:
    return {**SMALLEST, **tables}


def test_every_table_but_four_may_be_left_out(tmp_path: Path) -> None:
    settings = config.parse(SMALLEST, folder=tmp_path)

    assert settings.requests.due_days == 14
    assert config.office(settings).outlets[Medium.EMAIL].address == "claims@example.ro"


def test_example_configuration_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "secret")
    monkeypatch.setenv("TWILIO_TOKEN", "secret")
    setup.write_config(tmp_path / "config.toml")

    settings = config.load(tmp_path / "config.toml")

    for name in settings.channels:
        assert settings.channel(name)


@pytest.mark.parametrize(
    ("tables", "names"),
    [
        (changed(offices={}), "offices"),
        (changed(office={"name": "x", "colour": "red"}), "office.colour"),
        (changed(requests={"send": "sometimes"}), "requests.send"),
        (changed(office={"name": "x", "timezone": "Mars/Olympus"}), "office.timezone"),
        (changed(channels={}), "channels"),
        (changed(channels={"post": {"kind": "pigeon"}}), "pigeon"),
        (changed(channels={"post": {}}), "channels.post"),
        (changed(channels={"text": {"kind": "sms", "number": "+40312345678"}}), "channels.text.account_sid"),
        (changed(reference=[{"kind": "policy.own", "pattern": "CAS-("}]), "reference"),
    ],
)
def test_wrong_word_is_named_with_its_table(tmp_path: Path, tables: dict[str, Any], names: str) -> None:
    with pytest.raises(ConfigurationError, match=names):
        config.office(config.parse(tables, folder=tmp_path))


def test_nothing_goes_out_in_the_clear_to_another_machine(tmp_path: Path) -> None:
    mail = SMALLEST["channels"]["claims-mail"]
    open_mail = {**mail, "imap": {**mail["imap"], "host": "mail.example.ro", "tls": "none"}}

    with pytest.raises(ConfigurationError, match="this machine only"):
        config.parse(changed(channels={"claims-mail": open_mail}), folder=tmp_path)


def test_missing_secret_is_named_when_it_is_needed_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAIL_PASSWORD", raising=False)
    settings = config.parse(SMALLEST, folder=tmp_path)

    with pytest.raises(ConfigurationError, match=r"claims-mail\.imap\.password_env.*MAIL_PASSWORD"):
        settings.channel("claims-mail")


def test_secret_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not so secret")
    secret.chmod(0o644)

    with pytest.raises(ConfigurationError, match="chmod 600"):
        config.parse(changed(security={"secret_file": "secret"}), folder=tmp_path)


def test_relative_paths_start_at_the_configurations_folder(tmp_path: Path) -> None:
    settings = config.parse(SMALLEST, folder=tmp_path)

    assert settings.store.url == f"sqlite:///{tmp_path}/desk.db"
    assert settings.store.blobs == os.fspath(tmp_path / "blobs")


def test_newest_secret_comes_first(tmp_path: Path) -> None:
    assert config.parse(SMALLEST, folder=tmp_path).security.keys() == (b"one", b"two")


@pytest.mark.parametrize("text", ["", "1", "0m", "soon", "1 week"])
def test_duration_without_a_sense_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="duration"):
        config.duration(text, "channels.x.poll")
