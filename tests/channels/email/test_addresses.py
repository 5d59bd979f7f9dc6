"""Tests of channels.email.addresses: one address or none."""

import tomllib
from pathlib import Path

import pytest

from channels.email import addresses
from tickets.messages import Address, Sender

DATA = Path(__file__).parents[2] / "data" / "mail"
SENDERS = tomllib.loads((DATA / "senders.toml").read_text("utf-8"))


@pytest.mark.parametrize(("value", "address", "name"), SENDERS["plain"])
def test_sender_that_every_reader_sees_alike_is_plain(value: str, address: str, name: str) -> None:
    found, state = addresses.read_sender([value])

    assert state is Sender.PLAIN
    assert found == Address(address=address, name=name)


@pytest.mark.parametrize("value", SENDERS["ambiguous"])
def test_sender_that_readers_could_see_differently_has_no_address(value: str) -> None:
    found, state = addresses.read_sender([value])

    assert state is Sender.AMBIGUOUS
    assert found.address is None


@pytest.mark.parametrize("control", ["\x00", "\x01", "\x1b", "\r", "\n", "\x7f"])
def test_control_character_in_the_sender_is_never_read_over(control: str) -> None:
    for value in (f"Maria{control} <maria@example.ro>", f"maria{control}@example.ro", f"maria@exa{control}mple.ro"):
        assert addresses.read_sender([value])[1] is Sender.AMBIGUOUS


@pytest.mark.parametrize("value", SENDERS["missing"])
def test_sender_without_an_address_is_missing(value: str) -> None:
    found, state = addresses.read_sender([value])

    assert (found.address, state) == (None, Sender.MISSING)


def test_two_from_fields_are_ambiguous_even_if_they_are_equal() -> None:
    assert addresses.read_sender(["a@example.ro", "a@example.ro"])[1] is Sender.AMBIGUOUS
    assert addresses.read_sender(["", "a@example.ro"])[1] is Sender.AMBIGUOUS


def test_sender_field_of_another_address_makes_the_sender_ambiguous() -> None:
    assert addresses.read_sender(["a@example.ro"], ["b@example.ro"])[1] is Sender.AMBIGUOUS
    assert addresses.read_sender(["a@example.ro"], ["A@Example.ro"])[1] is Sender.PLAIN


def test_recipients_are_read_as_well_as_they_can_be() -> None:
    field = (
        'Daune <claims@Example.ro>, ion@example.ro; "Popescu, Maria" <maria@example.ro>, undisclosed-recipients:;, '
        "Birou: a@example.ro, b@example.ro;, =?utf-8?q?=C8=98tefan?= <s@example.ro>, fara adresa"
    )

    found = addresses.read_list([field])

    assert [one.address for one in found] == [
        "claims@example.ro",
        "ion@example.ro",
        "maria@example.ro",
        "a@example.ro",
        "b@example.ro",
        "s@example.ro",
    ]
    assert [one.name for one in found if one.name] == ["Daune", "Popescu, Maria", "Ștefan"]


def test_twenty_thousand_recipients_are_cut() -> None:
    assert len(addresses.read_list(["a@example.ro, " * 20_000])) == addresses.MOST_RECIPIENTS
