"""What a reply says of an open request in words is proposed to a person and changes nothing by itself."""

import pytest

from tests.tickets.desk import CLAIM_A, Desk, letter, mail, sms
from tickets.database import Store
from tickets.intents import IntentKind
from tickets.requirements import RequirementState
from tickets.triage import Filed


@pytest.fixture
def desk(store: Store) -> Desk:
    desk = Desk.with_world(store)
    desk.ask()
    return desk


def proposed(filed: Filed) -> dict[str, object]:
    assert filed.message is not None
    return {name: said for name, said in filed.message.proposals.items() if name != "notes"}


def test_promise_by_sms_is_a_reply_to_the_request_and_proposes_the_next_day_to_ask(desk: Desk) -> None:
    filed = desk.file_one(sms("va trimit devizul maine"))

    assert filed.intents[0].kind is IntentKind.REPLY_TO_REQUEST
    assert proposed(filed)["promise"] == {"day": "2026-11-24", "words": "va trimit devizul maine"}
    assert desk.state("repair_estimate") is RequirementState.ASKED


def test_what_he_does_not_have_names_the_item_for_the_representative(desk: Desk) -> None:
    filed = desk.file_one(mail("Devizul il trimit luni. Nu am adeverinta de la asociatie.", subject=CLAIM_A))

    assert proposed(filed) == {
        "promise": {"day": "2026-11-30", "words": "Devizul il trimit luni"},
        "lacking": {"owners_assoc": "Nu am adeverinta de la asociatie."},
    }
    assert desk.state("owners_assoc") is RequirementState.ASKED


def test_paper_speaks_as_well_as_mail(desk: Desk) -> None:
    filed = desk.file_one(letter("Va voi trimite devizul saptamana viitoare.", codes=(f"{CLAIM_A}/R1",)))

    assert proposed(filed)["promise"] == {
        "day": "2026-12-04",
        "words": "Va voi trimite devizul saptamana viitoare",
    }


def test_stranger_with_the_reference_proposes_nothing(desk: Desk) -> None:
    filed = desk.file_one(mail("trimit devizul maine", sender="stranger@example.org", subject=CLAIM_A))

    assert proposed(filed) == {}


def test_without_an_open_request_words_propose_nothing(store: Store) -> None:
    quiet = Desk.with_world(store)

    filed = quiet.file_one(mail("trimit devizul maine, in ce stadiu e dosarul?", subject=CLAIM_A))

    assert proposed(filed) == {}
