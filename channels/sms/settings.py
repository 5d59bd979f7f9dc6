"""The table of a text number in the configuration: number, account at the carrier, hosts of its media."""

from ipaddress import ip_address
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

#: Where Twilio keeps media: its API, and the stores its API redirects to (help.twilio.com, article 223183748).
_MEDIA_HOSTS = [".twilio.com", ".twiliocdn.com"]


class Settings(BaseModel):
    """One number: `[channels.<name>]` with `kind = "sms"`; `auth_token` arrives resolved."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: Literal["sms"] = "sms"
    number: str = Field(min_length=1)  #: E.164, a short code, or a name of at most 11 characters (then one-way).
    account_sid: str = Field(min_length=1)
    auth_token: SecretStr
    api_url: str = "https://api.twilio.com"
    poll: str = "5m"
    timeout: float = Field(default=10.0, gt=0)  #: Seconds for a connection and for each answer.
    fold_diacritics: bool = True
    opt_out_words: list[str] = Field(default_factory=list)  #: Beside the carrier's own; a whole message each.
    media_hosts: list[str] = Field(default_factory=lambda: list(_MEDIA_HOSTS))  #: `.name` means its subdomains.

    @field_validator("number")
    @classmethod
    def _as_dialled(cls, number: str) -> str:
        """Take blanks and dashes out of a number; a name keeps them."""
        bare = number.translate(str.maketrans("", "", " -.()"))
        return bare if bare.removeprefix("+").isdigit() else number.strip()

    @model_validator(mode="after")
    def _token_is_never_sent_in_clear(self) -> Self:
        url = urlsplit(self.api_url)
        if url.scheme == "https" and url.hostname:
            return self
        if url.scheme == "http" and is_loopback(url.hostname or ""):
            return self
        raise ValueError("api_url must start with https://")

    @property
    def is_two_way(self) -> bool:
        """Whether customers can answer: a name as sender cannot be answered."""
        return self.number.removeprefix("+").isdigit()


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name, without asking anybody."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
