"""Tables for spreadsheets: no cell can act as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table with its header."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(columns)
    for row in rows:
        table.writerow(safe_cell(str(cell)) for cell in row)
    return written.getvalue()


def safe_cell(text: str) -> str:
    """Take a spreadsheet the wish to calculate with what a customer wrote."""
    acts = text.lstrip().startswith(("=", "+", "-", "@")) or text.startswith(("\t", "\r", "\n"))
    return f"'{text}" if acts else text
