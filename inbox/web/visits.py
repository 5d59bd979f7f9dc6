"""Visits: who a request comes from, in which language, and whether a form was posted by one of our own pages."""

import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Path, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse

from inbox import accounts, desk
from inbox.app import App
from inbox.web.attempts import Attempts
from inbox.web.language import Language, choose
from inbox.web.rendering import Pages
from inbox.web.security import ForgedError, GivenPasswordError, NotSignedInError, require_same_site, safe_path
from tickets import colleagues, queue, work
from tickets.errors import UnknownReferenceError
from tickets.models import SavedView, Staff
from tickets.queue import EVERYTHING, Filter, Looking, View
from tickets.tasks import sees_restricted

SEE_OTHER = 303
_LARGEST_KEY = 2**63 - 1

#: What may stand in an address: a key as both stores can hold it, a printed reference.
Key = Annotated[int, Path(ge=1, le=_LARGEST_KEY)]
Ref = Annotated[str, Path(max_length=64, pattern=r"^[^\x00]+$")]
FIELDS = 200  #: Of one form at most.
#: What also those may post who only look: about themselves, never about a customer.
_OF_ONESELF = re.compile(r"/sign-out|/language|/tickets/[^/]+/presence")
_LONGEST_WORD = 60


@dataclass(frozen=True, kw_only=True)
class Site:
    """The pages of one installation."""

    app: App
    languages: Mapping[str, Language]
    pages: Pages
    attempts: Attempts = field(default_factory=Attempts)
    #: Each check of a password takes 64 MB on purpose: so many at once, the others wait.
    checking: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(4))

    @property
    def is_secure(self) -> bool:
        """Whether people reach us over TLS."""
        return self.app.office.public_url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The session's cookie; over TLS its name forbids any other host or path to set it (RFC 6265bis, 4.1.3.2)."""
        return "__Host-claimdesk" if self.is_secure else "claimdesk"

    def page(
        self, request: Request, name: str, *, status: int = 200, language: Language | None = None, **values: object
    ) -> HTMLResponse:
        """Render a page that belongs to no session, in the language given or that the browser asks for."""
        language = language or self.language(request, request.query_params.get("lang"))
        return self.pages.page(
            name, language, status=status, now=self.app.clock(), office=self.app.office, path=request.url.path, **values
        )

    def language(self, request: Request, wish: str | None = None) -> Language:
        """The language of a wish, else of what the browser asks for."""
        return choose(self.languages, wish, request.headers.get("accept-language", ""))


