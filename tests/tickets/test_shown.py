"""What `claimdesk show` prints."""

import json
import re
from typing import Any

import pytest

from tests.tickets.desk import CLAIM_A, CLAIM_B, MARIA, MARIAS_PHONE, NOW, OFFICE, WORLD, Desk, attachment, mail
from tickets import shown, world
from tickets.database import Store
from tickets.errors import UnknownReferenceError


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.with_world(store)


def show(desk: Desk, ref: str) -> Any:
    """What the command prints, as a script reads it."""
    with desk.store.reading() as session:
        return json.loads(json.dumps(shown.any(session, ref, OFFICE, now=NOW)))


def add(desk: Desk, **sections: Any) -> None:
    with desk.store.writing() as session:
        outcome = world.load(session, {"schema": 1, **sections}, office=OFFICE, now=NOW)
        assert outcome.errors == []


def scenario(section: str, place: int = 0) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(WORLD.read_text(encoding="utf-8"))[section][place]
    return row


# --- requests


def test_request_tells_where_to_answer_by_when_and_what(desk: Desk) -> None:
    code = desk.ask()

    request = show(desk, code)

    assert (request["code"], request["state"], request["due_on"]) == (code, "open", "2026-12-07")
    assert request["reply_address"].startswith("claims+")
    assert re.fullmatch(r"https://desk\.example\.ro/u/[A-Za-z0-9_-]{22}", request["upload_url"])
    assert {item["key"]: item["state"] for item in request["items"]} == {
        "repair_estimate": "asked",
        "owners_assoc": "asked",
    }
    assert request["items"][0]["label"].keys() == {"en", "ro"}


def test_deliveries_carry_the_id_of_their_medium(desk: Desk) -> None:
    code = desk.ask()

    by_mail, by_text = show(desk, code)["deliveries"]

    assert (by_mail["medium"], by_mail["to"], by_mail["state"], by_mail["sid"]) == ("email", MARIA, "sent", None)
    assert by_mail["message_id"]
    assert (by_text["medium"], by_text["to"], by_text["message_id"]) == ("sms", MARIAS_PHONE, None)


def test_imported_request_shows_the_ids_it_went_out_under(desk: Desk) -> None:
    add(
        desk,
        requests=[
            {
                "claim": CLAIM_A, "no": 3, "tracking": "ALT/77", "state": "open", "sent_at": "2026-11-20",
                "due_on": "2026-12-04", "items": ["photos"],
                "deliveries": [
                    {"medium": "email", "to": MARIA, "message_id": "<old@example.ro>"},
                    {"medium": "sms", "to": MARIAS_PHONE, "message_id": "SM7"},
                ],
            }
        ],
    )  # fmt: skip

    request = show(desk, "ALT/77")

    assert [each["message_id"] for each in request["deliveries"]] == ["old@example.ro", None]
    assert [each["sid"] for each in request["deliveries"]] == [None, "SM7"]
    assert request["sent_at"] == "2026-11-19T22:00:00Z"
    assert request["reply_address"].startswith("claims+")


def test_question_about_an_unknown_fact_stands_in_both_languages(desk: Desk) -> None:
    filed = desk.file_one(mail("s-a spart o teava in bucatarie ieri, polita cas 045 1237"))
    assert filed.drafted is not None

    items = {item["key"]: item for item in show(desk, filed.drafted.code)["items"]}

    assert items["owners_assoc"]["question"].keys() == {"fact", "en", "ro"}
    assert items["claim_form"]["question"] is None


# --- claims


def test_claim_shows_where_it_stands_and_what_it_lacks(desk: Desk) -> None:
    claim = show(desk, CLAIM_A)

    assert (claim["state"], claim["policy"], claim["policy_version"]) == ("gathering", "CAS-0451237", 1)
    states = {each["key"]: each["state"] for each in claim["requirements"]}
    assert {key for key, state in states.items() if state != "accepted"} == {"owners_assoc", "repair_estimate"}
    assert {(each["code"], each["inputs"]["item"]) for each in claim["findings"]} == {
        ("DOC-01", "owners_assoc"),
        ("DOC-01", "repair_estimate"),
    }
    assert (claim["clocks"], claim["decision"]) == ([], None)


