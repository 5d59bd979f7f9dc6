"""The files of an answer: put to it while it is written, and taken away again."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from inbox import desk
from inbox.web.tickets import keep_draft, moved
from inbox.web.visits import FIELDS, Key, Posted, Ref, Visit, Visiting, fields_of, require_genuine
from tickets import enclosures
from tickets.errors import GuardError
from tickets.messages import Enclosure

router = APIRouter()
_MOST_PARTS = 50  #: More files than an answer takes, so that one too many gets our own words.


async def _form(request: Request) -> AsyncIterator[FormData]:
    async with request.form(max_files=_MOST_PARTS, max_fields=FIELDS) as form:
        yield form


_Form = Annotated[FormData, Depends(_form)]


@router.post("/tickets/{ref}/files")
def attach(visit: Visiting, ref: Ref, form: _Form) -> Response:
    """Put files to the answer, and keep what is written so far."""
    require_genuine(visit, form)
    brought = [each for each in form.getlist("files") if isinstance(each, UploadFile) and each.filename]
    files = [
        Enclosure(
            name=each.filename or "",
            media_type=each.content_type or "",
            content=each.file.read(enclosures.MOST_BYTES + 1),
        )
        for each in brought
    ]
    return _changed(visit, ref, fields_of(form), lambda: desk.attach(visit.app, ref, files, staff=visit.staff))


@router.post("/tickets/{ref}/files/{file_id}/remove")
def detach(visit: Visiting, ref: Ref, file_id: Key, fields: Posted) -> Response:
    """Take a file away from the answer, and keep what is written so far."""
    return _changed(visit, ref, fields, lambda: desk.detach(visit.app, ref, file_id, staff=visit.staff))


def _changed(visit: Visit, ref: str, fields: dict[str, str], move: Callable[[], None]) -> Response:
    """With script the list of files comes back alone, else the whole ticket."""
    keep_draft(visit, ref, fields)
    if not visit.is_partial:
        return moved(visit, ref, fields, move)
    refused = ""
    try:
        move()
    except GuardError as error:
        refused = error.said(visit.language.code)
    with visit.reading() as session:
        ticket = desk.find_ticket(session, ref, staff=visit.staff)
        kept = enclosures.kept(session, ticket.id, visit.staff.id)
        return visit.part("enclosures.html", ticket=ticket, enclosed=kept, refused=refused)
