"""Keyed tokens: what we print in reply addresses, Message-IDs and links, and can recognise as ours.

128 bits of HMAC-SHA256, as 26 lower-case base32 letters: mail servers may fold case and some refuse `-` or `_`.
"""

import base64
import hmac
import re

_BITS = 128
TOKEN = re.compile(r"[a-z2-7]{26}")
_PRINTED = re.compile(r"[A-Za-z0-9_-]{22}")


def make(key: bytes, *facts: str) -> str:
    """Make the token of `facts` under `key`; the same facts give the same token."""
    digest = hmac.digest(key, "\x1f".join(facts).encode(), "sha256")[: _BITS // 8]
    return base64.b32encode(digest).decode().rstrip("=").lower()


def is_ours(token: str, keys: tuple[bytes, ...], *facts: str) -> bool:
    """Whether `token` was made of `facts` under one of `keys`; takes the same time either way."""
    return any([hmac.compare_digest(token, make(key, *facts)) for key in keys])  # noqa: C419 - tries every key, whichever fits


def in_link(printed: str) -> str | None:
    """The token of an upload link: the same 128 bits, in 22 characters of base64url (RFC 4648, 5)."""
    if not _PRINTED.fullmatch(printed):
        return None
    secret = base64.urlsafe_b64decode(f"{printed}==")
    token = base64.b32encode(secret).decode().rstrip("=").lower()
    return token if for_link(token) == printed else None  # the last character has four spare bits: one spelling counts


def for_link(token: str) -> str:
    """Print a token as a link carries it."""
    secret = base64.b32decode(f"{token.upper()}{'=' * (-len(token) % 8)}")
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def in_address(address: str, mailbox: str) -> str | None:
    """The token of a plus-address of `mailbox`: `claims+TOKEN@example.ro`, whatever its case."""
    local, _, domain = mailbox.lower().partition("@")
    head, _, tail = address.lower().rpartition("@")
    plus = f"{local}+"
    if tail != domain or not head.startswith(plus):
        return None
    token = head.removeprefix(plus)
    return token if TOKEN.fullmatch(token) else None


def plus_address(mailbox: str, token: str) -> str:
    """The reply address that carries `token`."""
    local, _, domain = mailbox.partition("@")
    return f"{local}+{token}@{domain}"
