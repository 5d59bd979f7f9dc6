"""Files of the bank: what it says of many payments at once, looked at row by row before it is stored."""

import base64
import binascii
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from inbox import desk
from inbox.web.registers import payments_page
from inbox.web.visits import FIELDS, Posted, Visit, Visiting, go, require_genuine
from inbox.web.words import N_
from tickets.errors import GuardError, ImportFileError
from tickets.rows.loading import Outcome

router = APIRouter()
MOST_BYTES = 256 * 1024  #: A few thousand rows; in a form, half as much again.
_MOST_SHOWN = 200  #: Rows left out that are named; more is another file.


async def _form(request: Request) -> AsyncIterator[FormData]:
    async with request.form(max_files=1, max_fields=FIELDS) as form:
        yield form


@router.post("/payments/bank")
def look(visit: Visiting, form: Annotated[FormData, Depends(_form)]) -> Response:
    """Say what a file would change and which rows would be left out; nothing is stored."""
    require_genuine(visit, form)
    brought = form.get("file")
    if not isinstance(brought, UploadFile) or not brought.filename:
        return payments_page(visit, trouble=N_("choose a file"))
    return _read(visit, brought.file.read(MOST_BYTES + 1), name=brought.filename, dry_run=True)


@router.post("/payments/bank/apply")
def store(visit: Visiting, fields: Posted) -> Response:
    """Store what was looked at; rows left out are named once more."""
    try:
        content = base64.b64decode(fields.get("content", "").encode(), altchars=b"-_", validate=True)
    except binascii.Error:
        return payments_page(visit, trouble=N_("choose a file"))
    return _read(visit, content, name=fields.get("name", ""), dry_run=False)


def _read(visit: Visit, content: bytes, *, name: str, dry_run: bool) -> Response:
    name = name.replace("\x00", "")[:100]
    if len(content) > MOST_BYTES:
        return payments_page(visit, trouble=N_("the file is larger than 256 kB: send it in parts"))
    try:
        outcome = desk.bank_says(visit.app, content, name=name, staff=visit.staff, dry_run=dry_run)
    except GuardError as error:
        return payments_page(visit, trouble=error.said(visit.language.code))
    except ImportFileError as error:
        return payments_page(visit, trouble=str(error))
    if not dry_run and not outcome.errors:
        return go("/payments")
    return payments_page(visit, looked=_looked(outcome, content, name=name, dry_run=dry_run))


def _looked(outcome: Outcome, content: bytes, *, name: str, dry_run: bool) -> dict[str, object]:
    return {
        "name": name,
        "stored": outcome.stored.get("payments", 0),
        "errors": outcome.errors[:_MOST_SHOWN],
        "left_out": len(outcome.errors),
        "content": base64.urlsafe_b64encode(content).decode() if dry_run else "",
    }
