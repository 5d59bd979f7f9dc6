"""Files attached to mail are read after it is filed: kinds, values and items are proposed, and nobody waits for it."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

import channels.letter
from inbox import desk, documents, poller, running
from inbox.app import App
from inbox.demo import letters
from inbox.demo.letters import Sheet
from tests.inbox.test_desk import ana, app  # noqa: F401 - a fixture
from tests.tickets.desk import BOTH, CLAIM_A, MARIA, Desk
from tickets import findings
from tickets.models import Claim, Document, DocumentValue, FileReading, Invoice, ReadingState
from tickets.requirements import RequirementState

INVOICE = """<p>S.C. INSTAL CONSTRUCT S.R.L.</p><p>CUI RO14399840</p><h1>DEVIZ DE REPARATIE</h1>
<p>FACTURA nr. 2231 din data 16.11.2026</p><p>TOTAL DE PLATA 2.915,50 lei</p>"""


def invoice() -> bytes:
    import weasyprint  # heavy: only here a PDF of words is made

    made: bytes = weasyprint.HTML(string=INVOICE).write_pdf()
    return made


def mail_with(tmp_path: Path, content: bytes, *, name: str = "doc.pdf", kind: str = "application/pdf") -> Path:
    message = EmailMessage()
    message["From"], message["To"] = f"Maria Popescu <{MARIA}>", "claims@example.ro"
    message["Subject"], message["Message-ID"] = f"{CLAIM_A} atasat", "<doc-1@example.ro>"
    message["Date"] = "Mon, 23 Nov 2026 10:00:00 +0200"
    message.set_content("Buna ziua, va trimit atasat.")
    main, _, sub = kind.partition("/")
    message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    path = tmp_path / "mail.eml"
    path.write_bytes(message.as_bytes())
    return path


@pytest.fixture
def asked(app: App) -> App:  # noqa: F811 - the fixture
    desk.ask(app, CLAIM_A, only=BOTH)
    Desk(app.store, app.office).deliver()
    return app


def test_attachment_that_nobody_named_brings_what_its_content_says(asked: App, tmp_path: Path) -> None:
    running.hand_in(asked, mail_with(tmp_path, invoice()), "claims-mail")
    tickets = Desk(asked.store, asked.office)
    assert tickets.state("repair_estimate") is RequirementState.ASKED  # filed, and not read yet

    assert documents.read_all(asked) == 1

    assert tickets.state("repair_estimate") is RequirementState.RECEIVED
    with asked.store.reading() as session:
        document = session.scalars(select(Document).where(Document.requirement_id.is_not(None))).one()
        total = session.scalars(select(DocumentValue).where(DocumentValue.name == "total")).first()
        assert document.state == "proposed"
        assert document.kind in ("estimate", "invoice")
        assert total is not None
        assert (total.value, total.page) == ("291550", 1)
        assert total.x is not None


def test_what_a_file_says_is_evaluated_when_it_is_read(asked: App, tmp_path: Path) -> None:
    running.hand_in(asked, mail_with(tmp_path, invoice()), "claims-mail")
    with asked.store.reading() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        before = {(row.code, row.subject) for row in findings.kept(session, claim)}
    documents.read_all(asked)
    with asked.store.reading() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        kept = {(row.code, row.subject) for row in findings.kept(session, claim)}
        fresh = findings.evaluated(session, asked.office, [claim], now=asked.clock())[claim.id].findings

    assert kept == {each.key for each in fresh}
    assert kept != before


def test_accepted_document_keeps_its_invoice_for_finding_it_elsewhere(asked: App, tmp_path: Path) -> None:
    running.hand_in(asked, mail_with(tmp_path, invoice()), "claims-mail")
    documents.read_all(asked)
    with asked.store.reading() as session:
        document = session.scalars(select(Document).where(Document.requirement_id.is_not(None))).one().id

    desk.accept(asked, CLAIM_A, "repair_estimate", staff=ana(asked), document_id=document)

    with asked.store.reading() as session:
        kept = session.scalars(select(Invoice).where(Invoice.number_norm == "2231")).one()
        assert (kept.issuer_tax_id, kept.total_minor, kept.document_id) == ("14399840", 291550, document)


def test_file_that_cannot_be_read_is_given_up_and_holds_up_nothing(asked: App, tmp_path: Path) -> None:
    running.hand_in(asked, mail_with(tmp_path, b"%PDF-1.4 broken"), "claims-mail")

    assert documents.read_all(asked) == 0
    assert documents.read_all(asked) == 0

    with asked.store.reading() as session:
        reading = session.scalars(select(FileReading)).one()
        assert reading.state is ReadingState.UNREADABLE
        assert reading.error
    assert poller.quarantined(asked) == 0


def test_scan_states_its_values_and_where_they_stand_without_a_second_look(asked: App) -> None:
    words = f"Dosar {CLAIM_A}\n\nINSTAL CONSTRUCT SRL\nFACTURA nr. 2231 din 16.11.2026\nTOTAL DE PLATA 2.915,50 lei"
    scan = channels.letter.read(letters.pdf([letters.scan(Sheet(text=words, point=14))]))

    Desk(asked.store, asked.office).file(scan)

    assert documents.read_all(asked) == 0
    with asked.store.reading() as session:
        total = session.scalars(select(DocumentValue).where(DocumentValue.name == "total")).first()
        reading = session.scalars(select(FileReading)).one()
        assert reading.state is ReadingState.READ
        assert total is not None
        assert (total.value, total.page, total.x is not None) == ("291550", 1, True)


def test_mail_without_files_queues_nothing(asked: App, tmp_path: Path) -> None:
    plain = EmailMessage()
    plain["From"], plain["Message-ID"] = MARIA, "<plain@example.ro>"
    plain.set_content("Buna ziua")
    path = tmp_path / "plain.eml"
    path.write_bytes(plain.as_bytes())

    running.hand_in(asked, path, "claims-mail")

    with asked.store.reading() as session:
        assert session.scalars(select(FileReading)).all() == []
