"""Who may decide what alone: the office's table, row by row."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from tests.tickets.desk import OFFICE
from tickets import authority
from tickets.authority import Person, Wish
from tickets.errors import GuardError
from tickets.models import Staff
from tickets.office import DEFAULT_AUTHORITY, Action, Authority

TODAY = date(2026, 11, 23)
DEFAULT = authority.rows(DEFAULT_AUTHORITY)


def person(*roles: str, email: str = "ana@exemplu.example") -> Person:
    staff = Staff(name="Ana", email=email, roles=list(roles))
    staff.id = 1
    return Person.of(staff)


ANA, RADU, ELENA = person("representative"), person("supervisor"), person("payments_clerk")
APPROVE = Wish(action=Action.APPROVE, lines=frozenset({"motor", "motor_rca"}), amount_minor=250000, on=TODAY)
DENY = Wish(action=Action.DENY, lines=frozenset({"motor"}), codes=("D01",), on=TODAY)


@pytest.mark.parametrize(
    ("who", "minor", "outcome"),
    [
        (ANA, 250000, "alone"),
        (ANA, 250001, "with another"),
        (RADU, 2500000, "alone"),
        (RADU, 2500001, "two supervisors"),
        (ELENA, 1, "with another"),
    ],
)
def test_amount_decides_who_may_approve_alone(who: Person, minor: int, outcome: str) -> None:
    wish = replace(APPROVE, amount_minor=minor)

    assert (authority.why_not(DEFAULT, who, wish) is None) is (outcome == "alone")
    assert authority.needs_two(DEFAULT, wish) is (outcome == "two supervisors")


def test_open_warning_sends_a_representatives_approval_to_a_supervisor() -> None:
    warned = replace(APPROVE, amount_minor=100, warnings=("ID-01",))

    refusal = authority.why_not(DEFAULT, ANA, warned)

    assert refusal is not None
    assert "ID-01" in refusal.en
    assert "ID-01" in refusal.ro
    assert authority.why_not(DEFAULT, RADU, warned) is None


@pytest.mark.parametrize("code", [f"D{number:02d}" for number in range(1, 18)])
def test_each_denial_code_belongs_to_whom_the_office_gave_it(code: str) -> None:
    wish = replace(DENY, codes=(code,))

    assert (authority.why_not(DEFAULT, ANA, wish) is None) is (code in {"D01", "D02", "D04", "D11"})
    assert authority.why_not(DEFAULT, RADU, wish) is None
    refusal = authority.why_not(DEFAULT, ELENA, wish)
    assert refusal is not None
    assert refusal.guard == "PRO-02"


@pytest.mark.parametrize("code", sorted(authority.SUPERVISORS_ONLY))
def test_codes_of_supervisors_cannot_be_configured_away(code: str) -> None:
    generous = authority.rows([Authority(role="representative", action=Action.DENY)])

    assert authority.why_not(generous, ANA, replace(DENY, codes=(code,))) is not None


def test_refused_part_needs_the_right_to_its_code() -> None:
    wish = replace(APPROVE, amount_minor=245000, codes=("D10",))

    assert authority.why_not(DEFAULT, ANA, wish) is not None
    assert authority.why_not(DEFAULT, RADU, wish) is None


def test_denial_without_a_code_is_nobodys() -> None:
    assert authority.why_not(DEFAULT, RADU, replace(DENY, codes=())) is not None


def test_senior_representative_may_do_what_a_representative_may() -> None:
    assert authority.why_not(DEFAULT, person("senior_representative"), APPROVE) is None


def test_roles_that_no_row_names_keep_the_products_authority() -> None:
    table = authority.rows([Authority(role="representative", action=Action.APPROVE, most=Decimal(100), codes=("D01",))])

    assert authority.why_not(table, ANA, replace(APPROVE, amount_minor=10001)) is not None
    assert authority.why_not(table, RADU, replace(APPROVE, amount_minor=10001)) is None


def test_one_row_of_an_approval_names_the_codes_of_its_denials_too() -> None:
    table = authority.rows([Authority(role="representative", action=Action.APPROVE, most=Decimal(100), codes=("D03",))])

    assert authority.why_not(table, ANA, replace(DENY, codes=("D03",))) is None
    assert authority.why_not(table, ANA, replace(DENY, codes=("D01",))) is not None


def test_one_person_may_be_given_more_than_his_role() -> None:
    row = Authority(person="ana@exemplu.example", action=Action.APPROVE, most=Decimal(9000), warnings=True)
    table = authority.rows([row])

    assert authority.why_not(table, ANA, replace(APPROVE, amount_minor=900000)) is None
    other = person("representative", email="ion@exemplu.example")
    assert authority.why_not(table, other, replace(APPROVE, amount_minor=900000)) is not None


def test_rows_hold_for_their_line_type_currency_and_days() -> None:
    row = Authority(role="representative", action=Action.APPROVE, most=Decimal(9000), line="motor")
    wish = replace(APPROVE, amount_minor=900000)
    rows = {
        "line": (row, wish, True),
        "type": (replace(row, line="motor_rca"), wish, True),
        "other line": (replace(row, line="health"), wish, False),
        "other currency": (row, replace(wish, currency="EUR"), False),
        "not yet": (replace(row, starts=date(2026, 11, 24)), wish, False),
        "from today": (replace(row, starts=TODAY, ends=TODAY), wish, True),
        "no more": (replace(row, ends=date(2026, 11, 22)), wish, False),
    }

    assert {name: authority.why_not([held], ANA, asked) is None for name, (held, asked, _) in rows.items()} == {
        name: expected for name, (_, _, expected) in rows.items()
    }


def test_in_a_currency_without_rows_two_supervisors_decide() -> None:
    euros = replace(APPROVE, amount_minor=100, currency="EUR")

    assert authority.needs_two(DEFAULT, euros)
    assert authority.may_join(DEFAULT, RADU, euros) is None
    refusal = authority.may_join(DEFAULT, ANA, euros)
    assert refusal is not None
    assert "supervizori" in refusal.ro


def test_office_that_names_who_does_without_an_item_means_only_those() -> None:
    staff = Staff(name="Ana", email="ana@exemplu.example", roles=["representative"])
    lines, row = frozenset({"motor"}), Authority(role="representative", action=Action.WAIVE, line="motor")

    authority.may_waive(OFFICE, staff, lines, on=TODAY)
    authority.may_waive(replace(OFFICE, authority=(row,)), staff, lines, on=TODAY)
    with pytest.raises(GuardError, match="no authority to waive"):
        authority.may_waive(replace(OFFICE, authority=(replace(row, role="supervisor"),)), staff, lines, on=TODAY)


def test_rows_that_speak_of_somebody_are_those_of_his_roles_and_his_own() -> None:
    own = Authority(person="ana@exemplu.example", action=Action.APPROVE, most=Decimal(9000))
    role, other = (
        Authority(role="representative", action=Action.WAIVE),
        Authority(role="supervisor", action=Action.WAIVE),
    )

    assert authority.held([other, own, role], ANA) == [own, role]


def test_whoever_may_do_more_may_do_less() -> None:
    amounts, people = (1, 250000, 250001, 2500000), (ANA, RADU)

    for small, large in product(amounts, amounts):
        for who in people:
            if small <= large and authority.why_not(DEFAULT, who, replace(APPROVE, amount_minor=large)) is None:
                assert authority.why_not(DEFAULT, who, replace(APPROVE, amount_minor=small)) is None
