"""What a mail server says in its own words: which recipients it speaks of, what became of them, and why."""

import re
from dataclasses import dataclass

from channels.email import addresses
from channels.email.quoting import PHRASES, any_of, fold
from tickets.messages import BouncedAddress

_MOST_TEXT = 60_000
_MOST_FOUND = 200
_DELAYED, _FAILED_FOR_GOOD = "delayed", "failed"
_LONGEST_LINE = 500
_WINDOW = 600  #: Characters after an address in which its reason stands.

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.-])([45])\d\d(?=[\s:-])")
_ADDRESS = re.compile(r"(?<![\w.+=/-])[A-Za-z0-9_][\w.!#$%&'*+/=?^`{|}~-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
_ORIGIN = re.compile(rf"(?:expanded|generated) (?:from|by):? *<?({_ADDRESS.pattern})", re.IGNORECASE)
_DAEMONS = re.compile(r"(?:mailer-?daemon|post_?master|mail-?daemon|mdaemon|maildelivery|no-?reply)@", re.IGNORECASE)
_OFFICES = re.compile(
    r"(?:support|service|help|help-?desk|abuse|spam|security|admin|administrator|webmaster|hostmaster|unblock\w*)@",
    re.IGNORECASE,
)
_FIELD_LINE = re.compile(
    r"[ \t>|]*(?:received|return-path|x-[\w-]+|mime-version|message-id|dkim-signature|delivered-to)[ \t]*:"
)
_LETTER = re.compile(r"[^\W\d_]")
_NEXT_FIELD = re.compile(r"[ \t>|]*[\w-]+[ \t]*:|[ \t]+\S")
_COPY = re.compile(rf"[\s>*|-]*{any_of('server', 'copy')}")
_TRANSCRIPT = re.compile(rf"[\s>*|-]*{any_of('server', 'transcript')}")
_OTHERS = re.compile(rf"{any_of('server', 'others')}\W{{0,20}}(?:\w{{1,12}}\W{{1,4}}){{0,3}}$")
_CUE = re.compile(rf"{any_of('server', 'recipient')}\W{{0,12}}(?:\w{{1,12}}\W{{1,4}}){{0,2}}$")
_LATE = re.compile(any_of("server", "late"))
_FINAL = re.compile(any_of("server", "final"))
_FAILED = re.compile(any_of("server", "failed"))
_REASONS = [(code, re.compile(any_of("status", code))) for code in PHRASES["status"]]
_RETURNED_TO = re.compile(r"^[ \t>|]*to[ \t]*:[ \t]*([^\n]{3,400})", re.IGNORECASE | re.MULTILINE)
_LISTED = " \t<>\"'([{*|:=-\u300c\u3010,;."
_BETWEEN = re.compile(r"[\s,;<>()\"'\[\]]*(?:and|und|et|si|\u0219i|e|y)?[\s,;<>()\"'\[\]]*")


@dataclass(frozen=True, slots=True)
class _Mention:
    """One place where an address stands."""

    address: str
    start: int
    end: int
    is_listed: bool  #: On a line of its own, or where a recipient is named; not somewhere in a sentence.


def says_undelivered(text: str) -> bool:
    """Whether a text speaks of mail that was not delivered, as servers put it."""
    folded = _on_one_line(_before_copy(text[:_MOST_TEXT]))
    return bool(_FAILED.search(folded) or _FINAL.search(folded) or _LATE.search(folded))


def recipients(text: str, ours: frozenset[str], *, subject: str = "") -> tuple[BouncedAddress, ...]:
    """Read the addresses a server's text speaks about; `ours` are never among them.

    A report that says it will try again is `delayed`. Where no status stands, the reason's words give it.
    """
    said = _before_copy(text[:_MOST_TEXT])
    mentions = _mentions(_before_transcript(said), ours) or _mentions(said, ours) or _origins(said, ours)
    fate = _fate(f"{subject}\n{said}")
    found: dict[str, BouncedAddress] = {}
    for number, mention in enumerate(mentions):
        known = found.get(mention.address.lower())
        if known is None or known.status is None:
            reason = _reason(said, mention, mentions[number + 1 :])
            found[mention.address.lower()] = _judged(mention.address, reason, fate)
    whole = f"{subject}\n\n{said}"
    stated = {match[1] for match in _STATUS.finditer(said)}
    if len(found) == len(stated) == 1:  # the only recipient's only code
        return tuple(_judged(address, " ".join(stated), fate) for address in (one.address for one in found.values()))
    return tuple(_explained(one, whole, mentions, fate) for one in found.values())


def returned_to(text: str, ours: frozenset[str]) -> str | None:
    """Give the one recipient of the copy that a server's text returns."""
    copy = _copy_start(text[:_MOST_TEXT])
    match = _RETURNED_TO.search(text[:_MOST_TEXT], copy) if copy is not None else None
    listed = addresses.read_list([match[1]]) if match else ()
    found = [one.address for one in listed if one.address and one.address.lower() not in ours]
    return found[0] if len(found) == 1 else None


def named(address: str, text: str, *, subject: str = "") -> BouncedAddress:
    """Say what a text means for a recipient it does not name itself."""
    said = _before_copy(text[:_MOST_TEXT])
    return _judged(address, f"{subject}\n{said}", _fate(f"{subject}\n{said}"))


def _fate(text: str) -> str | None:
    """Say what a whole report says: given up, still tried, or neither, so that each recipient's code decides."""
    folded = _on_one_line(text)
    if _FINAL.search(folded):
        return _FAILED_FOR_GOOD
    return _DELAYED if _LATE.search(folded) else None


def status(text: str, *, action: str = "failed") -> str | None:
    """Give the RFC 3463 status that a server's words state or mean."""
    if match := _STATUS.search(text):
        return match[1]
    reply = _REPLY_CODE.search(text)
    given = reply[1] if reply else "4" if action == "delayed" else "5"
    folded = _on_one_line(text)
    reason = next((code for code, pattern in _REASONS if pattern.search(folded)), None)
    if reason:
        return f"{given}{reason}"
    return f"{given}.0.0" if reply else None


def _on_one_line(text: str) -> str:
    return " ".join(fold(text).split())


def _judged(address: str, reason: str, fate: str | None) -> BouncedAddress:
    code = status(reason, action=fate or _FAILED_FOR_GOOD)
    action = fate or (_DELAYED if (code or "5").startswith("4") else _FAILED_FOR_GOOD)
    return BouncedAddress(address=address, action=action, status=code)


def _reason(said: str, mention: _Mention, later: list[_Mention]) -> str:
    """Give what stands between an address and the line of the next one."""
    end = next((one.start for one in later if one.address != mention.address), len(said))
    line = said.rfind("\n", mention.end, end)
    end = line if line >= 0 and end < len(said) else end
    return said[mention.end : min(end, mention.end + _WINDOW)]


def _explained(one: BouncedAddress, said: str, mentions: list[_Mention], fate: str | None) -> BouncedAddress:
    """Look for the reason before an address, then in the whole text, if none stands after it."""
    if one.status is not None:
        return one
    place = said.find(one.address)
    before = said[max(0, place - _WINDOW) : max(0, place)].rpartition("\n")[2]
    near = _judged(one.address, before, fate)
    if near.status or len({mention.address.lower() for mention in mentions}) > 1:
        return near
    return _judged(one.address, said, fate)


def _before_copy(text: str) -> str:
    start = _copy_start(text)
    return text if start is None else text[:start]


def _copy_start(text: str) -> int | None:
    """Give where the returned message begins; a report does not begin with it."""
    lines = _lines(text)
    has_words, begins = False, True
    for number, (start, line) in enumerate(lines):
        following = lines[number + 1][1] if number + 1 < len(lines) else ""
        is_field = begins and _FIELD_LINE.match(line) and _NEXT_FIELD.match(following)
        if has_words and (_COPY.match(line) or is_field):
            return start
        begins = not _LETTER.search(line) or line.rstrip().endswith(":")
        has_words = has_words or bool(line.strip())
    return None


def _before_transcript(text: str) -> str:
    return text[: next((start for start, line in _lines(text) if _TRANSCRIPT.match(line)), len(text))]


def _lines(text: str) -> list[tuple[int, str]]:
    """Give each line, folded, with the offset where it begins."""
    found, position = [], 0
    for line in text.split("\n"):
        found.append((position, fold(line[:_LONGEST_LINE])))
        position += len(line) + 1
    return found


def _origins(text: str, ours: frozenset[str]) -> list[_Mention]:
    """Find whom an alias or a program stands for, where a report names nobody else."""
    found = [_Mention(match[1], match.start(1), match.end(1), is_listed=True) for match in _ORIGIN.finditer(text)]
    return [one for one in found[:_MOST_FOUND] if one.address.lower() not in ours]


def _mentions(text: str, ours: frozenset[str]) -> list[_Mention]:
    """Find recipients; where some are listed, those in sentences are somebody else."""
    found: list[_Mention] = []
    for match in _ADDRESS.finditer(text):
        if len(found) >= _MOST_FOUND:
            break
        address = addresses.bare(match.group().rstrip(".'"))
        if address is None or address.lower() in ours or _DAEMONS.match(address):
            continue
        before = text[max(0, match.start() - 80) : match.start()].rpartition("\n")[2]
        folded = fold(before)
        if _OTHERS.search(folded):
            continue
        follows = bool(found) and bool(_BETWEEN.fullmatch(text[found[-1].end : match.start()][:60]))
        is_listed = not before.strip(_LISTED) or bool(_CUE.search(folded)) or (follows and found[-1].is_listed)
        found.append(_Mention(address, match.start(), match.end(), is_listed))
    whole = [one for one in found if "." in one.address.rpartition("@")[2]] or found  # Notes has names with an at sign
    listed = [one for one in whole if one.is_listed] or whole
    recipients = [one for one in listed if not _OFFICES.match(one.address)]
    return recipients or listed
