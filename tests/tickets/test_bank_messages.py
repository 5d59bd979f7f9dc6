"""Messages of a bank: what became of our payments is told as rows; all else is passed over or refused."""

import pytest

from tickets.errors import ImportFileError
from tickets.rows.bank_messages import is_one, read

ONCE = "CLM26-004711-58/P1"
NS = "urn:iso:std:iso:20022:tech:xsd:"


def report(status: str, *, reason: str = "", once: str = ONCE) -> bytes:
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    return (
        f'<Document xmlns="{NS}pain.002.001.10"><CstmrPmtStsRpt><OrgnlPmtInfAndSts><TxInfAndSts>'
        f"<OrgnlEndToEndId>{once}</OrgnlEndToEndId><TxSts>{status}</TxSts>{why}"
        "<AccptncDtTm>2026-11-24T10:00:00</AccptncDtTm>"
        '<OrgnlTxRef><Amt><InstdAmt Ccy="RON">100.00</InstdAmt></Amt></OrgnlTxRef>'
        "</TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()


def booking(way: str, *, state: str = "<Cd>BOOK</Cd>", once: str = ONCE, back: str = "") -> bytes:
    returned = f"<RtrInf><Rsn><Cd>{back}</Cd></Rsn></RtrInf>" if back else ""
    return (
        f'<?xml version="1.0"?><Document xmlns="{NS}camt.054.001.08"><BkToCstmrDbtCdtNtfctn><Ntfctn><Ntry>'
        f'<Amt Ccy="RON">100.00</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts>{state}</Sts>'
        "<BookgDt><Dt>2026-11-25</Dt></BookgDt><NtryDtls><TxDtls>"
        f'<Refs><EndToEndId>{once}</EndToEndId></Refs><Amt Ccy="RON">100.00</Amt>{returned}'
        "</TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


WHAT = {"claim": "CLM26-004711-58", "payment": ONCE, "amount": "100.00", "currency": "RON"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (report("ACSC"), {"state": "paid", "paid_on": "2026-11-24", "reason": ""}),
        (report("RJCT", reason="AC04"), {"state": "returned", "paid_on": "", "reason": "AC04"}),
        (booking("DBIT"), {"state": "paid", "paid_on": "2026-11-25"}),
        (booking("DBIT", state="BOOK"), {"state": "paid", "paid_on": "2026-11-25"}),
        (booking("CRDT", back="AC04"), {"state": "returned", "reason": "AC04"}),
    ],
)
def test_what_became_of_a_payment_is_one_row(content: bytes, said: dict[str, str]) -> None:
    assert is_one(content)
    assert read(content, name="bank.xml").rows == [(1, WHAT | said)]


@pytest.mark.parametrize(
    "content",
    [
        report("PDNG"), report("ACCP"), report("ACSC", once="NOTPROVIDED"), booking("DBIT", state="<Cd>PDNG</Cd>"),
        booking("CRDT", once="FACT 12"),
    ],
)  # fmt: skip
def test_what_is_not_settled_or_not_ours_is_passed_over(content: bytes) -> None:
    assert read(content, name="bank.xml").rows == []


@pytest.mark.parametrize(
    "content",
    [
        b"<", b"<a></b>", b"<Document/>", b"<Document><Other/></Document>", b'<?xml version="1.0" encoding="x"?><a/>',
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY b "c">]><a><CstmrPmtStsRpt>&b;</CstmrPmtStsRpt></a>'.encode("utf-16-le"),
    ],
)  # fmt: skip
def test_any_other_xml_is_refused_as_a_whole(content: bytes) -> None:
    with pytest.raises(ImportFileError, match=r"bank\.xml"):
        read(content, name="bank.xml")


def test_table_is_no_message() -> None:
    assert not is_one(b"claim,amount\n")
