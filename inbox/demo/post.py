"""The letters of the demo: pages drawn as a mail room would scan them - tilted, grainy, stamped, in stacks."""

from collections.abc import Iterator
from dataclasses import dataclass

from inbox.demo.known import Known
from inbox.demo.letters import Sheet, jpeg, pdf, scan

_DPI = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One file the scanner puts into its folder, and the words by which the demo's table speaks of it."""

    title: str
    name: str
    raw: bytes


def scans(known: Known) -> Iterator[Scan]:
    """Every letter of the demo."""
    yield _one_page(
        "Part 3 of 3 (ro): a tilted letter with the repair estimate, our reference in its words",
        "scan-0001.pdf",
        Sheet(
            text="DEVIZ DE REPARAȚIE\n\nDosar de daună: CLM26-000101-17\nMaria Dobrescu, București\n\n"
            "Înlocuit parchet laminat 14 mp    3.850,00 lei\nZugrăvit tavan bucătărie         1.250,00 lei\n"
            "Manoperă                         1.300,00 lei\nValoare totală                   6.400,00 lei",
            tilt=2.3,
            noise=14,
            stamp=f"REGISTRATURĂ\nINTRAT {known.today:%d.%m.%Y}",
            dpi=_DPI,
        ),
    )
    yield _one_page(
        "Paper only (ro): our own slip with its code comes back with the fire service's report",
        "scan-0002.pdf",
        Sheet(
            text="Detașamentul de Pompieri Câmpina\nPROCES-VERBAL DE INTERVENȚIE\n\n"
            "Incendiu la anexa gospodărească,\nproprietar Oprea Vasile.",
            code="CLM26-000107-96/R1",
            tilt=-1.4,
            noise=10,
            dpi=_DPI,
        ),
    )
    yield Scan(title="A stack of three pages (ro), our code on the middle one", name="scan-0003.pdf", raw=_stack())
    yield _one_page(
        "A letter (en) without any number of ours",
        "scan-0004.pdf",
        Sheet(
            text="Dear Sir or Madam,\n\nplease tell me which papers you need\nfor a travel claim.\n\n"
            "Yours sincerely,\nArthur Bell",
            noise=22,
            tilt=0.8,
            dpi=_DPI,
        ),
    )
    crooked = Sheet(
        text="Dear claims team,\n\nclaim CLM26-000105-05\nhere are the photos of my car.\n\nJohn Whitfield",
        tilt=-2.0,
        noise=9,
        blur=0.5,
        dpi=_DPI,
    )
    yield Scan(
        title="A letter (en) photographed with a telephone, askew and a little out of focus",
        name="photo-0005.jpg",
        raw=jpeg(scan(crooked, seed=5), dpi=_DPI),
    )


def _one_page(title: str, name: str, sheet: Sheet) -> Scan:
    return Scan(title=title, name=name, raw=pdf([scan(sheet, seed=len(title))], dpi=sheet.dpi))


def _stack() -> bytes:
    pages = (
        Sheet(text="INSPECTORATUL DE POLIȚIE\nPROCES-VERBAL\n\nFurt din locuință, Pavel Ioana", noise=12, dpi=_DPI),
        Sheet(text="Talon de răspuns", code="CLM26-000104-08/R1", tilt=1.1, noise=12, dpi=_DPI),
        Sheet(text="EXTRAS DE CARTE FUNCIARĂ\n\nProprietar: Pavel Ioana\nImobil: Str. Mărului 21", noise=12, dpi=_DPI),
    )
    return pdf([scan(page, seed=number) for number, page in enumerate(pages)], dpi=_DPI)
