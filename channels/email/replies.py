"""The writer's own words: a mail's text without what it quotes, the signature and what programs add below it.

In doubt a line is kept: it costs a glance, a lost one costs an answer. Every step looks a bounded number of lines
ahead or back, so the time grows with the text and not faster.
"""

import re
from dataclasses import dataclass, field

from channels.email import quoting
from channels.email.quoting import fold

_MOST_LINES_OF_ATTRIBUTION = 4
_MOST_LINES_OF_HEAD = 16
_MOST_LINES_OF_SIGNATURE = 40
_MOST_CANDIDATES = 2_000
_LONGEST_LINE = 500
_LEAST_QUOTED = 3
_MOST_OF_COVER = 2_000  #: Characters above the quotation that may say where the answers stand.

_ATTRIBUTION_ENDS = (":", "----", ">", "(a)")
_BLANK = " \t\u00a0\u200e\u200f\u202a\u202c"
_MARK_ENDS = frozenset("-_=*:")
_QUOTED = re.compile(r"\s{0,3}>")
_LINK = re.compile(r"(?<=\S)\s?[<(\[]https?://[^\s<>()\[\]]{1,180}[>)\]]")
_SIGNATURE = re.compile(r"--[ \u00a0]?")
_RULE = re.compile(r"\s*[_\u2014\u2500-]{20,}\s*")
_FIELD = re.compile(r"[\s*>]*([^\W\d_][^:：*]{0,24}?)\*?\s?(?::\*?(?:\s|$)|：)")
_ANGLE = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_FOOTER_LEAST = 80  #: Characters of a legal footer.
_FOOTER_CUES = 2
_SHORT_FOOTER = 150  #: Below so many characters, one cue more.
_MOST_FOOTERS = 10
_MOST_LINES_OF_LIST_FOOTER = 7
_MOST_SIGNATURES = 20
_LEAST_FIELDS = 3
_LONGEST_SIGNATURE_LINE = 9  #: Words.
_TAIL = 12  #: Lines at the end in which an app's line may stand.


@dataclass(slots=True)
class _Text:
    """A text under the knife, and what was found out about it."""

    lines: list[str]
    is_answer: bool
    is_forward: bool
    quotes_count: bool = False  #: Whether lines with ">" are quotations here.
    attributions: dict[int, int] = field(default_factory=dict)  #: First line to the line after the last.
    cited: dict[int, int] = field(default_factory=dict)  #: Attributions of somebody the writer tells of, to their end.
    heads_tried: int = 0
    signatures: int = 0
    kept: list[str] = field(default_factory=list)
    has_words: bool = False  #: Whether a kept line says something.

    def keep(self, lines: list[str]) -> None:
        self.has_words = self.has_words or any(line.strip() for line in lines)
        self.kept += lines


def new_text(text: str, *, subject: str = "", is_answer: bool = False) -> str:
    """Give what the writer of this mail wrote himself.

    Forwarded text is his message when he forwards; answers between quoted lines stay. `is_answer` says that the
    mail names one it answers. Takes time linear in the text.
    """
    folded = fold(subject[:200])
    known_answer = is_answer or bool(quoting.ANSWER_SUBJECT.match(folded))
    is_forward = bool(quoting.FORWARD_SUBJECT.match(folded))
    work = _Text(text.replace("\r\n", "\n").split("\n"), known_answer, is_forward)
    work.attributions = _attributions(work.lines, is_answer=known_answer)
    work.quotes_count = _counts_quotes(work)
    work.cited = _cited(work)
    position = 0
    while position < len(work.lines):
        position = _step(work, position)
    return _trimmed(_without_additions(work.kept))


def answers_in_place(own: str) -> bool:
    """Whether a writer says that more of his answer stands in the text he quotes: below, or in a colour."""
    return bool(quoting.IN_PLACE.search(fold(own[:_MOST_OF_COVER])))


def _counts_quotes(work: _Text) -> bool:
    """Whether ">" marks a quotation: a single line with it may be a sum or an arrow."""
    if work.is_forward and not work.attributions:
        return False
    if work.attributions:
        return True
    quoted = [number for number, line in enumerate(work.lines) if _QUOTED.match(line)]
    if len(quoted) == 1 and work.is_answer:
        [only] = quoted
        return only == 0 or not work.lines[only - 1].strip() or work.lines[only].rstrip().endswith("?")
    return len(quoted) >= _LEAST_QUOTED - work.is_answer


