"""What leaves the pages as bytes: attachments as downloads, and a customer's HTML, cleaned, for a sandboxed frame."""

import contextlib
import html
import io
import re
import unicodedata
import zipfile
from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

import nh3
from fastapi import APIRouter, Path
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, Response

from inbox.reading import Item, Unread, View
from inbox.web.language import Language
from inbox.web.security import DOWNLOAD_POLICY, FRAMED_POLICY
from inbox.web.visits import Key, Ref, Visit, Visiting
from tickets import conversation
from tickets.errors import UnknownReferenceError, UnreadableError
from tickets.file_names import safe_name
from tickets.models import Direction, Message, MessageFile
from tickets.tasks import sees_restricted

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

#: A larger or deeper page is shown as text: cleaning takes time that grows with the square of the depth.
_LARGEST_HTML, _DEEPEST = 1_000_000, 400
_TAG = re.compile(
    r"<(/?)(?:div|blockquote|span|font|center|section|article|ul|ol|table|b|i|u|a|em|strong)\b", re.IGNORECASE
)
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
def attachment(visit: Visiting, file_id: Key) -> Response:
    """One file of a message, taken out of the raw message by a reading child."""
    with visit.reading() as session:
        file, _message = conversation.file(session, file_id, restricted=sees_restricted(visit.staff))
        item = _file_item(session, visit, file)
    try:
        content = visit.app.screen_readers.extract(item) if file.part else item.raw
    except UnreadableError:
        raise UnknownReferenceError(f"the bytes of file {file_id} cannot be taken out") from None
    return download(content, name=file.name, media_type=file.media_type)


@router.get("/files/{file_id}/pages/{page}")
def page_picture(
    visit: Visiting, file_id: Key, page: Annotated[int, Path(ge=1, le=10_000)], turn: int = 0, width: int = 1000
) -> Response:
    """One page of a file as a picture made by us; the same address always shows the same."""
    with visit.reading() as session:
        file, _message = conversation.file(session, file_id, restricted=sees_restricted(visit.staff))
        item = _file_item(session, visit, file)
    view = View(page=page, turn=turn % 360 // 90 * 90, width=width)
    try:
        content = visit.app.screen_readers.extract(replace(item, view=view))
    except UnreadableError:
        raise UnknownReferenceError(f"page {page} of file {file_id} cannot be drawn") from None
    headers = {"Cache-Control": "private, max-age=86400", "Content-Security-Policy": DOWNLOAD_POLICY}
    return Response(content, media_type="image/jpeg", headers=headers)


@router.get("/tickets/{ref}/files.zip")
def everything(visit: Visiting, ref: Ref) -> Response:
    """Every file of a ticket in one archive, under names that are only names."""
    with visit.reading() as session:
        messages = conversation.conversation(session, ref, restricted=visit.looking.restricted).messages
        files = [file for message in messages for file in message.files]
        items = [(file.name, _file_item(session, visit, file)) for file in files]
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, item) in enumerate(items, start=1):
            with contextlib.suppress(UnreadableError):
                content = visit.app.screen_readers.extract(item) if item.part else item.raw
                archive.writestr(f"{number:03d}-{safe_name(name)}", content)
    return download(kept.getvalue(), name=f"{ref}.zip", media_type="application/zip")


@router.get("/messages/{message_id}/html")
def framed(visit: Visiting, message_id: Key) -> Response:
    """A customer's HTML as sent, without what could act or tell him that it was read."""
    with visit.reading() as session:
        message = conversation.message(session, message_id, restricted=sees_restricted(visit.staff))
        item = _item(session, visit, message)
    [outcome] = visit.app.screen_readers.read([item]) or [Unread(why="nothing was read", final=True)]
    sent = None if isinstance(outcome, Unread) else outcome.html
    headers = {"Content-Security-Policy": FRAMED_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(document(sent, message.text, language=visit.language), headers=headers)


def _item(session: Session, visit: Visit, message: Message, part: str | None = None) -> Item:
    """The raw message for a reading child; raises `UnknownReferenceError` if it did not come from outside."""
    arrival = message.arrival
    if arrival is None:
        raise UnknownReferenceError(f"message {message.id} has no raw form")
    raw = _bytes(session, visit, arrival.sha256, message)
    return visit.app.item(arrival.channel, arrival.reader, raw, part=part)


def _file_item(session: Session, visit: Visit, file: MessageFile) -> Item:
    """A file for a reading child: inside the raw message it came in; what we sent ourselves stands alone."""
    message = file.message
    if message.direction is not Direction.OUT:
        return _item(session, visit, message, part=file.part)
    return Item(reader=message.medium, raw=_bytes(session, visit, file.sha256, message), part=file.part)


def _bytes(session: Session, visit: Visit, sha256: str, message: Message) -> bytes:
    try:
        return visit.app.blobs.get(session, sha256)
    except (KeyError, OSError):
        raise UnknownReferenceError(f"the bytes of message {message.id} are not there") from None


def download(content: bytes, *, name: str, media_type: str) -> Response:
    """Bytes to be kept as a file, never shown in a page, whatever they claim to be."""
    return Response(
        content,
        media_type=media_type if media_type in _TYPES else "application/octet-stream",
        headers={"Content-Disposition": disposition(name), "Content-Security-Policy": DOWNLOAD_POLICY},
    )


def disposition(name: str) -> str:
    """A Content-Disposition that a file's own name cannot break out of (RFC 6266, 4.3 and appendix D)."""
    safe = safe_name(name)
    plain = unicodedata.normalize("NFKD", safe).encode("ascii", "ignore").decode().strip(" .") or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def document(sent: str | None, text: str, *, language: Language) -> str:
    """A whole page for the frame: the cleaned HTML, or the text if there is none, or if nothing of it would show."""
    cleaned, blocked = cleaned_html(sent) if sent is not None and is_manageable(sent) else ("", 0)
    says_nothing = not re.sub(r"<(?!img)[^>]*>|&nbsp;|\s", "", cleaned)
    notice = ""
    if blocked:
        words = language.translations.ngettext(
            "%(n)s picture from outside is not loaded: its sender would learn that it was read.",
            "%(n)s pictures from outside are not loaded: their sender would learn that they were read.",
            blocked,
        )
        notice = f'<p class="notice">{html.escape(words % {"n": blocked})}</p>'
    body = f"<pre>{html.escape(text)}</pre>" if says_nothing else cleaned
    return _FRAME.format(lang=language.code, title="claimdesk", notice=notice, body=body)


def cleaned_html(sent: str) -> tuple[str, int]:
    """HTML without script, form, address or foreign picture, and how many of those pictures it had."""
    blocked = 0

    def keep(tag: str, name: str, value: str) -> str | None:
        nonlocal blocked
        if tag == "img" and name == "src" and not _PICTURE.fullmatch(value):
            blocked += not value.strip().lower().startswith("cid:")
            return None
        return value

    cleaned = nh3.clean(
        sent,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        link_rel=None,
        url_schemes={"data", "http", "https", "cid"},
        filter_style_properties=_STYLES,
    )
    return cleaned, blocked


def is_manageable(sent: str) -> bool:
    """Whether HTML is small and shallow enough to be cleaned in the time of a page."""
    if len(sent) > _LARGEST_HTML:
        return False
    depth = 0
    for closing in _TAG.findall(sent):
        depth += -1 if closing else 1
        if depth > _DEEPEST:
            return False
    return True
