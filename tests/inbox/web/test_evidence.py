"""The evidence of a ticket in place: pages as pictures of ours, accepted and rejected beside the items."""

import io
import zipfile
from datetime import date

import pytest
from PIL import Image
from sqlalchemy import select

from tests.inbox.web.office import EMAIL, Browser, Pages, mail
from tests.tickets.desk import CLAIM_A, CLAIM_B
from tickets.models import Claim, Document, DocumentState, DocumentValue, Event, MessageFile, Staff, Ticket
from tickets.requirements import RequirementState


def tiff(pages: int) -> bytes:
    kept = io.BytesIO()
    sheets = [Image.new("RGB", (400, 600), (250, 250, 250 - 10 * n)) for n in range(pages)]
    sheets[0].save(kept, "TIFF", save_all=True, append_images=sheets[1:])
    return kept.getvalue()


@pytest.fixture
def ref(office: Pages) -> str:
    """A ticket with a letter of three pages, a note and an evil picture, on claim A whose two items were asked for."""
    office.ask()
    files = (
        ("scrisoare.tif", "image/tiff", tiff(3)),
        ("note.txt", "text/plain", b"text"),
        ("x.svg", "image/svg+xml", b"<svg onload=alert(1)>"),
    )
    filed = office.file(mail("iată actele", subject=f"[{CLAIM_A}/R1]", files=files))
    assert filed.message is not None
    return filed.message.ticket.ref


def file_ids(office: Pages) -> list[int]:
    with office.app.store.reading() as session:
        return list(session.scalars(select(MessageFile.id).order_by(MessageFile.id)))


def test_pages_are_pictures_made_by_us(office: Pages, ana: Browser, ref: str) -> None:
    scan, note, picture = file_ids(office)

    page = ana.get(f"/tickets/{ref}/evidence?file={scan}")
    first, turned = ana.get(f"/files/{scan}/pages/1?width=200"), ana.get(f"/files/{scan}/pages/3?width=200&turn=90")

    assert f"/files/{scan}/pages/1" in page.text
    assert first.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(first.content)).size == (200, 300)
    assert Image.open(io.BytesIO(turned.content)).size == (200, 133)
    assert ana.get(f"/files/{scan}/pages/4").status_code == 404
    assert ana.get(f"/files/{note}/pages/1").status_code == 404
    assert ana.get(f"/files/{picture}/pages/1").status_code == 404
    assert "nu poate fi afișat" in ana.get(f"/tickets/{ref}/evidence?file={note}").text


def test_some_pages_of_a_file_are_accepted_as_an_item_and_others_as_another(
    office: Pages, ana: Browser, ref: str
) -> None:
    scan = file_ids(office)[0]
    for item, first, last in (("owners_assoc", "1", "2"), ("repair_estimate", "3", "")):
        given = {"claim": CLAIM_A, "file": str(scan), "item": item, "first": first, "last": last}
        assert ana.post(f"/tickets/{ref}/evidence/accept", given).status_code == 303

    assert office.item("owners_assoc") is office.item("repair_estimate") is RequirementState.ACCEPTED
    with office.app.store.reading() as session:
        kept = {row.pages for row in session.scalars(select(Document)) if row.state is DocumentState.ACCEPTED}
    assert kept == {"1-2", "3-3"}


def test_everything_comes_in_one_archive(ana: Browser, ref: str) -> None:
    answer = ana.get(f"/tickets/{ref}/files.zip")
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert names == ["001-scrisoare.tif", "002-note.txt", "003-x.svg"]
    assert "attachment" in answer.headers["content-disposition"]


def test_stranger_sees_no_page(office: Pages, stranger: Browser, ref: str) -> None:
    assert stranger.get(f"/files/{file_ids(office)[0]}/pages/1").status_code in (303, 401)
    assert stranger.get(f"/tickets/{ref}/evidence").status_code == 303


def test_files_of_a_restricted_ticket_are_for_those_who_work_on_it(office: Pages, ana: Browser, ref: str) -> None:
    scan = file_ids(office)[0]
    addresses = (f"/files/{scan}/pages/1", f"/files/{scan}", f"/tickets/{ref}/evidence", f"/tickets/{ref}/files.zip")
    with office.app.store.writing() as session:
        session.scalars(select(Ticket).where(Ticket.ref == ref)).one().restricted = True
    assert {ana.get(address).status_code for address in addresses} == {404}

    with office.app.store.writing() as session:
        session.scalars(select(Staff).where(Staff.email == EMAIL)).one().roles = ["siu"]
    assert {ana.get(address).status_code for address in addresses} == {200}


def test_value_read_in_a_file_is_taken_into_the_claim_by_a_person(office: Pages, ana: Browser, ref: str) -> None:
    scan, path = file_ids(office)[0], f"/tickets/{ref}/evidence"
    said = (
        ("total", "245000", "2.450,00"),
        ("currency", "RON", "lei"),
        ("date", "2026-11-15", "15.11.2026"),
        ("plate", "CJ07XYZ", "CJ 07 XYZ"),
    )
    with office.app.store.writing() as session:
        file = session.get(MessageFile, scan)
        rows = [DocumentValue(file=file, name=name, value=value, words=words) for name, value, words in said]
        session.add_all(rows)
        session.flush()
        total, _, day, plate = (row.id for row in rows)
    page = ana.get(f"{path}?file={scan}").text
    assert page.count('action="' + f"{path}/value") == 2

    def take(value: int, use: str, claim: str = CLAIM_A) -> int:
        return ana.post(f"{path}/value", {"claim": claim, "file": scan, "value": value, "use": use}).status_code

    assert [take(total, "total"), take(day, "loss_date"), take(total, "line:home")] == [303, 303, 303]
    assert [take(total, "loss_date"), take(plate, "total"), take(total, "line:boats"), take(total, "")] == [409] * 4
    assert [take(999, "total"), take(total, "total", CLAIM_B)] == [404, 404]
    with office.app.store.writing() as session:
        session.scalars(select(Ticket).where(Ticket.ref == ref)).one().verified = False
    assert take(total, "total") == 404

    with office.app.store.reading() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        assert (claim.total_minor, claim.loss_date) == (245_000, date(2026, 11, 15))
        last = claim.lines[-1]
        assert (last.coverage, last.total_minor, last.currency) == ("home", 245_000, "RON")
        assert session.scalars(select(Event.kind)).all().count("value.taken") == 3
