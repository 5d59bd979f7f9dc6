"""CSV and JSONL imports, row by row."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from tests.tickets.desk import CLAIM_A, MARIA, NOW, OFFICE, WORLD
from tickets import imports, world
from tickets.database import Store
from tickets.errors import ImportFileError
from tickets.models import Claim, ContactPoint, Model, Party, Policy
from tickets.rows.cells import Cells
from tickets.rows.sheets import Columns, read
from tickets.world import Outcome

CUSTOMERS = (
    "external_id,name,birth_date,email,phone,postal_address,language,national_id,shared_contact\n"
    'k1,Ștefan Țurcanu,1980-02-01,stefan@example.ro,0722 111 222,"Str. Plopilor 3, Iași",ro,1800201221149,no\n'
    "k2,Broker SRL,,office@broker.example,,,ro,RO27041363,yes\n"
)
POLICIES = (
    "number;holder;line;effective_from;effective_to;recorded_at;status;premium_paid_to;territory;assets;coverages\n"
    "cas 045 0001;maria;home;2026-01-01;2026-12-31;2025-12-20;active;2026-12-31;RO;"
    '"[{""kind"": ""home"", ""address"": ""Str. Lungă 1""}]";'
    '"[{""code"": ""HOME"", ""perils"": [""fire""], ""limit_event"": 10000000, '
    '""exclusions"": [{""code"": ""X1"", ""when"": ""cause == flood"", ""clause"": ""9""}]}]"\n'
)


def load(
    store: Store, what: str, content: str | bytes, *, name: str = "file.csv", mapping: Mapping[str, str] | None = None
) -> Outcome:
    raw = content.encode() if isinstance(content, str) else content
    with store.writing() as session:
        return imports.load(session, what, raw, name=name, mapping=mapping or {}, office=OFFICE, now=NOW)


def names(store: Store) -> dict[str | None, str]:
    with store.reading() as session:
        return {party.external_id: party.name for party in session.scalars(select(Party))}


def contents(store: Store) -> dict[str, list[str]]:
    with store.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)))) for table in Model.metadata.sorted_tables
        }


@pytest.fixture
def peopled(store: Store) -> Store:
    """A store with the scenarios' people, policies and claims."""
    with store.writing() as session:
        world.load(session, json.loads(WORLD.read_text(encoding="utf-8")), office=OFFICE, now=NOW)
    return store


# --- customers, and files as they come


def test_customers_come_with_all_ways_to_reach_them(store: Store) -> None:
    outcome = load(store, "customers", CUSTOMERS)

    assert outcome == Outcome(stored={"customers": 2}, errors=[])
    with store.reading() as session:
        stefan = session.scalars(select(Party).where(Party.external_id == "k1")).one()
        assert (stefan.birth_date, stefan.name_folded) == (date(1980, 2, 1), "stefan turcanu")
        assert {str(point.medium): point.value_norm for point in stefan.contacts} == {
            "email": "stefan@example.ro",
            "sms": "+40722111222",
            "letter": "str plopilor 3 iasi",
        }


