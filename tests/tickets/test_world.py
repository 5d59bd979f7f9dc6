"""The world file, row by row."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.tickets.desk import CLAIM_A, CLAIM_B, MARIA, NOW, OFFICE, WORLD, Desk, attachment, links, mail
from tickets import world
from tickets.database import Store
from tickets.errors import ImportFileError
from tickets.messages import Medium
from tickets.models import (
    Claim,
    ClaimState,
    ContactPoint,
    ContactStatus,
    Model,
    Party,
    Policy,
    Request,
    RequestState,
    Requirement,
    Setting,
    Staff,
)
from tickets.references import make
from tickets.requirements import RequirementState
from tickets.rows import settings
from tickets.world import Outcome

SCENARIOS: dict[str, Any] = json.loads(WORLD.read_text(encoding="utf-8"))
REQUEST = {
    "claim": CLAIM_A,
    "no": 1,
    "state": "open",
    "sent_at": "2026-11-20T10:00:00+02:00",
    "delivered_at": "2026-11-20T10:00:09+02:00",
    "due_on": "2026-12-04",
    "items": ["owners_assoc", "repair_estimate"],
    "deliveries": [
        {"medium": "email", "to": MARIA, "message_id": "<old.1@example.ro>"},
        {"channel": "sms", "to": "0722 123 456", "message_id": "SM00000000000000000000000000000001"},
    ],
}


def scenarios(**sections: Any) -> dict[str, Any]:
    """The scenarios' world with some sections replaced."""
    return deepcopy(SCENARIOS) | sections


def load(store: Store, document: object) -> Outcome:
    with store.writing() as session:
        return world.load(session, document, office=OFFICE, now=NOW)


def rows(store: Store) -> dict[str, list[Any]]:
    """Everything the store holds, table by table."""
    with store.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)))) for table in Model.metadata.sorted_tables
        }


def states(store: Store, claim: str = CLAIM_A) -> dict[str, RequirementState]:
    with store.reading() as session:
        query = select(Requirement).join(Claim).where(Claim.ref == claim)
        return {row.item: row.state for row in session.scalars(query)}


def one(store: Store, table: type[Any], **fields: object) -> Any:
    with store.reading() as session:
        return session.scalars(select(table).filter_by(**fields)).one()


def claim_a(**changes: Any) -> dict[str, Any]:
    return scenarios()["claims"][0] | changes


# --- what is stored


def test_scenarios_are_stored_with_every_person_policy_and_claim(store: Store) -> None:
    outcome = load(store, SCENARIOS)

    assert outcome == Outcome(stored={"staff": 4, "customers": 4, "policies": 2, "claims": 3}, errors=[])
    claim = one(store, Claim, ref=CLAIM_A)
    assert (claim.state, claim.loss_date, claim.cause) == (ClaimState.GATHERING, date(2026, 11, 14), "water_pipe")
    assert one(store, Claim, ref=CLAIM_B).application_received_on == datetime(2026, 11, 2, 7, tzinfo=UTC)


def test_claim_lacks_only_the_items_its_list_takes_away(store: Store) -> None:
    load(store, SCENARIOS)

    open_items = {item for item, state in states(store).items() if state is not RequirementState.ACCEPTED}
    assert open_items == {"owners_assoc", "repair_estimate"}


def test_claim_without_documents_holds_none(store: Store) -> None:
    load(store, scenarios(claims=[claim_a(documents=None)]))

    assert states(store)["claim_form"] is RequirementState.NEEDED


@pytest.mark.parametrize("with_request", [False, True])
def test_same_file_again_changes_nothing(store: Store, *, with_request: bool) -> None:
    document = scenarios(requests=[REQUEST] if with_request else [])
    load(store, document)
    before = rows(store)

    load(store, document)

    assert rows(store) == before


def test_policy_is_found_by_the_number_customers_write(store: Store) -> None:
    [policy] = [each for each in scenarios()["policies"] if each["ref"].startswith("CAS")]
    load(store, scenarios(policies=[policy | {"ref": "cas 045 1237"}]))

    assert one(store, Policy, ref="cas 045 1237").ref_norm == "CAS-0451237"


