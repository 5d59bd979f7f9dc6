"""Files that go out with an answer: kept with the draft, sent with it, never lost on the way."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from channels import memory
from inbox import sending
from tests.inbox.web.office import Browser, Pages
from tests.tickets.desk import CLAIM_A
from tickets.enclosures import MOST_BYTES, MOST_FILES
from tickets.messages import DeliveryState, Medium
from tickets.models import Claim, ContactPoint, Direction, DraftFile, MessageFile, Ticket

PDF = ("deviz.pdf", b"%PDF-1.4 the estimate", "application/pdf")
TEXT = ("note.txt", "câteva cuvinte".encode(), "text/plain")


@pytest.fixture
def ticket(office: Pages) -> Ticket:
    """Maria has written about her claim."""
    came = office.file_mail(f"Dosar {CLAIM_A}. Ce mai trebuie?", subject=f"[{CLAIM_A}] Pagubă")
    office.now += timedelta(minutes=1)
    return came


def at_home(office: Pages) -> str:
    """A ticket of Maria's, whose postal address is known."""
    ref = office.file_mail(f"Dosar {CLAIM_A}", subject=f"[{CLAIM_A}] Pagubă").ref
    with office.app.store.writing() as session:
        party = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one().claimant
        home = ContactPoint(medium=Medium.LETTER, value="Str. Lungă 1, Cluj", value_norm="str lunga 1 cluj")
        home.party = party
        session.add(home)
    return ref


