"""The evidence of a ticket in place: its files page by page beside the items, turned, zoomed, compared, accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from inbox import desk
from inbox.web.tickets import moved
from inbox.web.visits import Posted, Ref, Visiting, number
from inbox.web.words import N_
from tickets import conversation as conversations
from tickets import rejections, value_uses
from tickets.conversation import Conversation
from tickets.document_values import ValueName
from tickets.errors import GuardError, UnknownReferenceError
from tickets.models import Direction, DocumentValue, FileReading, Message, MessageFile, Requirement
from tickets.value_uses import Use

router = APIRouter()
ZOOMS = (50, 75, 100, 150, 200)
WIDE = 1000  #: Pixels across of a page at 100 %.


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One file of the ticket, with how many pages of it can be shown."""

    file: MessageFile
    message: Message
    pages: int
    values: Sequence[DocumentValue]

    @property
    def can_be_shown(self) -> bool:
        """Whether we can draw it; everything else is a download."""
        return self.pages > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody looks: one page of one of the files, turned and zoomed, perhaps beside another file."""

    sheets: Sequence[Sheet]
    at: int
    page: int
    turn: int
    zoom: int
    beside: Sheet | None

    @property
    def chosen(self) -> Sheet:
        """The file that is looked at."""
        return self.sheets[self.at]

    @property
    def values(self) -> list[DocumentValue]:
        """What was read on the page."""
        return [each for each in self.chosen.values if each.page == self.page]

    @classmethod
    def of(cls, sheets: Sequence[Sheet], words: Mapping[str, str], *, first: int) -> "Place":
        """Read it from the words of an address; `first` is the file that stands open where they name none."""
        at = next((place for place, each in enumerate(sheets) if str(each.file.id) == words.get("file")), first)
        zoom = number(words.get("zoom", "")) or 100
        return cls(
            sheets=sheets,
            at=at,
            page=min(max(number(words.get("page", "")) or 1, 1), max(sheets[at].pages, 1)),
            turn=(number(words.get("turn", "")) or 0) % 360,
            zoom=zoom if zoom in ZOOMS else 100,
            beside=next((each for each in sheets if str(each.file.id) == words.get("beside")), None),
        )


@router.get("/tickets/{ref}/evidence")
def show(visit: Visiting, ref: Ref) -> Response:
    """One page of one file, with thumbnails of all; `beside` names a second file to compare it with."""
    words = visit.request.query_params
    with visit.reading() as session:
        conversation = conversations.conversation(session, ref, restricted=visit.looking.restricted)
        sheets = sheets_of(session, conversation.messages)
        if not sheets:
            raise UnknownReferenceError(f"{ref} has no files")
        place = Place.of(sheets, words, first=len(sheets) - 1)
        return visit.page(
            "evidence.html",
            ticket=conversation.ticket,
            claim=conversation.ticket.claim if conversation.ticket.verified else None,
            it=conversation,
            place=place,
            zooms=ZOOMS,
            wide=WIDE,
            takable=_takable(conversation, place.values),
            items=_items(conversation),
            reasons=list(rejections.Reason),
            view=words.get("view") or "team",
            why=None,
        )


def sheets_of(session: Session, messages: Sequence[Message]) -> list[Sheet]:
    """Every file that came with these messages, oldest first."""
    files = [
        (file, message)
        for message in messages
        if message.direction is Direction.IN
        for file in message.files
        if not file.inline or _is_picture(file)
    ]
    ids = [file.id for file, _ in files]
    readings = {row.file_id: row for row in session.scalars(select(FileReading).where(FileReading.file_id.in_(ids)))}
    values: dict[int, list[DocumentValue]] = {}
    for row in session.scalars(select(DocumentValue).where(DocumentValue.file_id.in_(ids)).order_by(DocumentValue.id)):
        values.setdefault(row.file_id, []).append(row)
    return [
        Sheet(file=file, message=message, pages=_pages(file, message, readings), values=values.get(file.id, ()))
        for file, message in files
    ]


def _is_picture(file: MessageFile) -> bool:
    return file.media_type.startswith("image/")


def _pages(file: MessageFile, message: Message, readings: Mapping[int, FileReading]) -> int:
    """How many pages we can draw: as counted when it was read, else the first one; 0 for what is no page."""
    if not (_is_picture(file) or file.media_type == "application/pdf" or file.name.lower().endswith(".pdf")):
        return 0
    reading = readings.get(file.id)
    return max(reading.pages if reading else 0, message.pages if message.medium == "letter" else 0, 1)


def _items(conversation: Conversation) -> list[Requirement]:
    """What the file may be accepted as: what is asked for first, then what else the claim lacks."""
    ticket = conversation.ticket
    if ticket.claim is None or not ticket.verified:
        return []
    asked = [
        item.requirement
        for request in conversation.requests
        for item in request.items
        if request.state in ("open", "partial")
    ]
    open_rows = [
        row for row in ticket.claim.requirements if row.state in ("needed", "maybe", "asked", "received", "rejected")
    ]
    return list(dict.fromkeys([*asked, *open_rows]))


@router.post("/tickets/{ref}/evidence/accept")
def accept(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Accept the file that is shown, or some of its pages, as an item."""

    def move() -> None:
        file_id = number(fields.get("file", ""))
        if file_id is None or not fields.get("item"):
            raise GuardError(N_("choose an item"))
        desk.accept_file(
            visit.app, fields.get("claim", ""), fields["item"], staff=visit.staff, file_id=file_id,
            first=number(fields.get("first", "")), last=number(fields.get("last", "")),
        )  # fmt: skip

    return moved(visit, ref, fields, move, onward=_back(ref, fields))


@router.post("/tickets/{ref}/evidence/reject")
def reject(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Reject it for an item with ready words, which go into the next request."""
    reason = fields.get("own", "").strip() or fields.get("reason", "")

    def move() -> None:
        document = number(fields.get("document", ""))
        desk.reject(
            visit.app,
            fields.get("claim", ""),
            fields.get("item", ""),
            staff=visit.staff,
            reason=reason,
            document_id=document,
        )

    return moved(visit, ref, fields, move, onward=_back(ref, fields))


@router.post("/tickets/{ref}/evidence/value")
def take_value(visit: Visiting, ref: Ref, fields: Posted) -> Response:
    """Take a value that was read in the file into the claim."""
    wanted, _, coverage = fields.get("use", "").partition(":")

    def move() -> None:
        if wanted not in list(Use):
            raise GuardError(N_("choose what to take it as"))
        desk.take_value(
            visit.app, fields.get("claim", ""), number(fields.get("value", "")) or 0, Use(wanted),
            staff=visit.staff, coverage=coverage,
        )  # fmt: skip

    return moved(visit, ref, fields, move, onward=_back(ref, fields))


def _takable(conversation: Conversation, values: Sequence[DocumentValue]) -> list[tuple[DocumentValue, list[str]]]:
    """The values of a page that the claim could take, each with what as: a use, or one under a coverage."""
    claim = conversation.ticket.claim if conversation.ticket.verified else None
    if claim is None:
        return []
    under = [f"{Use.LINE}:{each}" for each in value_uses.coverages(claim)]
    found = []
    for value in values:
        uses = value_uses.USES.get(ValueName(value.name), ()) if value.name in list(ValueName) else ()
        ways = [way for use in uses for way in (under if use is Use.LINE else [str(use)])]
        found += [(value, ways)] if ways else []
    return found


def _back(ref: str, fields: Mapping[str, str]) -> str:
    file, page = number(fields.get("file", "")) or "", number(fields.get("page", "")) or 1
    return f"/tickets/{ref}/evidence?file={file}&page={page}"
