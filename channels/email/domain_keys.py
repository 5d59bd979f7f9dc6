"""A sender's DKIM signature (RFC 6376), checked again by ourselves where the configuration says so."""

import logging
import re
from collections.abc import Callable

from channels.email.headers import Headers
from channels.email.settings import Dkim
from channels.email.trust import is_aligned
from tickets.messages import Trust

#: Gives the TXT record of a name, or None where there is none or nobody answers.
FindRecord = Callable[[str], bytes | None]

_MOST_SIGNATURES = 5
_LONGEST_SIGNATURE = 10_000  #: Characters; the library's patterns are not linear.
_TAG = re.compile(r"(?:^|;)\s*([a-z]+)\s*=\s*([^;]*)")
_SILENT = logging.getLogger("channels.email.domain_keys.silent")
_SILENT.disabled = True  # the library writes down what customers wrote


def judge(raw: bytes, known: Headers, address: str | None, find_record: FindRecord) -> Trust:
    """Say PASS if a signature of the sender's own domain fits, FAIL if all of them that could be checked do not.

    NONE without a signature, without its key, or where it covers only the beginning of the mail (l=) or is expired.
    """
    own = (address or "").rpartition("@")[2].lower()
    found = [
        _checked(raw, number, find_record)
        for number, value in enumerate(known.all("dkim-signature")[:_MOST_SIGNATURES])
        if own and len(value) <= _LONGEST_SIGNATURE and _speaks_for(own, value)
    ]
    if Trust.PASS in found:
        return Trust.PASS
    return Trust.FAIL if Trust.FAIL in found else Trust.NONE


def resolver(settings: Dkim) -> FindRecord:
    """Ask the system's name servers, or the configured one."""
    from dns.exception import DNSException
    from dns.resolver import Resolver

    asked = Resolver(configure=settings.nameserver is None)
    if settings.nameserver is not None:
        asked.nameservers, asked.port = [settings.nameserver], settings.port

    def find_record(name: str) -> bytes | None:
        try:
            answer = asked.resolve(name, "TXT", lifetime=settings.timeout)
        except DNSException:
            return None
        return next((b"".join(record.strings) for record in answer), None)

    return find_record


def _speaks_for(own: str, value: str) -> bool:
    tags = dict(_TAG.findall(value))
    return "l" not in tags and is_aligned(re.sub(r"\s+", "", tags.get("d", "")).lower(), own)


def _checked(raw: bytes, number: int, find_record: FindRecord) -> Trust:
    """Check one signature; a key that cannot be had is no evidence."""
    import dkim

    keys: list[bytes] = []

    def find(name: bytes, timeout: int = 0) -> bytes | None:  # noqa: ARG001 - the library's own signature
        record = find_record(name.decode("utf-8", "replace"))
        keys.extend([record] if record else [])
        return record

    try:
        fits = dkim.DKIM(raw, logger=_SILENT).verify(idx=number, dnsfunc=find)
    except dkim.ValidationError as error:
        return Trust.NONE if "x=" in str(error) or "t=" in str(error) else Trust.FAIL
    except Exception:  # noqa: BLE001 - a library on a stranger's bytes: what it cannot read is no evidence
        return Trust.NONE
    if fits:
        return Trust.PASS
    return Trust.FAIL if keys else Trust.NONE
