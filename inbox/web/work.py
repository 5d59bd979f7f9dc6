"""Work across tickets: the next best one, and named views."""

from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.responses import Response

from inbox import desk
from inbox.web.visits import Key, Narrowed, Posted, Visiting, go
from tickets import work

router = APIRouter()


@router.get("/best")
def best(visit: Visiting, skip: str = "") -> Response:
    """Go to the ticket to work on next; the page says why it is this one."""
    skipped = [ref for ref in skip.split(",") if ref][:50]
    found = desk.next_best(visit.app, staff=visit.staff, skip=skipped)
    if found is None:
        return visit.page("notice.html", notice="nothing_next", why="")
    why = f"&why={found.clock.key}" if found.clock else "&why=age"
    return go(f"/tickets/{found.ticket.ref}?view=mine{why}&skip={','.join(skipped)}")


@router.post("/best/skip")
def skip(visit: Visiting, fields: Posted) -> Response:
    """Leave the ticket that was next for later, with a reason."""
    ref = fields.get("ticket", "")
    desk.skip(visit.app, ref, fields.get("reason", ""), staff=visit.staff)
    return go(f"/best?skip={','.join(filter(None, (fields.get('skip', ''), ref)))}")


# --- named views


@router.post("/views")
def save_view(visit: Visiting, fields: Posted) -> Response:
    """Name the list as it stands."""
    words = {"view": fields.get("view", "")} | dict(parse_qsl(fields.get("narrow", "")))
    narrowed = Narrowed.of(words)
    filters = {"view": str(narrowed.view)} | dict(parse_qsl(narrowed.query))
    with visit.app.store.writing() as session:
        work.save_view(session, visit.staff.id, fields.get("name", ""), filters, shared=fields.get("shared") == "yes")
    return go(f"/inbox/{narrowed.view}?{narrowed.query}")


@router.post("/views/{view_id}/drop")
def drop_view(visit: Visiting, view_id: Key, fields: Posted) -> Response:  # noqa: ARG001 - posted by our page: checked in `Posted`
    """Forget a named view."""
    with visit.app.store.writing() as session:
        work.drop_view(session, view_id, visit.staff.id)
    return go("/inbox/team")
