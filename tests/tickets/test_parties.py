"""How names, addresses and phones are compared."""

import pytest

from tickets.messages import Medium
from tickets.parties import folded_name, normal_address


@pytest.mark.parametrize("name", ["Maria Popescu", "POPESCU Maria", "Popescu, Maria", "María Popescu"])
def test_name_is_the_same_in_any_order_and_spelling(name: str) -> None:
    assert folded_name(name) == "maria popescu"


def test_cedilla_and_comma_letters_are_the_same() -> None:
    assert folded_name("Ştefan Ţepeş") == folded_name("Ștefan Țepeș")


@pytest.mark.parametrize("number", ["0722 123 456", "0722.123.456", "+40722123456", "0040722123456", "(0722) 123-456"])
def test_phone_is_one_number_however_it_is_typed(number: str) -> None:
    assert normal_address(Medium.SMS, number) == "+40722123456"


def test_mail_address_has_no_case() -> None:
    assert normal_address(Medium.EMAIL, " Maria.Popescu@Example.RO ") == "maria.popescu@example.ro"
