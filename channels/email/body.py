"""Which parts of a mail are its words, which are its files, and what the words are (RFC 2046, 2387, 3676)."""

import html as markup
import re
from dataclasses import dataclass, field

from channels.email import charset, hypertext, invitations, transfer
from channels.email.parts import Mail, Part

MOST_TEXT = 1_000_000  #: Characters.
_MOST_BYTES = 6_000_000  #: Of one text part.

_WORDS = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})
_OTHER_VIEWS = frozenset({"text/x-amp-html", "text/watch-html"})
_CONTAINERS = frozenset({"application/applefile"})
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_PLACEHOLDER = 400  #: Characters; a plain part below this may only say that there is HTML.
_ENRICHED = re.compile(r"<param>[^<]{0,200}</param>|<<|</?[A-Za-z]{1,30}>", re.IGNORECASE)
_CLEARSIGNED = re.compile(r"\A\s*-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:[A-Za-z]+: [^\n]*\n)*\r?\n", re.MULTILINE)
_LETTERS = re.compile(r"\w+")
_CUES = (
    "gmail_quote", "yahoo_quoted", "divrplyfwdmsg", "appendonsend", 'type="cite', "type='cite", "type=cite",
    "border-top:solid", "protonmail_quote", "tutanota_quote",
)  # fmt: skip


@dataclass(slots=True)
class Block:
    """One stretch of words, in the forms the sender gave it."""

    plain: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Body:
    """Words and files of a mail, apart."""

    blocks: list[Block] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    #: Uuencoded files inside a text: the part, their number in it, name and content.
    embedded: list[tuple[Part, int, bytes, bytes]] = field(default_factory=list)
    calendars: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Say once what was repaired or left out."""
        if text not in self.notes:
            self.notes.append(text)


@dataclass(frozen=True, slots=True)
class Words:
    """What the customer sees, and the HTML of it as sent."""

    text: str
    html: str | None


def gather(mail: Mail) -> Body:
    """Part words from files, in the order of the mail."""
    body = Body()
    body.blocks = _blocks(mail, body, mail.root)
    if not any(_filled(block) for block in body.blocks):
        _take_named_text(mail, body)
    if body.calendars and not any(_filled(block) for block in body.blocks):
        part = body.calendars[0]
        text = charset.decode(mail.content(part), part.parameters.get("charset", "utf-8"))
        body.blocks = [Block(plain=invitations.read(text))]
    return body


def words(body: Body) -> Words:
    """Say what the customer sees, and which HTML he sent."""
    shown = {" ".join(one.split()): one.strip("\n") for one in reversed([_shown(body, one) for one in body.blocks])}
    text = "\n\n".join(one for words, one in reversed(shown.items()) if words)
    if len(text) > MOST_TEXT:
        text = text[:MOST_TEXT]
        body.note(f"the text was cut after {MOST_TEXT} characters")
    sources = [block.html for block in body.blocks if block.html]
    if not sources:
        return Words(text, None)
    if len(body.blocks) == 1:
        return Words(text, sources[0])
    return Words(text, "\n".join(_as_html(block) for block in body.blocks if _filled(block)))


def marked(body: Body, text: str) -> str | None:
    """Give the HTML's own text if it marks quotations and the plain part, `text`, was taken."""
    block = body.blocks[0] if body.blocks else Block()
    if not block.plain or not block.html:
        return None
    source = block.html.lower()
    if not any(cue in source for cue in _CUES):
        return None
    other = hypertext.to_text(block.html)[0]
    return other if other != text else None


def lacks(body: Body, block: Block, *, more_than: float) -> bool:
    """Whether a block says what the body does not: a share of its words that is not in it."""
    if not _filled(block):
        return False
    known = {word for one in body.blocks for word in _LETTERS.findall(_shown(body, one).lower())}
    said = _LETTERS.findall(_shown(body, block).lower())
    return sum(word not in known for word in said) > more_than * len(said)


def _filled(block: Block) -> bool:
    return bool((block.plain or "").strip() or (block.html or "").strip())


def _as_html(block: Block) -> str:
    if block.html is not None:
        return block.html
    return f'<div style="white-space:pre-wrap">{markup.escape(block.plain or "")}</div>'


def _blocks(mail: Mail, body: Body, part: Part) -> list[Block]:
    """Walk a part: words come back as blocks, files are put aside."""
    if not part.children:
        return _leaf(mail, body, part)
    if part.media_type == "multipart/alternative":
        return _alternative(mail, body, part)
    if part.media_type == "multipart/appledouble":
        body.files += [leaf for child in part.children for leaf in child.leaves() if leaf.media_type not in _CONTAINERS]
        return []
    if part.media_type == "multipart/related":
        return _related(mail, body, part)
    return [block for child in part.children for block in _blocks(mail, body, child)]


def _related(mail: Mail, body: Body, part: Part) -> list[Block]:
    """Read the root; other texts that it may show by their id or place are files (RFC 2387)."""
    start = part.parameters.get("start", "").strip("<>")
    named = (child for child in part.children if start and child.headers.first("content-id").strip("<> ") == start)
    root = next(named, part.children[0])
    blocks: list[Block] = []
    for child in part.children:
        is_shown = "content-id" in child.headers or "content-location" in child.headers
        if child is not root and child.media_type in _WORDS and is_shown:
            body.files.append(child)
        else:
            blocks += _blocks(mail, body, child)
    return blocks


