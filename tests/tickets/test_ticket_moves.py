"""A ticket's and a claim's state change in one place each, which writes down who, why and because of what."""

import ast
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.base import NO_VALUE

from tests.tickets.desk import CLAIM_A, MARIA, NOW, Desk, mail
from tickets import corrections, merging, references, ticket_moves, work
from tickets.database import Store
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import Claim, Clock, Event, LinkMove, Staff, Ticket, TicketState
from tickets.triage import Filed

ROOT = Path(__file__).parent.parent.parent
ONLY = {"ticket": "tickets/ticket_moves.py", "claim": "tickets/moves.py"}


def settings(source: str, what: str = "ticket") -> Iterator[int]:
    """The lines that set `.state` of something that is called so: directly, in a tuple, by `setattr`, by name."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Assign(targets=targets):
                yield from (each.lineno for target in targets for each in ast.walk(target) if _is_state(each, what))
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target) if _is_state(target, what):
                yield node.lineno
            case ast.Call(func=ast.Name(id="setattr"), args=[owner, ast.Constant(value="state"), *_]) if _is_called(
                owner, what
            ):
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr="set" | "values"), keywords=named) if any(
                each.arg == "state" and _is_called(each.value, f"{what}state") for each in named
            ):
                yield node.lineno


def _is_state(node: ast.AST, what: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "state" and _is_called(node.value, what)


def _is_called(node: ast.AST, what: str) -> bool:
    """Whether a name, or the last or last but one of a dotted name, holds this word."""
    match node:
        case ast.Name(id=name):
            return what in name.lower()
        case ast.Attribute(attr=name, value=owner):
            return what in name.lower() or (what.endswith("state") and _is_called(owner, what))
    return False


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("ticket.state = x", [1]),
        ("a, task.ticket.state = 1, 2", [1]),
        ("setattr(request.ticket, 'state', x)", [1]),
        ("changes.set(source, state=TicketState.MERGED)", [1]),
        ("update(Ticket).values(state=TicketState.NEW)", [1]),
        ("changes.set(source, state=ClaimState.PAID)", []),
        ("claim.state = x", []),
        ("x = ticket.state", []),
    ],
)
def test_search_finds_every_way_to_set_a_state(source: str, found: list[int]) -> None:
    assert list(settings(source)) == found


@pytest.mark.parametrize("what", list(ONLY))
def test_no_other_file_sets_a_state(what: str) -> None:
    files = [path for package in ("tickets", "inbox") for path in (ROOT / package).rglob("*.py")]
    setting = {str(path.relative_to(ROOT)) for path in files if [*settings(path.read_text(encoding="utf-8"), what)]}

    assert setting == {ONLY[what]}


@contextmanager
def whoever_sets(column: InstrumentedAttribute[Any]) -> Iterator[set[str]]:
    """The files whose code sets a column of a row that is there already, whichever way it does."""
    found: set[str] = set()

    def noticed(_row: object, _value: object, before: object, _by: object) -> None:
        if before is not NO_VALUE:
            files = (Path(each.filename) for each in reversed(traceback.extract_stack()))
            ours = (each for each in files if each.is_relative_to(ROOT) and ".venv" not in each.parts)
            found.add(str(next(each for each in ours if each != Path(__file__)).relative_to(ROOT)))

    event.listen(column, "set", noticed, active_history=True)
    try:
        yield found
    finally:
        event.remove(column, "set", noticed)


def moved(desk: Desk) -> list[tuple[str, str, str, str]]:
    """Every change of a state so far: of what, by whom, from and to."""
    kinds = ("ticket.moved", "claim.moved")
    with desk.store.reading() as session:
        told = session.scalars(select(Event).where(Event.kind.in_(kinds)).order_by(Event.id))
        return [(each.kind, each.actor, each.detail["before"], each.detail["after"]) for each in told]


def test_merge_of_claims_and_its_undoing_are_moves_with_events(store: Store) -> None:
    desk = Desk.with_world(store)
    other = references.make("CLM", 2026, 777)
    told = {"type": "home", "claimant": "maria", "state": "gathering", "cause": "water_pipe", "facts": {}}
    desk.add(claims=[{"ref": other, "loss_date": "2026-11-01", "reported_on": "2026-11-02", **told}])

    with whoever_sets(Claim.state) as files:
        with store.writing() as session:
            source, target = merging.loaded(session, other), merging.loaded(session, CLAIM_A)
            state = str(source.state)
            number = merging.merge_claims(session, source, target, cause=by("staff:1")).id
        with store.writing() as session:
            merging.undo(session, merging.find(session, number), cause=by("staff:2"))

    assert moved(desk) == [
        ("claim.moved", "staff:1", state, "duplicate_of"),
        ("claim.moved", "staff:2", "duplicate_of", state),
    ]
    assert files == {ONLY["claim"]}


def test_merge_of_tickets_and_its_undoing_are_moves_with_events(store: Store) -> None:
    desk = Desk.with_world(store)
    refs = [_ticket(desk.file_one(mail(text, sender=f"{text}@x.example"))) for text in ("intrebare", "altceva")]

    with whoever_sets(Ticket.state) as files:
        with store.writing() as session:
            source, target = (_called(session, ref) for ref in refs)
            number = merging.merge_tickets(session, source, target, cause=by("staff:1")).id
        with store.writing() as session:
            merging.undo(session, merging.find(session, number), cause=by("staff:2"))

    assert moved(desk) == [("ticket.moved", "staff:1", "new", "merged"), ("ticket.moved", "staff:2", "merged", "new")]
    assert files == {ONLY["ticket"]}


def test_state_that_came_with_a_link_goes_back_by_a_move(store: Store) -> None:
    desk = Desk.with_world(store)
    ref = _ticket(desk.file_one(mail("o intrebare", sender="gigi@x.example")))
    with store.writing() as session:
        ticket = _called(session, ref)
        ticket_moves.follow(session, ticket, TicketState.TRIAGED, cause=by("staff:1"))
        changed = {"row": "ticket", "id": ticket.id, "before": {"state": "new"}, "after": {"state": "triaged"}}
        made = LinkMove(ticket_id=ticket.id, target=CLAIM_A, kind="link", changes=[changed], thought=[],
                        made_by="staff:1", at=NOW)  # fmt: skip
        session.add(made)

    with whoever_sets(Ticket.state) as files, store.writing() as session:
        corrections.take_back(session, session.scalars(select(LinkMove)).one(), by="staff:2", now=NOW)

    assert moved(desk)[-1] == ("ticket.moved", "staff:2", "triaged", "new")
    assert files == {ONLY["ticket"]}


def by(actor: str) -> Cause:
    return Cause(actor=actor, at=NOW, reason="one loss told twice")


def _ticket(filed: Filed) -> str:
    assert filed.message is not None
    return filed.message.ticket.ref


def _called(session: Session, ref: str) -> Ticket:
    return session.scalars(select(Ticket).where(Ticket.ref == ref)).one()


def test_state_that_follows_is_an_event_with_its_cause_and_no_event_where_nothing_changes(store: Store) -> None:
    desk = Desk.with_world(store)
    desk.file_one(mail("Buna ziua, o intrebare"))

    with store.writing() as session:
        ticket = session.scalars(select(Ticket)).one()
        cause = Cause(actor="staff:1", at=NOW, reason="R26-1")
        ticket_moves.follow(session, ticket, TicketState.WAITING_CUSTOMER, cause=cause)
        ticket_moves.follow(session, ticket, TicketState.WAITING_CUSTOMER, cause=cause)
        work.resolve(session, desk.office, ticket, actor="staff:1", now=NOW)

    with store.reading() as session:
        moved = list(session.scalars(select(Event).where(Event.kind == "ticket.moved").order_by(Event.id)))
        told = [(each.actor, each.detail["before"], each.detail["after"], each.detail["reason"]) for each in moved]
    assert told == [
        ("staff:1", "new", "waiting_customer", "R26-1"),
        ("staff:1", "waiting_customer", "resolved", "resolved"),
    ]


def test_claim_imported_again_in_another_state_is_moved_with_both_states_told(store: Store) -> None:
    desk = Desk.with_world(store)
    told: dict[str, Any] = {"ref": references.make("CLM", 2026, 778), "type": "home", "claimant": "maria",
                            "cause": "water_pipe", "facts": {}, "loss_date": "2026-11-01"}  # fmt: skip

    for state in ("gathering", "gathering", "in_review"):
        desk.add(claims=[told | {"state": state}])

    assert moved(desk) == [("claim.moved", "import", "gathering", "in_review")]


# --- what a person does


def act(desk: Desk, ref: str, to: TicketState) -> None:
    with desk.store.writing() as session:
        ticket_moves.move(session, desk.office, _called(session, ref), to, cause=by("staff:1"))


def clocks(desk: Desk) -> dict[str, str]:
    with desk.store.reading() as session:
        return {each.key: str(each.state) for each in session.scalars(select(Clock))}


def test_move_that_the_table_does_not_have_says_what_may_follow(store: Store) -> None:
    desk = Desk.with_world(store)
    ref = _ticket(desk.file_one(mail("o intrebare", sender="gigi@x.example")))
    other = _ticket(desk.file_one(mail("alta intrebare", sender="gogu@x.example")))
    with store.writing() as session:
        merging.merge_tickets(session, _called(session, other), _called(session, ref), cause=by("staff:1"))

    with pytest.raises(GuardError, match="is new and cannot become closed: it may become discarded, in_progress"):
        act(desk, ref, TicketState.CLOSED)
    with pytest.raises(GuardError, match="is merged and cannot become new: it may become nothing else"):
        act(desk, other, TicketState.NEW)


def test_end_of_the_work_ends_its_clocks_and_leaves_nothing_unread(store: Store) -> None:
    desk = Desk.with_world(store)
    ref = _ticket(desk.file_one(mail("o intrebare", sender="gigi@x.example")))

    act(desk, ref, TicketState.IN_PROGRESS)
    assert [each.unread for each in desk.tickets()] == [True]
    assert clocks(desk)["int.resolve"] == "running"
    act(desk, ref, TicketState.RESOLVED)
    act(desk, ref, TicketState.CLOSED)

    assert [each.unread for each in desk.tickets()] == [False]
    assert clocks(desk)["int.resolve"] == "met"
    assert [each[2:] for each in moved(desk)] == [
        ("new", "in_progress"), ("in_progress", "resolved"), ("resolved", "closed"),
    ]  # fmt: skip


def escalate(desk: Desk, ref: str, *, to: str | None = None, by_whom: str = "ana") -> str:
    with desk.store.writing() as session:
        people = {each.external_id: each for each in session.scalars(select(Staff))}
        whom = people[to] if to else None
        chosen = ticket_moves.escalate_matter(session, ref, to=whom, by=people[by_whom], cause=by("staff:1"))
        return str(chosen.external_id)


def test_claim_is_escalated_with_its_open_tickets_to_the_supervisor_with_the_least(store: Store) -> None:
    desk = Desk.with_world(store)
    desk.add(staff=[{"id": "rada", "name": "Rada Popa", "email": "r@exemplu.example", "role": "supervisor"}])
    alone, on_claim = (
        _ticket(desk.file_one(mail(text, sender=sender, subject=subject)))
        for text, sender, subject in (("o intrebare", "gigi@x.example", ""), ("stadiu?", MARIA, CLAIM_A))
    )
    done = _ticket(desk.file_one(mail("alt stadiu?", subject="CLM26-000184-59", sender="dan.marin@example.ro")))
    act(desk, done, TicketState.RESOLVED)

    assert escalate(desk, alone) == "radu"
    assert escalate(desk, CLAIM_A) == "rada"
    assert escalate(desk, "CLM26-000184-59", to="radu") == "radu"

    with store.reading() as session:
        owners = {each.ref: (each.owner_id, each.escalated) for each in session.scalars(select(Ticket))}
        people = {each.external_id: each.id for each in session.scalars(select(Staff))}
        claims = {each.ref: each.owner_id for each in session.scalars(select(Claim))}
    assert owners[alone] == (people["radu"], True)
    assert owners[on_claim] == (people["rada"], True)
    assert owners[done][1] is False
    assert (claims[CLAIM_A], claims["CLM26-000184-59"]) == (people["rada"], people["radu"])


def test_escalating_what_does_not_exist_or_to_nobody_says_so(store: Store) -> None:
    desk = Desk.with_world(store)

    with pytest.raises(UnknownReferenceError, match="no ticket or claim TKT26-000999-01"):
        escalate(desk, "TKT26-000999-01")
    with pytest.raises(GuardError, match="no other supervisor"):
        escalate(desk, CLAIM_A, by_whom="radu")