def test_policy_number_of_no_known_format_stands_in_capitals(store: Store) -> None:
    policy = scenarios()["policies"][0]

    load(store, scenarios(policies=[policy | {"ref": "xy 77/a"}, policy | {"ref": "CAS-0451237/2"}]))

    with store.reading() as session:
        assert set(session.scalars(select(Policy.ref_norm))) == {"XY77/A", "CAS-0451237/2"}


def test_endorsement_imported_later_is_a_further_version(store: Store) -> None:
    load(store, SCENARIOS)
    policy = scenarios()["policies"][0]
    endorsement = policy["versions"][0] | {"effective_from": "2026-11-01", "recorded_at": "2026-11-16"}

    load(store, {"schema": 1, "policies": [policy | {"versions": [endorsement]}]})

    with store.reading() as session:
        versions = session.scalars(select(Policy).where(Policy.ref_norm == "CAS-0451237")).one().versions
        assert [each.effective_from.isoformat() for each in versions] == ["2026-03-01", "2026-11-01"]
        assert versions[1].recorded_at == datetime(2026, 11, 15, 22, tzinfo=UTC)


def test_what_is_wrong_in_the_data_is_kept(store: Store) -> None:
    customer = {"id": "x", "name": "Ana Sava", "cnp": "1960801400018"}
    claim = claim_a(claimant="x", policy="CAS-9999999", bank_account={"iban": "RO14BTRL0130120567890013"})

    outcome = load(store, scenarios(customers=[*scenarios()["customers"], customer], claims=[claim]))

    assert outcome.errors == []
    kept = one(store, Claim, ref=CLAIM_A)
    assert (kept.policy_id, kept.policy_ref) == (None, "CAS-9999999")
    assert kept.record["bank_account"]["iban"] == "RO14BTRL0130120567890013"


def test_claim_closed_for_no_response_keeps_its_reason(store: Store) -> None:
    load(store, scenarios(claims=[claim_a(state="closed:no_response")]))

    claim = one(store, Claim, ref=CLAIM_A)
    assert (claim.state, claim.closed_reason) == (ClaimState.CLOSED, "C01")


def test_claim_is_merged_into_one_that_stands_after_it(store: Store) -> None:
    target = claim_a(ref=CLAIM_B)

    load(store, scenarios(claims=[claim_a(state="duplicate_of", merged_into=CLAIM_B), target]))

    assert one(store, Claim, ref=CLAIM_A).merged_into_id == one(store, Claim, ref=CLAIM_B).id


def test_number_that_an_import_brought_is_never_given_out_again(store: Store) -> None:
    ref = make("CLM", 2026, 800_000)
    load(store, scenarios(claims=[claim_a(ref=ref), claim_a()]))

    filed = Desk(store).file_one(mail("s-a spart o teava in bucatarie ieri, polita cas 045 1237"))

    assert filed.opened is not None
    assert filed.opened.ref == make("CLM", 2026, 800_001)


def test_opt_out_that_came_since_survives_the_next_import(store: Store) -> None:
    load(store, SCENARIOS)
    with store.writing() as session:
        point = session.scalars(select(ContactPoint).where(ContactPoint.medium == Medium.SMS).limit(1)).one()
        point.status = ContactStatus.OPTED_OUT

    load(store, SCENARIOS)

    assert one(store, ContactPoint, id=point.id).status is ContactStatus.OPTED_OUT


def test_address_that_is_no_longer_in_the_file_is_no_longer_on_file(store: Store) -> None:
    load(store, SCENARIOS)
    moved = {"id": "maria", "name": "Maria Popescu", "emails": [{"value": "Maria.Nou@example.ro"}]}

    load(store, {"schema": 1, "customers": [moved]})

    with store.reading() as session:
        maria = session.scalars(select(Party).where(Party.external_id == "maria")).one()
        assert {point.value_norm for point in maria.contacts} == {"maria.nou@example.ro", "+40722123456"}


def test_somebody_who_signs_in_already_is_not_added_twice(store: Store) -> None:
    with store.writing() as session:
        session.add(Staff(name="Ana", email=SCENARIOS["staff"][0]["email"], roles=["admin"], password_hash="x"))

    load(store, SCENARIOS)

    ana = one(store, Staff, external_id="ana")
    assert (ana.password_hash, ana.roles) == ("x", ["representative"])


