"""The lists: views of the shared inbox, page by page, and where a visit begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from fastapi import APIRouter
from starlette.responses import Response

from inbox.web.language import Language
from inbox.web.visits import Narrowed, Visit, Visiting, go, number
from inbox.web.words import N_
from tickets import listed, queue, work
from tickets.listed import Place, Row
from tickets.models import Staff
from tickets.queue import View

router = APIRouter()
PAGE, BY_CLOCK = 50, 75
_NEAR_DAYS = 7
_HERE = 2  #: People of whom a line shows that they look.


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The rows of one stretch of days."""

    name: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of a view."""

    narrowed: Narrowed
    after: str  #: Where this page begins, as it stands in its address; "" for the first.
    groups: Sequence[Group] = ()
    older: str | None = None  #: Where the next one begins.
    names: Mapping[int, str] = field(default_factory=dict)
    present: Mapping[int, Sequence[int]] = field(default_factory=dict)  #: Who else has each ticket open.
    is_cut: bool = False  #: There are more than a list by clocks shows.

    @property
    def view(self) -> View:
        """The view it is a page of."""
        return self.narrowed.view

    @property
    def narrow(self) -> str:
        """What narrows the view, as it stands in an address."""
        return self.narrowed.query

    @property
    def query(self) -> str:
        """What keeps this page beside a ticket."""
        return "&".join(filter(None, (f"view={self.view}", self.after and f"after={self.after}", self.narrow)))

    @property
    def more(self) -> str:
        """What stands behind the address of every page of this list."""
        return f"&{self.narrow}" if self.narrow else ""

    def here(self, row: Row) -> tuple[str, ...]:
        """Who else has the ticket of a line open, as far as there is room for them."""
        return tuple(self.names.get(each, "?") for each in self.present.get(row.ticket_id, ())[:_HERE])

    def owner(self, row: Row, staff: Staff) -> str:
        """Whose the ticket of a line is, unless nobody's or one's own."""
        return self.names.get(row.owner_id, "?") if row.owner_id and row.owner_id != staff.id else ""


@router.get("/")
def begin(visit: Visiting) -> Response:
    """Go to what waits for oneself, else for the team."""
    with visit.reading() as session:
        counts = queue.counts(session, visit.looking)
    return go(f"/inbox/{View.MINE if counts[View.MINE] else View.TEAM}")


@router.get("/inbox/{view}")
def show(visit: Visiting, view: str, after: str = "", beside: str = "") -> Response:
    """One page of a view, alone; `beside` gives its rows as they stand beside a ticket."""
    words = dict(visit.request.query_params) | {"view": view}
    with visit.reading():
        return visit.page("list.html", listing=listing(visit, words, after), beside=bool(beside))


def listing(visit: Visit, words: Mapping[str, str], after: str = "") -> Listing:
    """Read one page of a view; `words` name and narrow it. Raises `UnknownReferenceError` for a view there is not."""
    narrowed = Narrowed.of(words)
    by_clock = narrowed.by_clock and not _place(after)
    limit = BY_CLOCK if by_clock else PAGE
    with visit.reading() as session:
        found = listed.rows(
            session, narrowed.view, visit.looking, only=narrowed.only, after=_place(after), by_clock=by_clock,
            limit=limit + 1,
        )  # fmt: skip
        present = work.present(session, now=visit.app.clock())
    shown = found[:limit]
    last = shown[-1].place if len(found) > limit and not by_clock else None
    group = by_due if by_clock else grouped
    return Listing(
        narrowed=narrowed,
        after=after if _place(after) else "",
        groups=group(shown, visit.language, visit.app.clock()),
        older=_mark(last) if last else None,
        names=visit.names,
        present={
            key: [each.staff_id for each in its if each.staff_id != visit.staff.id] for key, its in present.items()
        },
        is_cut=by_clock and len(found) > limit,
    )


def unlisted(words: Mapping[str, str], after: str = "") -> Listing:
    """The same page without its rows: where a ticket that is shown alone leads back to."""
    return Listing(narrowed=Narrowed.of(words), after=after if _place(after) else "")


def by_due(rows: Sequence[Row], language: Language, now: datetime) -> list[Group]:
    """The rows by when their next clock ends, in the order they come."""
    today = language.local(now).date()

    def name(row: Row) -> str:
        if row.clock is None or row.clock.due_on > today + timedelta(days=queue.DUE_DAYS):
            return N_("Later")
        if row.clock.due_on < today:
            return N_("Late")
        return N_("Due today") if row.clock.due_on == today else N_("Next 3 days")

    return [Group(name=language.gettext(key), rows=list(its)) for key, its in groupby(rows, key=name)]


def grouped(rows: Sequence[Row], language: Language, now: datetime) -> list[Group]:
    """The rows by when something was last said, in the order they come."""
    today = language.local(now).date()

    def name(row: Row) -> str:
        return _stretch(language.local(row.at).date(), today)

    return [Group(name=language.gettext(key), rows=list(its)) for key, its in groupby(rows, key=name)]


def _stretch(day: date, today: date) -> str:
    age = (today - day).days
    if age <= 0:
        return N_("Today")
    if age == 1:
        return N_("Yesterday")
    return N_("Last 7 days") if age < _NEAR_DAYS else N_("Earlier")


def _mark(place: Place) -> str:
    """A place as it stands in an address: microseconds since 1970 and the ticket's key."""
    return f"{round(place.at.timestamp() * 1_000_000)}-{place.ticket_id}"


def _place(mark: str) -> Place | None:
    """The place of an address; anything else is the first page."""
    at, _, ticket_id = mark.partition("-")
    microseconds, key = number(at), number(ticket_id)
    if microseconds is None or key is None:
        return None
    try:
        moment = datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)
    except (ValueError, OverflowError, OSError):
        return None
    return Place(at=moment, ticket_id=key)
