"""A calendar invitation (RFC 5545) in words, for mails that say nothing else."""

import re

_MOST = 200_000
_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"^(SUMMARY|DTSTART|DTEND|LOCATION|ORGANIZER|DESCRIPTION)(?:;[^:\n]{0,200})?:(.*)$", re.MULTILINE)
_ESCAPE = re.compile(r"\\([\\;,nN])")
_WHEN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d))?")


def read(text: str) -> str:
    """Give title, times, place, organiser and description of the first event, one a line; "" if there is none."""
    event = _FOLD.sub("", text[:_MOST]).partition("BEGIN:VEVENT")[2].partition("END:VEVENT")[0]
    found: dict[str, str] = {}
    for name, value in _LINE.findall(event.replace("\r", "")):
        found.setdefault(name, _plain(name, value))
    return "\n".join(value for value in found.values() if value)


def _plain(name: str, value: str) -> str:
    if name in {"DTSTART", "DTEND"}:
        match = _WHEN.match(value)
        day = f"{match[1]}-{match[2]}-{match[3]}" if match else ""
        return f"{day} {match[4]}:{match[5]}" if match and match[4] else day
    value = value.removeprefix("mailto:").removeprefix("MAILTO:")
    return _ESCAPE.sub(lambda escape: "\n" if escape[1] in "nN" else escape[1], value).strip()
