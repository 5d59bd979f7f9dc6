"""Signing in with access tokens: asked for once, renewed when refused, a rotated refresh token kept at once."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from channels.email import EmailChannel
from channels.email.imap import Mailbox
from channels.email.oauth import Tokens
from channels.email.settings import Imap, Settings, Smtp
from tests.servers.dovecot import Mailbox as Maildir
from tests.servers.smtp import Sink
from tickets.errors import ChannelRefusedError, ChannelUnavailableError
from tickets.messages import Address, Medium, OutboundMessage

MESSAGE = OutboundMessage(
    message_id="1@example.ro", medium=Medium.EMAIL, to=Address(address="ana@exemplu.ro"), text="Good day"
)


class TokenServer:
    """Hands out what `tokens` holds, one an asking, and remembers the forms."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/token")
        self.forms: list[dict[str, str]] = []
        self.tokens: list[str] = ["token-1", "token-2", "token-3"]
        self.extra: dict[str, Any] = {"expires_in": 3600}
        server.expect_request("/token", method="POST").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.forms.append(request.form.to_dict())
        body = {"access_token": self.tokens.pop(0), "token_type": "Bearer"} | self.extra
        return Response(json.dumps(body), content_type="application/json")


@pytest.fixture
def token_server(httpserver: HTTPServer) -> TokenServer:
    return TokenServer(httpserver)


def account(url: str, **changes: Any) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": 9,
        "tls": "none",
        "user": "claims@example.ro",
        "auth": "xoauth2",
        "token_url": url,
        "client_id": "claimdesk",
        "refresh_token": "refresh-1",
        "scope": "mail",
        "timeout": 2,
    } | changes


def tokens(url: str, save: Callable[[str], None] | None = None, **changes: Any) -> Tokens:
    return Tokens("claims-mail", Imap.model_validate(account(url, **changes)), save)


@pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
def test_mailbox_opens_with_a_token(mailbox: Maildir, token_server: TokenServer, auth: str) -> None:
    mailbox.deliver(b"Subject: x\r\n\r\nHello\r\n")
    token_server.tokens = [mailbox.server.token(mailbox.user)]
    channel = mailbox_with_token(mailbox, token_server, auth)

    assert len(list(channel.fetch())) == 1
    channel.close()


@pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
def test_token_that_the_mailbox_refuses_is_renewed_once(mailbox: Maildir, token_server: TokenServer, auth: str) -> None:
    expired = mailbox.server.token(mailbox.user, valid_for=timedelta(minutes=-5))
    token_server.tokens = [expired, mailbox.server.token(mailbox.user)]
    channel = mailbox_with_token(mailbox, token_server, auth)

    assert list(channel.fetch()) == []
    channel.close()


def test_account_that_is_refused_with_a_fresh_token_too_is_a_matter_for_a_person(
    mailbox: Maildir, token_server: TokenServer
) -> None:
    expired = mailbox.server.token(mailbox.user, valid_for=timedelta(minutes=-5))
    token_server.tokens = [expired, expired, expired]

    with pytest.raises(ChannelRefusedError):
        list(mailbox_with_token(mailbox, token_server, "xoauth2").fetch())

    assert len(token_server.forms) == 2


@pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
def test_message_is_sent_with_a_renewed_token(
    make_sink: Callable[..., Sink], token_server: TokenServer, auth: str
) -> None:
    sink = make_sink(tls="none")
    sink.tokens = {"token-2"}
    channel = sender(sink, token_server, auth=auth)

    channel.send(MESSAGE, lambda: None)

    assert len(sink.received) == 1
    assert [mechanism for mechanism, _ in sink.credentials] == [auth.upper()] * 2
    channel.close()


def test_token_is_asked_for_once_for_many_sign_ins(token_server: TokenServer) -> None:
    account_tokens = tokens(token_server.url)

    assert [account_tokens.current() for _ in range(3)] == ["token-1"] * 3
    assert token_server.forms == [
        {"client_id": "claimdesk", "scope": "mail", "grant_type": "refresh_token", "refresh_token": "refresh-1"}
    ]


@pytest.mark.parametrize("lifetime", [3600, "3600", None, "soon", -5, 0, True, {}, 1e300])
def test_any_stated_lifetime_gives_a_token(token_server: TokenServer, lifetime: object) -> None:
    token_server.extra = {"expires_in": lifetime}

    assert tokens(token_server.url).current() == "token-1"


