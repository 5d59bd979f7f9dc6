"""Payments to the bank and back: the file it takes, and the file that says what became of many payments at once."""

import re
from importlib import resources

import httpx
import pytest
from sqlalchemy import select
from xmlschema import XMLSchema

from inbox.web import bank_files
from tests.inbox.web.office import Browser, Pages
from tests.tickets.desk import CLAIM_A
from tickets.models import Claim, Event, Payment, PaymentState

HEADER = "claim;amount;state;paid_on;payment;reason"
PAID, BACK = f"{CLAIM_A}/P1", f"{CLAIM_A}/P2"
STATES = f"""{HEADER}
{CLAIM_A};100.00;paid;2026-11-24;{PAID};
{CLAIM_A};250.00;returned;;{BACK};cont închis
{CLAIM_A};99.00;paid;2026-11-24;{PAID};
CLM26-999999-99;10.00;paid;2026-11-24;;
{CLAIM_A};;paid;2026-11-24;{PAID};
""".encode()


@pytest.fixture
def elena(office: Pages) -> Browser:
    """The payments clerk's browser."""
    browser = office.browser()
    browser.enter(office, "elena@exemplu.example")
    return browser


@pytest.fixture
def sent(office: Pages) -> None:
    leave(office, PaymentState.SENT)


def leave(office: Pages, state: PaymentState) -> None:
    """Two payments of the claim that have come so far."""
    with office.app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        for once, amount in ((PAID, 10_000), (BACK, 25_000)):
            session.add(
                Payment(
                    claim=claim,
                    once=once,
                    state=state,
                    proposed_at=office.now,
                    payee="Maria Popescu & fiii",
                    iban="RO14BTRL0130120567890012",
                    amount_minor=amount,
                )
            )


def states(office: Pages) -> dict[str, PaymentState]:
    with office.app.store.reading() as session:
        return dict(session.execute(select(Payment.once, Payment.state)).all())


def brought(browser: Browser, content: bytes, *, csrf: str | None = None, name: str = "banca.csv") -> httpx.Response:
    fields = {"csrf": browser.csrf if csrf is None else csrf}
    answer: httpx.Response = browser.client.post(
        "/payments/bank", data=fields, files={"file": (name, content)}, headers={"origin": browser.origin}
    )
    return answer


def carried(page: str) -> dict[str, str]:
    """What the page's form stores."""
    return dict(re.findall(r'name="(name|content)" value="([^"]*)"', page))


@pytest.mark.usefixtures("sent")
def test_file_of_the_bank_is_looked_at_row_by_row_before_it_is_stored(office: Pages, elena: Browser) -> None:
    page = brought(elena, STATES).text
    assert "2 rânduri s-ar păstra, 3 rămân pe dinafară." in page
    for row, why in ((4, "Amount: plata are altă sumă"), (5, "Claim: nu există acest dosar"), (6, "")):
        assert re.search(rf"Rândul {row} .*{why}", page), (row, why)
    assert set(states(office).values()) == {PaymentState.SENT}

    done = elena.post("/payments/bank/apply", carried(page))

    assert "2 rânduri sunt păstrate, 3 rămân pe dinafară." in done.text
    assert states(office) == {PAID: PaymentState.CONFIRMED, BACK: PaymentState.RETURNED}
    assert "cont închis" in elena.get("/payments").text
    with office.app.store.reading() as session:
        actors = session.scalars(select(Event.actor).where(Event.kind.in_(["payment.confirmed", "payment.returned"])))
        assert set(actors) == {f"staff:{office.staff('elena@exemplu.example').id}"}


@pytest.mark.usefixtures("sent")
def test_file_without_a_wrong_row_leads_back_to_the_register_and_twice_changes_nothing(
    office: Pages, elena: Browser
) -> None:
    content = "\n".join(STATES.decode().splitlines()[:3]).encode()
    fields = carried(brought(elena, content).text)

    answers = [elena.post("/payments/bank/apply", fields) for _ in range(2)]

    assert [each.status_code for each in answers] == [303, 303]
    assert states(office) == {PAID: PaymentState.CONFIRMED, BACK: PaymentState.RETURNED}
    with office.app.store.reading() as session:
        assert len(session.scalars(select(Event).where(Event.kind == "payment.confirmed")).all()) == 1


