"""Letters of decisions: to whom, in which words, and that they are those that were read."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.tickets.deciders import APPROVAL, DENIAL, PARTIAL, Deciders, claim_called, staff_called
from tests.tickets.desk import CLAIM_B, NOW, OFFICE
from tickets import bank_accounts, decision_letters
from tickets.database import Store
from tickets.decision_letters import Preview
from tickets.errors import GuardError
from tickets.guards import Cause
from tickets.models import ContactPoint, ContactStatus
from tickets.proposals import Proposal

IBAN, PHONE = "RO14BTRL0130120567890012", "+40711222333"


@pytest.fixture
def desk(store: Store) -> Deciders:
    desk = Deciders.with_world(store)
    assert isinstance(desk, Deciders)
    desk.costs(245_000)
    return desk


def read(desk: Deciders, proposal: Proposal, **more: int) -> Preview:
    whole = replace(proposal, amount_minor=proposal.amount_minor or 245_000, currency="RON")
    with desk.store.reading() as session:
        claim = claim_called(session, CLAIM_B)
        return decision_letters.preview(session, desk.office, claim, whole, person="Ana Ionescu", now=NOW, **more)


def nobody_is_reached(desk: Deciders) -> None:
    with desk.store.writing() as session:
        for point in session.scalars(select(ContactPoint)):
            point.status = ContactStatus.BOUNCING


def test_letter_of_an_approval_tells_amount_and_what_the_customer_bears(desk: Deciders) -> None:
    [(to, plain)] = read(desk, APPROVAL).words
    [(_, borne)] = read(desk, APPROVAL, deducted_minor=30_000).words

    assert to.address == "dan.marin@example.ro"
    assert "2.450,00 lei" in plain.text
    assert "300,00 lei" in borne.text
    assert "300,00 lei" not in plain.text


def test_refused_part_is_told_with_its_clause_and_its_facts_once(desk: Deciders) -> None:
    [(_, letter)] = read(desk, replace(PARTIAL, facts="Fără factură.\n\nFără factură.")).words

    assert "Art. 2" in letter.text
    assert letter.text.count("Fără factură.") == 1


def test_account_is_named_only_masked_and_only_once_it_is_safe(desk: Deciders) -> None:
    desk.add(customers=[{"id": "dan", "name": "Dan Marin", "phones": [{"value": PHONE}]}])
    with desk.store.writing() as session:
        claim, cause = claim_called(session, CLAIM_B), Cause(actor="staff:1", at=NOW)
        bank_accounts.enter(session, claim, iban=IBAN, holder="Dan Marin", source="form", today=NOW.date(), cause=cause)
    [(_, before), *_] = read(desk, APPROVAL).words
    with desk.store.writing() as session:
        account = bank_accounts.row_of(session, claim_called(session, CLAIM_B))
        bank_accounts.call_back(session, account, number=PHONE, staff=staff_called(session, "ana"), now=NOW)
        bank_accounts.agree(session, account, staff=staff_called(session, "elena"), now=NOW)
    [(_, after), *_] = read(desk, APPROVAL).words

    assert "0012" not in before.text
    assert "RO..0012" in after.text
    assert IBAN not in after.text


def test_mark_is_of_the_very_words_that_were_read(desk: Deciders) -> None:
    first = read(desk, DENIAL)

    assert read(desk, DENIAL).mark == first.mark
    assert read(desk, replace(DENIAL, facts="Altceva.")).mark != first.mark


def test_denial_names_what_the_law_of_the_office_gives_for_a_complaint(desk: Deciders) -> None:
    [(_, here)] = read(desk, DENIAL).words
    [(_, elsewhere)] = read(Deciders(desk.store, replace(OFFICE, country="DE")), DENIAL).words

    assert "30 de zile" in here.text
    assert "30 de zile" not in elsewhere.text


def test_denial_needs_somebody_who_can_read_it_and_a_payment_does_not(desk: Deciders) -> None:
    nobody_is_reached(desk)

    with pytest.raises(GuardError, match="no working address"):
        desk.decide(DENIAL)
    made = desk.decision(desk.decide(APPROVAL))

    assert (made.state, made.letter_id) == ("in_force", None)


def test_claim_without_a_claimant_has_nobody_to_write_to(desk: Deciders) -> None:
    with desk.store.writing() as session:
        claim_called(session, CLAIM_B).claimant = None

    with pytest.raises(GuardError) as told:
        read(desk, DENIAL)

    assert told.value.guard == "address"


def test_letter_that_leaves_is_kept_with_the_decision_on_the_conversation_of_its_claim(desk: Deciders) -> None:
    made = desk.decision(desk.decide(DENIAL))

    [letter] = desk.letters("decision_deny")
    [ticket] = desk.tickets()
    assert (letter.id, letter.ticket_id) == (made.letter_id, ticket.id)
    assert letter.text == read(desk, DENIAL).words[0][1].text