def site(request: Request) -> Site:
    """The site a request came to."""
    found = request.app.state.site
    assert isinstance(found, Site)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """A view and what narrows it, as an address says it."""

    view: View
    only: Filter = EVERYTHING
    sort: str = ""  #: `clock` or `newest`; "": as the view is sorted by itself.

    @classmethod
    def of(cls, words: Mapping[str, str]) -> "Narrowed":
        """Read it from the words of an address or a saved view; raises `UnknownReferenceError` for no view of ours."""
        view = words.get("view") or View.TEAM
        if view not in list(View):
            raise UnknownReferenceError(f"there is no view {view!r:.40}")
        only = Filter(**{name: words.get(name, "")[:_LONGEST_WORD] for name in Filter.__slots__})
        sort = words.get("sort", "")
        return cls(view=View(view), only=only, sort=sort if sort in ("clock", "newest") else "")

    @property
    def query(self) -> str:
        """What narrows it, as it stands in an address; the view stands before it."""
        return urlencode(self.only.words() | ({"sort": self.sort} if self.sort else {}))

    @property
    def by_clock(self) -> bool:
        """Whether what is due first stands first: of itself where the view is short; what is done is due no more."""
        by_itself = not self.sort and self.view in (View.MINE, View.DUE)
        return self.view is not View.DONE and (self.sort == "clock" or by_itself)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request of somebody who is signed in."""

    request: Request
    site: Site
    staff: Staff
    csrf: str
    language: Language
    _open: list[Session] = field(default_factory=list, init=False, repr=False)

    @property
    def app(self) -> App:
        """The installation."""
        return self.site.app

    @property
    def is_partial(self) -> bool:
        """Whether htmx asks for the pane alone; going back in the browser's history wants the whole page."""
        headers = self.request.headers
        return headers.get("hx-request") == "true" and headers.get("hx-request-type") == "partial"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """See one moment of the store; what is asked for within it sees the same, in one transaction."""
        if self._open:
            yield self._open[-1]
            return
        with self.app.store.reading() as session:
            self._open.append(session)
            try:
                yield session
            finally:
                self._open.pop()

    def page(self, name: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """Render a page with the views and their counts at its side."""
        return self.part(name, status=status, **(values if self.is_partial else self._rail() | values))

    def part(self, name: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """Render what is put into a page that is already shown."""
        return self.site.pages.page(
            name,
            self.language,
            status=status,
            now=self.app.clock(),
            office=self.app.office,
            staff=self.staff,
            csrf=self.csrf,
            languages=self.site.languages.values(),
            request_query=self.request.query_params,
            here=safe_path(self.request.url.path + (f"?{query}" if (query := self.request.url.query) else "")),
            **values,
        )

    def _rail(self) -> dict[str, object]:
        with self.reading() as session:
            overview = queue.overview(session, self.looking)
            return {
                "counts": overview.counts,
                "saved_views": self._saved_views(session) if overview.saved else [],
                "quarantined": overview.quarantined,
                "approvals_waiting": overview.approvals,
                "troubles": queue.troubles(session) if overview.troubles else [],
            }

    def _saved_views(self, session: Session) -> list[tuple[SavedView, str, int]]:
        """The views people have named, each with its address and how many tickets it holds."""
        rows = work.saved_views(session, self.staff.id)
        narrowed = [Narrowed.of(row.filters) for row in rows]
        numbers = queue.counted(session, self.looking, [(each.view, each.only) for each in narrowed])
        return [
            (row, f"/inbox/{each.view}?{each.query}", number)
            for row, each, number in zip(rows, narrowed, numbers, strict=True)
        ]

    @property
    def looking(self) -> Looking:
        """Who looks, and when."""
        return Looking(staff_id=self.staff.id, now=self.app.clock(), restricted=sees_restricted(self.staff))

    @cached_property
    def names(self) -> Mapping[int, str]:
        """Everybody who works here, by key."""
        with self.reading() as session:
            return colleagues.names(session)


#: What a password that somebody else made is good for.
_WITH_A_GIVEN_ONE = ("/password", "/sign-out", "/language")


def visit(request: Request, at: Annotated[Site, Depends(site)]) -> Visit:
    """Who is signed in; raises `NotSignedInError`, and `GivenPasswordError` until he has a password of his own."""
    visitor = accounts.visitor(at.app, request.cookies.get(at.cookie))
    if visitor is None:
        raise NotSignedInError("sign in first")
    if visitor.staff.password_given and request.url.path not in _WITH_A_GIVEN_ONE:
        raise GivenPasswordError("choose a password of your own first")
    language = choose(at.languages, visitor.staff.language, request.headers.get("accept-language", ""))
    return Visit(request=request, site=at, staff=visitor.staff, csrf=visitor.csrf_token, language=language)


Visiting = Annotated[Visit, Depends(visit)]


async def form(request: Request) -> FormData:
    """The posted fields; only `enclosing` takes files."""
    return await request.form(max_files=0, max_fields=FIELDS)


def posted(here: Visiting, fields: Annotated[FormData, Depends(form)]) -> dict[str, str]:
    """The fields of a form of ours, each once; raises `ForgedError` for one that is not."""
    require_genuine(here, fields)
    return fields_of(fields)


def fields_of(fields: FormData) -> dict[str, str]:
    """What was written in a form, without its files."""
    return {name: written(fields, name) for name, value in fields.items() if isinstance(value, str)}


def posted_items(here: Visiting, fields: Annotated[FormData, Depends(form)]) -> list[str]:
    """The ticked `items` of a form of ours; raises `ForgedError` for one that is not."""
    require_genuine(here, fields)
    return [str(value) for value in fields.getlist("items")]


def written(fields: FormData, name: str) -> str:
    """One field as text; the one character that PostgreSQL cannot hold is left out."""
    return str(fields.get(name) or "").replace("\x00", "")


def number(text: str) -> int | None:
    """A key that a form carries; None for anything else."""
    is_key = text.isascii() and text.isdigit() and len(text) < len(str(_LARGEST_KEY))
    return int(text) if is_key else None


def require_genuine(here: Visit, fields: FormData) -> None:
    """Raise `ForgedError` unless a page of this very session posted the fields; `GuardError` for who only looks."""
    require_same_site(here.request, here.app.office.public_url)
    token = here.request.headers.get("x-csrf-token") or str(fields.get("csrf") or "")
    if not secrets.compare_digest(token.encode(), here.csrf.encode()):
        raise ForgedError("the page was not made for this session")
    if not _OF_ONESELF.fullmatch(here.request.url.path):
        desk.must_work(here.staff)


Posted = Annotated[dict[str, str], Depends(posted)]
PostedItems = Annotated[list[str], Depends(posted_items)]


def go(path: str | None) -> RedirectResponse:
    """Show another page of ours after something was done."""
    return RedirectResponse(safe_path(path), status_code=SEE_OTHER)