def test_address_of_a_broker_is_shared_and_his_number_is_a_companys(store: Store) -> None:
    load(store, "customers", CUSTOMERS)

    with store.reading() as session:
        broker = session.scalars(select(Party).where(Party.external_id == "k2")).one()
        assert [(point.value_norm, point.shared) for point in broker.contacts] == [("office@broker.example", True)]
        assert [(each.kind, each.ending, each.valid) for each in broker.identifiers] == [("cui", "1363", True)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250", "iso-8859-2"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_names_come_out_right_whatever_the_encoding_and_delimiter(store: Store, encoding: str, delimiter: str) -> None:
    people = ["Ştefan Ţurcanu", "Ileana Pîrvulescu", "Mărioara Brânză", "Gică Hățăgan".replace("ț", "ţ")]
    lines = ["external_id,name,language"] + [f"k{number},{name},ro" for number, name in enumerate(people)]

    load(store, "customers", "\r\n".join(lines).replace(",", delimiter).encode(encoding))

    assert set(names(store).values()) == set(people)


@pytest.mark.parametrize("person", ["Ştefan Ţurcanu", "Pîrvu", "Brânză", "Szőke Éva", "Jürgen Müller", "Hăţăgan"])
def test_one_name_is_enough_to_tell_the_encoding(person: str) -> None:
    columns = Columns(names=("external_id", "name"), needed=())

    sheet = read(f"external_id,name\nk1,{person}\n".encode("cp1250"), name="file.csv", columns=columns)

    assert sheet.rows == [(2, {"external_id": "k1", "name": person})]


def test_western_names_come_out_right_too(store: Store) -> None:
    load(store, "customers", "external_id;name\nk1;José Muñoz Ibáñez\nk2;François Lefèvre\n".encode("cp1252"))

    assert set(names(store).values()) == {"José Muñoz Ibáñez", "François Lefèvre"}


def test_headers_of_the_other_system_are_mapped(store: Store) -> None:
    mapping = {"Cod client": "external_id", "Nume client": "name"}

    load(store, "customers", "Cod client;NUME CLIENT \nk1;Ion Popa\n", mapping=mapping)

    assert names(store) == {"k1": "Ion Popa"}


def test_file_saved_by_a_spreadsheet_with_its_separator_line_is_read(store: Store) -> None:
    load(store, "customers", "sep=;\nexternal_id;name;\nk1;Ion Popa;\n")

    assert names(store) == {"k1": "Ion Popa"}


def test_given_and_family_name_make_the_name(store: Store) -> None:
    load(store, "customers", "external_id,given,family\nk1,Ion,Popa\n")

    assert names(store) == {"k1": "Ion Popa"}


def test_lines_of_json_say_the_same(store: Store) -> None:
    lines = [{"external_id": 7, "name": "Ion Popa", "shared_contact": True, "email": "a@b.example"}, {"external_id": 8}]

    outcome = load(store, "customers", "\n".join([*map(json.dumps, lines), "{broken"]), name="people.jsonl")

    assert names(store) == {"7": "Ion Popa"}
    assert [each.number for each in outcome.errors] == [2, 3]


@pytest.mark.parametrize("what", ["customers", "policies", "claims", "payments"])
def test_same_file_again_changes_nothing(peopled: Store, what: str) -> None:
    files = {
        "customers": CUSTOMERS,
        "policies": POLICIES,
        "claims": "ref,claimant,type,loss_at,cause\nOLD-7,maria,home,2026-11-01,fire\n,maria,home,2026-11-02,fire\n",
        "payments": f"claim,amount,paid_on\n{CLAIM_A},10.00,2026-11-20\n{CLAIM_A},10.00,2026-11-20\n",
    }
    assert load(peopled, what, files[what]).errors == []
    before = contents(peopled)

    load(peopled, what, files[what])

    assert contents(peopled) == before


def test_blank_cell_leaves_what_is_known(peopled: Store) -> None:
    load(peopled, "customers", "external_id,name,email,phone\nmaria,Maria Popescu,,-\n")

    with peopled.reading() as session:
        assert session.scalar(select(ContactPoint.id).where(ContactPoint.value_norm == MARIA)) is not None


@pytest.mark.parametrize(
    ("content", "number"),
    [
        ("external_id,name\nk1,Ion Popa\nk2,\nk3,Ana Pop\n", 3),
        ("external_id,name\nk1,Ion Popa\n\nk2\nk3,Ana Pop\n", 4),
        ("external_id,name\nk1,Ion Popa\nk2,Ana,Pop\nk3,Ana Pop\n", 3),
        ("external_id,name,birth_date\nk1,Ion Popa,\nk2,Ana,1980-13-01\nk3,Ana Pop,\n", 3),
        ("external_id,name,shared_contact\nk1,Ion Popa,da\nk2,Ana,maybe\nk3,Ana Pop,nu\n", 3),
        ("external_id,name,email\nk1,Ion Popa,\nk2,Ana,not an address\nk3,Ana Pop,\n", 3),
    ],
)
def test_bad_row_is_reported_by_its_number_in_the_sheet_and_left_out(store: Store, content: str, number: int) -> None:
    outcome = load(store, "customers", content)

    assert [each.number for each in outcome.errors] == [number]
    assert set(names(store)) == {"k1", "k3"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("external_id,name,colour\nk1,Ion,red\n", "file.csv: unknown column 'colour'"),
        ("name\nIon\n", "column external_id is missing"),
        ("external_id,name,Name\nk1,Ion,Ion\n", "two columns are name"),
        ("", "is empty"),
        (b"PK\x03\x04\x00\x00", "is no text"),
        ('external_id,name\nk1,"Ion\n', "row 2"),
        ('{"external_id": "k1", "colour": "red"}', "unknown column 'colour'"),
        ("external_id,name\nk1,Ștefan Țurcanu\n".encode()[:-5] + b"\xc8\n", "is no utf-8"),
    ],
)
def test_file_that_is_wrong_as_a_whole_stores_nothing(store: Store, content: str | bytes, words: str) -> None:
    with pytest.raises(ImportFileError, match=words):
        load(store, "customers", content)

    assert names(store) == {}


