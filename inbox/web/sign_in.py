"""Signing in and out, and choosing the language of the pages."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from inbox import accounts
from inbox.accounts import SESSION
from inbox.web.security import require_same_site, safe_path
from inbox.web.visits import Posted, Site, Visiting, form, go, site, written
from inbox.web.words import N_
from tickets.errors import GuardError

router = APIRouter()
_LONGEST = 320  #: Of an address (RFC 5321, 4.5.3.1) and, by the same measure, of a password.


@router.get("/sign-in")
def ask(request: Request, at: Annotated[Site, Depends(site)], next: str = "/") -> Response:  # noqa: A002 - the name in the address
    """Ask for address and password; who is signed in already goes on."""
    if accounts.visitor(at.app, request.cookies.get(at.cookie)):
        return go(next)
    return at.page(request, "sign_in.html", next=safe_path(next), email="", trouble=None)


@router.post("/sign-in")
def sign_in(
    request: Request, at: Annotated[Site, Depends(site)], fields: Annotated[FormData, Depends(form)]
) -> Response:
    """Begin a session. Wrong address and wrong password are answered alike, in the same time."""
    require_same_site(request, at.app.office.public_url)
    email, password = written(fields, "email")[:_LONGEST], written(fields, "password")[:_LONGEST]
    onward, host = safe_path(written(fields, "next")), request.client.host if request.client else ""
    if at.attempts.is_refused(host, email, now=at.app.clock()):
        return at.page(request, "sign_in.html", status=429, next=onward, email=email, trouble="often")
    with at.checking:
        secret = accounts.sign_in(at.app, email=email, password=password)
    if secret is None:
        at.attempts.failed(host, email, now=at.app.clock())
        return at.page(request, "sign_in.html", status=401, next=onward, email=email, trouble="wrong")
    return _with_session(at, go(onward), secret)


@router.get("/password")
def ask_for_own(visit: Visiting) -> Response:
    """Ask for a password of one's own."""
    return visit.part("password.html", trouble=None)


@router.post("/password")
def choose_own(visit: Visiting, fields: Posted) -> Response:
    """Choose one's own password; then sign in with it. A wrong one so far counts like a wrong sign-in."""
    at, email = visit.site, visit.staff.email
    host, now = visit.request.client.host if visit.request.client else "", visit.app.clock()
    if at.attempts.is_refused(host, email, now=now):
        again = visit.language.gettext(N_("Wait ten minutes, then try again."))
        return visit.part("password.html", status=429, trouble=again)
    try:
        with at.checking:
            accounts.choose_password(
                visit.app, visit.staff, current=fields.get("current", "")[:_LONGEST],
                chosen=fields.get("chosen", "")[:_LONGEST],
            )  # fmt: skip
    except GuardError as error:
        at.attempts.failed(host, email, now=now)
        return visit.part("password.html", status=409, trouble=error.said(visit.language.code))
    return go("/sign-in")


@router.post("/sign-out")
def sign_out(visit: Visiting, fields: Posted) -> Response:  # noqa: ARG001 - posted by our page: checked in `Posted`
    """End this session."""
    accounts.sign_out(visit.app, visit.request.cookies[visit.site.cookie])
    answer = go("/sign-in")
    answer.delete_cookie(visit.site.cookie, path="/", secure=visit.site.is_secure, httponly=True, samesite="lax")
    return answer


@router.post("/language")
def choose_language(visit: Visiting, fields: Posted) -> Response:
    """Read the pages in another language from now on."""
    accounts.choose_language(visit.app, visit.staff, fields.get("language", ""))
    return go(fields.get("next"))


def _with_session(at: Site, answer: Response, secret: str) -> Response:
    answer.set_cookie(
        at.cookie,
        secret,
        max_age=int(SESSION.total_seconds()),
        path="/",
        secure=at.is_secure,
        httponly=True,
        samesite="lax",
    )
    return answer
