"""The carrier's webhooks: texts that came in, and what became of texts we sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Depends, Request
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from channels.sms import media, webhook
from channels.sms.settings import Settings
from inbox.app import App
from tickets import intake, outbox
from tickets.errors import ChannelUnavailableError, ClaimdeskError, SignatureError, UnreadableError
from tickets.messages import Pickup

_log = structlog.get_logger()

#: Bytes of a webhook's form at most: a text of ten parts and ten media names take a tenth of it.
LARGEST = 64 * 1024
_FIELDS = 200
_NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A request that the carrier has signed, and the channel whose account it speaks for."""

    channel: str
    settings: Settings
    fields: Mapping[str, str]


def routes(app: App) -> APIRouter:
    """The webhooks of one installation."""
    router = APIRouter()

    async def signed(request: Request) -> Signed | None:
        """What the carrier signed; None for everything else."""
        body = await _body(request)
        if body is None:
            return None
        url = app.office.public_url + request.url.path + (f"?{request.url.query}" if request.url.query else "")
        signature = request.headers.get("x-twilio-signature")
        return await run_in_threadpool(_signed, app, url, body, signature)

    @router.post("/hooks/twilio/sms")
    def text(request: Annotated[Signed | None, Depends(signed)]) -> Response:
        return _forbidden() if request is None else receive(app, request)

    @router.post("/hooks/twilio/status")
    def status(request: Annotated[Signed | None, Depends(signed)]) -> Response:
        return _forbidden() if request is None else report(app, request)

    return router


def receive(app: App, request: Signed) -> Response:
    """Keep a text's raw bytes, media inside, then answer; the same text again is answered and changes nothing."""
    try:
        sid = webhook.sid(request.fields)
        if not _is_held(app, request.channel, sid):
            _keep(app, request.channel, webhook.pickup(request.fields, media.fetch(request.fields, request.settings)))
    except UnreadableError:
        return _forbidden()
    except ChannelUnavailableError as error:
        _log.warning("text waits for its media", channel=request.channel, error=str(error))
        return PlainTextResponse("later", status_code=503, headers={"Retry-After": "60"})
    app.channel(request.channel).acknowledge(sid)
    return Response(_NOTHING_TO_SAY, media_type="text/xml")


def report(app: App, request: Signed) -> Response:
    """Move a delivery forward; what is said late or twice changes nothing, of an unknown text it is kept."""
    try:
        said = webhook.status(request.fields)
    except UnreadableError:
        return _forbidden()
    if said.state is not None:
        with app.store.writing() as session:
            known = outbox.reported(session, said.provider_id, said.state, detail=said.detail, now=app.clock())
        if not known:
            _log.warning("status of an unknown text", channel=request.channel, sid=said.provider_id, state=said.state)
    return Response(status_code=204)


def _keep(app: App, channel: str, pickup: Pickup) -> None:
    """Commit the raw bytes. Two requests for one text at the same moment: the unique key lets one in."""
    try:
        with app.store.writing() as session:
            intake.record(session, app.blobs, [pickup], source=app.source(channel), now=app.clock())
    except IntegrityError:
        if not _is_held(app, channel, pickup.external_id):
            raise


def _is_held(app: App, channel: str, sid: str) -> bool:
    with app.store.reading() as session:
        return bool(intake.is_held(session, channel, [sid]))


def _signed(app: App, url: str, body: bytes, signature: str | None) -> Signed | None:
    """The channel whose account signed the form: among several, the one whose number was written to."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError:
        return None
    fields = dict(pairs)
    fitting = [each for each in _numbers(app, fields) if _fits(url, pairs, signature, each)]
    ours = next((each for each in fitting if fields.get("To") == each.settings.number), None)
    return ours or next(iter(fitting), None)


def _numbers(app: App, fields: Mapping[str, str]) -> list[Signed]:
    found = []
    for name in app.settings.channels:
        settings = app.settings.channel(name) if app.settings.kind_of(name) == "sms" else None
        if isinstance(settings, Settings):
            found.append(Signed(channel=name, settings=settings, fields=fields))
    return found


def _fits(url: str, pairs: list[tuple[str, str]], signature: str | None, number: Signed) -> bool:
    try:
        webhook.verify(url, pairs, signature, number.settings.auth_token.get_secret_value())
    except SignatureError:
        return False
    return True


async def _body(request: Request) -> bytes | None:
    """The body, or None as soon as it is larger than any the carrier sends."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                return None
    except ClaimdeskError:  # whoever serves us stops reading earlier still
        return None
    return bytes(body)


def _forbidden() -> Response:
    return PlainTextResponse("forbidden", status_code=403)