def test_money_that_came_back_is_not_paid_by_a_later_row_and_the_other_rows_are_stored(
    office: Pages, elena: Browser
) -> None:
    leave(office, PaymentState.SENT)
    rows = [f"{CLAIM_A};250.00;returned;;{BACK};", f"{CLAIM_A};250.00;paid;2026-11-24;{BACK};"]
    rows.append(f"{CLAIM_A};100.00;paid;2026-11-24;{PAID};")
    page = brought(elena, "\n".join([HEADER, *rows]).encode()).text

    assert "2 rânduri s-ar păstra, 1 rămâne pe dinafară." in page
    assert "State: plata s-a întors" in page
    elena.post("/payments/bank/apply", carried(page))
    assert states(office) == {PAID: PaymentState.CONFIRMED, BACK: PaymentState.RETURNED}


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b"colour;size\nred;1\n",
        b"%PDF-1.7 x",
        b'{"claim": ',
        b"x" * (bank_files.MOST_BYTES + 1),
    ],
    ids=["empty", "bytes", "other-columns", "pdf", "cut", "large"],
)
def test_file_that_is_none_of_the_banks_is_refused_with_a_reason(office: Pages, elena: Browser, content: bytes) -> None:
    answer = brought(elena, content)

    assert not carried(answer.text).get("content")
    assert states(office) == {PAID: PaymentState.SENT, BACK: PaymentState.SENT}
    assert answer.status_code in (200, 409)


def test_markup_in_a_file_is_shown_as_it_is(elena: Browser) -> None:
    page = brought(elena, f"{HEADER}\n<b>x</b>;1.00;paid;;;\n".encode(), name="<i>a</i>.csv").text
    assert "<b>x</b>" not in page
    assert "<i>a</i>" not in page
    assert "&lt;b&gt;x" in page


@pytest.mark.usefixtures("sent")
def test_only_who_deals_with_the_bank_brings_its_file(office: Pages, ana: Browser, elena: Browser) -> None:
    assert brought(ana, STATES).status_code == 409
    assert "/payments/bank" not in ana.get("/payments").text
    assert brought(elena, STATES, csrf="another").status_code == 403
    assert ana.post("/payments/bank/apply", carried(brought(elena, STATES).text)).status_code == 409
    assert elena.post("/payments/bank/apply", {"content": "é"}).status_code == 409
    assert elena.post("/payments/bank/apply", {}).status_code == 409
    assert set(states(office).values()) == {PaymentState.SENT}


def test_file_for_the_bank_from_the_page_is_valid_by_the_published_schema(office: Pages, elena: Browser) -> None:
    leave(office, PaymentState.RELEASED)
    assert elena.post("/payments/file", {"form": "pain.001"}).status_code == 303
    path = re.search(r'href="(/payments/files/[^"]+)"', elena.get("/payments").text)
    assert path is not None

    file = elena.get(path[1])

    XMLSchema(str(resources.files("sepaxml") / "schemas" / "pain.001.001.09.xsd")).validate(file.text)
    assert ".xml" in file.headers["content-disposition"]
    assert re.findall(r"<EndToEndId>([^<]+)<", file.text) == [PAID, BACK]
    assert "<CtrlSum>350.00</CtrlSum>" in file.text
    assert set(states(office).values()) == {PaymentState.SENT}


def test_status_report_of_the_bank_is_looked_at_and_stored(office: Pages, elena: Browser, sent: None) -> None:
    report = (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><OrgnlPmtInfAndSts>'
        f"<TxInfAndSts><OrgnlEndToEndId>{BACK}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>"
        '<OrgnlTxRef><Amt><InstdAmt Ccy="RON">250.00</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>'
        "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()
    page = brought(elena, report, name="banca.xml").text
    content = re.search(r'name="content" value="([^"]+)"', page)
    assert content is not None
    assert states(office)[BACK] is PaymentState.SENT

    elena.post("/payments/bank/apply", {"name": "banca.xml", "content": content[1]})

    assert states(office) == {PAID: PaymentState.SENT, BACK: PaymentState.RETURNED}
