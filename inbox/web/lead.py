"""The team lead's page: figures with plots that lead to the rows, and the same figures as CSV."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from fastapi import APIRouter
from starlette.responses import Response

from inbox.web import plots
from inbox.web.downloads import download
from inbox.web.plots import Bar
from inbox.web.visits import Visit, Visiting
from inbox.web.words import N_
from tickets import figures
from tickets.claim_types import load
from tickets.errors import UnknownReferenceError
from tickets.figures import Figures
from tickets.models import Role

router = APIRouter()
#: Who sees the team's figures.
LEADS = frozenset({Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR, Role.SENIOR_REPRESENTATIVE})


@router.get("/lead")
def show(visit: Visiting) -> Response:
    """What is pending, how fast, what is due, who holds what, which links held."""
    found = _figures(visit)
    say = visit.language.gettext
    return visit.page(
        "lead.html",
        figures=found,
        people=visit.names,
        ages=_ages(visit),
        plot_pending=plots.stacked(_bars(visit, found), say(N_("Pending claims by age"))),
        plot_reply=_reply(visit, found),
        plot_decision=plots.ranges(
            _decisions(visit, found), say(N_("Report to decision")), number=visit.language.decimal
        ),
        plot_due=plots.days(_days(visit, found), say(N_("Due in the next days"))),
        plot_links=_links(visit, found),
        evidence=_totals((each.evidence, each.linked, each.undone) for each in found.by_evidence),
        kinds=_totals((each.kind, each.confirmed, each.sure, each.right) for each in found.kinds),
    )


@router.get("/lead.csv")
def as_csv(visit: Visiting) -> Response:
    """The same figures as rows; no cell can be taken for a formula."""
    kept = io.StringIO()
    writer = csv.writer(kept)
    for row in _rows(visit, _figures(visit)):
        writer.writerow([plain(cell) for cell in row])
    return download(kept.getvalue().encode("utf-8-sig"), name="figures.csv", media_type="text/csv")


def plain(cell: object) -> str:
    """A cell that a spreadsheet takes for words or a number, never for a formula."""
    written = str(cell)
    is_number = written.replace(".", "", 1).replace("-", "", 1).isdigit()
    return f"'{written}" if written[:1] in "=+-@\t\r" and written and not is_number else written


def _figures(visit: Visit) -> Figures:
    if LEADS.isdisjoint(visit.staff.roles):
        raise UnknownReferenceError("the team's figures are for team leads")
    with visit.reading() as session:
        return figures.of_team(session, visit.app.office, now=visit.app.clock())


def _type(visit: Visit, name: str) -> str:
    known = load().claim_types.get(name)
    return re.split(r"[:(]", known.label(visit.language.code))[0].strip() if known else name


def _ages(visit: Visit) -> list[str]:
    say = visit.language.gettext
    spans = zip(figures.AGES, figures.AGES[1:], strict=False)
    over = say(N_("over"))
    return [*(f"{first}–{after - 1}" for first, after in spans), f"{over} {figures.AGES[-1] - 1}"]


def _bars(visit: Visit, found: Figures) -> list[Bar]:
    return [
        Bar(name=_type(visit, each.type), parts=each.by_age, href=f"/inbox/team?type={each.type}")
        for each in found.pending
    ]


def _decisions(visit: Visit, found: Figures) -> list[tuple[str, float, float]]:
    return [(_type(visit, each.key), each.median, each.p90) for each in found.to_decision]


def _days(visit: Visit, found: Figures) -> list[tuple[str, int, int, bool]]:
    return [(visit.language.column(each.day), each.by_law, each.own, each.working) for each in found.due]


def _reply(visit: Visit, found: Figures) -> str:
    points = [(each.key[5:], each.median, each.p90) for each in found.first_reply]
    say = visit.language.gettext
    return (
        plots.lines(
            points, say(N_("First reply")), names=(say(N_("median")), "p90"), unit="h", number=visit.language.decimal
        )
        if points
        else ""
    )


def _links(visit: Visit, found: Figures) -> str:
    points = [(visit.language.day_month(each.week), 100 * each.precision, 100.0) for each in found.links]
    say = visit.language.gettext
    label = say(N_("Automatic links that held"))
    return (
        plots.lines(
            points, label, names=(say(N_("held")), say(N_("all"))), unit="%", number=visit.language.decimal, wide=640
        )
        if points
        else ""
    )


def _totals(rows: Iterable[tuple[str, *tuple[int, ...]]]) -> list[tuple[str, tuple[int, ...]]]:
    """Add up the weeks of each name, the most frequent first."""
    totals: dict[str, tuple[int, ...]] = {}
    for name, *numbers in rows:
        held = totals.get(name, (0,) * len(numbers))
        totals[name] = tuple(map(sum, zip(held, numbers, strict=True)))
    return sorted(totals.items(), key=lambda each: (-each[1][0], each[0]))


def _rows(visit: Visit, found: Figures) -> Iterator[Iterable[object]]:
    yield ("figure", "of", *(f"days {age}" for age in _ages(visit)))
    for pending in found.pending:
        yield ("pending", pending.type, *pending.by_age)
    yield ("figure", "of", "median", "p90", "n")
    for name, spreads in (("first reply, hours", found.first_reply), ("report to decision, days", found.to_decision)):
        for each in spreads:
            yield (name, each.key, round(each.median, 2), round(each.p90, 2), each.number)
    yield ("figure", "of", "by law", "own rule")
    for due in found.due:
        yield ("due", due.day.isoformat(), due.by_law, due.own)
    yield ("figure", "of", "tickets", "due in 3 days", "waiting")
    names = visit.names
    for held in found.held:
        yield ("held by", names.get(held.staff_id or 0, ""), held.tickets, held.due, held.waiting)
    yield ("figure", "of", "linked", "undone", "by")
    for link in (*found.links, *found.by_evidence):
        yield ("automatic links", link.week.isoformat(), link.linked, link.undone, link.evidence)
    yield ("figure", "of", "confirmed", "sure", "right", "kind")
    for kind in found.kinds:
        yield ("kinds of messages", kind.week.isoformat(), kind.confirmed, kind.sure, kind.right, kind.kind)
    yield from _counts(found)


def _counts(found: Figures) -> Sequence[tuple[str, str, int]]:
    return (
        ("legal clocks breached", "", found.breached),
        ("decisions overturned", "", found.overturned),
        ("not reached", "", found.undelivered),
    )
