"""What our own mail server found out about the sender's domain (RFC 8601), and nobody else's word."""

import re
from collections.abc import Iterator

from channels.email.headers import Headers
from tickets.messages import Trust

_MOST_BYTES = 20_000
_COMMENT = re.compile(r"\([^()]*+\)")
_QUOTED = re.compile(r'"([^"\\]*+)"')
_RESULT = re.compile(r"\s*([a-z][a-z0-9-]{0,30})(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(smtp\.mailfrom|smtp\.helo|header\.from|header\.d|header\.i)\s*=\s*([^\s;]+)", re.IGNORECASE)
_FAILED = frozenset({"fail", "hardfail", "permerror", "policy"})
_SHARED = frozenset({"co", "com", "org", "net", "gov", "edu", "ac", "gob", "go", "or", "ne"})
Results = list[tuple[str, str, str]]


def judge(known: Headers, address: str | None, authserv: str | None) -> Trust:
    """Weigh the topmost Authentication-Results, if `authserv` wrote it.

    PASS if DMARC passed, or SPF or DKIM for the sender's own domain; FAIL if DMARC failed, or nothing passed and
    SPF or DKIM failed outright; NONE otherwise, and without an id to trust.
    """
    if not authserv:
        return Trust.NONE
    results = _results(known.first("authentication-results"), authserv)
    if results is None:
        return Trust.NONE
    verdicts = {method: result for method, result, _ in reversed(results)}
    if verdicts.get("dmarc") in {"pass", "bestguesspass"}:
        return Trust.PASS if verdicts["dmarc"] == "pass" else _by_domain(results, address)
    if verdicts.get("dmarc") == "fail":
        return Trust.FAIL
    return _by_domain(results, address)


def _results(value: str, authserv: str) -> Results | None:
    """Read the results of a field; None if it is not our server's. Microsoft 365 writes no id at all."""
    if not value:
        return None
    first, *rest = _pieces(value[:_MOST_BYTES])
    if _RESULT.match(first) and "=" in first:
        rest, first = [first, *rest], authserv
    identifier = first.split()[0] if first.split() else ""
    if identifier.lower() != authserv.strip().lower():
        return None
    return [one for piece in rest if (one := _result(piece))]


def _pieces(value: str) -> list[str]:
    """Cut at semicolons; comments say nothing."""
    for _ in range(5):
        value, count = _COMMENT.subn(" ", value)
        if not count:
            break
    return _QUOTED.sub(lambda quoted: quoted[1].replace(";", " "), value).split(";")


def _result(piece: str) -> tuple[str, str, str] | None:
    """Read one method: its name, its result, the domain it speaks about."""
    match = _RESULT.match(piece)
    if match is None:
        return None
    method = match[1].lower()
    properties = {name.lower(): value.lower() for name, value in _PROPERTY.findall(piece)}
    wanted = {"spf": ("smtp.mailfrom",), "dkim": ("header.d", "header.i")}.get(method, ("header.from",))
    domain = next((properties[name] for name in wanted if name in properties), "")
    return method, match[2].lower(), domain.rpartition("@")[2].strip("<>\"'. ")


def _by_domain(results: Results, address: str | None) -> Trust:
    said = list(_of(results, "spf", "dkim"))
    own = (address or "").rpartition("@")[2].lower()
    if own and any(result == "pass" and _aligned(domain, own) for _, result, domain in said):
        return Trust.PASS
    failed = {method for method, result, _ in said if result in _FAILED}
    passed = any(result == "pass" for _, result, _ in said)
    return Trust.FAIL if failed and not passed else Trust.NONE


def _of(results: Results, *methods: str) -> Iterator[tuple[str, str, str]]:
    return (one for one in results if one[0] in methods)


def _aligned(domain: str, own: str) -> bool:
    """Whether two names belong to one organisation (RFC 7489 section 3.1, relaxed), without a list of suffixes."""
    if not domain:
        return False
    return domain == own or own.endswith(f".{domain}") and _is_registered(domain) or domain.endswith(f".{own}") and _is_registered(own)


def _is_registered(domain: str) -> bool:
    """Whether a parent domain can belong to one organisation: not `ro`, not `co.uk`."""
    labels = domain.split(".")
    return len(labels) > 2 or (len(labels) == 2 and labels[0] not in _SHARED)  # noqa: PLR2004 - name and top level