def value(page: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def written(page: str, **fields: str) -> dict[str, str]:
    """The composer as it is sent from the page one looks at."""
    return {"medium": "email", "seen": value(page, "seen"), "enclosed": value(page, "enclosed"), **fields}


def drafts(office: Pages) -> list[str]:
    with office.app.store.reading() as session:
        return list(session.scalars(select(DraftFile.name).order_by(DraftFile.id)))


def test_file_leaves_with_the_answer_and_stands_in_the_timeline(office: Pages, ana: Browser, ticket: Ticket) -> None:
    channel = office.app._channels["claims-mail"] = memory.connect("claims-mail", memory.Settings())
    answer = ana.attach(ticket.ref, PDF, ("../../evil: x?.txt", b"two", "text/plain"), body="Poftiți")
    page = ana.get(f"/tickets/{ticket.ref}").text
    assert (answer.status_code, drafts(office)) == (303, ["deviz.pdf", "_.._evil_ x_.txt"])
    assert ">\nPoftiți</textarea>" in page

    ana.post(f"/tickets/{ticket.ref}/reply", written(page, body="Poftiți devizul"))
    after = ana.get(f"/tickets/{ticket.ref}").text
    office.now += timedelta(minutes=1)
    assert sending.send_due(office.app, ["claims-mail"]).trouble == {}

    left = channel.sent[-1]
    assert [(each.name, each.media_type, each.content) for each in left.files] == [
        ("deviz.pdf", "application/pdf", PDF[1]), ("_.._evil_ x_.txt", "text/plain", b"two"),
    ]  # fmt: skip
    assert drafts(office) == []
    assert "</textarea>" in after
    assert "Poftiți devizul</textarea>" not in after
    key = re.search(r'href="/files/(\d+)" download>deviz.pdf', after)
    assert key is not None
    assert ana.get(f"/files/{key[1]}").content == PDF[1]


def test_stopped_send_loses_no_file_and_the_next_one_takes_it(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.attach(ticket.ref, PDF)
    page = ana.get(f"/tickets/{ticket.ref}").text
    office.file_mail("Am uitat ceva", subject=f"[{CLAIM_A}] Pagubă")
    stopped = ana.post(f"/tickets/{ticket.ref}/reply", written(page, body="Textul meu"))
    assert (stopped.status_code, drafts(office)) == (409, ["deviz.pdf"])
    assert "deviz.pdf" in stopped.text

    again = ana.post(f"/tickets/{ticket.ref}/reply", written(stopped.text, body="Textul meu"))

    assert (again.status_code, drafts(office)) == (303, [])


def test_undo_brings_words_and_files_back(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.attach(ticket.ref, PDF, TEXT)
    ana.post(f"/tickets/{ticket.ref}/reply", written(ana.get(f"/tickets/{ticket.ref}").text, body="Prea repede"))
    delivery = office.outgoing()[-1]

    back = ana.post(f"/deliveries/{delivery.id}/undo", {"ticket": ticket.ref})

    assert drafts(office) == ["deviz.pdf", "note.txt"]
    assert ">\nPrea repede</textarea>" in back.text
    assert ">\nPrea repede</textarea>" in ana.get(f"/tickets/{ticket.ref}").text
    office.now += timedelta(seconds=20)
    assert ana.post(f"/tickets/{ticket.ref}/reply", written(back.text, body="Acum")).status_code == 303
    assert office.outgoing()[-1].state is DeliveryState.QUEUED


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([(f"{n}.txt", b"x", "text/plain") for n in range(MOST_FILES + 1)], "cel mult 10 fișiere"),
        ([("mare.bin", b"x" * (MOST_BYTES + 1), "application/octet-stream")], "cel mult 15 MB"),
        ([("gol.txt", b"", "text/plain")], "fișierul este gol"),
    ],
    ids=["too many", "too large", "empty"],
)
def test_what_an_answer_cannot_carry_is_refused_in_words_and_the_text_is_kept(
    office: Pages, ana: Browser, ticket: Ticket, files: list[tuple[str, bytes, str]], said: str
) -> None:
    ana.attach(ticket.ref, TEXT)
    answer = ana.attach(ticket.ref, *files, medium="email", body="Textul meu")

    assert (answer.status_code, drafts(office)) == (409, ["note.txt"])
    assert said in answer.text.lower() + answer.text
    assert "Textul meu</textarea>" in answer.text


def test_file_is_taken_away_again_and_others_see_none_of_it(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.attach(ticket.ref, PDF)
    key = value(ana.get(f"/tickets/{ticket.ref}").text, "enclosed")
    radu = office.browser()
    radu.enter(office, "radu@exemplu.example")
    radu.post(f"/tickets/{ticket.ref}/files/{key}/remove")
    assert (value(radu.get(f"/tickets/{ticket.ref}").text, "enclosed"), drafts(office)) == ("", ["deviz.pdf"])

    ana.post(f"/tickets/{ticket.ref}/files/{key}/remove")

    assert drafts(office) == []


def test_file_that_another_window_has_sent_or_removed_stops_the_answer(
    office: Pages, ana: Browser, ticket: Ticket
) -> None:
    ana.attach(ticket.ref, PDF)
    page = ana.get(f"/tickets/{ticket.ref}").text
    ana.post(f"/tickets/{ticket.ref}/files/{value(page, 'enclosed')}/remove")
    before = len(office.outgoing())

    answer = ana.post(f"/tickets/{ticket.ref}/reply", written(page, body="Iată"))

    assert (answer.status_code, len(office.outgoing())) == (409, before)


@pytest.mark.parametrize(("medium", "file"), [("sms", PDF), ("letter", TEXT)])
def test_text_message_carries_no_file_and_a_letter_only_what_can_be_printed(
    office: Pages, ana: Browser, medium: str, file: tuple[str, bytes, str]
) -> None:
    ref = at_home(office)
    ana.attach(ref, file)
    answer = ana.post(f"/tickets/{ref}/reply", written(ana.get(f"/tickets/{ref}").text, medium=medium, body="Iată"))

    assert (answer.status_code, drafts(office)) == (409, [file[0]])


def test_pdf_is_printed_behind_the_letter(office: Pages, ana: Browser) -> None:
    channel = office.app._channels["post"] = memory.connect("post", memory.Settings(medium=Medium.LETTER))
    ref = at_home(office)
    ana.attach(ref, PDF)
    ana.post(f"/tickets/{ref}/reply", written(ana.get(f"/tickets/{ref}").text, medium="letter", body="Iată"))
    office.now += timedelta(minutes=1)
    sending.send_due(office.app, ["post"])

    assert [each.content for each in channel.sent[-1].files] == [PDF[1]]


def test_type_is_what_the_first_bytes_say(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.attach(ticket.ref, ("scan.pdf", b"no PDF at all", "application/pdf"), ("x.txt", PDF[1], "text/plain"))

    with office.app.store.reading() as session:
        kinds = list(session.scalars(select(DraftFile.media_type).order_by(DraftFile.id)))
    assert kinds == ["application/octet-stream", "application/pdf"]


def test_what_we_sent_is_no_evidence(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.attach(ticket.ref, PDF)
    ana.post(f"/tickets/{ticket.ref}/reply", written(ana.get(f"/tickets/{ticket.ref}").text, body="Iată"))
    with office.app.store.reading() as session:
        sent = session.scalars(select(MessageFile)).one()
        assert sent.message.direction is Direction.OUT
        key = sent.id

    assert ana.get(f"/tickets/{ticket.ref}/evidence").status_code == 404
    fields = {"claim": CLAIM_A, "file": str(key), "item": "repair_estimate"}
    assert ana.post(f"/tickets/{ticket.ref}/evidence/accept", fields).status_code == 404


def test_delivery_whose_file_is_gone_is_refused_and_says_so(office: Pages, ana: Browser, ticket: Ticket) -> None:
    channel = office.app._channels["claims-mail"] = memory.connect("claims-mail", memory.Settings())
    large = ("mare.bin", b"x" * 300_000, "application/octet-stream")
    ana.attach(ticket.ref, large)
    ana.post(f"/tickets/{ticket.ref}/reply", written(ana.get(f"/tickets/{ticket.ref}").text, body="Iată"))
    for each in (office.folder / "blobs").rglob("*"):
        each.unlink() if each.is_file() else None
    office.now += timedelta(minutes=1)

    sending.send_due(office.app, ["claims-mail"])

    assert office.outgoing()[-1].state is DeliveryState.REFUSED
    assert all(not each.files for each in channel.sent)


def test_restricted_ticket_takes_no_file_from_who_may_not_see_it(office: Pages, ana: Browser) -> None:
    hidden = office.file_mail("Un indiciu")
    with office.app.store.writing() as session:
        session.scalars(select(Ticket).where(Ticket.ref == hidden.ref)).one().restricted = True

    assert ana.attach(hidden.ref, PDF).status_code == 404
    assert drafts(office) == []