def test_settings_are_kept_and_their_policy_numbers_read(store: Store) -> None:
    settings = {"checks": {"dat04_days": 10}, "reference": [{"kind": "policy.own", "pattern": "VIA-\\d{5}"}]}
    policy = scenarios()["policies"][0] | {"ref": "via 12 345"}

    load(store, scenarios(settings=settings, policies=[policy]))

    assert one(store, Setting, name="checks").value == {"dat04_days": 10}
    assert one(store, Policy, ref="via 12 345").ref_norm == "VIA-12345"


# --- requests


def test_answer_to_an_imported_request_finds_it_by_its_reply_address(store: Store) -> None:
    load(store, scenarios(requests=[REQUEST]))
    desk = Desk(store)
    [by_mail, _] = desk.outgoing()
    assert by_mail.reply_address is not None

    filed = desk.file_one(mail("atasat", delivered_to=(by_mail.reply_address,), files=(attachment("deviz.pdf"),)))

    assert links(filed)[f"{CLAIM_A}/R1"] == "active"
    assert desk.state("repair_estimate") is RequirementState.RECEIVED
    assert desk.request().state is RequestState.PARTIAL


def test_answer_to_an_imported_request_finds_it_by_the_mail_it_answers(store: Store) -> None:
    load(store, scenarios(requests=[REQUEST]))

    filed = Desk(store).file_one(mail("maine", in_reply_to=("old.1@example.ro",)))

    assert links(filed)[f"{CLAIM_A}/R1"] == "active"


def test_open_request_waits_for_the_customer_on_one_ticket(store: Store) -> None:
    load(store, scenarios(requests=[REQUEST]))

    [ticket] = Desk(store).tickets()
    assert (ticket.state, ticket.verified) == ("waiting_customer", True)
    assert {states(store)[item] for item in ("owners_assoc", "repair_estimate")} == {RequirementState.ASKED}


def test_request_keeps_the_tracking_number_of_the_other_system(store: Store) -> None:
    load(store, scenarios(requests=[REQUEST | {"tracking": "ALT-77"}]))

    assert one(store, Request, number=1).code == "ALT-77"


def test_request_answered_here_is_not_opened_again_by_the_next_import(store: Store) -> None:
    load(store, scenarios(requests=[REQUEST]))
    with store.writing() as session:
        session.scalars(select(Request)).one().state = RequestState.ANSWERED

    outcome = load(store, scenarios(requests=[REQUEST]))

    assert outcome.errors == []
    assert one(store, Request, number=1).state is RequestState.ANSWERED


def test_request_that_another_one_replaced_makes_room_for_it(store: Store) -> None:
    load(store, scenarios(requests=[REQUEST]))
    second = REQUEST | {"no": 2, "deliveries": []}

    outcome = load(store, scenarios(requests=[REQUEST | {"state": "superseded"}, second]))

    assert outcome.errors == []
    assert one(store, Request, number=1).state is RequestState.SUPERSEDED


# --- what is left out


