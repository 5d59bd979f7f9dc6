"""The table of a mailbox in the configuration: where mail is picked up, where it is handed in, how we sign in."""

import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class Server(BaseModel):
    """One mail server and one account on it; `password` and the other secrets arrive resolved."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    tls: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    password: SecretStr | None = None
    ca_file: Path | None = None  #: Certificates to trust instead of the system's.
    auth: Literal["password", "xoauth2", "oauthbearer"] = "password"
    token_url: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    scope: str | None = None
    timeout: float = Field(default=60.0, gt=0)  #: Seconds for a connection and for each answer.

    @model_validator(mode="after")
    def _clear_text_stays_at_home(self) -> Self:
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError('tls = "none" is for this machine only: use tls = "tls" or "starttls"')
        return self

    @model_validator(mode="after")
    def _sign_in_is_whole(self) -> Self:
        if self.auth == "password":
            return self
        missing = [key for key in ("user", "token_url", "client_id") if not getattr(self, key)]
        if missing:
            raise ValueError(f'auth = "{self.auth}" needs {", ".join(missing)}')
        if self.client_secret is None and self.refresh_token is None:
            raise ValueError(f'auth = "{self.auth}" needs client_secret or refresh_token')
        url = urlsplit(self.token_url or "")
        if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.hostname or "")):
            raise ValueError("token_url must start with https://")
        return self

    def grant(self) -> tuple[object, ...] | None:
        """Give what names one account at a token server; None where we sign in with a password."""
        if self.auth == "password":
            return None
        return (self.token_url, self.client_id, self.client_secret, self.refresh_token, self.scope)

    def trust(self) -> ssl.SSLContext:
        """Say which certificates are good; raises OSError if `ca_file` cannot be read."""
        return ssl.create_default_context(cafile=self.ca_file)


class Imap(Server):
    """Where mail is picked up, and what becomes of it there once it is ours."""

    port: int = Field(default=993, ge=1, le=65535)
    folder: str = Field(default="INBOX", min_length=1)
    done: str | None = None  #: Acknowledged mail moves here; without it, it stays and carries a keyword.
    max_size: int = Field(default=40_000_000, gt=0)  #: Bytes; of a larger mail only the headers are picked up.

    @model_validator(mode="after")
    def _done_is_elsewhere(self) -> Self:
        if self.done == self.folder:
            raise ValueError("done must be another folder than folder")
        return self


class Smtp(Server):
    """Where mail is handed in."""

    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["tls", "starttls", "none"] = "starttls"
    final_timeout: float = Field(default=240.0, gt=0)  #: Seconds for the answer to the final dot, while it is scanned.


class Dkim(BaseModel):
    """How signatures are checked again: whom to ask for the keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nameserver: str | None = None  #: An address; without it, the system's.
    port: int = Field(default=53, ge=1, le=65535)
    timeout: float = Field(default=2.0, gt=0, le=5)  #: Seconds for each key; reading a mail may take ten.

    @field_validator("nameserver")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        return None if value is None else str(ip_address(value))


class Settings(BaseModel):
    """One mailbox: `[channels.<name>]` with `kind = "email"`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: Literal["email"] = "email"
    address: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    from_name: str = ""  #: The office, as customers see it beside the address.
    poll: str = "1m"
    imap: Imap
    smtp: Smtp
    trusted_authserv: str | None = None  #: Whose Authentication-Results we believe (RFC 8601).
    dkim: Dkim | None = None  #: Check signatures again ourselves (RFC 6376).

    @model_validator(mode="after")
    def _one_refresh_token(self) -> Self:
        """A server that rotates refresh tokens ends the old one: two copies would lock each other out."""
        rotating = self.imap.refresh_token is not None and self.smtp.refresh_token is not None
        ours, theirs = self.imap.grant(), self.smtp.grant()
        if rotating and ours and theirs and ours != theirs:
            raise ValueError("imap and smtp must name the same token_url, client_id, refresh_token and scope")
        return self


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name, without asking anybody."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
