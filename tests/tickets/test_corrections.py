"""Links made, undone and made again by people: the store is what it was, but for the history."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Session

from tests.tickets.desk import BOTH, CLAIM_A, CLAIM_B, MARIA, NOW, Desk, attachment, evidence, links, mail
from tickets import corrections, quality
from tickets.database import Store
from tickets.models import Claim, Document, Invoice, Link, LinkCount, Model, Requirement, Ticket
from tickets.requirements import RequirementState
from tickets.triage import Filed

#: What may differ: history, the moves themselves, how often a row was written, in how many steps links were counted.
HISTORY = ("event", "link_move", "link_count")
COUNTERS = ("row_version",)


@pytest.fixture
def desk(store: Store) -> Desk:
    desk = Desk.with_world(store)
    desk.ask()
    return desk


def everything(desk: Desk) -> dict[str, list[Any]]:
    """Every row of every table, but for the history."""
    with desk.store.reading() as session:
        tables = [table for table in Model.metadata.sorted_tables if table.name not in HISTORY]
        return {table.name: _rows(session, table) for table in tables} | {"links counted": _counted(session)}


def _counted(session: Session) -> list[Any]:
    number = func.sum(LinkCount.number)
    columns = (LinkCount.hour, LinkCount.evidence)
    query = select(*columns, number).group_by(*columns).order_by(*columns).having(number != 0)
    return [tuple(row) for row in session.execute(query)]


def _rows(session: Session, table: Table) -> list[Any]:
    columns = [column for column in table.columns if column.name not in COUNTERS]
    return sorted((tuple(row) for row in session.execute(select(*columns))), key=repr)


def link(desk: Desk, filed: Filed, claim: str) -> None:
    with desk.store.writing() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.ref == _ticket(filed))).one()
        target = session.scalars(select(Claim).where(Claim.ref == claim)).one()
        corrections.link(session, ticket, target, by="staff:1", name="Ana", now=desk.now)


def unlink(desk: Desk, filed: Filed, claim: str) -> None:
    with desk.store.writing() as session:
        made = session.scalars(
            select(Link).where(Link.target == claim, Link.message_id == _message(filed), Link.state != "undone")
        ).one()
        corrections.unlink(session, made, by="staff:1", now=desk.now)


def name_on_an_invoice(desk: Desk) -> None:
    """An invoice that was read from the document that came."""
    with desk.store.writing() as session:
        document = session.scalars(select(Document)).one()
        session.add(
            Invoice(claim=document.claim, issuer_tax_id="27041363", number="NORD 1", number_norm="NORD1", total_minor=1,
                    document_id=document.id)
        )  # fmt: skip


def _ticket(filed: Filed) -> str:
    assert filed.message is not None
    return filed.message.ticket.ref


def _message(filed: Filed) -> int:
    assert filed.message is not None
    return filed.message.id


def estimate(desk: Desk, *, sender: str = MARIA, text: str = "deviz atasat") -> Filed:
    return desk.file_one(mail(f"{text} {CLAIM_A}", sender=sender, files=(attachment("deviz.pdf"),)))


def test_links_change_nothing_that_taking_them_back_does_not_restore(desk: Desk) -> None:
    ours = estimate(desk)
    strange = estimate(desk, sender="gigi@x.example")
    asks = desk.file_one(mail("ce program aveti?", sender="gigi@y.example"))
    name_on_an_invoice(desk)
    pasts = [everything(desk)]
    moves = [(link, strange, CLAIM_A), (unlink, ours, CLAIM_A), (link, ours, CLAIM_B), (link, asks, CLAIM_B),
             (link, asks, CLAIM_A)]  # fmt: skip
    for move, filed, claim in moves:
        move(desk, filed, claim)
        pasts.append(everything(desk))
        assert pasts[-1] != pasts[-2]

    inverse = {link: unlink, unlink: link}
    for (move, filed, claim), past in zip(reversed(moves), reversed(pasts[:-1]), strict=True):
        inverse[move](desk, filed, claim)
        assert everything(desk) == past


def test_wrong_link_takes_its_documents_with_it_and_the_item_is_open_again(desk: Desk) -> None:
    filed = estimate(desk)
    assert desk.state("repair_estimate") is RequirementState.RECEIVED

    unlink(desk, filed, CLAIM_A)

    assert desk.state("repair_estimate") is RequirementState.ASKED
    assert desk.request().state == "open"
    with desk.store.reading() as session:
        assert not list(session.scalars(select(Document)))
        assert session.scalars(select(Ticket.claim_id).where(Ticket.ref == _ticket(filed))).one() is None


def test_confirmed_link_brings_a_strangers_files_to_the_claim_as_of_their_arrival(desk: Desk) -> None:
    filed = estimate(desk, sender="gigi@x.example")
    assert (links(filed)[CLAIM_A], desk.state("repair_estimate")) == ("unverified", RequirementState.ASKED)
    desk.now += timedelta(days=3)

    link(desk, filed, CLAIM_A)

    assert desk.state("repair_estimate") is RequirementState.RECEIVED
    answered = {item.requirement.item: item.answered_at for item in desk.request().items}
    assert answered == {"repair_estimate": NOW, "owners_assoc": None}
    assert set(BOTH) == set(answered)


def test_what_somebody_has_changed_since_is_left_alone(desk: Desk) -> None:
    filed = estimate(desk, sender="gigi@x.example")
    link(desk, filed, CLAIM_A)
    with desk.store.writing() as session:
        session.scalars(select(Document)).one().state = "accepted"  # type: ignore[assignment]  # as the store has it

    unlink(desk, filed, CLAIM_A)

    with desk.store.reading() as session:
        assert session.scalars(select(Document.state)).one() == "accepted"


def test_ticket_stays_with_its_claim_while_another_of_its_messages_is_linked_to_it(desk: Desk) -> None:
    first = estimate(desk)
    second = desk.file_one(mail(f"si inca ceva {CLAIM_A}"))
    assert _ticket(first) == _ticket(second)

    unlink(desk, second, CLAIM_A)

    with desk.store.reading() as session:
        assert session.scalars(select(Ticket.claim_id).where(Ticket.ref == _ticket(first))).one() is not None


def test_undone_link_to_a_policy_leaves_the_claim_and_what_came_for_it(desk: Desk) -> None:
    filed = estimate(desk, text="polita CAS-0451237, deviz atasat")
    assert links(filed)["CAS-0451237"] == "active"

    unlink(desk, filed, "CAS-0451237")

    assert desk.state("repair_estimate") is RequirementState.RECEIVED
    with desk.store.reading() as session:
        assert session.scalars(select(Ticket.claim_id).where(Ticket.ref == _ticket(filed))).one() is not None


def test_item_that_another_message_brought_too_stays_received(desk: Desk) -> None:
    first, second = estimate(desk), estimate(desk)
    with desk.store.reading() as session:
        assert len(list(session.scalars(select(Document)))) == 2

    unlink(desk, second, CLAIM_A)

    assert desk.state("repair_estimate") is RequirementState.RECEIVED
    unlink(desk, first, CLAIM_A)
    assert desk.state("repair_estimate") is RequirementState.ASKED


def test_item_waived_since_stays_waived_when_what_came_for_it_goes(desk: Desk) -> None:
    filed = estimate(desk)
    with desk.store.writing() as session:
        for row in session.scalars(select(Requirement).where(Requirement.item == "repair_estimate")):
            row.state = RequirementState.WAIVED

    unlink(desk, filed, CLAIM_A)

    assert desk.state("repair_estimate") is RequirementState.WAIVED


def test_answer_taken_from_an_old_request_does_not_open_it_beside_the_new_one(store: Store) -> None:
    desk = Desk.with_world(store)
    desk.ask(items=("repair_estimate",))
    filed = estimate(desk)
    assert desk.ask(items=("owners_assoc",)) == f"{CLAIM_A}/R2"

    unlink(desk, filed, CLAIM_A)

    assert (desk.request().state, desk.request(f"{CLAIM_A}/R2").state) == ("answered", "open")


def test_every_correction_counts_in_the_figures_until_it_is_taken_back(desk: Desk) -> None:
    right, wrong = desk.file_one(mail(CLAIM_A)), desk.file_one(mail("stadiu?", subject=CLAIM_A))
    assert {"claim_ref", "sender_email"} <= evidence(right, CLAIM_A)
    month = {"since": NOW - timedelta(days=30), "until": NOW + timedelta(days=1)}

    def figures() -> dict[str, tuple[int, int]]:
        with desk.store.reading() as session:
            return {each.evidence: (each.linked, each.undone) for each in quality.of_links(session, **month)}

    assert figures()[quality.ANY] == (2, 0)
    unlink(desk, wrong, CLAIM_A)
    assert (figures()[quality.ANY], figures()["claim_ref"]) == ((2, 1), (2, 1))
    link(desk, wrong, CLAIM_A)
    assert figures()[quality.ANY] == (2, 0)


def test_links_are_counted_in_the_week_in_which_they_were_made(desk: Desk) -> None:
    old, new = desk.file_one(mail(CLAIM_A)), desk.file_one(mail("stadiu?", subject=CLAIM_A))
    monday = NOW.replace(hour=0, minute=0) - timedelta(days=NOW.weekday())
    with desk.store.writing() as session:
        for link_of, at in ((old, monday - timedelta(microseconds=1)), (new, monday)):
            session.execute(update(Link).where(Link.message_id == link_of.message.id).values(at=at))

    with desk.store.reading() as session:
        found = quality.of_links(session, since=NOW - timedelta(days=30), until=NOW)

    weeks = [(each.week, each.linked) for each in found if each.evidence == quality.ANY]
    assert weeks == [(monday.date(), 1), (monday.date() - timedelta(weeks=1), 1)]


def test_figure_of_a_week_says_what_share_stood() -> None:
    assert quality.Figure(week=NOW.date(), evidence="plate", linked=200, undone=1).precision == 0.995