def test_token_near_its_end_is_replaced(token_server: TokenServer, monkeypatch: pytest.MonkeyPatch) -> None:
    elapsed = [1000.0]
    monkeypatch.setattr("channels.email.oauth.monotonic", lambda: elapsed[0])
    account_tokens = tokens(token_server.url)
    assert account_tokens.current() == "token-1"

    elapsed[0] += 3600 - 60

    assert account_tokens.current() == "token-2"


def test_program_signs_in_as_itself_where_there_is_no_refresh_token(token_server: TokenServer) -> None:
    tokens(token_server.url, refresh_token=None, client_secret="s3cret").current()

    [form] = token_server.forms
    assert (form["grant_type"], form["client_secret"]) == ("client_credentials", "s3cret")


def test_rotated_refresh_token_is_stored_at_once_and_used_next(token_server: TokenServer) -> None:
    stored: list[str] = []
    account_tokens = tokens(token_server.url, stored.append)
    token_server.extra["refresh_token"] = "refresh-2"

    account_tokens.renew(account_tokens.current())

    assert stored == ["refresh-2"]
    assert [form["refresh_token"] for form in token_server.forms] == ["refresh-1", "refresh-2"]


def test_two_servers_of_one_account_share_a_token(
    mailbox: Maildir, make_sink: Callable[..., Sink], token_server: TokenServer
) -> None:
    sink = make_sink(tls="none")
    sink.tokens = {"token-1"}
    channel = sender(sink, token_server)

    channel.send(MESSAGE, lambda: None)
    with pytest.raises(ChannelUnavailableError):
        list(channel.fetch())  # nobody listens there, but a token is wanted first

    assert len(token_server.forms) == 1
    channel.close()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_grant", "error_description": "refresh-1 of ana@exemplu.ro"}, ChannelRefusedError),
        (401, {"error": "invalid_client"}, ChannelRefusedError),
        (400, "not json", ChannelRefusedError),
        (302, {}, ChannelRefusedError),
        (429, {}, ChannelUnavailableError),
        (500, {}, ChannelUnavailableError),
        (503, {"error": "temporarily_unavailable"}, ChannelUnavailableError),
    ],
)
def test_refusal_of_the_token_server_is_named_without_secrets(
    httpserver: HTTPServer, status: int, body: object, error: type[Exception]
) -> None:
    httpserver.expect_request("/token").respond_with_data(
        json.dumps(body), status=status, headers={"Location": "http://127.0.0.1:1/elsewhere"}
    )

    with pytest.raises(error) as raised:
        tokens(httpserver.url_for("/token")).current()

    assert str(status) in str(raised.value)
    assert "refresh-1" not in str(raised.value)


@pytest.mark.parametrize("token", ["", 7, None, "two\nlines", "ș"])
def test_answer_without_a_usable_token_is_a_matter_for_a_person(httpserver: HTTPServer, token: object) -> None:
    httpserver.expect_request("/token").respond_with_json({"access_token": token})

    with pytest.raises(ChannelRefusedError, match="no access token"):
        tokens(httpserver.url_for("/token")).current()


def test_token_server_that_is_down_is_tried_later() -> None:
    with pytest.raises(ChannelUnavailableError):
        tokens("http://127.0.0.1:1/token").current()


@pytest.mark.parametrize(
    "changes",
    [
        {"token_url": None},
        {"client_id": None},
        {"user": ""},
        {"refresh_token": None},
        {"token_url": "http://login.example.com/token"},
        {"token_url": "file:///etc/passwd"},
    ],
)
def test_incomplete_account_is_found_in_the_configuration(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Imap.model_validate(account("https://login.example.com/token", **changes))


def test_two_refresh_tokens_for_one_mailbox_are_refused() -> None:
    url = "https://login.example.com/token"
    with pytest.raises(ValidationError, match="must name the same"):
        Settings.model_validate(
            {"address": "claims@example.ro", "imap": account(url), "smtp": account(url, refresh_token="refresh-2")}
        )


def mailbox_with_token(mailbox: Maildir, server: TokenServer, auth: str) -> Mailbox:
    there = {"host": mailbox.server.host, "port": mailbox.server.tls_port, "tls": "tls"}
    settings = Imap.model_validate(
        account(server.url, auth=auth, user=mailbox.user, ca_file=mailbox.server.ca_file, **there)
    )
    return Mailbox("claims-mail", settings, Tokens("claims-mail", settings))


def sender(sink: Sink, server: TokenServer, auth: str = "xoauth2") -> EmailChannel:
    return EmailChannel(
        "claims-mail",
        Settings(
            address="claims@example.ro",
            imap=Imap.model_validate(account(server.url, auth=auth)),
            smtp=Smtp.model_validate(account(server.url, auth=auth, port=sink.port)),
        ),
    )
