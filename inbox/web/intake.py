"""The quarantine: arrivals that could not be read or filed, with their raw bytes and a way on."""

from fastapi import APIRouter
from starlette.responses import Response

from inbox import desk
from inbox.web.downloads import download
from inbox.web.visits import Key, Posted, Visit, Visiting, go
from tickets import queue
from tickets.errors import GuardError, UnknownReferenceError

router = APIRouter()


@router.get("/intake")
def show(visit: Visiting) -> Response:
    """Everything that waits for a person because no machine could read it."""
    return _page(visit)


@router.post("/intake/{arrival_id}/retry")
def retry(visit: Visiting, arrival_id: Key, fields: Posted) -> Response:  # noqa: ARG001 - posted by our page: checked in `Posted`
    """Read it again."""
    try:
        desk.retry(visit.app, arrival_id, staff=visit.staff)
    except GuardError as error:
        return _page(visit, status=409, trouble=error.said(visit.language.code))
    return go("/intake")


@router.post("/intake/{arrival_id}/discard")
def discard(visit: Visiting, arrival_id: Key, fields: Posted) -> Response:
    """Set it aside for good, with a reason."""
    try:
        desk.discard(visit.app, arrival_id, staff=visit.staff, reason=fields.get("reason", ""))
    except GuardError as error:
        return _page(visit, status=409, trouble=error.said(visit.language.code))
    return go("/intake")


@router.get("/intake/{arrival_id}/raw")
def raw(visit: Visiting, arrival_id: Key) -> Response:
    """The bytes exactly as they came."""
    with visit.reading() as session:
        arrival = queue.arrival(session, arrival_id)
        try:
            content = visit.app.blobs.get(session, arrival.sha256)
        except (KeyError, OSError):
            raise UnknownReferenceError(f"the bytes of arrival {arrival_id} are not there") from None
    return download(content, name=arrival.name or f"arrival-{arrival.id}", media_type="application/octet-stream")


def _page(visit: Visit, *, status: int = 200, trouble: str | None = None) -> Response:
    with visit.reading() as session:
        arrivals = queue.quarantined(session)
    return visit.page("intake.html", status=status, arrivals=arrivals, trouble=trouble)
