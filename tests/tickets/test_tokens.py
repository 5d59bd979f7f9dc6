"""Keyed tokens in reply addresses."""

import pytest

from tickets import tokens

MAILBOX = "claims@example.ro"
KEYS = (b"newest", b"older")


def test_token_made_under_an_older_key_is_still_ours() -> None:
    assert tokens.is_ours(tokens.make(b"older", "reply", "TKT"), KEYS, "reply", "TKT")


def test_token_of_other_facts_or_keys_is_not_ours() -> None:
    token = tokens.make(b"newest", "reply", "TKT")

    assert not tokens.is_ours(token, KEYS, "reply", "TKT2")
    assert not tokens.is_ours(token, (b"stolen",), "reply", "TKT")


def test_facts_cannot_be_moved_from_one_field_to_the_next() -> None:
    assert tokens.make(b"k", "ab", "c") != tokens.make(b"k", "a", "bc")


def test_token_has_128_bits() -> None:
    assert len(tokens.make(b"k", "x")) * 5 >= 128


@pytest.mark.parametrize("change", [str, str.upper, str.title])
def test_token_comes_back_from_an_address_whatever_servers_do_to_its_case(change: type[str]) -> None:
    token = tokens.make(b"k", "x")

    assert tokens.in_address(change(tokens.plus_address(MAILBOX, token)), MAILBOX) == token


@pytest.mark.parametrize(
    "address",
    [
        "claims@example.ro",
        "claims+short@example.ro",
        "claims+@example.ro",
        "other+{}@example.ro",
        "claims+{}@evil.example",
    ],
)
def test_address_that_is_not_our_mailbox_has_no_token(address: str) -> None:
    assert tokens.in_address(address.format(tokens.make(b"k", "x")), MAILBOX) is None
