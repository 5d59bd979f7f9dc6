"""What our own mail server found out about the sender's domain (RFC 8601), and how findings add up."""

import re

from channels.email.headers import Headers
from tickets.messages import Trust

_MOST_BYTES = 20_000
_COMMENT = re.compile(r"\([^()]*+\)")
_QUOTED = re.compile(r'"([^"\\]*+)"')
_RESULT = re.compile(r"\s*([a-z][a-z0-9-]{0,30})(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(smtp\.mailfrom|smtp\.helo|header\.from|header\.d|header\.i)\s*=\s*([^\s;]+)", re.IGNORECASE)
_FAILED = frozenset({"fail", "hardfail"})
_SHARED = frozenset({"co", "com", "org", "net", "gov", "edu", "ac", "gob", "go", "or", "ne"})
Results = list[tuple[str, str, str]]


def judge(known: Headers, address: str | None, authserv: str | None) -> Trust:
    """Weigh the topmost Authentication-Results, if `authserv` wrote it.

    PASS if DMARC passed, or SPF or DKIM for the sender's own domain; FAIL if DMARC failed, or nothing passed and
    SPF or DKIM failed outright; NONE otherwise, and without an id to trust.
    """
    results = _results(known.all("authentication-results"), authserv.strip().lower()) if authserv else None
    if results is None:
        return Trust.NONE
    own = (address or "").rpartition("@")[2].lower()
    dmarc, about = next(((result, domain) for method, result, domain in results if method == "dmarc"), ("", ""))
    if dmarc == "fail":
        return Trust.FAIL
    if dmarc == "pass" and own and (not about or is_aligned(about, own)):
        return Trust.PASS
    return _by_domain(results, own)


def _results(values: list[str], authserv: str) -> Results | None:
    """Read the topmost field that is our server's; None without one.

    Microsoft 365 writes no id at all: such a field counts as ours only at the very top.
    """
    for number, value in enumerate(values):
        first, *rest = _pieces(value[:_MOST_BYTES])
        if _RESULT.match(first):
            if number == 0:
                return [one for piece in (first, *rest) if (one := _result(piece))]
        elif first.lower().split()[:1] == [authserv]:
            return [one for piece in rest if (one := _result(piece))]
    return None


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


def stricter(one: Trust, other: Trust) -> Trust:
    """Bring two findings together: a fail is not outweighed, and no evidence says nothing."""
    return next((each for each in (Trust.FAIL, Trust.PASS) if each in (one, other)), Trust.NONE)


def _by_domain(results: Results, own: str) -> Trust:
    said = [one for one in results if one[0] in {"spf", "dkim"}]
    if own and any(result == "pass" and is_aligned(domain, own) for _, result, domain in said):
        return Trust.PASS
    passed = any(result == "pass" for _, result, _ in said)
    return Trust.FAIL if not passed and any(result in _FAILED for _, result, _ in said) else Trust.NONE


def is_aligned(domain: str, own: str) -> bool:
    """Whether two names belong to one organisation (RFC 7489 section 3.1, relaxed), without a list of suffixes."""
    if not domain:
        return False
    return (
        domain == own
        or (own.endswith(f".{domain}") and _is_registered(domain))
        or (domain.endswith(f".{own}") and _is_registered(own))
    )


def _is_registered(domain: str) -> bool:
    """Whether a parent domain can belong to one organisation: not `ro`, not `co.uk`."""
    labels = domain.split(".")
    return len(labels) > 2 or (len(labels) == 2 and labels[0] not in _SHARED)  # noqa: PLR2004 - name and top level