def _alternative(mail: Mail, body: Body, part: Part) -> list[Block]:
    """Bring the forms of one text together: the plain one and the richest (RFC 2046 section 5.1.4)."""
    forms = [blocks for child in part.children if (blocks := _blocks(mail, body, child))]
    plain = [one for blocks in forms for one in blocks if one.html is None]
    rich = [one for blocks in forms for one in blocks if one.html is not None]
    if not rich:
        return [max(plain, key=_filled)] if len(plain) == len(forms) > 1 else plain
    words = "\n\n".join(one.plain for one in plain if one.plain)
    own = [one.html or "" for one in rich]
    return [Block(plain=words or rich[-1].plain, html=own[-1] if len(forms) > 1 and len(rich) == 1 else "\n".join(own))]


def _leaf(mail: Mail, body: Body, part: Part) -> list[Block]:
    if part.media_type in _OTHER_VIEWS:
        return []
    if not _is_words(part):
        if part.media_type == "text/calendar":
            body.calendars.append(part)
        body.files.append(part)
        return []
    return [_read(mail, body, part)]


def _is_words(part: Part) -> bool:
    """Whether a part is shown as the mail's own text: no attachment, and no name of its own."""
    if part.media_type not in _WORDS or part.disposition == "attachment":
        return False
    return not (part.file_parameters.get("filename") or part.parameters.get("name"))


def _take_named_text(mail: Mail, body: Body) -> None:
    """Read the first named text that is no attachment as the words, if there are no others."""
    for part in body.files:
        if part.media_type in _WORDS and part.disposition != "attachment":
            body.files.remove(part)
            body.blocks = [_read(mail, body, part)]
            return


def _read(mail: Mail, body: Body, part: Part) -> Block:
    raw = mail.content(part)
    if len(raw) > _MOST_BYTES:
        raw = raw[:_MOST_BYTES]
        body.note("a very long text was cut")
    if part.media_type == "text/plain" and b"begin" in raw:
        raw = _without_uuencoded(body, part, raw)
    label = part.parameters.get("charset")
    if part.media_type == "text/html" and not charset.known(label) and (said := _META.search(raw[:4_000])):
        label = said[1].decode("ascii")
    text = charset.decode(raw, label)
    if part.media_type == "text/html":
        return Block(html=text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.media_type in {"text/enriched", "text/richtext"}:
        return Block(plain=_ENRICHED.sub(lambda tag: "<" if tag.group() == "<<" else "", text))
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return Block(plain=_unwrapped(body, text))


def _unwrapped(body: Body, text: str) -> str:
    """Take off what is not words: a PGP clear signature, and HTML that calls itself plain."""
    text = text.replace("\u00a0", " ").replace("\u200b", "").replace("\ufeff", "")
    if "-----BEGIN PGP SIGNED" in text and (match := _CLEARSIGNED.match(text)):
        end = text.find("-----BEGIN PGP SIGNATURE-----", match.end())
        text = re.sub(r"^- ", "", text[match.end() : end if end > 0 else len(text)], flags=re.MULTILINE)
        body.note("the text carries a PGP signature, which was not checked")
    elif re.match(r"\s*(?:<!doctype html|<html[\s>])", text[:200], re.IGNORECASE):
        text = hypertext.to_text(text)[0]
    return text


def _without_uuencoded(body: Body, part: Part, raw: bytes) -> bytes:
    """Put uuencoded files aside; what stands around them is the text."""
    kept, position = [], 0
    for start, end, name, content in transfer.uuencoded(raw):
        kept.append(raw[position:start])
        position = end
        number = sum(one is part for one, *_ in body.embedded)
        body.embedded.append((part, number, name, content))
    return b"".join((*kept, raw[position:]))


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Join soft-broken lines of one quote depth (RFC 3676 section 4)."""
    out: list[str] = []
    paragraph: list[str] = []
    depth = 0
    for line in text.split("\n"):
        quotes = len(line) - len(line.lstrip(">"))
        words = line[quotes:].removeprefix(" ")
        if paragraph and quotes != depth:
            out.append(_quoted(paragraph, depth))
            paragraph = []
        depth = quotes
        is_signature = words == "-- "
        if words.endswith(" ") and not is_signature:
            paragraph.append(words[:-1] if delete_space else words)
            continue
        if is_signature and paragraph:
            out.append(_quoted(paragraph, depth))
            paragraph = []
        out.append(_quoted([*paragraph, words], depth))
        paragraph = []
    if paragraph:
        out.append(_quoted(paragraph, depth))
    return "\n".join(out)


def _quoted(paragraph: list[str], depth: int) -> str:
    return f"{'>' * depth} {''.join(paragraph)}" if depth else "".join(paragraph)


def _shown(body: Body, block: Block) -> str:
    """Take the plain form, unless it is missing, empty, or only says that there is HTML."""
    plain = (block.plain or "").strip("\r\n")
    if not block.html:
        return plain
    is_short = len(plain.strip()) < _PLACEHOLDER and len(block.html) > 2 * len(plain)
    if plain.strip() and not is_short:
        return plain
    text, hid = hypertext.to_text(block.html)
    if plain.strip() and (not text.strip() or not _says_more(text, plain)):
        return plain
    if hid:
        body.note("hidden text was left out")
    return text


def _says_more(text: str, plain: str) -> bool:
    """Whether HTML says what a short plain part does not."""
    short, long = _LETTERS.findall(plain.lower()), _LETTERS.findall(text.lower())
    return len(long) > len(short) * 2 + 5
