"""What leaves the pages as bytes: attachments as downloads, and a customer's HTML, cleaned, for a sandboxed frame."""

import html
import re
import unicodedata
from urllib.parse import quote

import nh3
from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from inbox.reading import Unread
from inbox.web.security import DOWNLOAD_POLICY, FRAMED_POLICY
from inbox.web.visits import Visit, Visiting
from tickets import queue
from tickets.errors import UnknownReferenceError, UnreadableError
from tickets.models import Message

router = APIRouter()

#: The types that keep their name on the way out; everything else is just bytes. Nothing here runs in a browser.
_TYPES = frozenset(
    {
        "application/pdf",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/zip",
        "audio/mpeg",
        "image/gif",
        "image/heic",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
        "message/rfc822",
        "video/mp4",
    }
)
_LONGEST_NAME = 120
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_UNSAFE = re.compile(r'[<>:"/\\|?*%;]')

#: A larger or deeper page is shown as text: cleaning takes time that grows with the square of the depth.
_LARGEST_HTML, _DEEPEST = 1_000_000, 400
_TAG = re.compile(r"<(/?)(?:div|blockquote|span|font|center|section|article|ul|ol|table|b|i|u|a|em|strong)\b", re.I)
_STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-left", "border-right", "border-top",
    "color", "font-family", "font-size", "font-style", "font-weight", "line-height", "list-style-type", "margin",
    "margin-bottom", "margin-left", "margin-right", "margin-top", "padding", "padding-bottom", "padding-left",
    "padding-right", "padding-top", "text-align", "text-decoration", "text-indent", "vertical-align", "white-space",
    "width",
}  # fmt: skip
_TAGS = set(nh3.ALLOWED_TAGS) - {"area", "map"} | {"font", "center"}
_ATTRIBUTES = {
    "*": {"dir", "lang", "style", "title"},
    "font": {"color", "face", "size"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"start"},
    "table": {"align", "border", "cellpadding", "cellspacing", "width"},
    "td": {"align", "colspan", "rowspan", "valign", "width"},
    "th": {"align", "colspan", "rowspan", "valign", "width"},
}
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+", re.ASCII)
_FRAME = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title><style>
html {{ color-scheme: light; background: #fff }}
body {{ margin: 12px; font: 15px/1.45 system-ui, sans-serif; color: #1a1c21; overflow-wrap: anywhere }}
img, table {{ max-width: 100% }} pre {{ white-space: pre-wrap }}
.notice {{ margin: -12px -12px 12px; padding: 8px 12px; background: #eff0f2; color: #474d58; font-size: 13px }}
</style></head><body>{notice}{body}</body></html>"""


@router.get("/files/{file_id}")
def attachment(visit: Visiting, file_id: int) -> Response:
    """One file of a message, taken out of the raw message by a reading child."""
    with visit.app.store.reading() as session:
        file, message = queue.file(session, file_id)
        item = _item(visit, message, part=file.part)
    try:
        content = visit.app.readers(message.medium).extract(item) if file.part else item.raw
    except UnreadableError:
        raise UnknownReferenceError(f"the bytes of file {file_id} cannot be taken out") from None
    return download(content, name=file.name, media_type=file.media_type)


@router.get("/messages/{message_id}/html")
def framed(visit: Visiting, message_id: int) -> Response:
    """A customer's HTML as sent, without what could act or tell him that it was read."""
    with visit.app.store.reading() as session:
        message = queue.message(session, message_id)
        item = _item(visit, message)
    [outcome] = visit.app.readers(message.medium).read([item]) or [Unread(why="nothing was read", final=True)]
    sent = None if isinstance(outcome, Unread) else outcome.html
    say = visit.language.gettext
    headers = {"Content-Security-Policy": FRAMED_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(_document(sent, message.text, say=say, lang=message.language or ""), headers=headers)


def _item(visit: Visit, message: Message, part: str | None = None) -> "Item":
    """The raw message for a reading child; raises `UnknownReferenceError` if it did not come from outside."""
    arrival = message.arrival
    if arrival is None:
        raise UnknownReferenceError(f"message {message.id} has no raw form")
    with visit.app.store.reading() as session:
        try:
            raw = visit.app.blobs.get(session, arrival.sha256)
        except (KeyError, OSError):
            raise UnknownReferenceError(f"the bytes of message {message.id} are not there") from None
    return visit.app.item(arrival.channel, arrival.reader, raw, part=part)
