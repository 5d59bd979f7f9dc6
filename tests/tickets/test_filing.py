"""What a filed message says in the words of the clocks."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.tickets.desk import NOW, OFFICE, attachment, mail
from tickets import gist, linking
from tickets.answers import Answer
from tickets.catalogue import Stage
from tickets.deadlines.filing import answers, of_filed, of_items, of_judging
from tickets.messages import InboundMessage, Medium, MessageKind
from tickets.models import (
    Arrival,
    Claim,
    ClaimState,
    Direction,
    LinkState,
    Message,
    Request,
    RequestItem,
    RequestState,
    Requirement,
    TargetKind,
    Ticket,
)  # fmt: skip
from tickets.requirements import RequirementState
from tickets.triage import Filed

CLAIM = (TargetKind.CLAIM, LinkState.ACTIVE)
REQUEST = (TargetKind.REQUEST, LinkState.ACTIVE)
NOTICE = (
    "claim.notice", "claim.received", "claim.presented", "claim.application_received", "petition.registered",
    "seller.informed",
)  # fmt: skip


def a_claim(*states: RequirementState, **changes: Any) -> Claim:
    rows = [Requirement(item="repair_estimate", stage=Stage.DECISION, state=each) for each in states]
    return Claim(ref="CLM26-004720-31", type="home", created_at=NOW, requirements=rows, **changes)


def a_request(claim: Claim, *items: str, question: str = "", **changes: Any) -> Request:
    rows = [
        RequestItem(
            position=number, question=question,
            requirement=Requirement(item=item, stage=Stage.DECISION, state=RequirementState.ASKED),
        )
        for number, item in enumerate(items)
    ]  # fmt: skip
    ticket = Ticket(ref="T26-000002-00", opened_at=NOW, last_message_at=NOW)
    return Request(
        number=1, code=f"{claim.ref}/R1", created_at=NOW, created_by="staff:1", claim=claim, ticket=ticket, items=rows,
        **changes,
    )  # fmt: skip


def filed(
    inbound: InboundMessage, *, kind: str = "question", links: Sequence[tuple[TargetKind, LinkState]] = (),
    claim: Claim | None = None, request: Request | None = None, **changes: Any,
) -> Filed:  # fmt: skip
    read = gist.of(inbound, day=date(2026, 11, 23), formats=OFFICE.formats)
    ticket = Ticket(ref="T26-000001-00", opened_at=NOW, last_message_at=NOW, kind=kind)
    arrival = Arrival(
        channel="mail", medium=inbound.medium, reader="email", external_id="1", received_at=NOW, size=1, sha256="0"
    )
    plain: dict[str, Any] = {
        "message": Message(
            medium=inbound.medium, channel="mail", direction=Direction.IN, at=NOW, ticket=ticket,
            received_on=inbound.received_on,
        )
    }  # fmt: skip
    candidates = [linking.Candidate(kind=each, target="x", score=1.0, state=state) for each, state in links]
    return Filed(
        arrival=arrival, gist=read, clue=linking.clues(read, received_at=NOW, office=OFFICE),
        linking=linking.Linking(links=candidates, claim=claim, request=request), **plain | changes,
    )  # fmt: skip


def words(told: Filed) -> list[str]:
    return [each.what for each in of_filed(told, OFFICE)]


def answer(requirement: Requirement | None) -> Answer:
    return Answer(file=attachment("deviz.pdf"), requirement=requirement, kind="estimate", score=1.0, reasons=())


# --- on the ticket


def test_new_ticket_is_a_message_to_be_answered_and_a_matter_to_be_resolved() -> None:
    told = filed(mail("Buna ziua"), new_ticket=True)

    first, second = of_filed(told, OFFICE)

    assert (first.what, second.what) == ("message.received", "ticket.opened")
    for each in (first, second):
        assert told.message is not None
        assert (each.at, each.ticket, each.message) == (NOW, told.message.ticket, told.message)
        assert (each.claim, each.fresh, each.again, each.without) == (None, True, False, frozenset())


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("complaint_appeal", ["complaint.received", "complaint.registered"]),
        ("data_request", ["request.received"]),
        ("question", []),
    ],
)
def test_ticket_of_a_kind_that_a_law_knows_is_that_too(kind: str, more: list[str]) -> None:
    assert words(filed(mail("Buna ziua"), kind=kind, new_ticket=True)) == ["message.received", "ticket.opened", *more]


def test_ticket_that_is_opened_again_begins_anew_and_an_open_one_does_not() -> None:
    again = list(of_filed(filed(mail("Buna ziua"), reopened=True), OFFICE))

    assert [(each.what, each.fresh) for each in again] == [("message.received", False), ("ticket.opened", False)]
    assert words(filed(mail("Buna ziua"))) == []


@pytest.mark.parametrize(
    ("kind", "medium", "before", "without"),
    [
        ("question", Medium.EMAIL, False, set()),
        ("question", Medium.EMAIL, True, {"int.ack"}),
        ("question", Medium.PHONE, False, {"int.ack", "int.first_response"}),
        ("question", Medium.PHONE, True, {"int.ack", "int.first_response"}),
        ("spam", Medium.EMAIL, False, {"int.ack", "int.first_response", "int.resolve"}),
        ("spam", Medium.PHONE, True, {"int.ack", "int.first_response", "int.resolve"}),
    ],
)
def test_what_is_not_owed_to_a_caller_a_spammer_or_who_had_it_today(
    kind: str,
    medium: Medium,
    before: bool,  # noqa: FBT001 - a case's answer
    without: set[str],
) -> None:
    told = filed(mail("Buna ziua", medium=medium), kind=kind, new_ticket=True, acknowledged_before=before)

    assert {each.without for each in of_filed(told, OFFICE)} == {frozenset(without)}


@pytest.mark.parametrize(
    "silent",
    [
        filed(mail("I am away", kind=MessageKind.AUTO_REPLY), new_ticket=True),
        filed(mail("STOP", opt_out=True), new_ticket=True),
        filed(mail("START", opt_in=True), new_ticket=True),
        filed(mail("a second copy"), new_ticket=True, message=None),
    ],
)
def test_machine_mail_opt_outs_and_second_copies_mean_nothing(silent: Filed) -> None:
    assert words(silent) == []


def test_letter_counts_from_its_stamp() -> None:
    stamped = filed(mail("Buna ziua", received_on=date(2026, 11, 20)), new_ticket=True)

    assert {each.at for each in of_filed(stamped, OFFICE)} == {datetime(2026, 11, 19, 22, tzinfo=UTC)}


# --- on a claim


def test_claim_that_a_message_opens_has_its_first_notice() -> None:
    opened = a_claim(loss_date=date(2026, 11, 20))
    told = filed(mail("Buna ziua"), opened=opened)

    found = list(of_filed(told, OFFICE))

    assert [each.what for each in found] == [*NOTICE, "event.date", "fnol.received"]
    assert [each.fresh for each in found] == [*[True] * 7, False]
    assert {(each.claim is opened, each.message is told.message) for each in found} == {(True, True)}
    assert {each.at for each in found} == {NOW, datetime(2026, 11, 19, 22, tzinfo=UTC)}


def test_answer_lets_the_clock_of_its_request_go_on() -> None:
    claim = a_claim()
    request = a_request(claim, "repair_estimate")
    told = filed(mail("trimit maine devizul"), links=[CLAIM], claim=claim, request=request)

    [answered] = of_filed(told, OFFICE)

    assert (answered.what, answered.at) == ("customer.answered", NOW)
    assert (answered.claim, answered.ticket, answered.message) == (claim, request.ticket, told.message)


@pytest.mark.parametrize(
    "links",
    [
        [],
        [REQUEST],
        [(TargetKind.CLAIM, LinkState.SUGGESTED)],
        [(TargetKind.CLAIM, LinkState.UNVERIFIED)],
        [(TargetKind.CLAIM, LinkState.UNDONE)],
        [(TargetKind.CLAIM, LinkState.SUGGESTED), REQUEST],
    ],
)
def test_message_that_is_not_sure_of_its_claim_answers_nothing(links: list[tuple[TargetKind, LinkState]]) -> None:
    claim = a_claim()
    request = a_request(claim, "repair_estimate")

    assert words(filed(mail("trimit maine devizul"), links=links, claim=claim, request=request)) == []
    assert words(filed(mail("trimit maine devizul"), links=[CLAIM], request=request)) == []


def test_item_that_comes_is_received_and_the_last_one_completes_the_file() -> None:
    waiting, complete = a_claim(RequirementState.ASKED, RequirementState.RECEIVED), a_claim(RequirementState.RECEIVED)

    for claim, more in ((waiting, []), (complete, ["all_items.received", "proof_of_claim.received"])):
        told = filed(mail("atasez"), links=[CLAIM], claim=claim, answers=[answer(claim.requirements[0])])
        found = list(of_filed(told, OFFICE))
        assert [each.what for each in found] == ["item_received", *more]
        assert {(each.claim is claim, each.message is told.message, each.at) for each in found} == {(True, True, NOW)}
    unknown = filed(mail("atasez"), links=[CLAIM], claim=waiting, answers=[answer(None)])
    assert words(unknown) == []


@pytest.mark.parametrize(
    ("states", "state", "told"),
    [
        ((), ClaimState.GATHERING, ["all_items.received", "proof_of_claim.received"]),
        ((RequirementState.RECEIVED, RequirementState.ACCEPTED), ClaimState.GATHERING,
         ["all_items.received", "proof_of_claim.received"]),
        ((RequirementState.RECEIVED, RequirementState.NEEDED), ClaimState.GATHERING, []),
        ((RequirementState.REJECTED,), ClaimState.GATHERING, []),
        ((RequirementState.WAIVED,), ClaimState.DENIED, ["all_items.received", "proof_of_claim.received"]),
        *[((), state, ["all_items.received", "proof_of_claim.received", "requested_documents.complete"])
          for state in (ClaimState.APPROVED, ClaimState.PARTIALLY_APPROVED, ClaimState.PAYMENT_ORDERED)],
    ],
)  # fmt: skip
def test_file_is_complete_when_nothing_is_awaited_up_to_the_decision(
    states: tuple[RequirementState, ...], state: ClaimState, told: list[str]
) -> None:
    claim = a_claim(*states, state=state)
    message = filed(mail("x")).message

    found = list(of_items(claim, NOW, message=message))

    assert [each.what for each in found] == told
    assert all((each.at, each.claim, each.message) == (NOW, claim, message) for each in found)
    assert [each.what for each in of_items(claim, NOW)] == told
    claim.requirements.append(Requirement(item="invoice", stage=Stage.PAYMENT, state=RequirementState.NEEDED))
    assert [each.what for each in of_items(claim, NOW)] == told  # it is wanted for the payment only


@pytest.mark.parametrize(
    ("state", "told"),
    [(RequestState.ANSWERED, ["request.withdrawn"]), (RequestState.OPEN, []), (RequestState.PARTIAL, [])],
)
def test_judging_the_last_item_of_a_request_ends_its_pause(state: RequestState, told: list[str]) -> None:
    claim = a_claim(RequirementState.NEEDED)
    request = a_request(claim, "repair_estimate", state=state)

    found = list(of_judging(claim, request, NOW))

    assert [each.what for each in found] == told
    assert all((each.at, each.claim, each.ticket) == (NOW, claim, request.ticket) for each in found)
    assert list(of_judging(claim, None, NOW)) == []
    done = list(of_judging(a_claim(), request, NOW))
    assert [each.what for each in done] == [*told, "all_items.received", "proof_of_claim.received"]
    assert {each.at for each in done} == {NOW}


@pytest.mark.parametrize(
    ("items", "question", "inbound", "links", "is_answer"),
    [
        (["repair_estimate"], "", mail("trimit maine devizul"), [], True),
        (["repair_estimate"], "", mail("multumesc", subject="devizul"), [], True),
        (["repair_estimate"], "", mail("multumesc"), [], False),
        (["repair_estimate"], "", mail("multumesc"), [REQUEST], False),
        (["owners_assoc"], "", mail("trimit maine devizul"), [], False),
        (["owners_assoc", "repair_estimate"], "", mail("trimit maine devizul"), [], True),
        (["gone", "repair_estimate"], "", mail("trimit maine devizul"), [], True),
        (["gone"], "", mail("trimit maine devizul"), [], False),
        (["repair_estimate"], "Cand?", mail("ieri"), [REQUEST], True),
        (["repair_estimate"], "Cand?", mail("ieri"), [], False),
        (["repair_estimate"], "Cand?", mail("ieri"), [(TargetKind.REQUEST, LinkState.SUGGESTED)], False),
        (["repair_estimate"], "Cand?", mail("ieri"), [CLAIM], False),
        (["loss_place"], "", mail("in bucatarie"), [REQUEST], True),
        (["loss_place"], "", mail("in bucatarie"), [], False),
        (["repair_estimate", "loss_place"], "", mail("in bucatarie"), [REQUEST], True),
        (["repair_estimate"], "", mail("", stated=(("loss_place", "bucatarie"),)), [], True),
    ],
)
def test_answer_names_or_brings_what_was_asked(
    items: list[str],
    question: str,
    inbound: InboundMessage,
    links: list[tuple[TargetKind, LinkState]],
    is_answer: bool,  # noqa: FBT001 - a case's answer
) -> None:
    request = a_request(a_claim(), *items, question=question)

    assert answers(filed(inbound, links=links), request) is is_answer
    assert answers(filed(inbound, links=links, answers=[answer(None)]), request)
