"""What pages learn while they are open: who else is on the ticket, and that something new has arrived (SSE)."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from inbox import desk
from inbox.web.visits import Posted, Ref, Visit, Visiting
from tickets import conversation, work
from tickets.models import Ticket

router = APIRouter()
#: Seconds between two looks; a page hears of a colleague within two of them.
LOOK_EVERY = 0.8
#: A stream ends after this many looks; the browser opens the next one by itself.
LOOKS = 400


@router.get("/live")
async def live(visit: Visiting, ticket: str = "") -> Response:
    """A stream of what has changed since the last look; a comment line where nothing has."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_looks(visit, ticket[:64]), media_type="text/event-stream", headers=headers)


async def _looks(visit: Visit, ref: str) -> AsyncIterator[str]:
    said: dict[str, Any] | None = None
    for _ in range(LOOKS):
        now = await run_in_threadpool(_look, visit, ref)
        yield f"data: {json.dumps(now)}\n\n" if now != said else ":\n\n"
        said = now
        await asyncio.sleep(LOOK_EVERY)


def _look(visit: Visit, ref: str) -> dict[str, Any]:
    """Who is where, by ticket, and the last message on the open one."""
    names = visit.names
    with visit.reading() as session:
        present = work.present(session, now=visit.app.clock())
        last = conversation.last_message_id(session, ref) if ref else None
    others = {
        key: [
            {"name": names.get(each.staff_id, "?"), "writes": each.writes}
            for each in its
            if each.staff_id != visit.staff.id
        ]
        for key, its in present.items()
    }
    return {"present": {str(key): its for key, its in others.items() if its}, "last": last}


@router.post("/tickets/{ref}/presence")
def be_present(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Say that one looks at a ticket, writes on it, or has left it."""
    with visit.app.store.writing() as session:
        ticket: Ticket = desk.find_ticket(session, ref)
        if fields.get("doing") == "left":
            work.leave(session, ticket.id, visit.staff.id)
        else:
            writes = fields.get("doing") == "writes"
            work.be_present(session, ticket.id, visit.staff.id, writes=writes, now=visit.app.clock())
    return Response(status_code=204)
