"""Macros: what the configuration may say, and that one is made whole or not at all."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from inbox import config, desk
from tests.inbox.test_config import SMALLEST
from tests.inbox.web.office import Pages, new_office
from tests.tickets.desk import CLAIM_A, MARIA
from tickets import work
from tickets.errors import ConfigurationError, GuardError
from tickets.models import Direction, Event, TicketState

NAME = {"en": "Thanks", "ro": "Mulțumim"}


@pytest.fixture
def office(tmp_path: Path, store_url: str) -> Iterator[Pages]:
    """A desk with the scenarios' world, on each store."""
    with new_office(tmp_path, None, url=store_url) as pages:
        yield pages


def parsed(folder: Path, *macros: dict[str, Any], languages: tuple[str, ...] = ("ro", "en")) -> config.Settings:
    tables = {**SMALLEST, "office": {"name": "Exemplu", "languages": list(languages)}, "macros": list(macros)}
    return config.parse(tables, folder=folder)


@pytest.mark.parametrize(
    ("macro", "named"),
    [
        ({"name": NAME, "actions": []}, "macros.0.actions"),
        ({"name": NAME}, "macros.0.actions"),
        ({"name": {"en": "Thanks"}, "actions": [{"done": True}]}, "macros.0.name: needs the words in ro"),
        ({"name": NAME, "actions": [{"dance": True}]}, "macros.0.actions.0.dance: unknown key"),
        ({"name": NAME, "actions": [{"tag": "a", "note": "b"}]}, "macros.0.actions.0: Value error, holds exactly one"),
        ({"name": NAME, "actions": [{"snooze": "soon"}]}, "macros.0.actions.0.snooze"),
        ({"name": NAME, "actions": [{"snooze": "0d"}]}, "macros.0.actions.0.snooze"),
        ({"name": NAME, "actions": [{"wait": "forever"}]}, "macros.0.actions.0.wait"),
        ({"name": NAME, "actions": [{"note": "a"}, {"note": "b"}]}, "macros.0: Value error, does note twice"),
        ({"name": NAME, "actions": [{"done": True}, {"snooze": "3d"}]}, "one of snooze, wait and done"),
        ({"name": NAME, "actions": [{"reply": {"ro": "Da"}}]}, "macros.0.actions.0.reply: needs the words in en"),
        ({"name": NAME, "actions": [{"reply": {"ro": "{iban}", "en": "x"}}]}, "knows no {iban}"),
        ({"name": NAME | {"fr": "Merci"}, "actions": [{"done": True}]}, "macros.0.name: no pages are written in fr"),
    ],
)
def test_what_is_wrong_with_a_macro_is_said_with_its_key_and_rule(
    tmp_path: Path, macro: dict[str, Any], named: str
) -> None:
    with pytest.raises(ConfigurationError) as error:
        parsed(tmp_path, macro)
    assert named in str(error.value)


def test_two_macros_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = {"name": NAME, "actions": [{"done": True}]}
    with pytest.raises(ConfigurationError, match=r"macros\.1\.name: another macro"):
        parsed(tmp_path, twice, twice)


def events(office: Pages) -> list[str]:
    with office.app.store.reading() as session:
        return list(session.scalars(select(Event.kind).order_by(Event.id)))


def test_macro_does_all_its_actions_as_one_move_and_each_leaves_its_event(office: Pages) -> None:
    ref = office.file_mail(f"Dosar {CLAIM_A}: iată devizul", subject=f"[{CLAIM_A}]").ref
    with office.app.store.writing() as session:
        work.tag(session, desk.find_ticket(session, ref), ["vechi"], actor="x", now=office.now)
    before, office.now = len(events(office)), office.now + timedelta(minutes=1)

    desk.run_macro(office.app, ref, "estimate-received-thanks", staff=office.staff())

    sent, ticket = office.outgoing()[-1], office.ticket(ref)
    assert (sent.to_address, sent.message.new_text) == (
        MARIA, f"Vă mulțumim, Maria Popescu: devizul pentru {CLAIM_A} a sosit.",
    )  # fmt: skip
    assert (ticket.owner_id, ticket.snoozed_for, ticket.state) == (office.staff().id, "time", TicketState.IN_PROGRESS)
    with office.app.store.reading() as session:
        assert work.tags(session, [ticket.id])[ticket.id] == ["deviz", "vechi"]
    assert [each.new_text for each in office.messages() if each.direction is Direction.NOTE] == ["De comparat."]
    assert [each for each in events(office)[before:] if not each.startswith("clock")] == [
        "ticket.moved", "reply.queued", "ticket.tagged", "ticket.handed_over", "note.written", "ticket.snoozed",
        "macro.run",
    ]  # fmt: skip


def test_macro_whose_last_action_cannot_be_made_leaves_nothing(office: Pages) -> None:
    ref = office.file_mail("Bună", sender="Gigi <gigi@x.example>", subject="Altceva").ref
    before = (len(office.outgoing()), events(office))

    with pytest.raises(GuardError, match="names claim, which this ticket has not"):
        desk.run_macro(office.app, ref, "tag-then-tell-of-the-claim", staff=office.staff())
    with pytest.raises(GuardError, match="does not work here"):
        desk.run_macro(office.app, ref, "tag-then-give-to-nobody-we-know", staff=office.staff())

    assert (len(office.outgoing()), events(office)) == before
    with office.app.store.reading() as session:
        assert work.tags(session, [office.ticket(ref).id]) == {}


def test_macro_that_answers_stops_when_something_new_has_come(office: Pages) -> None:
    ref = office.file_mail(f"Dosar {CLAIM_A}", subject=f"[{CLAIM_A}]").ref
    seen = office.messages()[0].id
    office.file_mail("Încă ceva", subject=f"[{CLAIM_A}]")

    with pytest.raises(GuardError, match="something new"):
        desk.run_macro(office.app, ref, "estimate-received-thanks", staff=office.staff(), looked=desk.Looked(seen))