def _step(work: _Text, position: int) -> int:
    """Keep or leave out what begins at a line; the line to go on with."""
    line = work.lines[position]
    if not line.strip():
        work.kept.append("")
        return position + 1
    if work.quotes_count and _QUOTED.match(line):
        return _quotation(work, position)
    if position in work.attributions:
        return _attribution(work, position)
    if line[0] in _MARK_ENDS | {"#"} and quoting.ANSWER_ABOVE.fullmatch(fold(line[:_LONGEST_LINE]).strip("#-*_= \t")):
        return len(work.lines)
    if _is_forwarded(line):
        work.keep(work.lines[position:])
        return len(work.lines)
    after = _head_end(work, position)
    if after:
        return _original(work, position, after)
    if work.signatures < _MOST_SIGNATURES and _SIGNATURE.fullmatch(line):
        work.signatures += 1
        return _signature(work, position)
    work.keep([line])
    return position + 1


def _quotation(work: _Text, position: int) -> int:
    """Leave out a run of quoted lines, unless it is what a forward encloses."""
    inner = fold(work.lines[position].lstrip("> ")[:_LONGEST_LINE])
    if work.is_forward and quoting.FORWARDED.fullmatch(inner):
        work.keep(work.lines[position:])
        return len(work.lines)
    return position + 1


def _attribution(work: _Text, position: int) -> int:
    """Leave out "On <date>, <name> wrote:", with what follows if that is quoted without marks."""
    after = work.attributions[position]
    if position in work.cited:
        work.keep(work.lines[position : work.cited[position]])
        return work.cited[position]
    if _next_is_quoted(work.lines, after):
        return after
    said = " ".join(work.lines[position:after])
    is_sure = bool(quoting.SURE.match(fold(said))) and (work.is_answer or "@" in said) and not work.is_forward
    if is_sure and (work.has_words or work.is_answer):
        return len(work.lines)
    work.keep(work.lines[position:after])
    return after


def _original(work: _Text, position: int, after: int) -> int:
    """Leave out an original message under its head; keep it where the writer forwards."""
    if work.is_forward or not (work.has_words or work.is_answer):
        work.keep(work.lines[position:])
        return len(work.lines)
    if any(number in work.attributions for number in range(after, after + 3)):
        return after
    return after if _next_is_quoted(work.lines, after) else len(work.lines)


def _signature(work: _Text, position: int) -> int:
    """Leave out a signature under its "-- " (RFC 3676 section 4.3), unless it is too long to be one.

    A "--" without its blank may also be a line that parts: under it only what looks like a signature goes.
    """
    end = position + 1
    most = min(len(work.lines), position + _MOST_LINES_OF_SIGNATURE + 1)
    while end < most and not _QUOTED.match(work.lines[end]) and end not in work.attributions:
        if _is_forwarded(work.lines[end]) or _head_end(work, end):
            break
        end += 1
    is_bare = work.lines[position].rstrip() == work.lines[position]
    if end == most < len(work.lines) or (is_bare and not _looks_like_signature(work.lines[position + 1 : end])):
        work.keep([work.lines[position]])
        return position + 1
    return end


def _looks_like_signature(lines: list[str]) -> bool:
    """Whether lines are names, numbers and legal text, and nobody's sentences."""
    paragraphs = "\n".join(lines).split("\n\n")
    return all(
        _is_footer(" ".join(each.split())) or not any(map(_is_sentence, each.split("\n"))) for each in paragraphs
    )


def _is_sentence(line: str) -> bool:
    return "?" in line.partition("http")[0] or len(line.split()) > _LONGEST_SIGNATURE_LINE


def _attributions(lines: list[str], *, is_answer: bool) -> dict[int, int]:
    """Find every attribution, on one line or wrapped: its first line and the line after its last."""
    found: dict[int, int] = {}
    tried = 0
    for number, line in enumerate(lines):
        if len(line) > _LONGEST_LINE or not line.rstrip(_BLANK).endswith(_ATTRIBUTION_ENDS) or _QUOTED.match(line):
            continue
        if tried > _MOST_CANDIDATES:
            break
        is_quoting = _next_is_quoted(lines, number + 1)
        near = fold(f"{lines[number - 1][-_LONGEST_LINE:] if number else ''} {line}")
        start = _attribution_start(lines, number, is_answer=is_answer) if quoting.WROTE.search(near) else None
        if start is None and is_quoting:
            start = number if quoting.BARE_ATTRIBUTION.fullmatch(line) else _precise_start(lines, number)
        tried += is_quoting or bool(quoting.WROTE.search(near))
        if start is not None:
            found[start] = number + 1
    return found


def _cited(work: _Text) -> dict[int, int]:
    """Find what the writer tells somebody else wrote: our own mail is quoted further down, or a colon announces it."""
    found: dict[int, int] = {}
    last = _last_quotation(work)
    for start, after in work.attributions.items():
        if not _next_is_quoted(work.lines, after):
            continue
        end = _end_of_quotes(work.lines, after)
        own = next((number for number in range(end, len(work.lines)) if work.lines[number].strip()), last)
        if (end < last and own not in work.attributions and own < last) or _is_announced(work.lines, start, after):
            found[start] = end
    return found