def _set(section: str, **changes: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document[section][0] |= changes

    return change


@pytest.mark.parametrize(
    ("change", "noun", "words"),
    [
        (_set("claims", claimant="nobody"), "claim", "claimant: there is no such customer"),
        (_set("claims", loss_date="2026-02-30"), "claim", "loss_date"),
        (_set("claims", loss_date=20261114), "claim", "loss_date"),
        (_set("claims", type="boat"), "claim", "boat"),
        (_set("claims", ref="CLM26-004711-59"), "claim", "check digits"),
        (_set("claims", ref="TKT26-000091-47"), "claim", "no claim reference"),
        (_set("claims", documents=[{"item": "crown_jewels"}]), "claim", "crown_jewels"),
        (_set("claims", state="lost"), "claim", "state"),
        (_set("claims", owner="nobody"), "claim", "owner"),
        (_set("claims", total_minor=12.5), "claim", "total_minor"),
        (_set("claims", merged_into=CLAIM_A), "claim", "merged_into"),
        (_set("claims", cause="nul \0"), "claim", "NUL"),
        (_set("claims", facts={"flat": float("nan")}), "claim", "cannot be stored"),
        (_set("policies", holder="nobody"), "policy", "holder"),
        (_set("policies", insured_persons=["nobody"]), "policy", "insured_persons"),
        (_set("policies", versions=[{}]), "policy", "versions.0.effective_from"),
        (_set("customers", name=None), "customer", "name"),
        (_set("customers", phones=[{"value": "none"}]), "customer", "phones"),
        (_set("staff", role="king"), "staff", "role"),
        (_set("requests", claim="CLM26-000091-48"), "request", "claim"),
        (_set("requests", items=["crown_jewels"]), "request", "crown_jewels"),
        (_set("requests", sent_at=None), "request", "sent_at"),
        (_set("requests", deliveries=[{"medium": "pigeon", "to": "x"}]), "request", "medium"),
    ],
)
def test_bad_row_is_reported_by_its_number_and_the_others_are_stored(
    store: Store, change: Callable[[dict[str, Any]], None], noun: str, words: str
) -> None:
    document = scenarios(requests=[deepcopy(REQUEST)])
    change(document)

    outcome = load(store, document)

    assert (outcome.errors[0].noun, outcome.errors[0].number) == (noun, 1)
    assert words in outcome.errors[0].text
    assert outcome.stored["claims"] >= 1


def test_row_that_is_no_object_is_reported(store: Store) -> None:
    outcome = load(store, scenarios(claims=["x", claim_a()]))

    assert [(each.noun, each.number) for each in outcome.errors] == [("claim", 1)]
    assert outcome.stored["claims"] == 1


def test_claim_merged_into_a_bad_row_is_left_out_with_it(store: Store) -> None:
    bad = claim_a(ref=CLAIM_B, claimant="nobody")

    outcome = load(store, scenarios(claims=[claim_a(merged_into=CLAIM_B), bad]))

    assert [each.number for each in outcome.errors] == [1, 2]
    assert "claims" not in outcome.stored


def test_second_open_request_of_a_claim_is_left_out(store: Store) -> None:
    outcome = load(store, scenarios(requests=[REQUEST, REQUEST | {"no": 2}]))

    assert [(each.noun, each.number) for each in outcome.errors] == [("request", 2)]
    assert outcome.stored["requests"] == 1


def test_report_of_a_bad_row_says_nothing_of_the_customer(store: Store) -> None:
    secret = {"id": "s", "name": "Ioana Secret", "birth_date": "1980-99-99", "phones": [{"value": "secret"}]}

    outcome = load(store, scenarios(customers=[secret]))

    assert "ecret" not in outcome.errors[0].text


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        scenarios(schema=2),
        scenarios(schema=True),
        scenarios(costumers=[]),
        scenarios(claims={}),
        scenarios(settings={"colour": {}}),
        scenarios(settings={"checks": {"colour": 1}}),
        scenarios(settings={"reference": [{"kind": "policy.own", "pattern": "("}]}),
        scenarios(claims=[claim_a(colour="red")]),
        scenarios(claims=[claim_a(documents=[{"item": "photos", "colour": "red"}])]),
        scenarios(claims=[claim_a(colour=None)]),
        scenarios(customers=[{"id": "x", "name": "X", "emails": [{"value": "x@y", "colour": 1}]}]),
    ],
)
def test_file_that_is_wrong_as_a_whole_stores_nothing(store: Store, document: object) -> None:
    with pytest.raises(ImportFileError):
        load(store, document)

    assert not any(each for name, each in rows(store).items() if name != "alembic_version")


def test_rules_that_a_world_brings_stand_in_for_the_configurations(store: Store) -> None:
    document = {
        "schema": 1,
        "settings": {
            "requests": {"send": "auto", "due_days": 21},
            "reference": [{"kind": "policy.own", "pattern": r"ABC-\d{5}"}],
        },
    }
    with store.writing() as session:
        world.load(session, document, office=OFFICE, now=NOW)

    with store.reading() as session:
        office = settings.applied(session, OFFICE)

    assert (office.send, office.due_days) == ("auto", 21)
    assert [each.pattern for each in office.formats][-1] == r"ABC-\d{5}"
