"""The ladder: which address a message goes to, in which order, and why each is used or passed over."""

from datetime import UTC, datetime

import pytest

from tests.tickets.desk import CLAIM_A, MARIA, OFFICE, Desk
from tickets import outbox, reach, shown
from tickets.database import Store
from tickets.messages import Delivery, DeliveryState, Medium
from tickets.models import ContactPoint, ContactStatus, Party, PartyKind
from tickets.reach import Why

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def point(medium: Medium, value: str, **changes: object) -> ContactPoint:
    return ContactPoint(medium=medium, value=value, value_norm=value, **changes)  # type: ignore[arg-type]


def party(*points: ContactPoint) -> Party:
    return Party(kind=PartyKind.PERSON, name="Maria Popescu", name_folded="MARIA POPESCU", contacts=list(points))


EMAIL, SMS, LETTER = Medium.EMAIL, Medium.SMS, Medium.LETTER


def rungs(someone: Party, *failed: str) -> list[tuple[str, Why]]:
    return [(each.point.value, each.why) for each in reach.ladder(someone, OFFICE.outlets, failed=failed)]


def test_mail_carries_the_list_a_text_announces_it_and_paper_stays_home() -> None:
    someone = party(point(LETTER, "Str. Lungă 1"), point(SMS, "+40722"), point(EMAIL, "m@example.ro"))

    assert rungs(someone) == [
        ("m@example.ro", Why.WORKS),
        ("+40722", Why.ANNOUNCES),
        ("Str. Lungă 1", Why.NOT_BESIDE_EMAIL),
    ]
    assert [each.value for each in reach.for_request(someone, OFFICE.outlets)] == ["m@example.ro", "+40722"]


def test_preferred_medium_comes_first_and_paper_that_is_preferred_goes_beside_a_mail() -> None:
    someone = party(point(EMAIL, "m@example.ro"), point(LETTER, "Str. Lungă 1", preferred=True))

    assert rungs(someone) == [("Str. Lungă 1", Why.PREFERRED), ("m@example.ro", Why.WORKS)]


@pytest.mark.parametrize(
    ("status", "why"), [(ContactStatus.BOUNCING, Why.BOUNCING), (ContactStatus.OPTED_OUT, Why.OPTED_OUT)]
)
def test_address_that_bounces_or_is_switched_off_gives_way_to_the_next(status: ContactStatus, why: Why) -> None:
    someone = party(point(EMAIL, "m@example.ro", status=status, preferred=True), point(LETTER, "Str. Lungă 1"))

    assert rungs(someone) == [("Str. Lungă 1", Why.WORKS), ("m@example.ro", why)]


def test_address_the_last_message_did_not_reach_gives_way_to_another_of_its_kind() -> None:
    someone = party(point(EMAIL, "old@example.ro"), point(EMAIL, "new@example.ro"))

    assert rungs(someone) == [("old@example.ro", Why.WORKS), ("new@example.ro", Why.ANOTHER_OF_THIS_MEDIUM)]
    assert rungs(someone, "old@example.ro") == [("new@example.ro", Why.WORKS), ("old@example.ro", Why.UNDELIVERED)]


def test_medium_without_a_channel_or_that_nobody_writes_to_is_passed_over() -> None:
    someone = party(point(EMAIL, "m@example.ro"), point(Medium.PHONE, "+4021"))

    assert reach.ladder(someone, {})[0].why is Why.NO_CHANNEL
    assert rungs(someone)[1] == ("+4021", Why.NO_CHANNEL)


def test_every_reason_is_a_sentence_in_both_languages() -> None:
    for why in Why:
        choice = reach.Choice(point=point(EMAIL, "m@example.ro"), why=why)

        assert choice.words("en").endswith(".")
        assert choice.words("ro").endswith(".")
        assert choice.words("en") != choice.words("ro")


def test_request_shows_the_ladder_with_what_did_not_arrive(store: Store) -> None:
    desk = Desk.with_world(store)
    desk.ask()
    with store.writing() as session:
        failed = [each.id for each in desk.outgoing() if each.to_norm == MARIA]
        outbox.record(session, failed[0], Delivery(state=DeliveryState.FAILED), now=NOW)

    with store.reading() as session:
        rungs = shown.any(session, f"{CLAIM_A}/R1", desk.office, now=desk.now)["ladder"]

    assert isinstance(rungs, list)
    mails = [each for each in rungs if isinstance(each, dict) and each["to"] == MARIA]
    assert [(each["used"], each["why"]) for each in mails] in ([(False, "undelivered")], [(False, "bouncing")])
