"""One connection to one host: certificate checked, addresses checked, time and size limited."""

import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_CHUNK = 65536


class AddressError(OSError):
    """A name leads to an address inside our own network."""


class TooLargeError(OSError):
    """An answer is longer than we are willing to read."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a URL leads: scheme, host, port (RFC 6454)."""

    scheme: str
    host: str
    port: int


def origin(url: str) -> Origin | None:
    """Say where a URL leads; None for any that is not plain http or https, or that carries a user."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if not port or not parts.hostname or "@" in parts.netloc:
        return None
    return Origin(parts.scheme, parts.hostname, port)


def target(url: str) -> str:
    """Give what stands in the request line for a URL."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def connect(to: Origin, *, timeout: float, public: bool) -> HTTPConnection:
    """Open a connection; with `public`, to no address but the public internet's, whatever the name says.

    The address is resolved once and used as checked, so that a name cannot lead elsewhere the second time.
    Raises `OSError`: not found, not reached, certificate wrong, `AddressError`.
    """
    found = socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if public and not all(_is_public(address) for address in addresses):
        raise AddressError(f"{to.host} leads into our own network")
    reached = _reach(addresses, to.port, timeout)
    if to.scheme == "http":
        return _over(HTTPConnection(to.host, to.port, timeout=timeout), reached)
    context = ssl.create_default_context()
    try:
        wrapped = context.wrap_socket(reached, server_hostname=to.host)
    except OSError:
        reached.close()
        raise
    return _over(HTTPSConnection(to.host, to.port, timeout=timeout, context=context), wrapped)


def _over(connection: HTTPConnection, reached: socket.socket) -> HTTPConnection:
    connection.sock = reached
    connection.auto_open = 0  # never by itself to an address nobody has checked
    return connection


def _reach(addresses: Iterable[str], port: int, timeout: float) -> socket.socket:
    """Connect to the first address that answers."""
    failure: OSError = ConnectionError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=timeout)
        except OSError as error:
            failure = error
    raise failure


def _is_public(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    return found.is_global and not found.is_multicast


def body(answer: HTTPResponse, *, limit: int, timeout: float) -> bytes:
    """Read an answer whole: at most `limit` bytes and `timeout` seconds in all, however slowly it drips.

    Raises `OSError` (`TooLargeError`, `TimeoutError`) or `HTTPException` if it breaks off.
    """
    end = time.monotonic() + timeout
    declared = _declared(answer)
    if declared is not None and declared > limit:
        raise TooLargeError(f"more than {limit} bytes")
    parts, size = [], 0
    while chunk := answer.read1(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLargeError(f"more than {limit} bytes")
        if time.monotonic() > end:
            raise TimeoutError("the answer takes too long")
        parts.append(chunk)
    if declared is not None and size < declared:
        raise HTTPException("the answer broke off")
    return b"".join(parts)


def _declared(answer: HTTPResponse) -> int | None:
    length = answer.getheader("Content-Length")
    return int(length) if length is not None and length.isascii() and length.isdigit() and not answer.chunked else None
