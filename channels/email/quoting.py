"""How mail programs mark quoted, forwarded and added text: `phrases.toml` as patterns. Text is matched folded."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from importlib.resources import files

_MARKS = re.compile("[\u0300-\u036f]")
#: Most texts with marks are in ASCII without these, which is sooner done than to take all of Unicode apart.
_ROMANIAN = tuple(zip("ăâîșțşţ", "aaistst", strict=True))
PHRASES: dict[str, dict[str, list[str] | str]] = tomllib.loads((files(__package__) / "phrases.toml").read_text("utf-8"))


def fold(text: str) -> str:
    """Give a text in lower case, without diacritics."""
    text = text.lower()
    for letter, bare in _ROMANIAN if not text.isascii() else ():
        text = text.replace(letter, bare)
    if text.isascii():
        return text
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.replace("ł", "l").replace("\u2019", "'")))


def any_of(table: str, key: str) -> str:
    """Give one list of phrases as an alternative of a pattern."""
    return f"(?:{'|'.join(PHRASES[table][key])})"


_LETTER = re.compile(r"[^\W\d_](?![?*+{])")
_CHOICE = re.compile(r"\(\?:([^()]*)\)(\??)(?![*+{])(.*)", re.DOTALL)


def at_a_word(phrases: Iterable[str]) -> str:
    """Give phrases as a pattern for where a word begins, those of one first letter together.

    A pattern tries its alternatives one by one at every word; so it tries those that begin like it alone.
    """
    by_letter: dict[str, list[str]] = {}
    for phrase in (each for listed in phrases for each in _begun(listed)):
        letter = phrase[:1] if _LETTER.match(phrase) else ""
        by_letter.setdefault(letter, []).append(phrase.removeprefix(letter))
    groups = (f"{letter}(?:{'|'.join(rests)})" for letter, rests in by_letter.items())
    return rf"(?<!\w)(?:{'|'.join(groups)})"


def _begun(phrase: str) -> Iterator[str]:
    """A phrase that begins with a choice, once for each choice."""
    match = _CHOICE.fullmatch(phrase)
    if match is None:
        yield phrase
        return
    choices, is_optional, rest = match.groups()
    for choice in [*choices.split("|"), *([""] if is_optional else [])]:
        yield from _begun(choice + rest)


_WROTE = any_of("attribution", "wrote")
_ON = any_of("attribution", "on")
_WEEKDAY = any_of("attribution", "weekday") + r"[a-z]{0,12}\.?"
_TAG = r"\s*(?:\[[^\]]{0,40}\]\s*)?"

#: Whether a line may belong to an attribution: a date, a time or an address.
DATED = re.compile(r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]|@")
WROTE = re.compile(rf"(?<!\w){_WROTE}(?!\w)|<\S+@\S+>|^[\s-]*{any_of('attribution', 'quoting')}\s")
#: "On <date>, <name> wrote:" as a whole, and "<name> wrote on <date>:".
ATTRIBUTION = re.compile(
    rf"(?:-{{2,4}} ?)?(?:{_ON}\s(?=.{{0,60}}\d)|{_WEEKDAY},?\s(?=.{{0,20}}\d)|\d{{1,4}}[./-])"
    rf".{{3,400}}?(?:(?<!\w){_WROTE}(?!\w).{{0,200}}|<\S+@\S+>\s?)(?::|-{{3,4}})"
)
NAMED_ATTRIBUTION = re.compile(
    rf".{{2,250}}?(?<!\w){_WROTE}(?!\w).{{0,200}}:|{any_of('attribution', 'quoting')}\s.{{2,250}}:"
)
#: What only programs write in an attribution: a time or an address in brackets; the second, with a weekday or such an
#: address, makes it sure even where the lines under it are not marked.
CLOCK = re.compile(r"(?<![\d.])\d{1,2}[:.h]\d{2}(?![\d.])")
PRECISE = re.compile(r"(?<![\d.])\d{1,2}[:.h]\d{2}(?![\d.])|[<(\[]\S+@\S+[>)\]]")
SURE = re.compile(
    rf"(?=.*(?<![\d.])\d{{1,2}}[:.h]\d{{2}}(?![\d.]))(?=.*\d{{4}}|.*[./-]\d\d)(?:.*[<(\[]\S+@\S+[>)\]]|[\s-]*(?:{_ON}\s)?{_WEEKDAY},?\s)"
)
#: An old form: "2026/11/23 <name> <address>", over marked lines only.
BARE_ATTRIBUTION = re.compile(r"\d{4}[/-]\d{1,2}[/-]\d{1,2}\s.{2,200}<\S+@\S+>\s*")
#: Where help desks ask to be answered: everything below is theirs.
ANSWER_ABOVE = re.compile(any_of("original", "answer_above"))
#: "-----Original Message-----": what follows is quoted, unless the whole mail is a forward.
ORIGINAL = re.compile(rf"[\s>*]*[-_=]{{2,}}\s*{any_of('original', 'message')}\s*[-_=]{{2,}}\s*")
#: Forwarded text is what the writer wants to be read.
FORWARDED = re.compile(
    rf"[\s>*]*(?:[-_=*]{{2,}}\s*)?{any_of('forwarded', 'message')}(?:[^\n]{{0,80}}[-_=*]{{2,}}|\s*:)\s*"
)
FORWARD_SUBJECT = re.compile(rf"{_TAG}{any_of('subject', 'forward')}\s*(?:\[\d+\])?\s*:")
ANSWER_SUBJECT = re.compile(rf"{_TAG}{any_of('subject', 'answer')}\s*(?:\[\d+\])?\s*:")
#: Which words name which field at the head of a quoted mail.
HEAD = {word: kind for kind, listed in PHRASES["head"].items() for word in listed}
#: What a phone or an app adds under the words, as one line.
_LINK = r"(?:\s*[<(\[]?https?://\S+)?"
ADDED = re.compile(
    rf"(?:{any_of('added', 'sent_from')}\b(?:\s[^\s,:;?!]+){{0,4}}?\s{any_of('added', 'device')}\b[^,:;?!]{{0,50}}"
    rf"|{any_of('added', 'sent_from')}\s{any_of('added', 'telephone')}(?:\s{any_of('added', 'device')}.{{0,30}})?"
    r"(?:\sgesendet)?"
    rf"|az? .{{0,20}}{any_of('added', 'device')}.{{0,15}}kuldve|{any_of('added', 'advertisement')}"
    rf"|<?https?://\S{{0,60}}(?:avast|avg|sig-email)\S*|<#[0-9a-f-]{{30,40}}>){_LINK}"
)
#: What says that the answers stand in the quoted text.
IN_PLACE = re.compile(rf"\b{any_of('original', 'in_place')}\b")
FOOTER = re.compile(rf"\b{any_of('footer', 'begins')}")
FOOTER_WORD = re.compile(any_of("footer", "words"))
GREEN = re.compile(rf"[^?:]{{0,60}}{any_of('footer', 'green')}[^?:]{{0,120}}")
#: What no legal paragraph says: its writer speaks of himself.
PERSONAL = re.compile(rf"\b{any_of('footer', 'personal')}\b")
