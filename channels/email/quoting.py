"""How mail programs mark quoted, forwarded and added text: `phrases.toml` as patterns. Text is matched folded."""

import re
import tomllib
import unicodedata
from importlib.resources import files

_MARKS = re.compile("[\u0300-\u036f]")
PHRASES: dict[str, dict[str, list[str] | str]] = tomllib.loads((files(__package__) / "phrases.toml").read_text("utf-8"))


def fold(text: str) -> str:
    """Give a text in lower case, without diacritics."""
    text = text.lower()
    if text.isascii():
        return text
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.replace("ł", "l").replace("\u2019", "'")))


def any_of(table: str, key: str) -> str:
    """Give one list of phrases as an alternative of a pattern."""
    return f"(?:{'|'.join(PHRASES[table][key])})"


_WROTE = any_of("attribution", "wrote")
_ON = any_of("attribution", "on")
_WEEKDAY = any_of("attribution", "weekday") + r"[a-z]{0,8}\.?"
_TAG = r"\s*(?:\[[^\]]{0,40}\]\s*)?"

#: Whether a line may belong to an attribution: a date, a time or an address; and whether it is a sure one.
DATED = re.compile(r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]|@")
SURE = re.compile(r"\d{1,2}[:.h]\d{2}|\S@\S")
WROTE = re.compile(rf"(?<!\w){_WROTE}(?!\w)|<\S+@\S+>")
#: "On <date>, <name> wrote:" as a whole, and "<name> wrote on <date>:".
ATTRIBUTION = re.compile(
    rf"(?:{_ON}\s(?=.{{0,60}}\d)|{_WEEKDAY},?\s(?=.{{0,20}}\d)|\d{{1,4}}[./-])"
    rf".{{3,400}}?(?:(?<!\w){_WROTE}(?!\w).{{0,200}}|<\S+@\S+>\s?):"
)
NAMED_ATTRIBUTION = re.compile(rf".{{2,250}}?(?<!\w){_WROTE}(?!\w).{{0,200}}:")
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
ADDED = re.compile(
    rf"{any_of('added', 'sent_from')}\b.{{0,40}}{any_of('added', 'device')}.{{0,80}}|{any_of('added', 'advertisement')}"
)
FOOTER = re.compile(rf"\b{any_of('footer', 'begins')}")
FOOTER_WORD = re.compile(any_of("footer", "words"))
GREEN = re.compile(rf".{{0,60}}{any_of('footer', 'green')}.{{0,200}}")
