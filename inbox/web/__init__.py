"""The pages of the shared inbox: one FastAPI application, its routes by noun, its errors as pages."""

from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from inbox import accounts, hooks
from inbox.app import App
from inbox.web import (
    approvals,
    bank_files,
    bulk,
    claims,
    colleagues,
    deciding,
    downloads,
    enclosing,
    evidence,
    expenses,
    health,
    intake,
    lead,
    lists,
    live,
    matters,
    palette,
    registers,
    sign_in,
    tickets,
    upload,
    work,
)
from inbox.web.language import Language, load
from inbox.web.rendering import STATIC, Pages
from inbox.web.security import ForgedError, GivenPasswordError, NotSignedInError, Wall
from inbox.web.visits import Site, go, site
from tickets.errors import GuardError, UnknownReferenceError

#: Routes by noun; of two that fit an address the first answers.
_PARTS = (
    sign_in, work, bulk, lists, tickets, enclosing, claims, deciding, approvals, expenses, evidence, intake, downloads,
    lead, matters, registers, bank_files, colleagues, palette, live, upload, health,
)  # fmt: skip
_A_YEAR = "public, max-age=31536000, immutable"


def create(app: App) -> FastAPI:
    """Put the pages of one installation together; nothing is read from the store yet."""
    web = FastAPI(title="claimdesk", openapi_url=None, docs_url=None, redoc_url=None)
    languages = load(app.office.languages, app.office.timezone)
    web.state.site = Site(app=app, languages=languages, pages=Pages(languages))
    web.state.failed = _failed
    for part in _PARTS:
        web.include_router(part.router)
    web.include_router(hooks.routes(app))
    web.mount("/static", _Static(directory=STATIC), name="static")
    web.add_exception_handler(NotSignedInError, _to_sign_in)
    web.add_exception_handler(GivenPasswordError, _to_own_password)
    for error in (UnknownReferenceError, RequestValidationError, HTTPException, ForgedError, GuardError):
        web.add_exception_handler(error, _notice)
    web.add_middleware(Wall)
    return web


class _Static(StaticFiles):
    """Files whose address changes with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = _A_YEAR
        return answer


async def _to_sign_in(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the signature of a handler
    """Ask for a sign-in and come back; a part of a page becomes a whole one for that."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    onward = "/sign-in?next=" + quote(wanted, safe="/") if request.method == "GET" else "/sign-in"
    if request.headers.get("hx-request") == "true":
        return Response(status_code=200, headers={"HX-Redirect": onward})
    return go(onward)


async def _to_own_password(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the signature of a handler
    """Ask for a password that nobody else has made."""
    if request.headers.get("hx-request") == "true":
        return Response(status_code=200, headers={"HX-Redirect": "/password"})
    return go("/password")


async def _notice(request: Request, error: Exception) -> Response:
    """One neutral page for everything that cannot be shown: it does not say whether a reference exists."""
    at = site(request)
    visitor = accounts.visitor(at.app, request.cookies.get(at.cookie))
    language = at.language(request, visitor.staff.language if visitor else None)
    status, notice, why = _told(error, language)
    return at.page(request, "notice.html", status=status, language=language, notice=notice, why=why)


def _told(error: Exception, language: Language) -> tuple[int, str, str]:
    """The status, the notice and the reason of what cannot be shown."""
    if isinstance(error, ForgedError):
        return 403, "forged", ""
    if isinstance(error, GuardError):
        return 409, "guard", error.said(language.code)
    status = error.status_code if isinstance(error, HTTPException) else 404
    return status, "unknown" if status == 404 else "refused", ""  # noqa: PLR2004 - Not Found


def _failed(request: Request, status: int) -> Response:
    """The page of what was too large, or of what nobody foresaw; the store is not asked for it."""
    notice = "large" if status == 413 else "broken"  # noqa: PLR2004 - Content Too Large
    return site(request).page(request, "notice.html", status=status, notice=notice, why="")