def test_mapping_to_a_column_that_we_do_not_have_is_refused(store: Store) -> None:
    with pytest.raises(ImportFileError, match="colour"):
        load(store, "customers", CUSTOMERS, mapping={"Culoare": "colour"})


# --- policies


def test_policy_comes_with_its_covers_and_what_they_exclude(peopled: Store) -> None:
    assert load(peopled, "policies", POLICIES).errors == []

    with peopled.reading() as session:
        policy = session.scalars(select(Policy).where(Policy.ref_norm == "CAS-0450001")).one()
        [version] = policy.versions
        [cover] = version.coverages
        assert (policy.holder.external_id, policy.assets[0].address) == ("maria", "Str. Lungă 1")
        assert (cover.perils, cover.limit_event) == (["fire"], 10_000_000)
        assert [each["when"] for each in version.exclusions] == ["cause == flood"]


def test_same_number_recorded_at_another_time_is_a_new_version(peopled: Store) -> None:
    load(peopled, "policies", POLICIES)

    load(peopled, "policies", POLICIES.replace("2025-12-20", "2026-06-01"))

    with peopled.reading() as session:
        assert len(session.scalars(select(Policy).where(Policy.ref_norm == "CAS-0450001")).one().versions) == 2


def touched(store: Store, content: str) -> list[str]:
    """Import policies; the tables of which rows were taken up one by one."""
    with store.writing() as session:
        loaded: list[str] = []
        event.listen(session, "loaded_as_persistent", lambda _, each: loaded.append(each.__tablename__))
        outcome = imports.load(
            session, "policies", content.encode(), name="file.csv", mapping={}, office=OFFICE, now=NOW
        )  # fmt: skip
        assert outcome.errors == []
    return [each for each in loaded if each in ("policy", "policy_version", "coverage")]


def test_sheet_that_says_what_we_know_takes_up_no_row_and_one_beside_it_adds_its_version(peopled: Store) -> None:
    whole = POLICIES.replace("HOME", "HOM").replace(
        '""limit_event"": 10000000', '""deductible"": {""pct"": 10.5, ""min"": 5}, ""sub_limits"": {""glass"": 7}'
    )
    load(peopled, "policies", whole)
    before = contents(peopled)
    again = touched(peopled, whole)
    same = contents(peopled) == before

    line = whole.splitlines()[1]
    more = touched(peopled, f"{whole}{line.replace('2025-12-20', '2026-06-01')}\n")

    assert (again, same, more) == ([], True, [])
    with peopled.reading() as session:
        policy = session.scalars(select(Policy).where(Policy.ref_norm == "CAS-0450001")).one()
        assert sorted(each.recorded_at.date().isoformat() for each in policy.versions) == ["2025-12-19", "2026-05-31"]
        assert [len(each.coverages) for each in policy.versions] == [1, 1]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("10000000", "10000001"), ("fire", "flood"), (";active;", ";cancelled;"), (";RO;", ";RO,BG;"), ('""9""', '""10""'),
     ("2026-12-31;2025-12-20", "2026-11-30;2025-12-20"), (";2026-12-31;RO", ";2026-06-30;RO")],
)  # fmt: skip
def test_version_that_says_something_else_is_corrected(peopled: Store, was: str, becomes: str) -> None:
    load(peopled, "policies", POLICIES)
    before = contents(peopled)

    load(peopled, "policies", POLICIES.replace(was, becomes))

    after = contents(peopled)
    assert [name for name in before if len(before[name]) != len(after[name])] == []
    assert after != before
    load(peopled, "policies", POLICIES.replace(was, becomes))
    assert contents(peopled) == after


