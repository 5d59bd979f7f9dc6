"""Policy numbers as people write them: RCA, PAD, and the formats an insurer configures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tickets.errors import ConfigurationError
from tickets.identifiers import (
    DIGIT,
    GAP,
    NARROW_GAP,
    NUMBER_WORD,
    Reference,
    ReferenceKind,
    Window,
    digits,
    real_digits,
)

_MOST_PATTERN = 200  #: Characters of a configured pattern.
_MOST_TEXT = 20_000  #: Characters that a pattern we did not derive may scan.


#: Behind its first letter: a number begins a word, or is stuck to one that announces it.
_BEGUN = r"(?:(?<![A-Z0-9].)|(?<=POLITA.)|(?<=POLITEI.)|(?<=POLICY.)|(?<=SERIA.)|(?<=NR.))"


def _repeated(count: int) -> str:
    return rf"{DIGIT}(?:{NARROW_GAP}{DIGIT}){{{count - 1}}}"


# RO/XX/YYY/SS NNNNNNNNN: XX the insurer's number, YYY two or three and SS two letters or digits, nine digits.
_RCA = re.compile(
    rf"R{_BEGUN}[O0Q]{GAP}(?P<insurer>{DIGIT}{{2}}){GAP}(?P<series>[A-Z0-9]{{2,3}}){GAP}(?P<kind>[A-Z0-9]{{2}})"
    rf"{GAP}(?:(?:SI|CU|SERIA|SERIE){GAP})?{NUMBER_WORD}(?P<number>{_repeated(9)})(?![0-9])"
)
_PAD = re.compile(rf"R{_BEGUN}A{GAP}(?:(?:SERIA|SERIE){GAP})?{NUMBER_WORD}(?P<number>{_repeated(11)})(?![0-9])")
_LEAST_REAL = 5


def rca_policies(window: Window) -> Iterator[Reference]:
    """Find RCA series and numbers: `RO/25/V25/HV 012345678`."""
    for match in window.matches(_RCA):
        if real_digits(match["number"]) >= _LEAST_REAL:
            series = f"RO/{digits(match['insurer'])}/{match['series']}/{match['kind']}"
            yield _reference(ReferenceKind.RCA, f"{series} {digits(match['number'])}", match)


def pad_policies(window: Window) -> Iterator[Reference]:
    """Find numbers of compulsory home policies: `RA06512345678`."""
    for match in window.matches(_PAD):
        if real_digits(match["number"]) >= _LEAST_REAL:
            yield _reference(ReferenceKind.PAD, f"RA{digits(match['number'])}", match)


def _reference(kind: str, value: str, match: re.Match[str]) -> Reference:
    return Reference(kind=kind, value=value, start=match.start(), end=match.end())


# --- configured formats

_TOKEN = re.compile(r"(?:\\d|\[0-9\])(?:\{(\d{1,2})\})?|\\b|[\^$]|\\?([A-Za-z0-9])|\\?([-/. _:])")
_PLACE = "\0"


@dataclass(frozen=True, slots=True)
class PolicyFormat:
    r"""One `[[reference]]` table: how an insurer's own policy numbers look.

    A pattern of letters, separators and counted digits (`CAS-\d{7}`) is read tolerantly: any case, other or
    no separators, look-alikes of digits. Any other regular expression is used as it is on the folded text (capitals, no
    diacritics), and only on its first 20,000 characters. Raises `ConfigurationError` if it cannot be used.
    """

    kind: str
    pattern: str
    canonical: str | None = None  #: Template with `\\1` groups for what is stored; None: as the pattern prints it.
    _matcher: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _print: str | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the pattern, tolerantly where it is simple enough."""
        derived = _tolerant(self.pattern) if self.canonical is None else None
        matcher, template = derived or (self.pattern, None)
        try:
            if len(self.pattern) > _MOST_PATTERN or not self.pattern:
                raise ConfigurationError(self._named(f"must have 1 to {_MOST_PATTERN} characters"))
            compiled = re.compile(matcher)
            if self.canonical is not None:
                _check_template(compiled, self.canonical)
        except (re.error, OverflowError, IndexError) as error:
            raise ConfigurationError(self._named(f"cannot be read: {error}")) from error
        object.__setattr__(self, "_matcher", compiled)
        object.__setattr__(self, "_print", template)

    def find(self, window: Window) -> Iterator[Reference]:
        """Find this insurer's policy numbers."""
        if self._print is None:
            window = Window(window.text, window.start, min(window.end, _MOST_TEXT))
        for match in window.matches(self._matcher):
            if match[0] and (value := self._printed(match)):
                yield Reference(kind=self.kind, value=value, start=match.start(), end=match.end())

    def _printed(self, match: re.Match[str]) -> str | None:
        if self._print is None:
            return match.expand(self.canonical) if self.canonical is not None else match[0]
        read = digits("".join(match.groups("")))
        if 2 * sum(map(real_digits, match.groups(""))) < len(read):
            return None
        figures = iter(read)
        return "".join(next(figures) if character == _PLACE else character for character in self._print)

    def _named(self, problem: str) -> str:
        return f"[[reference]] kind {self.kind!r}: pattern {self.pattern[:_MOST_PATTERN]!r} {problem}"


def _check_template(compiled: re.Pattern[str], canonical: str) -> None:
    """Refuse a template that names a group the pattern does not have."""
    for group in re.findall(r"\\(\d{1,2})|\\g<(\d{1,2})>", canonical):
        if int("".join(group)) > compiled.groups:
            raise IndexError(f"canonical names group {''.join(group)}, the pattern has {compiled.groups}")


def _tolerant(pattern: str) -> tuple[str, str] | None:
    """Give a tolerant matcher and a print template (NUL where a digit goes), None for other expressions."""
    matcher: list[str] = []
    template: list[str] = []
    place = 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None or not _add(token, matcher, template):
            return None
        place = token.end()
    if not matcher or matcher[0].startswith("(") or not any(part.startswith("(") for part in matcher):
        return None  # without letters in front, or without digits, tolerance would match anything
    return matcher[0] + _BEGUN + _joined(matcher)[len(matcher[0]) :] + r"(?![0-9])", "".join(template)


def _add(token: re.Match[str], matcher: list[str], template: list[str]) -> bool:
    """Take one token of a simple pattern over; False where a quantifier follows a literal."""
    letter, separator = token[2], token[3]
    if token.string[token.end() : token.end() + 1] in {"{", "*", "+", "?", "|"}:
        return False
    if letter:
        matcher.append(f"({DIGIT})" if letter.isdigit() else "[O0]" if letter in "oO" else letter.upper())
        template.append(_PLACE if letter.isdigit() else letter.upper())
    elif separator:
        template.append(separator)
    elif "d" in token[0] or "0-9" in token[0]:
        count = int(token[1] or 1)
        matcher.append(f"({_repeated(count)})")
        template.append(_PLACE * count)
    return True


def _joined(parts: list[str]) -> str:
    """Let letters stand together, and separators and "nr." between letters and digits."""
    joined = parts[0]
    for previous, part in pairwise(parts):
        both_letters = not part.startswith("(") and not previous.startswith("(")
        joined += (
            part
            if both_letters
            else GAP + (NUMBER_WORD if part.startswith("(") and not previous.startswith("(") else "") + part
        )
    return joined


#: What the example configuration has: an insurer whose policies are printed CAS-0451237.
EXAMPLE = PolicyFormat(kind=ReferenceKind.OWN, pattern=r"CAS-\d{7}")
