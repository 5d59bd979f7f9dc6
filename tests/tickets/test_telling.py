"""Which words a person may tell the clocks of a claim or ticket."""

from dataclasses import replace
from typing import Any

import pytest

from tests.tickets.desk import OFFICE
from tests.tickets.test_standings import a_claim, a_ticket, standing
from tickets.deadlines import Standing, load, may_be_told, telling, why_not
from tickets.deadlines.reckoning import Mark
from tickets.guards import Refusal
from tickets.models import Claim, Ticket

NOWHERE = replace(OFFICE, jurisdictions=())
RCA, PAD, PETITION = (
    a_claim(kind=kind, ref=f"CLM26-{kind}") for kind in ("motor_rca", "home_pad", "benefit_unemployment")
)
DATA, COMPLAINT, QUESTION = (
    a_ticket(kind=kind, ref=f"T26-{kind}") for kind in ("data_request", "complaint_appeal", "question")
)
for number, row in enumerate((RCA, PAD, PETITION, DATA, COMPLAINT, QUESTION)):
    row.id = number + 1


def on(row: Claim | Ticket, key: str, *marks: tuple[Mark, str]) -> Standing:
    each = standing(key, "2026-11-02T09:00", *marks)
    place = "claim_id" if isinstance(row, Claim) else "ticket_id"
    setattr(each.clock, place, row.id)
    return each


ASKED = (Mark.PAUSED, "2026-11-03T10:00")


@pytest.mark.parametrize(
    ("row", "standings", "office", "words"),
    [
        (QUESTION, [], OFFICE, set()),
        (QUESTION, [on(QUESTION, "int.resolve")], OFFICE, set()),
        (DATA, [on(DATA, "gdpr.request")], NOWHERE, {"answer_sent", "identity_check.asked"}),
        (DATA, [on(DATA, "gdpr.request", ASKED)], NOWHERE, {"answer_sent", "identity_check.passed"}),
        (DATA, [on(DATA, "gdpr.request", (Mark.MET, "2026-11-03T10:00"))], NOWHERE, set()),
        (DATA, [on(COMPLAINT, "gdpr.request")], NOWHERE, set()),  # another ticket's
        (DATA, [on(RCA, "ro.rca.offer")], NOWHERE, set()),
        (COMPLAINT, [on(COMPLAINT, "ro.complaint")], NOWHERE, set()),
        (COMPLAINT, [on(COMPLAINT, "uk.complaint.final")], NOWHERE, {"summary_resolution_sent"}),
        (PAD, [], NOWHERE, set()),
        (PAD, [], OFFICE, {"file.finalised"}),
        (PAD, [on(PAD, "ro.pad.pay")], OFFICE, set()),  # it runs: payment meets it, and is no matter of telling
        (PETITION, [], OFFICE, {"petition.misdirected"}),
        (PETITION, [on(PETITION, "ro.public.misdirected")], OFFICE, {"forwarded"}),
        (PETITION, [on(PETITION, "ro.public.petition")], NOWHERE, {"answer_sent"}),
        (RCA, [], OFFICE, {"final_judgment.received"}),
        (RCA, [on(RCA, "ro.rca.pay")], OFFICE, set()),
    ],
)
def test_what_may_be_told_is_what_would_start_meet_or_move_a_clock_here(
    row: Claim | Ticket, standings: list[Standing], office: Any, words: set[str]
) -> None:
    told = may_be_told(office, row, standings)

    assert told == sorted(told)
    assert set(told) == words


def test_word_that_means_nothing_here_is_refused_naming_those_that_do() -> None:
    assert why_not("forwarded", PETITION, ["answer_sent", "forwarded"]) is None
    assert why_not("repaired", PETITION, iter(["answer_sent", "forwarded"])) == Refusal(
        guard="clock",
        en="no clock of CLM26-benefit_unemployment waits for 'repaired'; what may be told here: answer_sent, forwarded",
        ro="niciun termen din CLM26-benefit_unemployment nu așteaptă acest lucru",
    )
    nothing = why_not("repaired", QUESTION, [])
    assert nothing is not None
    assert nothing.en == "no clock of T26-question waits for 'repaired'; what may be told here: nothing"


@pytest.mark.parametrize(
    ("key", "row", "may"),
    [
        ("ro.complaint", COMPLAINT, True),
        ("ro.complaint", QUESTION, False),
        ("int.resolve", QUESTION, True),
        ("us.ca.ack", QUESTION, False),  # it is of every claim, and of no ticket
        ("us.ca.ack", RCA, True),
        ("int.resolve", RCA, False),
        ("ro.pad.pay", RCA, False),
    ],
)
def test_clock_may_stand_on_a_claim_or_a_ticket_of_its_scope(key: str, row: Claim | Ticket, may: bool) -> None:  # noqa: FBT001 - a case's answer
    assert telling._may_stand(load()[key], row) is may
