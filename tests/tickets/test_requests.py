"""Information requests: one at a time, everything in it, each item once, and worded for the way it goes."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from channels.sms.segments import segments
from tests.tickets.desk import BOTH, CLAIM_A, MARIA, MARIAS_PHONE, NOW, OFFICE, Desk, attachment, mail
from tickets import claims, references, requests, wording
from tickets.claim_types import load
from tickets.database import Store
from tickets.errors import GuardError
from tickets.messages import Medium
from tickets.models import Claim, ClaimState, Party, Request, RequestState
from tickets.office import Office
from tickets.requirements import ALWAYS, RequirementState

FRESH = references.make("CLM", 2026, 77)
SETTLING: dict[str, Any] = {"owner_kind": "person", "owners": 1, "mortgaged": "no"}


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.with_world(store)


def set_contacts(desk: Desk, *media: Medium, language: str = "ro") -> None:
    """Let Maria be reached by these media only."""
    with desk.store.writing() as session:
        session.scalars(select(Party).where(Party.external_id == "maria")).one().contacts = []
    maria: dict[str, object] = {"id": "maria", "name": "Maria Popescu", "language": language}
    maria["emails"] = [{"value": MARIA}] if Medium.EMAIL in media else []
    maria["phones"] = [{"value": MARIAS_PHONE}] if Medium.SMS in media else []
    if Medium.LETTER in media:
        maria["postal"] = "Str. Lalelelor 5, 400001 Cluj-Napoca"
    desk.add(customers=[maria])


def prepared(desk: Desk, ref: str = CLAIM_A) -> list[str]:
    """Items of the draft that would be sent now."""
    with desk.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == ref)).one()
        return [each.requirement.item for each in requests.prepare(session, claim, now=NOW, actor="staff:1").items]


def open_another(desk: Desk) -> None:
    with desk.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        session.add(
            Request(claim=claim, number=9, code="R9", state=RequestState.PARTIAL, created_at=NOW, created_by="staff:1")
        )


# --- one request for everything


def test_draft_asks_for_everything_up_to_the_decision_in_one_numbered_request(desk: Desk) -> None:
    desk.know(**SETTLING)

    assert prepared(desk) == list(BOTH)
    assert desk.request().state is RequestState.DRAFT
    assert "bank_account" not in prepared(desk)


def test_second_request_takes_over_what_the_first_still_lacked(desk: Desk) -> None:
    desk.know(**SETTLING)
    desk.ask()
    desk.file_one(mail("devizul", subject=CLAIM_A, files=(attachment("deviz.pdf"),)))
    assert desk.request().state is RequestState.PARTIAL

    desk.know(repaired="yes")

    assert prepared(desk) == ["owners_assoc", "invoices", "proof_of_payment"]
    code = desk.ask(items=("owners_assoc", "invoices"))
    assert code == f"{CLAIM_A}/R2"
    assert desk.request(f"{CLAIM_A}/R1").state is RequestState.SUPERSEDED


def test_nothing_is_asked_for_twice_and_a_settled_claim_is_not_asked_at_all(desk: Desk) -> None:
    desk.know(**SETTLING)
    desk.ask()

    with pytest.raises(GuardError, match="nothing is missing"):
        prepared(desk)
    with desk.store.writing() as session:
        session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one().state = ClaimState.CLOSED
    with pytest.raises(GuardError, match="closed"):
        prepared(desk)


def test_store_itself_refuses_a_second_open_request_on_a_claim(desk: Desk) -> None:
    desk.ask()

    with pytest.raises(IntegrityError):
        open_another(desk)


def test_request_is_partial_and_then_answered_as_its_items_come_in(desk: Desk) -> None:
    desk.ask()

    desk.file_one(mail("devizul", subject=CLAIM_A, files=(attachment("deviz.pdf"),)))
    partial = desk.request()
    desk.file_one(mail("adeverinta", subject=CLAIM_A, files=(attachment("adeverinta asociatie.pdf"),)))

    assert partial.state is RequestState.PARTIAL
    assert [item.answered_at is not None for item in partial.items] == [False, True]
    assert (desk.request().state, desk.request().answered_at) == (RequestState.ANSWERED, NOW)
    assert desk.state("repair_estimate") is RequirementState.RECEIVED


def test_rejected_item_is_asked_for_again_though_its_request_is_open(desk: Desk) -> None:
    desk.know(**SETTLING)
    desk.ask()
    desk.file_one(mail("devizul", subject=CLAIM_A, files=(attachment("deviz.pdf"),)))
    with desk.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        row = next(each for each in claim.requirements if each.item == "repair_estimate")
        row.state = RequirementState.REJECTED

    assert prepared(desk) == list(BOTH)


def test_draft_is_withdrawn_when_everything_has_come(desk: Desk) -> None:
    desk.know(**SETTLING)
    prepared(desk)

    files = (attachment("deviz.pdf", part="2"), attachment("adeverinta asociatie.pdf", part="3"))
    desk.file_one(mail("", subject=CLAIM_A, files=files))

    assert desk.request().state is RequestState.WITHDRAWN


def test_question_that_several_items_depend_on_is_put_once(desk: Desk) -> None:
    desk.add(claims=[{"ref": FRESH, "type": "home", "claimant": "maria", "state": "open", "cause": "water_pipe",
                      "loss_date": "2026-11-10", "reported_on": "2026-11-11", "facts": {}}])  # fmt: skip
    assert {"company_reg", "power_of_attorney"} <= set(prepared(desk, FRESH))

    desk.ask(FRESH, items=("company_reg", "power_of_attorney"))

    question = load().facts["owner_kind"].ro
    by_mail, by_text = desk.outgoing()
    assert by_mail.message.text.count(question) == 1
    assert desk.state("company_reg", FRESH) is RequirementState.MAYBE
    assert question not in by_text.message.text


def test_item_that_was_always_needed_and_now_hangs_on_a_fact_is_put_as_its_question(desk: Desk) -> None:
    desk.add(claims=[{"ref": FRESH, "type": "home", "claimant": "maria", "state": "open", "cause": "water_pipe",
                      "loss_date": "2026-11-10", "reported_on": "2026-11-11", "facts": {}}])  # fmt: skip
    with desk.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == FRESH)).one()
        row = next(each for each in claim.requirements if each.item == "company_reg")
        row.state, row.because = RequirementState.NEEDED, ALWAYS

        claims.refresh(claim)

        assert row.state is RequirementState.MAYBE
        assert "owner_kind" in row.because
    assert "company_reg" in prepared(desk, FRESH)


def test_number_of_lines_is_what_the_letter_lists(desk: Desk) -> None:
    desk.add(claims=[{"ref": FRESH, "type": "home", "claimant": "maria", "state": "open", "cause": "water_pipe",
                      "loss_date": "2026-11-10", "reported_on": "2026-11-11", "facts": {}}])  # fmt: skip
    with desk.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == FRESH)).one()
        request = requests.prepare(session, claim, now=NOW, actor="staff:1")
        counted = requests.lines(claim, [item.requirement for item in request.items])

        assert counted == len(wording.listed(request, "ro")) == len(wording.listed(request, "en"))
        assert counted < len(request.items)


# --- when and to whom


@pytest.mark.parametrize("due_on", [None, date(2026, 12, 4)])
def test_answer_is_due_after_a_fortnight_unless_a_person_says_otherwise(desk: Desk, due_on: date | None) -> None:
    with desk.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        request = requests.prepare(session, claim, now=NOW, actor="staff:1")
        late = NOW + timedelta(hours=15)  # 23:00 UTC is the next day in Bucharest
        requests.ask(session, OFFICE, request, now=late, actor="staff:1", due_on=due_on)

    assert desk.request().due_on == (due_on or date(2026, 12, 8))
    assert ("4 decembrie" if due_on else "8 decembrie") in desk.outgoing()[0].message.text


def test_letter_goes_where_there_is_no_mail_and_carries_the_list_and_the_code(desk: Desk) -> None:
    set_contacts(desk, Medium.SMS, Medium.LETTER)

    desk.ask()

    sent = {each.medium: each.message for each in desk.outgoing()}
    assert set(sent) == {Medium.SMS, Medium.LETTER}
    assert load().items["repair_estimate"].ro in sent[Medium.LETTER].text
    assert f"{CLAIM_A}/R1" in (sent[Medium.LETTER].text + sent[Medium.LETTER].subject)


def test_who_cannot_be_reached_is_told_to_the_representative_and_nothing_is_asked(desk: Desk) -> None:
    set_contacts(desk)

    with pytest.raises(GuardError, match=f"{CLAIM_A}: the claimant has no working address") as caught:
        desk.ask()

    assert "Maria" not in str(caught.value)
    assert desk.outgoing() == []
    assert desk.state("repair_estimate") is RequirementState.NEEDED


# --- the text message


@pytest.mark.parametrize("language", ["ro", "en"])
@pytest.mark.parametrize(
    ("office", "items"),
    [(OFFICE, BOTH), (replace(OFFICE, short_name="Asigurarea12", phone="+40 21 555 0100"), ())],
    ids=["two items", "longest office, every item"],
)
def test_text_is_one_segment_and_never_names_an_item(
    store: Store, office: Office, items: tuple[str, ...], language: str
) -> None:
    desk = Desk.with_world(store, office)
    set_contacts(desk, Medium.EMAIL, Medium.SMS, language=language)
    asked = items or tuple(prepared(desk))

    desk.ask(items=asked)

    by_mail, by_text = desk.outgoing()
    text = by_text.message.text
    assert (segments(text).count, segments(text).encoding) == (1, "GSM-7")
    assert CLAIM_A in text
    labels = [getattr(load().items[item], language) for item in asked]
    assert not [label for label in labels if label.lower() in text.lower()]
    assert sum(label in by_mail.message.text for label in labels) >= len(items)


@pytest.mark.parametrize("language", ["ro", "en"])
def test_text_without_mail_or_letter_still_says_what_to_do(desk: Desk, language: str) -> None:
    set_contacts(desk, Medium.SMS, language=language)

    desk.ask()

    [by_text] = desk.outgoing()
    assert segments(by_text.message.text).count == 1
    assert "None" not in by_text.message.text
