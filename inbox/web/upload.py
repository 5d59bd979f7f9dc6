"""The customer's page of one request: no account, no name, works without script; takes files, values and reasons."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, RedirectResponse, Response

from channels import upload
from inbox import poller
from inbox.web.language import Language, choose
from inbox.web.security import require_same_site
from inbox.web.visits import SEE_OTHER, Site, form, site, written
from templates import counts, dates
from tickets import intake, uploads
from tickets.intake import Source
from tickets.messages import Medium, Pickup
from tickets.uploads import Line, Link, Way

router = APIRouter()

#: What the address of the page may look like; anything else is as unknown as a link that was never made.
Printed = Annotated[str, Path(max_length=64)]
PROVEN_FOR = timedelta(minutes=30)
_SOURCE = Source(channel="upload", medium=Medium.UPLOAD, reader="upload")
_COOKIE = "claimdesk-proof"


@router.get("/u/{printed}")
def show(
    request: Request, at: Annotated[Site, Depends(site)], printed: Printed, lang: str = "", done: str = ""
) -> Response:
    """What is still asked for, and what has arrived; one neutral page for every link that lets nobody in."""
    with at.app.store.reading() as session:
        link = uploads.find(session, at.app.office, printed, now=at.app.clock())
        if link is None:
            return _closed(request, at)
        language = _language(request, at, link, lang)
        lines = uploads.lines(session, link, language.code)
        return _page(request, at, link, lines, language, printed=printed, done=bool(done))


@router.post("/u/{printed}")
async def hand_in(request: Request, at: Annotated[Site, Depends(site)], printed: Printed, lang: str = "") -> Response:
    """Keep the form as it came, before anything is read; then file it, so that the page can say what arrived."""
    require_same_site(request, at.app.office.public_url)
    envelope = await run_in_threadpool(_envelope, request, at, printed, lang)
    if envelope is None:
        return _closed(request, at)
    raw = envelope(await request.body())
    return await run_in_threadpool(_keep_and_file, request, at, printed, lang, raw)


def _keep_and_file(request: Request, at: Site, printed: str, lang: str, raw: bytes) -> Response:
    once = request.query_params.get("once", "")[:64]
    identity = hashlib.sha256(f"{printed}\x1f{once}".encode() if once else raw).hexdigest()
    pickup = Pickup(handle=identity, external_id=identity, raw=raw)
    try:
        with at.app.store.writing() as session:
            intake.record(session, at.app.blobs, [pickup], source=_SOURCE, now=at.app.clock())
    except IntegrityError:  # the same form twice at once: the unique key let one in
        pass
    poller.process_all(at.app, (Medium.UPLOAD,))
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"kept": True})
    onward = f"/u/{printed}?done=1" + (f"&lang={lang}" if lang in at.languages else "")
    return RedirectResponse(onward, status_code=SEE_OTHER)


@router.post("/u/{printed}/proof")
def prove(
    request: Request,
    at: Annotated[Site, Depends(site)],
    printed: Printed,
    fields: Annotated[FormData, Depends(form)],
    lang: str = "",
) -> Response:
    """The second proof: what we hold on the customer and the link does not say."""
    require_same_site(request, at.app.office.public_url)
    now = at.app.clock()
    with at.app.store.writing() as session:
        link = uploads.find(session, at.app.office, printed, now=now)
        if link is None:
            return _closed(request, at)
        proven = uploads.proof(link) is not None and uploads.prove(session, link, written(fields, "proof"), now=now)
        token = link.row.token
    onward = f"/u/{printed}?" + (f"lang={lang}&" if lang in at.languages else "") + ("" if proven else "done=wrong")
    answer = RedirectResponse(f"{onward}#account", status_code=SEE_OTHER)
    if proven:
        answer.set_cookie(
            _COOKIE, _proof(at, token, now), max_age=int(PROVEN_FOR.total_seconds()), path=f"/u/{printed}",
            secure=at.is_secure, httponly=True, samesite="strict",
        )  # fmt: skip
    return answer


def _envelope(request: Request, at: Site, printed: str, lang: str) -> Callable[[bytes], bytes] | None:
    """What puts a form behind the line that says how it came; None if the link lets nobody in."""
    now = at.app.clock()
    with at.app.store.reading() as session:
        link = uploads.find(session, at.app.office, printed, now=now)
        if link is None:
            return None
        language = _language(request, at, link, lang)
        shown = uploads.lines(session, link, language.code)
        proven = _is_proven(request, at, link, now)
        return partial(
            upload.enveloped,
            content_type=request.headers.get("content-type", ""),
            token=link.row.token,
            address=link.row.address,
            labels={each.name: each.label for each in shown if not each.guarded},
            refused=[each.name for each in shown if each.guarded and not proven],
            language=language.code,
            at=now,
        )


def _page(
    request: Request, at: Site, link: Link, lines: Sequence[Line], language: Language, *, printed: str, done: bool
) -> Response:
    now = at.app.clock()
    due = link.request.due_on
    open_lines = [each for each in lines if each.is_open]
    files = sum(each.way is Way.FILE for each in open_lines)
    answer = at.pages.page(
        "upload.html",
        language,
        now=now,
        office=at.app.office,
        printed=printed,
        claim=link.claim.ref,
        due=dates.long_date(due, language.code) if due else None,
        lines=lines,
        ways=Way,
        missing=len(open_lines),
        wanted=counts.wanted(files, len(open_lines) - files, language.code),
        done=done,
        wrong=request.query_params.get("done") == "wrong",
        proof=uploads.proof(link),
        locked=link.row.proofs_failed >= uploads.MOST_PROOFS,
        proven=_is_proven(request, at, link, now),
        others=[each for each in at.languages.values() if each.code != language.code],
    )
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _closed(request: Request, at: Site) -> Response:
    """One page for links that were never made, have ended or were revoked."""
    return at.page(request, "upload_closed.html", status=404)


def _language(request: Request, at: Site, link: Link, wish: str) -> Language:
    """What was chosen on the page, else the customer's own, else the browser's."""
    own = link.claim.claimant.language if link.claim.claimant else None
    wished = wish if wish in at.languages else own
    return choose(at.languages, wished, request.headers.get("accept-language", ""))


def _proof(at: Site, token: str, now: datetime) -> str:
    until = int((now + PROVEN_FOR).timestamp())
    return f"{until}.{_signature(at, token, until)}"


def _signature(at: Site, token: str, until: int) -> str:
    return hmac.new(at.app.office.keys[0], f"proof\x1f{token}\x1f{until}".encode(), hashlib.sha256).hexdigest()


def _is_proven(request: Request, at: Site, link: Link, now: datetime) -> bool:
    until, _, signature = request.cookies.get(_COOKIE, "").partition(".")
    if not until.isdigit() or len(until) > 12 or int(until) < now.timestamp():  # noqa: PLR2004 - no moment has more digits
        return False
    return hmac.compare_digest(signature.encode(), _signature(at, link.row.token, int(until)).encode())