def _last_quotation(work: _Text) -> int:
    """Give where the last quotation with a head of its own begins, or 0."""
    marked = (start for start, after in work.attributions.items() if _next_is_quoted(work.lines, after))
    last = max(marked, default=0)
    original = (n for n, line in enumerate(work.lines) if line[:2] == "--" and quoting.ORIGINAL.fullmatch(fold(line)))
    return max(last, next(original, 0))


def _end_of_quotes(lines: list[str], position: int) -> int:
    end = position
    while end < len(lines) and (not lines[end].strip() or _QUOTED.match(lines[end])):
        end += 1
    return end


def _is_announced(lines: list[str], start: int, after: int) -> bool:
    """Whether the words before it lead up to it, as in "he wrote to me:", and no program wrote the attribution."""
    before = next((line for line in reversed(lines[max(0, start - 3) : start]) if line.strip()), "")
    is_led_up_to = before.rstrip().endswith(":") and not _QUOTED.match(before)
    return is_led_up_to and not quoting.PRECISE.search(" ".join(lines[start:after]))


def _precise_start(lines: list[str], last: int) -> int | None:
    """Give where an attribution in any language begins: a time and an address in brackets, over quoted lines."""
    for start in range(last, max(-1, last - _MOST_LINES_OF_ATTRIBUTION), -1):
        line = lines[start]
        if not line.strip() or len(line) > _LONGEST_LINE or _QUOTED.match(line):
            return None
        joined = " ".join(lines[start : last + 1])
        if quoting.CLOCK.search(joined) and _ANGLE.search(joined):
            return start
    return None


def _attribution_start(lines: list[str], last: int, *, is_answer: bool) -> int | None:
    joined = ""
    named: int | None = None
    is_cut = True  #: Whether its beginning, a name or a bracket, must stand on the line above.
    for start in range(last, max(-1, last - _MOST_LINES_OF_ATTRIBUTION), -1):
        line = lines[start]
        if not line.strip() or len(line) > _LONGEST_LINE or _QUOTED.match(line):
            break
        joined = f"{fold(line.strip())} {joined}".strip()
        if not quoting.DATED.search(joined):
            continue
        is_precise = bool(quoting.PRECISE.search(joined))
        begins_inside = joined[0] == "<" or joined.count(")") > joined.count("(") or bool(quoting.WROTE.match(joined))
        if (is_answer or is_precise) and not begins_inside and quoting.ATTRIBUTION.fullmatch(joined):
            return start
        if is_cut and is_precise and quoting.NAMED_ATTRIBUTION.fullmatch(joined):
            named, is_cut = start, begins_inside
    return named


def _is_forwarded(line: str) -> bool:
    if len(line) > _LONGEST_LINE or line.rstrip()[-1:] not in _MARK_ENDS:
        return False
    return bool(quoting.FORWARDED.fullmatch(fold(line)))


def _head_end(work: _Text, position: int) -> int:
    """Give the line after the head of an original message that begins here, or 0."""
    line = work.lines[position]
    if len(line) > _LONGEST_LINE:
        return 0
    if line.lstrip("*> \t")[:1] in "-_=" and quoting.ORIGINAL.fullmatch(fold(line)):
        return _fields_end(work.lines, position + 1)[0] or position + 1
    if lotus := _lotus_end(work.lines, position):
        return lotus
    is_rule = bool(_RULE.fullmatch(line))
    if not is_rule and ":" not in line[:40] and "：" not in line[:40]:
        return 0
    if work.heads_tried > _MOST_CANDIDATES:
        return 0
    work.heads_tried += 1
    end, kinds, has_address = _fields_end(work.lines, position + is_rule)
    if _is_head(kinds, has_address=has_address):
        return end
    return _foreign_head_end(work.lines, position + 1) if is_rule else 0


def _lotus_end(lines: list[str], position: int) -> int:
    """Give the line after the head that Notes writes: name, date, then "To" and "Subject" alone on their lines."""
    if position + 1 >= len(lines) or not quoting.PRECISE.search(lines[position + 1][:60]):
        return 0
    near = [line.strip() for line in lines[position + 2 : position + 14]]
    filled = next((line for line in near if line), "")
    if quoting.HEAD.get(fold(filled[:_LONGEST_LINE])) != "to":
        return 0
    subject = next((n for n, line in enumerate(near) if quoting.HEAD.get(fold(line[:40])) == "subject"), None)
    return 0 if subject is None else min(position + 2 + subject + 2, len(lines))


