"""The person beside a ticket: who calls is asked, and what we hold is changed, by two where that matters."""

import re

import pytest
from sqlalchemy import select

from tests.inbox.web.office import Browser, Pages
from tests.tickets.desk import CLAIM_A
from tickets.models import Event, Party, Ticket

ASKED = {"asked-birth_date": "yes", "asked-policy": "yes"}


@pytest.fixture
def ticket(office: Pages) -> Ticket:
    return office.file_mail(f"Bună ziua, dosar {CLAIM_A}")


@pytest.fixture
def unknown(office: Pages, ticket: Ticket) -> Ticket:
    """A ticket about Maria on which it is not known who speaks."""
    with office.app.store.writing() as session:
        session.get_one(Ticket, ticket.id).verified = False
    return ticket


def maria(office: Pages) -> Party:
    with office.app.store.reading() as session:
        found = session.scalars(select(Party).where(Party.external_id == "maria")).one()
        assert found.contacts
        return found


def shown(office: Pages) -> dict[str, str]:
    """Whose data the form stands beside."""
    return {"person": str(maria(office).id)}


def events(office: Pages, kind: str) -> list[Event]:
    with office.app.store.reading() as session:
        return list(session.scalars(select(Event).where(Event.kind == kind)))


def test_caller_is_asked_and_how_it_went_stays_on_file(office: Pages, ana: Browser, ticket: Ticket) -> None:
    answer = ana.post(f"/tickets/{ticket.ref}/caller", ASKED | {"do": "passed"})

    assert answer.status_code == 303
    [event] = events(office, "caller.verified")
    assert event.detail["asked"] == ["birth_date", "policy"]
    page = ana.get(f"/tickets/{ticket.ref}").text
    assert "Apelant verificat" in page
    assert "data nașterii" in page


def test_one_right_answer_proves_nobody(office: Pages, ana: Browser, ticket: Ticket) -> None:
    answer = ana.post(f"/tickets/{ticket.ref}/caller", {"asked-policy": "yes", "do": "passed"})

    assert answer.status_code == 409
    assert events(office, "caller.verified") == []


def test_new_address_is_kept_with_an_event(office: Pages, ana: Browser, ticket: Ticket) -> None:
    fields = {"what": "postal", "value": "Str. Nouă 7, 400002 Cluj-Napoca"}

    assert ana.post(f"/tickets/{ticket.ref}/person", fields | shown(office)).status_code == 303

    assert "Str. Nouă 7, 400002 Cluj-Napoca" in [each.value for each in maria(office).contacts if each.preferred]
    assert len(events(office, "account_change.done")) == 1


def test_nothing_changes_before_it_is_known_who_asks(office: Pages, ana: Browser, unknown: Ticket) -> None:
    fields = {"what": "email", "value": "m@nou.example"}
    path = f"/tickets/{unknown.ref}"

    assert ana.post(f"{path}/person", fields | shown(office)).status_code == 409
    ana.post(f"{path}/caller", ASKED | {"do": "passed"})
    assert ana.post(f"{path}/person", fields | shown(office)).status_code == 303