@pytest.mark.parametrize(
    ("good", "bad"), [(";maria;", ";nobody;"), ("2025-12-20", "soon"), ("[{", "{["), ('""limit_event""', '""colour""')]
)
def test_policy_row_that_is_wrong_is_left_out(peopled: Store, good: str, bad: str) -> None:
    outcome = load(peopled, "policies", POLICIES.replace(good, bad))

    assert [each.number for each in outcome.errors] == [2]
    assert outcome.stored == {}


# --- claims


def test_valid_reference_is_kept_and_another_gets_one_of_ours(peopled: Store) -> None:
    lines = "ref;claimant;type;policy;loss_at;cause;facts;owner\n"
    lines += 'CLM26-004720-31;dan;motor_rca;RO/25/V25/HV 012345678;2026-10-30;collision;"{""vehicles"": 2}";ana\n'
    lines += "D-2026-17;maria;home;CAS-0451237;2026-11-20T23:30:00+02:00;fire;;\n"

    assert load(peopled, "claims", lines).errors == []

    with peopled.reading() as session:
        kept = session.scalars(select(Claim).where(Claim.ref == "CLM26-004720-31")).one()
        assert (kept.facts, kept.policy is not None, kept.owner_id is not None) == ({"vehicles": 2}, True, True)
        made = session.scalars(select(Claim).where(Claim.record["external_ref"].as_string() == "D-2026-17")).one()
        assert (made.ref[:5], made.loss_date) == ("CLM26", date(2026, 11, 20))


def test_claim_row_that_is_wrong_is_left_out(peopled: Store) -> None:
    outcome = load(peopled, "claims", "ref,claimant,type\nA1,nobody,home\nA2,maria,boat\nA3,maria,home\n")

    assert [(each.number, each.ref) for each in outcome.errors] == [(2, "A1"), (3, "A2")]
    assert outcome.stored == {"claims": 1}


# --- payments


def payments(store: Store) -> list[dict[str, Any]]:
    with store.reading() as session:
        found: list[dict[str, Any]] = session.scalars(select(Claim.record).where(Claim.ref == CLAIM_A)).one()[
            "payments"
        ]
        return found


def test_payment_is_kept_with_its_claim_and_brought_up_to_date(peopled: Store) -> None:
    load(peopled, "payments", f"claim,amount,currency,state,paid_on\n{CLAIM_A},2450.00,RON,approved,\n")

    load(peopled, "payments", f"claim,amount,currency,state,paid_on\n{CLAIM_A},2450.00,RON,paid,2026-11-20\n")

    assert payments(peopled) == [
        {"amount_minor": 245000, "currency": "RON", "state": "paid", "paid_on": "2026-11-20"},
    ]


def test_payment_finds_its_claim_by_the_number_of_the_other_system(peopled: Store) -> None:
    load(peopled, "claims", "ref,claimant,type\nD-17,maria,home\n")

    assert load(peopled, "payments", "claim,amount\nD-17,5.00\n").stored == {"payments": 1}


@pytest.mark.parametrize("line", [f"{CLAIM_A},abc", f'{CLAIM_A},"2.500,00"', "CLM26-000091-48,5.00", f"{CLAIM_A},"])
def test_payment_row_that_is_wrong_is_left_out(peopled: Store, line: str) -> None:
    outcome = load(peopled, "payments", f"claim,amount\n{line}\n")

    assert [each.number for each in outcome.errors] == [2]


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_amount_in_major_units_is_read_to_the_last_unit(amount: Decimal) -> None:
    assert Cells({"amount": str(amount)}).minor("amount") == int(amount * 100)