def _foreign_head_end(lines: list[str], start: int) -> int:
    """Give the line after fields in a language we do not know: three in a row under a rule, the sender first."""
    end = start
    while end < len(lines) and end - start < _MOST_LINES_OF_HEAD and _FIELD.match(lines[end][:_LONGEST_LINE]):
        end += 1
    is_sent = end > start and bool(_ANGLE.search(lines[start][:_LONGEST_LINE]))
    return end if end - start >= _LEAST_FIELDS and is_sent else 0


def _is_head(kinds: set[str], *, has_address: bool) -> bool:
    """Whether fields are those of a mail, and not of a journey ("From: Cluj, To: Rome, Date: 3 November")."""
    if "from" not in kinds:
        return False
    return ("subject" in kinds and bool(kinds & {"date", "to"})) or ({"date", "to"} <= kinds and has_address)


def _fields_end(lines: list[str], start: int) -> tuple[int, set[str], bool]:
    """Read the fields of a head from a line on: where they end, their kinds, whether From or To has an address."""
    kinds: set[str] = set()
    end, blanks, has_address = 0, 0, False
    for number in range(start, min(len(lines), start + _MOST_LINES_OF_HEAD)):
        line = lines[number][:_LONGEST_LINE]
        if not line.strip():
            blanks += 1
            if blanks > 1 or "subject" in kinds:
                break
            continue
        match = _FIELD.match(line)
        kind = quoting.HEAD.get(fold(match[1]).strip()) if match else None
        if kind is None and (not kinds or blanks):
            break
        blanks = 0
        if kind is not None:
            kinds.add(kind)
            end = number + 1
        has_address = has_address or (kind in {"from", "to"} and "@" in line)
    return end, kinds, has_address


def _next_is_quoted(lines: list[str], position: int) -> bool:
    """Whether the next words, after at most three empty lines, are quoted."""
    for line in lines[position : position + 4]:
        if line.strip():
            return bool(_QUOTED.match(line))
    return False


def _without_additions(lines: list[str]) -> list[str]:
    """Take off what a phone, an app or an office puts under every mail; a mail of nothing but a footer is none."""
    without = _without_footers(lines)
    lines = without if any(line.strip() for line in without) else lines
    filled = [number for number, line in enumerate(lines) if line.strip()][-_TAIL:]
    added = {number for number in filled if _is_added(lines[number])}
    kept = [line for number, line in enumerate(lines) if number not in added]
    while added and kept and not kept[-1].strip(" \t\u2014\u2013_-"):
        kept.pop()  # the dash above an app's line
    return kept


def _is_added(line: str) -> bool:
    if len(line) > 200:  # noqa: PLR2004 - an app's line is short, its link included
        return False
    if "http" in line:
        line = _LINK.sub("", line)
    return bool(quoting.ADDED.fullmatch(fold(line).strip(" *_.!\t")))


def _without_footers(lines: list[str]) -> list[str]:
    """Take off legal paragraphs at the end, last first."""
    end = _without_list_footer(lines)
    for _ in range(_MOST_FOOTERS):
        while end and not lines[end - 1].strip():
            end -= 1
        start = end
        while start and lines[start - 1].strip() and end - start < _MOST_LINES_OF_SIGNATURE:
            start -= 1
        if start == end or not _is_footer(" ".join(lines[start:end])):
            break
        end = start
    return lines[:end]


def _without_list_footer(lines: list[str]) -> int:
    """Give where the lines end that a mailing list did not add: a rule, then its name and address."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    for start in range(end - 1, max(-1, end - _MOST_LINES_OF_LIST_FOOTER), -1):
        if _RULE.fullmatch(lines[start]):
            below = " ".join(lines[start:end])
            return start if "list" in below.lower() and ("http" in below or "@" in below) else end
    return end


def _is_footer(paragraph: str) -> bool:
    folded = fold(paragraph[:5_000])
    if quoting.PERSONAL.search(folded):
        return False
    if quoting.GREEN.fullmatch(folded):
        return True
    cues = {match.group() for match in quoting.FOOTER_WORD.finditer(folded)}
    return (
        len(paragraph) >= _FOOTER_LEAST
        and len(cues) >= _FOOTER_CUES + (len(paragraph) < _SHORT_FOOTER)
        and bool(quoting.FOOTER.search(folded))
    )


def _trimmed(lines: list[str]) -> str:
    """Put the lines together, with no more than one empty line in a row."""
    out: list[str] = []
    for line in lines:
        if line.strip() or (out and out[-1]):
            out.append(line.rstrip() if line.strip() else "")
    return "\n".join(out).strip("\n")