def test_wrong_answers_stop_a_change_on_a_ticket_of_a_known_sender(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.post(f"/tickets/{ticket.ref}/caller", ASKED | {"do": "failed"})

    answer = ana.post(f"/tickets/{ticket.ref}/person", {"what": "phone", "value": "0733 000 111"} | shown(office))

    assert answer.status_code == 409
    assert "0733 000 111" not in [each.value for each in maria(office).contacts]


def test_new_name_waits_for_a_call_back_and_a_second_person(office: Pages, ana: Browser, ticket: Ticket) -> None:
    path, radu = f"/tickets/{ticket.ref}", office.browser()
    radu.enter(office, "radu@exemplu.example")
    ana.post(f"{path}/person", {"what": "name", "value": "Maria Ionescu"} | shown(office))
    assert maria(office).name == "Maria Popescu"
    [number] = set(re.findall(r'action="/changes/(\d+)"', ana.get(path).text))
    at = {"ticket": ticket.ref}
    others = office.file_mail("Alta intrebare", sender="Ion Popa <ion.popa@example.ro>", subject="Altceva").ref

    assert ana.post(f"/changes/{number}", {"ticket": others, "do": "refuse", "reason": "x"}).status_code == 409
    assert ana.post(f"/changes/{number}", {"do": "refuse", "reason": "x"}).status_code == 404
    assert radu.post(f"/changes/{number}", at | {"do": "agree"}).status_code == 409  # nobody has called yet
    assert ana.post(f"/changes/{number}", at | {"do": "call", "number": "0799 999 999"}).status_code == 409
    assert ana.post(f"/changes/{number}", at | {"do": "call", "number": "0722 123 456"}).status_code == 303
    assert ana.post(f"/changes/{number}", at | {"do": "agree"}).status_code == 409
    assert radu.post(f"/changes/{number}", at | {"do": "agree"}).status_code == 303
    assert maria(office).name == "Maria Ionescu"


def test_bank_account_is_not_changed_this_way(office: Pages, ana: Browser, ticket: Ticket) -> None:
    fields = {"what": "iban", "value": "RO14BTRL0130120567890012"}
    assert ana.post(f"/tickets/{ticket.ref}/person", fields | shown(office)).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (("email", "nu are"), "aceasta nu este o adresă de e-mail"),
        (("email", "a@b, c@d"), "aceasta nu este o adresă de e-mail"),
        (("phone", "sunați-mă"), "acesta nu este un număr de telefon"),
        (("phone", "0" * 40), "acesta nu este un număr de telefon"),
        (("postal", "x" * 301), "valoarea este prea lungă"),
        (("name", "x" * 301), "valoarea este prea lungă"),
    ],
)
def test_value_by_which_nobody_can_be_reached_is_refused_with_a_reason(
    office: Pages, ana: Browser, ticket: Ticket, wrong: tuple[str, str], why: str
) -> None:
    (what, value), before = wrong, [(each.value, each.preferred) for each in maria(office).contacts]

    answer = ana.post(f"/tickets/{ticket.ref}/person", {"what": what, "value": value} | shown(office))

    assert answer.status_code == 409
    assert why in answer.text.lower()
    assert [(each.value, each.preferred) for each in maria(office).contacts] == before
    assert events(office, "account_change.proposed") == []


@pytest.mark.parametrize("value", ["+40 799 111 222", "0799.111.222", "(021) 555-0100", "+49 (0) 30/901820"])
def test_number_is_taken_as_people_write_it(office: Pages, ana: Browser, ticket: Ticket, value: str) -> None:
    assert (
        ana.post(f"/tickets/{ticket.ref}/person", {"what": "phone", "value": value} | shown(office)).status_code == 303
    )
    assert value in [each.value for each in maria(office).contacts if each.preferred]


def test_page_from_before_the_ticket_was_linked_anew_changes_nobody(
    office: Pages, ana: Browser, ticket: Ticket
) -> None:
    fields = {"what": "phone", "value": "0733 000 111", "person": str(maria(office).id + 1)}

    assert ana.post(f"/tickets/{ticket.ref}/person", fields).status_code == 409
    assert "+40733000111" not in {each.value_norm for each in maria(office).contacts}


def test_page_carries_whom_it_shows(office: Pages, ana: Browser, ticket: Ticket) -> None:
    page = ana.get(f"/tickets/{ticket.ref}").text

    assert f'name="person" value="{maria(office).id}"' in page


def test_form_that_says_nothing_sets_no_change_aside(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.post(f"/tickets/{ticket.ref}/caller", ASKED | {"do": "passed"})
    ana.post(f"/tickets/{ticket.ref}/person", {"what": "name", "value": "Maria Ionescu"} | shown(office))
    [change] = re.findall(r"/changes/(\d+)", ana.get(f"/tickets/{ticket.ref}").text)[:1]

    answer = ana.post(f"/changes/{change}", {"ticket": ticket.ref, "do": "", "reason": "x"})

    assert answer.status_code == 409
    assert f"/changes/{change}" in ana.get(f"/tickets/{ticket.ref}").text
