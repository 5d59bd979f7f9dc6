"""Payment files: ISO 20022 credit transfers (pain.001.001.09) and a plain table, from payments as plain data.

Euro payments are marked as SEPA; lei and other currencies leave as ordinary credit transfers of the same message.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from xml.etree import ElementTree as ET

from tickets import tables
from tickets.office import Payer

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
#: What a bank takes in names and texts (EPC 217-08); everything else becomes a blank.
_NOT_TAKEN = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]+")
#: Latin letters that are no letter with a mark, and signs that have a plain twin.
_WRITTEN_AS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H", "ı": "i",
     "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH", "’": "'", "‘": "'",
     "–": "-", "—": "-", "‐": "-", "‑": "-", "&": "+"}
)  # fmt: skip
_NAME, _TEXT = 70, 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One payment as a bank needs it."""

    reference: str  #: End to end: comes back with its state.
    payee: str
    iban: str
    amount_minor: int
    currency: str
    text: str


def pain001(name: str, transfers: Sequence[Transfer], *, payer: Payer, made_at: datetime, on: date) -> bytes:
    """One file; the same transfers give the same bytes. `name` is the message id, at most 35 characters."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(f"{{{NAMESPACE}}}Document")
    initiation = _sub(root, "CstmrCdtTrfInitn")
    header = _sub(initiation, "GrpHdr")
    _sub(header, "MsgId", name)
    _sub(header, "CreDtTm", made_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _totals(header, transfers)
    _sub(_sub(header, "InitgPty"), "Nm", _taken(payer.name, _NAME))
    ordered = sorted(transfers, key=lambda each: (each.currency, each.reference))
    for currency, group in groupby(ordered, key=lambda each: each.currency):
        _batch(initiation, f"{name}-{currency}"[-35:], list(group), payer=payer, on=on)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _batch(parent: ET.Element, name: str, transfers: Sequence[Transfer], *, payer: Payer, on: date) -> None:
    batch = _sub(parent, "PmtInf")
    _sub(batch, "PmtInfId", name)
    _sub(batch, "PmtMtd", "TRF")
    _totals(batch, transfers)
    if transfers[0].currency == "EUR":
        _sub(_sub(_sub(batch, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _sub(_sub(batch, "ReqdExctnDt"), "Dt", on.isoformat())
    _sub(_sub(batch, "Dbtr"), "Nm", _taken(payer.name, _NAME))
    _account(batch, "DbtrAcct", payer.iban)
    agent = _sub(_sub(batch, "DbtrAgt"), "FinInstnId")
    if payer.bic:
        _sub(agent, "BICFI", payer.bic)
    else:
        _sub(_sub(agent, "Othr"), "Id", "NOTPROVIDED")
    _sub(batch, "ChrgBr", "SLEV")
    for transfer in transfers:
        _transfer(batch, transfer)


def _transfer(batch: ET.Element, transfer: Transfer) -> None:
    one = _sub(batch, "CdtTrfTxInf")
    ids = _sub(one, "PmtId")
    _sub(ids, "InstrId", transfer.reference[:35])
    _sub(ids, "EndToEndId", transfer.reference[:35])
    _sub(_sub(one, "Amt"), "InstdAmt", _decimal(transfer.amount_minor)).set("Ccy", transfer.currency)
    _sub(_sub(one, "Cdtr"), "Nm", _taken(transfer.payee, _NAME))
    _account(one, "CdtrAcct", transfer.iban)
    _sub(_sub(one, "RmtInf"), "Ustrd", _taken(transfer.text, _TEXT))


def _account(parent: ET.Element, tag: str, iban: str) -> None:
    _sub(_sub(_sub(parent, tag), "Id"), "IBAN", iban)


def _totals(parent: ET.Element, transfers: Sequence[Transfer]) -> None:
    _sub(parent, "NbOfTxs", str(len(transfers)))
    _sub(parent, "CtrlSum", _decimal(sum(each.amount_minor for each in transfers)))


def _sub(parent: ET.Element, tag: str, text: str = "") -> ET.Element:
    child = ET.SubElement(parent, f"{{{NAMESPACE}}}{tag}")
    child.text = text or None
    return child


def _decimal(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _taken(text: str, most: int) -> str:
    """Latin letters without marks; never empty."""
    letters = unicodedata.normalize("NFKD", text.translate(_WRITTEN_AS))
    plain = "".join(each for each in letters if not unicodedata.combining(each))
    return " ".join(_NOT_TAKEN.sub(" ", plain).split())[:most].strip() or "NOTPROVIDED"


def as_csv(transfers: Iterable[Transfer]) -> bytes:
    """The same payments as a table."""
    rows = (
        (each.reference, each.payee, each.iban, _decimal(each.amount_minor), each.currency, each.text)
        for each in transfers
    )
    columns = ("payment", "payee", "iban", "amount", "currency", "text")
    return tables.as_csv(columns, rows).encode("utf-8-sig")