def test_amounts_are_strings_with_two_decimals_and_a_currency(desk: Desk) -> None:
    claim = show(desk, CLAIM_B)

    assert claim["amount_claimed"] == {"amount": "12450.00", "currency": "RON"}
    assert claim["lines"][0]["total"] == {"amount": "12450.00", "currency": "RON"}


def test_version_recorded_after_the_loss_creates_no_cover(desk: Desk) -> None:
    policy = scenario("policies")
    endorsement = policy["versions"][0] | {"effective_from": "2026-11-01", "recorded_at": "2026-11-16"}
    add(desk, policies=[policy | {"versions": [endorsement]}])

    assert show(desk, CLAIM_A)["policy_version"] == 1


def test_version_recorded_on_the_day_of_loss_was_known_then(desk: Desk) -> None:
    policy = scenario("policies")
    endorsement = policy["versions"][0] | {"recorded_at": "2026-11-14T23:59:00+02:00"}
    add(desk, policies=[policy | {"versions": [endorsement]}])

    assert show(desk, CLAIM_A)["policy_version"] == 2


def test_loss_outside_every_version_has_none(desk: Desk) -> None:
    add(desk, claims=[scenario("claims") | {"loss_date": "2026-02-20"}])

    assert show(desk, CLAIM_A)["policy_version"] is None


def test_closed_and_merged_claims_say_why_beside_their_state(desk: Desk) -> None:
    add(desk, claims=[scenario("claims") | {"state": "duplicate_of", "closed_reason": "C04", "merged_into": CLAIM_B}])

    claim = show(desk, CLAIM_A)

    assert (claim["state"], claim["closed_reason"], claim["merged_into"]) == ("duplicate_of", "C04", CLAIM_B)


def test_claim_shows_its_requests_and_the_documents_that_came(desk: Desk) -> None:
    code = desk.ask()
    reply_to = show(desk, code)["reply_address"]
    desk.file_one(mail("atasat", delivered_to=(reply_to,), files=(attachment("deviz.pdf"),)))

    claim = show(desk, CLAIM_A)

    assert [(each["code"], each["state"]) for each in claim["requests"]] == [(code, "partial")]
    assert [(each["item"], each["file"]) for each in claim["documents"]] == [("repair_estimate", "deviz.pdf")]


# --- tickets and policies


def test_ticket_shows_its_messages_with_their_links(desk: Desk) -> None:
    filed = desk.file_one(mail("In ce stadiu este dosarul meu?", subject=CLAIM_A))
    assert filed.message is not None

    ticket = show(desk, filed.message.ticket.ref)

    first = ticket["messages"][0]
    assert (ticket["claim"], first["direction"], first["from"]["address"]) == (CLAIM_A, "in", MARIA)
    assert {link["target"]: link["state"] for link in first["links"]}[CLAIM_A] == "active"
    assert ticket["messages"][1]["delivery"]["template"] == "acknowledgement"


def test_policy_shows_its_versions_and_claims(desk: Desk) -> None:
    policy = show(desk, "CAS-0451237")

    [version] = policy["versions"]
    assert version["coverages"][0]["limit_event"] == {"amount": "100000.00", "currency": "RON"}
    assert version["coverages"][0]["deductible"] == {"abs": {"amount": "300.00", "currency": "RON"}}
    assert policy["claims"] == [CLAIM_A]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("clm26 004711 58", "claim"),
        (" CLM26-004711-58\n", "claim"),
        ("cas 0451237", "policy"),
        ("ro/25/v25/hv 012345678", "policy"),
    ],
)
def test_reference_is_found_however_it_is_written(desk: Desk, written: str, kind: str) -> None:
    assert show(desk, written)["kind"] == kind


@pytest.mark.parametrize("ref", ["CLM26-000001-07", "TKT26-000091-47", f"{CLAIM_A}/R9", "CAS-0000000", "", "x\0"])
def test_unknown_reference_is_an_answer_not_an_accident(desk: Desk, ref: str) -> None:
    with pytest.raises(UnknownReferenceError):
        show(desk, ref)
