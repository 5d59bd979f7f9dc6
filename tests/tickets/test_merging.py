"""Merging: what may be made one, what goes over once, and in which order it is undone."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.tickets.deciders import APPROVAL, Deciders
from tests.tickets.desk import CLAIM_A, CLAIM_B, NOW, Desk, mail
from tickets import merging, references
from tickets.database import Store
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import (
    Claim,
    ClaimParty,
    ClaimState,
    Document,
    FindingRow,
    FindingState,
    Invoice,
    Message,
    Party,
    Request,
    RequestState,
    Requirement,
    Severity,
    SharedMessage,
    Ticket,
)
from tickets.requirements import RequirementState

CAUSE = Cause(actor="staff:1", at=NOW, reason="o singură pagubă")
TWIN = references.make("CLM", 2026, 777)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.with_world(store)


def twin(desk: Desk, **changes: object) -> None:
    """The loss of claim A, told once more."""
    told = {"ref": TWIN, "type": "home", "claimant": "maria", "state": "gathering", "cause": "water_pipe",
            "loss_date": "2026-11-14", "reported_on": "2026-11-20"}  # fmt: skip
    desk.add(claims=[told | changes])


def asked(desk: Desk, text: str, **changes: object) -> str:
    """The ticket of a message of somebody whom no claim knows."""
    filed = desk.file_one(mail(text, sender=f"{text.rsplit(maxsplit=1)[-1]}@x.example"))
    assert filed.message is not None
    ref = filed.message.ticket.ref
    with desk.store.writing() as session:
        for name, value in changes.items():
            setattr(ticket(session, ref), name, value)
    return ref


def ticket(session: Session, ref: str) -> Ticket:
    return session.scalars(select(Ticket).where(Ticket.ref == ref)).one()


def claim(session: Session, ref: str) -> Claim:
    return session.scalars(select(Claim).where(Claim.ref == ref)).one()


def merged(desk: Desk, source: str, target: str) -> int:
    """Merge two tickets or two claims; the number of the merge."""
    with desk.store.writing() as session:
        if source.startswith("TKT"):
            return merging.merge_tickets(session, ticket(session, source), ticket(session, target), cause=CAUSE).id
        both = (merging.loaded(session, source), merging.loaded(session, target))
        return merging.merge_claims(session, *both, cause=CAUSE).id


def refused(desk: Desk, source: str, target: str) -> str:
    with pytest.raises(GuardError) as told:
        merged(desk, source, target)
    return f"{told.value.guard}: {told.value.said('en')}"


# --- tickets


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ({"claim_id": 1}, {"claim_id": 2}, "merge: {0} and {1} are about two claims"),
        ({"restricted": True}, {}, "restricted: {0} and {1}: one is restricted"),
        ({}, {"restricted": True}, "restricted: {0} and {1}: one is restricted"),
        ({"verified": True}, {"verified": False}, "verified: {1} is from a sender not known"),
    ],
)
def test_tickets_that_are_not_one_matter_stay_two(
    desk: Desk, source: dict[str, object], target: dict[str, object], why: str
) -> None:
    refs = asked(desk, "o intrebare unu", **source), asked(desk, "alta intrebare doi", **target)

    assert refused(desk, *refs).startswith(why.format(*refs))


def test_ticket_takes_over_what_it_lacks_and_keeps_what_it_has(desk: Desk) -> None:
    with desk.store.reading() as session:
        a, b = (claim(session, ref).id for ref in (CLAIM_A, CLAIM_B))
    bare, full = asked(desk, "o intrebare unu"), asked(desk, "alta intrebare doi", claim_id=a, owner_id=1, priority=1)
    merged(desk, full, bare)
    owned = asked(desk, "a treia intrebare trei", claim_id=a, owner_id=2)
    merged(desk, owned, bare)
    assert refused(desk, owned, bare).startswith(f"merge: {owned} and {bare} cannot be merged")
    assert refused(desk, bare, bare).startswith("merge: ")

    with desk.store.reading() as session:
        stays = ticket(session, bare)
        assert (stays.claim_id, stays.owner_id, stays.priority, stays.unread) == (a, 1, 1, True)
        assert [ticket(session, ref).merged_into_id for ref in (full, owned)] == [stays.id] * 2
    assert refused(desk, asked(desk, "a patra patru", claim_id=b), bare).startswith("merge: ")


def test_message_shared_with_both_tickets_stands_once_on_the_one_that_stays(desk: Desk) -> None:
    source, target, third = (asked(desk, f"intrebare {name}") for name in ("unu", "doi", "trei"))
    with desk.store.writing() as session:
        of_third, of_target = (
            session.scalars(
                select(Message).where(merging.on_ticket(ticket(session, ref).id), Message.direction == "in")
            ).one()
            for ref in (third, target)
        )
        for ref in (source, target):
            merging.share(session, of_third, ticket(session, ref), cause=CAUSE)
        merging.share(session, of_target, ticket(session, source), cause=CAUSE)

    with desk.store.writing() as session, pytest.raises(GuardError, match=f"stands on {target} already"):
        merging.share(session, session.get_one(Message, of_third.id), ticket(session, target), cause=CAUSE)

    number = merged(desk, source, target)

    with desk.store.reading() as session:
        stays = ticket(session, target)
        rows = session.execute(select(SharedMessage.ticket_id, SharedMessage.message_id)).all()
        assert [message for where, message in rows if where == stays.id].count(of_third.id) == 1
        assert session.scalars(select(Message.id).where(merging.on_ticket(stays.id))).all().count(of_target.id) == 1
    with desk.store.writing() as session:
        merging.undo(session, merging.find(session, number), cause=CAUSE)
    with desk.store.reading() as session:
        assert set(session.execute(select(SharedMessage.ticket_id, SharedMessage.message_id)).all()) == {
            (ticket(session, ref).id, message.id)
            for ref, message in ((source, of_third), (target, of_third), (source, of_target))
        }


# --- claims


def test_claim_that_was_decided_is_the_one_that_stays(store: Store) -> None:
    Desk.with_world(store)
    desk = Deciders(store)
    desk.approve(desk.decide(APPROVAL), "radu")
    desk.add(claims=[{"ref": TWIN, "type": "home", "claimant": "dan", "loss_date": "2026-11-01", "state": "open"}])

    assert refused(desk, CLAIM_B, TWIN) == (
        f"merge: {CLAIM_B} has a decision in force: merge {TWIN} into it instead"
    )  # fmt: skip
    assert merged(desk, TWIN, CLAIM_B)
    assert desk.stands() == "approved"


@pytest.mark.parametrize("state", [ClaimState.DUPLICATE_OF, ClaimState.WITHDRAWN])
def test_claim_that_is_no_more_takes_no_other(desk: Desk, state: ClaimState) -> None:
    twin(desk)
    with desk.store.writing() as session:
        claim(session, TWIN).state = state

    assert refused(desk, CLAIM_A, TWIN) == f"merge: {CLAIM_A} cannot be merged into {TWIN}, which is {state}"
    assert refused(desk, TWIN, CLAIM_A).startswith(f"states: {TWIN} is {state} and cannot become duplicate_of")


def test_everybody_with_a_part_in_the_loss_has_it_in_the_claim_that_stays_once(desk: Desk) -> None:
    twin(desk)
    with desk.store.writing() as session:
        people = {each.external_id: each for each in session.scalars(select(Party))}
        for ref, who, role in (
            (CLAIM_A, "ion", "witness"), (TWIN, "ion", "witness"), (TWIN, "ion", "driver"), (TWIN, "dan", "witness")
        ):  # fmt: skip
            session.add(ClaimParty(claim=claim(session, ref), party=people[who], role=role))

    merged(desk, TWIN, CLAIM_A)

    with desk.store.reading() as session:
        query = select(ClaimParty.party_id, ClaimParty.role).where(ClaimParty.claim_id == claim(session, CLAIM_A).id)
        names = {each.id: each.external_id for each in session.scalars(select(Party))}
        told = [(names[party], role) for party, role in session.execute(query) if role in ("witness", "driver")]
        assert sorted(told) == [("dan", "witness"), ("ion", "driver"), ("ion", "witness")]


def test_invoices_go_over_unless_the_claim_that_stays_has_them(desk: Desk) -> None:
    twin(desk)
    with desk.store.writing() as session:
        for ref, number in ((CLAIM_A, "NORD 1"), (TWIN, "NORD 1"), (TWIN, "NORD 2")):
            session.add(
                Invoice(claim=claim(session, ref), issuer_tax_id="27041363", number=number, number_norm=number,
                        total_minor=100, currency="RON")
            )  # fmt: skip

    merged(desk, TWIN, CLAIM_A)

    with desk.store.reading() as session:
        held = session.scalars(select(Invoice).where(Invoice.claim_id == claim(session, CLAIM_A).id))
        assert sorted(each.number for each in held if each.number.startswith("NORD")) == ["NORD 1", "NORD 2"]


def test_only_what_was_found_on_the_duplicate_or_about_it_is_settled(desk: Desk) -> None:
    twin(desk)
    with desk.store.writing() as session:
        for ref, code, about in (
            (TWIN, "DOC-01", "x"), (CLAIM_A, "DUP-01", TWIN), (CLAIM_A, "DUP-01", CLAIM_B), (CLAIM_A, "COV-02", TWIN)
        ):  # fmt: skip
            session.add(
                FindingRow(claim=claim(session, ref), code=code, subject=about, severity=Severity.WARN,
                           text_en=about, text_ro=about, inputs={"claim": about}, resolver="rep", found_at=NOW,
                           rules_version="1")
            )  # fmt: skip

    merged(desk, TWIN, CLAIM_A)

    with desk.store.reading() as session:
        ours = session.scalars(select(FindingRow).where(FindingRow.subject.in_(("x", TWIN, CLAIM_B))))
        states = {(each.code, each.subject): each.state for each in ours}
    assert states == {
        ("DOC-01", "x"): FindingState.RESOLVED, ("DUP-01", TWIN): FindingState.RESOLVED,
        ("DUP-01", CLAIM_B): FindingState.OPEN, ("COV-02", TWIN): FindingState.OPEN,
    }  # fmt: skip


def test_item_counts_as_far_as_it_has_come_on_either_claim(desk: Desk) -> None:
    twin(desk, facts={"flat": "yes", "repaired": "no"})
    steps = {
        "owners_assoc": (RequirementState.ACCEPTED, RequirementState.ASKED, RequirementState.ACCEPTED),
        "repair_estimate": (RequirementState.REJECTED, RequirementState.NEEDED, RequirementState.NEEDED),
        "photos": (RequirementState.RECEIVED, RequirementState.ACCEPTED, RequirementState.ACCEPTED),
    }
    with desk.store.writing() as session:
        for item, (theirs, ours, _) in steps.items():
            for ref, state in ((TWIN, theirs), (CLAIM_A, ours)):
                row(session, ref, item).state = state

        for item in ("owners_assoc", None):
            session.add(
                Document(claim=claim(session, TWIN), received_at=NOW, requirement=item and row(session, TWIN, item))
            )

    merged(desk, TWIN, CLAIM_A)

    with desk.store.reading() as session:
        query = select(Document.requirement_id).where(Document.claim_id == claim(session, CLAIM_A).id)
        *_, first, second = session.scalars(query.order_by(Document.id))
        assert (first, second) == (row(session, CLAIM_A, "owners_assoc").id, None)
        assert {item: row(session, CLAIM_A, item).state for item in steps} == {
            item: left for item, (*_, left) in steps.items()
        }


def row(session: Session, ref: str, item: str) -> Requirement:
    return session.scalars(select(Requirement).join(Claim).where(Claim.ref == ref, Requirement.item == item)).one()


def test_claim_that_stays_has_the_earlier_days_and_what_either_knew(desk: Desk) -> None:
    twin(desk, reported_on="2026-11-15", facts={"owners": 2, "flat": "no", "pets": "yes"})
    desk.know(flat="yes")
    desk.ask(items=("owners_assoc",))
    assert refused(desk, CLAIM_A, CLAIM_B).startswith(f"merge: {CLAIM_A} and {CLAIM_B} are under two policies")
    with desk.store.writing() as session:
        claim(session, TWIN).application_received_on = NOW
        claim(session, CLAIM_A).application_received_on = None

    merged(desk, CLAIM_A, TWIN)

    with desk.store.reading() as session:
        stays = claim(session, TWIN)
        assert (stays.reported_on, stays.application_received_on) == (date(2026, 11, 15), NOW)
        assert (stays.facts["flat"], stays.facts["pets"]) == ("no", "yes")
        asking = session.scalars(select(Request).where(Request.claim_id == claim(session, CLAIM_A).id)).all()
        assert {each.state for each in asking} == {RequestState.WITHDRAWN}


def test_proposal_on_the_duplicate_waits_no_more_until_the_merge_is_undone(store: Store) -> None:
    Desk.with_world(store)
    desk = Deciders(store)
    desk.costs(1_245_000)
    waiting = desk.decide(APPROVAL)
    desk.add(claims=[{"ref": TWIN, "type": "home", "claimant": "dan", "loss_date": "2026-11-01", "state": "open"}])

    number = merged(desk, CLAIM_B, TWIN)
    assert desk.decision(waiting).state == "returned"
    with store.writing() as session:
        merging.undo(session, merging.find(session, number), cause=CAUSE)

    assert (desk.decision(waiting).state, desk.stands()) == ("proposed", "decision_pending_approval")
    desk.approve(waiting, "radu")
    assert desk.stands() == "approved"


# --- undoing


def test_merges_are_undone_the_last_one_first(desk: Desk) -> None:
    one, two, three = (asked(desk, f"intrebare {name}") for name in ("unu", "doi", "trei"))
    first = merged(desk, one, two)
    second = merged(desk, two, three)

    with desk.store.writing() as session, pytest.raises(GuardError, match=f"before merge {second}"):
        merging.undo(session, merging.find(session, first), cause=CAUSE)
    with desk.store.reading() as session:
        assert merging.standing(session, ticket(session, one)) is not None
        assert merging.standing(session, claim(session, CLAIM_A)) is None
    for number in (second, first):
        with desk.store.writing() as session:
            merging.undo(session, merging.find(session, number), cause=CAUSE)

    with desk.store.reading() as session:
        assert merging.standing(session, ticket(session, one)) is None
        with pytest.raises(UnknownReferenceError, match=f"no merge {first} to undo"):
            merging.find(session, first)
        with pytest.raises(UnknownReferenceError, match="no merge 999 to undo"):
            merging.find(session, 999)


def test_claim_that_is_not_there_cannot_be_merged(desk: Desk) -> None:
    with desk.store.writing() as session, pytest.raises(UnknownReferenceError, match=f"no claim {TWIN}"):
        merging.loaded(session, TWIN)
