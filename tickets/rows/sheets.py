"""Sheets: the rows of a CSV or JSONL file by our column names, whatever its encoding, delimiter and headers."""

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tickets.errors import ImportFileError

_DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What files from this part of the world are written in, where it is not UTF-8, and the letters that names there have;
#: the first wins where both fit. (Measured: chardet takes "Ştefan Ţurcanu" for cp1252; the few letters of a list of
#: names are too little for it.) ISO-8859-2 has the Romanian and Hungarian letters where cp1250 has them.
_LEGACY = {
    "cp1250": frozenset("ăâîşţáéíóöőúüűäßçëĂÂÎŞŢÁÉÍÓÖŐÚÜŰÄÇË"),
    "cp1252": frozenset("àáâãäåæçèéêëíîïñóôõöøùúûüßÀÁÂÄÅÆÇÈÉÊËÍÎÏÑÓÔÖØÙÚÛÜ"),
}
_SAMPLE = 1_000_000  #: Bytes that are enough to tell.
_JSON_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What a file may say: our names, those it must have, and the headers that the configuration maps to them."""

    names: tuple[str, ...]
    needed: tuple[str, ...]
    mapping: Mapping[str, str] = field(default_factory=dict)

    def name(self, header: str) -> str | None:
        """Our name of a header, in any case; None for one we do not know."""
        header = header.strip()
        folded = {key.strip().casefold(): value for key, value in self.mapping.items()}
        meant = self.mapping.get(header) or folded.get(header.casefold()) or header.casefold()
        return meant if meant in self.names else None


@dataclass(slots=True)
class Sheet:
    """Rows as a spreadsheet numbers them (the header is row 1; a line of JSON is its own), and those that are none."""

    rows: list[tuple[int, dict[str, object]]] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)


def read(content: bytes, *, name: str, columns: Columns) -> Sheet:
    """Read a file; raises `ImportFileError` naming file and column if it cannot be read as a whole."""
    if unknown := sorted(set(columns.mapping.values()) - set(columns.names)):
        raise ImportFileError(f"{name}: the mapping names {unknown[0]!r}; our columns are {', '.join(columns.names)}")
    text = _decoded(content, name)
    if not text.strip():
        raise ImportFileError(f"{name}: is empty")
    if name.lower().endswith(_JSON_LINES) or text.lstrip().startswith("{"):
        return _json_lines(text, name, columns)
    return _table(text, name, columns)


# --- encodings


def _decoded(content: bytes, name: str) -> str:
    codec = next((codec for mark, codec in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        if codec != "utf-8" or _is_damaged_utf8(content):
            raise ImportFileError(f"{name}: is no {codec} from byte {error.start} on") from None
        text = content.decode(_guessed(content), errors="replace")
    if "\0" in text:
        raise ImportFileError(f"{name}: is no text; save it as CSV (UTF-8)")
    return text


def _is_damaged_utf8(content: bytes) -> bool:
    """Mostly well-formed sequences: a file cut or spoiled somewhere, not another encoding."""
    text = content.decode("utf-8", errors="replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    return sum(not character.isascii() for character in text) > 2 * broken


def _guessed(content: bytes) -> str:
    """The encoding in which most of the letters beyond ASCII are letters of names."""
    if any(content.count(byte) for byte in _UNDEFINED):
        return "iso-8859-2"
    return max(_LEGACY, key=lambda codec: _familiar(content[:_SAMPLE].decode(codec, errors="replace"), _LEGACY[codec]))


#: Bytes that cp1250 does not define.
_UNDEFINED = (b"\x81", b"\x83", b"\x88", b"\x90", b"\x98")


def _familiar(text: str, letters: frozenset[str]) -> int:
    return sum(character in letters for character in text)


# --- CSV


def _table(text: str, name: str, columns: Columns) -> Sheet:
    delimiter = max(_DELIMITERS, key=lambda each: _known_headers(text, each, columns))
    lines = _numbered(text, name, delimiter)
    header = next((cells for _, cells in lines if not _is_announcement(cells)), [])
    names = _names(header, name, columns)
    sheet = Sheet()
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(names) :]) or len(cells) < len(names):
            sheet.wrong.append((number, f"has {len(cells)} cells, the header has {len(names)}"))
        elif any(cell.strip() for our, cell in zip(names, cells, strict=False) if our is None):
            sheet.wrong.append((number, "has a cell under no header"))
        else:
            sheet.rows.append((number, {our: cell for our, cell in zip(names, cells, strict=False) if our}))
    return sheet


def _known_headers(text: str, delimiter: str, columns: Columns) -> tuple[int, int]:
    """How many headers this delimiter makes known, and how many cells it makes."""
    first = next(
        (cells for _, cells in _numbered(text, "", delimiter, lenient=True) if not _is_announcement(cells)), []
    )
    return sum(columns.name(cell) is not None for cell in first), len(first)


def _numbered(text: str, name: str, delimiter: str, *, lenient: bool = False) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=not lenient)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error as error:
        if not lenient:
            raise ImportFileError(f"{name}: row {number + 1}: {error}") from None


def _is_announcement(cells: Sequence[str]) -> bool:
    """A blank line, or Excel's `sep=;`."""
    return not any(cell.strip() for cell in cells) or cells[0].lower().startswith("sep=")


def _names(header: Sequence[str], name: str, columns: Columns) -> list[str | None]:
    names = [columns.name(cell) if cell.strip() else None for cell in header]
    for cell, our in zip(header, names, strict=True):
        if cell.strip() and our is None:
            raise ImportFileError(f"{name}: {_unknown(cell, columns)}")
    given = [our for our in names if our]
    if twice := sorted({our for our in given if given.count(our) > 1}):
        raise ImportFileError(f"{name}: two columns are {twice[0]}")
    if lacking := [our for our in columns.needed if our not in given]:
        raise ImportFileError(f"{name}: column {lacking[0]} is missing")
    return names


def _unknown(header: str, columns: Columns) -> str:
    return f"unknown column {header.strip()[:60]!r}; our columns are {', '.join(columns.names)}"


# --- JSONL


def _json_lines(text: str, name: str, columns: Columns) -> Sheet:
    sheet = Sheet()
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        row = _object(line)
        if row is None:
            sheet.wrong.append((number, "is no JSON object"))
        else:
            sheet.rows.append((number, dict(_renamed(row.items(), name, columns))))
    return sheet


def _object(line: str) -> dict[str, object] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _renamed(cells: Iterable[tuple[str, object]], name: str, columns: Columns) -> Iterator[tuple[str, object]]:
    for header, value in cells:
        our = columns.name(header)
        if our is None:
            raise ImportFileError(f"{name}: {_unknown(header, columns)}")
        yield our, value
