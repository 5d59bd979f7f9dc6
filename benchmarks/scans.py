"""`python -m benchmarks scans`: seconds a page that reading a scan takes, beside the engine alone on the same pages.

    python -m benchmarks scans [--rounds 1] [--json]

Warm, on one core, in processor time. The mix is that of a mail room: nine in ten are clean letters, the others grainy,
blurred or fed the wrong way round, or photographed receipts. The engine alone decodes the same file and reads it once:
Tesseract print, in the page's own language, and RapidOCR photographs. Word recall stands beside it, since time is
easily saved by reading less. The aim: at most 1.3 times the engine.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import process_time
from typing import Any

from PIL import Image
from rich.console import Console
from rich.table import Table

from channels.letter import ocr, pages, reading
from channels.letter.engines import Recognised
from inbox.demo import letters
from inbox.demo.letters import Sheet

MOST_RATIO = 1.3
_LANGUAGES = ("ro", "en")
_WORDS = {
    "ro": (
        "Vă trimit alăturat adeverința de la asociația de proprietari și factura instalatorului pentru avaria din luna "
        "trecută. Apa a curs din apartamentul de deasupra și a distrus parchetul din sufragerie și tavanul din baie. "
        "Paguba este de 2.450,00 lei, așa cum reiese din devizul atașat. Vecinul și-a recunoscut vina în scris. "
        "Vă rog să îmi comunicați stadiul dosarului și data la care voi primi despăgubirea în contul meu."
    ),
    "en": (
        "Please find enclosed the statement of the owners' association and the invoice of the plumber for the water "
        "damage of last month. The water came from the flat above and ruined the floor of the living room. The total "
        "amount is 2,450.00 lei, as the enclosed estimate shows. My neighbour has admitted his fault in writing. "
        "I would be grateful if you could let me know when the payment will reach my account."
    ),
}
_RECEIPT = """CASA MESTERULUI SRL
Str. Fabricii nr. 12, Cluj-Napoca
PARCHET STEJAR
4 x 189.90      759.60
CHIT ROSTURI
2 x 24.50        49.00
MANOPERA
1 x 350.00      350.00
TOTAL LEI      1158.60
DATA 14/11/2026  16:42
BON FISCAL 0417"""
_LETTER = Sheet(noise=6)
_PHOTOGRAPH = Sheet(text=_RECEIPT, point=8, dpi=220, paper_mm=(80, 90), shadow=0.6, blur=0.7, noise=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One scanned page, what stands on it, and how the engine alone reads it."""

    kind: str
    raw: bytes
    words: str
    alone: Callable[[Image.Image], Recognised]


@dataclass(slots=True, kw_only=True)
class Cost:
    """What the pages of one kind took, and how many of their words were read."""

    pages: int = 0
    alone: float = 0.0
    ours: float = 0.0
    alone_recall: float = 0.0
    our_recall: float = 0.0

    def add(self, other: "Cost") -> None:
        """Put another one's figures to these."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say with the exit code whether the aim is met (1: it is not)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scans", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    given = parser.parse_args(arguments)
    costs = _measured(list(_scans()), given.rounds)
    told = {kind: _told(cost) for kind, cost in costs.items()}
    if given.json:
        print(json.dumps(told))
    else:
        Console(highlight=False).print(_table(told))
    return 0 if told["all"]["ratio"] <= MOST_RATIO else 1


def _scans() -> Iterator[Scan]:
    recogniser = ocr.recogniser(_LANGUAGES)
    tesseract, rapid = recogniser.tesseract, recogniser.rapid
    if tesseract is None or rapid is None:
        raise SystemExit("this needs both engines: install the extras tesseract and ocr")

    def scan(kind: str, sheet: Sheet, language: str, seed: int) -> Scan:
        engine = rapid if kind == "photograph" else tesseract
        page = letters.scan(sheet, seed=seed)
        raw = letters.jpeg(page) if kind == "photograph" else letters.pdf([page], dpi=sheet.dpi)
        return Scan(kind=kind, raw=raw, words=sheet.text, alone=lambda picture: engine.read(picture, language))

    for seed, (language, dpi, tilt) in enumerate(
        [("ro", 200, 0.0), ("ro", 300, 0.8), ("ro", 200, -1.2), ("ro", 300, 0.0), ("en", 200, 0.4), ("en", 300, 0.0),
         ("ro", 200, 0.3), ("en", 200, -0.6), ("ro", 300, -0.3)] * 4
    ):  # fmt: skip
        yield scan("clean letter", replace(_LETTER, text=_text(language), dpi=dpi, tilt=tilt), language, seed)
    hard = replace(_LETTER, text=_text("ro"))
    yield scan("difficult letter", replace(hard, noise=30, tilt=2.0), "ro", 20)
    yield scan("difficult letter", replace(hard, quarter_turns=2), "ro", 21)
    yield scan("difficult letter", replace(hard, blur=1.2, noise=14), "ro", 22)
    yield scan("photograph", _PHOTOGRAPH, "ro", 30)
    yield scan("photograph", replace(_PHOTOGRAPH, tilt=4.0), "ro", 31)


def _text(language: str) -> str:
    """A page of lines as long as a letter's."""
    words, lines = _WORDS[language].split() * 4, [""]
    for word in words:
        if len(lines[-1]) + len(word) > 68:  # noqa: PLR2004 - characters that fit on a line
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def _measured(scans: Sequence[Scan], rounds: int) -> dict[str, Cost]:
    """Measure each page alone and ours in turn, so that a busy machine slows both."""
    for scan in (scans[0], scans[-1]):
        _cost(scan)  # loads engines
    costs = {kind: Cost() for kind in (*dict.fromkeys(scan.kind for scan in scans), "all")}
    for scan in [each for each in scans for _ in range(rounds)]:
        cost = _cost(scan)
        costs[scan.kind].add(cost)
        costs["all"].add(cost)
    return costs


def _cost(scan: Scan) -> Cost:
    began = process_time()
    [page] = pages.read(scan.raw)
    alone = scan.alone(page.image).text
    between = process_time()
    ours = reading.read(scan.raw).text
    return Cost(
        pages=1, alone=between - began, ours=process_time() - between,
        alone_recall=_recall(scan.words, alone), our_recall=_recall(scan.words, ours),
    )  # fmt: skip


def _recall(expected: str, read: str) -> float:
    wanted, got = Counter(expected.split()), Counter(read.split())
    return sum((wanted & got).values()) / wanted.total()


def _told(cost: Cost) -> dict[str, Any]:
    return {
        "pages": cost.pages,
        "seconds_alone": cost.alone / cost.pages,
        "seconds": cost.ours / cost.pages,
        "ratio": cost.ours / cost.alone,
        "recall_alone": cost.alone_recall / cost.pages,
        "recall": cost.our_recall / cost.pages,
    }


def _table(told: dict[str, dict[str, Any]]) -> Table:
    table = Table(title=f"CPU seconds a scanned page (aim: {MOST_RATIO:g} times the engine alone, over all)")
    for heading in ("pages of", "number", "engine alone", "ours", "ratio", "recall alone", "recall"):
        table.add_column(heading, justify="left" if heading == "pages of" else "right")
    for kind, each in told.items():
        table.add_row(
            kind, str(each["pages"]), f"{each['seconds_alone']:.2f} s", f"{each['seconds']:.2f} s",
            f"{each['ratio']:.2f}", f"{each['recall_alone']:.3f}", f"{each['recall']:.3f}",
        )  # fmt: skip
    return table


if __name__ == "__main__":
    sys.exit(main())
