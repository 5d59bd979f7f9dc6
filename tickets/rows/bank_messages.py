"""Messages of a bank in ISO 20022: what became of our payments (pain.002), what was booked (camt.053, camt.054)."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from tickets.errors import ImportFileError
from tickets.rows.sheets import Sheet

#: Of a status report: the money has left, or was refused; every other status says that nothing is certain yet.
_SETTLED, _REFUSED = frozenset({"ACSC", "ACCC"}), frozenset({"RJCT", "CANC"})
_REPORT, _BOOKED = "CstmrPmtStsRpt", ("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn")
_TEXT = ".//{*}"

Row = dict[str, object]


def is_one(content: bytes) -> bool:
    """Whether a file is XML, by its first mark."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def read(content: bytes, *, name: str) -> Sheet:
    """The rows of `import payments`, numbered as they stand; what is not about our payments is passed over.

    Raises `ImportFileError` for a file that is none of these messages.
    """
    if b"\0" in content or b"<!DOCTYPE" in content or b"<!ENTITY" in content:  # in UTF-16 the words would not show
        raise ImportFileError(f"{name}: a bank's message is UTF-8 and declares no document type")
    try:
        root = ET.fromstring(content)  # noqa: S314 - no declarations (above); expat limits the rest
    except (ET.ParseError, LookupError, ValueError) as error:
        raise ImportFileError(f"{name}: is not well-formed XML") from error
    message = next((each.tag.rpartition("}")[2] for each in root), "")
    if message == _REPORT:
        found = _reported(root)
    elif message in _BOOKED:
        found = _booked(root)
    else:
        raise ImportFileError(f"{name}: is neither pain.002, camt.053 nor camt.054")
    return Sheet(rows=[(number, row) for number, row in enumerate(found, 1) if row])


def _reported(root: ET.Element) -> Iterator[Row]:
    for each in root.iterfind(f"{_TEXT}TxInfAndSts"):
        status = _said(each, "{*}TxSts")
        state = "paid" if status in _SETTLED else "returned" if status in _REFUSED else ""
        row = _row(each, "{*}OrgnlEndToEndId", "{*}OrgnlTxRef/{*}Amt/{*}InstdAmt")
        if row and state:
            day = _said(each, "{*}AccptncDtTm")[:10]
            yield row | {
                "state": state,
                "paid_on": day if state == "paid" else "",
                "reason": _why(each, "{*}StsRsnInf"),
            }
        else:
            yield {}


def _booked(root: ET.Element) -> Iterator[Row]:
    """Money that left is paid on the day of booking; ours that came back is returned."""
    for entry in root.iterfind(f"{_TEXT}Ntry"):
        is_booked = (_said(entry, "{*}Sts/{*}Cd") or _said(entry, "{*}Sts")) == "BOOK"
        day = _said(entry, "{*}BookgDt/{*}Dt") or _said(entry, "{*}BookgDt/{*}DtTm")[:10]
        for each in entry.iterfind("{*}NtryDtls/{*}TxDtls"):
            row = _row(each, "{*}Refs/{*}EndToEndId", "{*}AmtDtls/{*}TxAmt/{*}Amt", "{*}Amt")
            way = _said(each, "{*}CdtDbtInd") or _said(entry, "{*}CdtDbtInd")
            if not row or not is_booked:
                yield {}
            elif way == "DBIT":
                yield row | {"state": "paid", "paid_on": day}
            else:
                yield row | {"state": "returned", "reason": _why(each, "{*}RtrInf")}


def _row(node: ET.Element, reference: str, *amounts: str) -> Row:
    """Claim, payment and amount; empty if the reference is none of ours."""
    once = _said(node, reference)
    claim, mark, _ = once.rpartition("/P")
    if not mark:
        return {}
    amount = next((found for path in amounts if (found := node.find(path)) is not None), None)
    row: Row = {"claim": claim, "payment": once}
    if amount is not None:
        row |= {"amount": (amount.text or "").strip(), "currency": amount.get("Ccy", "")}
    return row


def _why(node: ET.Element, path: str) -> str:
    """The bank's code for why, else its own words."""
    reason = node.find(path)
    if reason is None:
        return ""
    return _said(reason, "{*}Rsn/{*}Cd") or _said(reason, "{*}Rsn/{*}Prtry") or _said(reason, "{*}AddtlInf")


def _said(node: ET.Element, path: str) -> str:
    return (node.findtext(path) or "").strip()[:140]
