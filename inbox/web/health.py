"""Whether this process lives, and whether it can serve: for load balancers and watchers, without a sign-in."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import PlainTextResponse, Response

from inbox.web.visits import Site, site

router = APIRouter()


@router.get("/healthz")
def lives() -> Response:
    """Answer, that is all."""
    return PlainTextResponse("ok")


@router.get("/readyz")
def is_ready(at: Annotated[Site, Depends(site)]) -> Response:
    """Whether the store answers and its tables are of this version."""
    try:
        ready = at.app.store.is_current()
    except SQLAlchemyError:
        ready = False
    return PlainTextResponse("ready" if ready else "not ready", status_code=200 if ready else 503)
