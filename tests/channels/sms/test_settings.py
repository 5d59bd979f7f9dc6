"""What the table of a number may say."""

from typing import Any

import pytest
from pydantic import ValidationError

from channels.sms import Settings

TABLE = {"number": "+40312345678", "account_sid": "AC1", "auth_token": "a-secret"}


def settings(**changes: Any) -> Settings:
    return Settings.model_validate(TABLE | changes)


def test_three_keys_are_enough() -> None:
    assert settings().api_url == "https://api.twilio.com"


def test_secret_is_never_shown() -> None:
    assert "a-secret" not in repr(settings()) + str(settings())
    with pytest.raises(ValidationError) as raised:
        settings(auth_token=["a-secret"])
    assert "a-secret" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://api.twilio.com", "http://10.0.0.1", "ftp://127.0.0.1", "api.twilio.com", ""])
def test_token_is_never_sent_in_clear_over_a_network(url: str) -> None:
    with pytest.raises(ValidationError, match="api_url must start with https"):
        settings(api_url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8055", "http://localhost:1", "http://[::1]:1", "https://10.0.0.1"])
def test_exchange_on_this_machine_needs_no_certificate(url: str) -> None:
    assert settings(api_url=url).api_url == url


def test_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError):
        settings(nmber="+40")


@pytest.mark.parametrize(
    ("number", "kept", "two_way"),
    [
        ("+40 312 345 678", "+40312345678", True),
        ("1747", "1747", True),
        ("EXEMPLU", "EXEMPLU", False),
        ("My Office", "My Office", False),
    ],
)
def test_a_name_as_sender_cannot_be_answered(number: str, kept: str, two_way: bool) -> None:  # noqa: FBT001 - a parameter
    assert (settings(number=number).number, settings(number=number).is_two_way) == (kept, two_way)
