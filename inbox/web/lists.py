"""The lists: views of the shared inbox, page by page, and where a visit begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby

from fastapi import APIRouter
from starlette.responses import Response

from inbox.web.language import Language
from inbox.web.visits import Visit, Visiting, go, number
from inbox.web.words import N_
from tickets import queue
from tickets.errors import UnknownReferenceError
from tickets.queue import Place, Row, View

router = APIRouter()
PAGE = 50
_NEAR_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The rows of one stretch of days."""

    name: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of a view."""

    view: View
    after: str  #: Where this page begins, as it stands in its address; "" for the first.
    groups: Sequence[Group]
    older: str | None  #: Where the next one begins.
    names: Mapping[int, str]

    @property
    def query(self) -> str:
        """What keeps this page beside a ticket."""
        return f"view={self.view}" + (f"&after={self.after}" if self.after else "")


@router.get("/")
def begin(visit: Visiting) -> Response:
    """Go to what waits for oneself, else for the team."""
    with visit.app.store.reading() as session:
        counts = queue.counts(session, staff_id=visit.staff.id)
    return go(f"/inbox/{View.MINE if counts[View.MINE] else View.TEAM}")


@router.get("/inbox/{view}")
def show(visit: Visiting, view: str, after: str = "", beside: str = "") -> Response:
    """One page of a view, alone; `beside` gives its rows as they stand beside a ticket."""
    return visit.page("list.html", listing=listing(visit, view, after), beside=bool(beside))


def listing(visit: Visit, view: str, after: str = "") -> Listing:
    """Read one page of a view; raises `UnknownReferenceError` for a view there is not."""
    if view not in list(View):
        raise UnknownReferenceError(f"there is no view {view!r:.40}")
    with visit.app.store.reading() as session:
        found = queue.rows(session, View(view), staff_id=visit.staff.id, after=_place(after), limit=PAGE + 1)
    shown = found[:PAGE]
    last = shown[-1].ticket if len(found) > PAGE else None
    return Listing(
        view=View(view),
        after=after if _place(after) else "",
        groups=grouped(shown, visit.language, visit.app.clock()),
        older=_mark(Place(at=last.last_message_at, ticket_id=last.id)) if last else None,
        names=visit.names(),
    )


def grouped(rows: Sequence[Row], language: Language, now: datetime) -> list[Group]:
    """The rows by when something was last said, in the order they come."""
    today = language.local(now).date()

    def name(row: Row) -> str:
        return _stretch(language.local(row.ticket.last_message_at).date(), today)

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
