"""HTML mail as plain text: what the customer sees, with its tables, lists and quotes, in one linear pass."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from types import MappingProxyType

from channels.email import css
from channels.email.css import SEEN, Sight

MOST_HTML = 3_000_000  #: Characters read, after embedded images are taken out.
_DEEPEST = 400
_MOST_QUOTES = 20
_MOST_SEEN = 5_000
_LONG_TAG = 2_000
QUOTE = "> "
RULE = "_" * 32  #: As Outlook writes a line across.

_EMBEDDED = re.compile(r"data:[\w/+.;=-]{0,100},[\w+/=%\s-]{100,}")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30}+)((?:[^<>\"']++|\"[^\"<>]*+\"|'[^'<>]*+')*+)>")
_NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})
_SIGNS = re.compile(r"<+(?=[<\s])")
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_ATTRIBUTE = re.compile(r"([a-zA-Z_:][\w:.-]*+)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))")
_RAW = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("style", "script", "title", "textarea", "template")}
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "o:p",
    ]
)
_BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
        "caption",
    ]
)
_SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre"])
_CELLS = frozenset({"td", "th"})
_CELL_ENDS = frozenset({"td", "th", "tr"})
_TERM_ENDS = frozenset({"dt", "dd"})
_CLOSED_BY = {
    "p": _BLOCK,
    "li": frozenset({"li"}),
    "td": _CELL_ENDS,
    "th": _CELL_ENDS,
    "tr": frozenset({"tr"}),
    "dt": _TERM_ENDS,
    "dd": _TERM_ENDS,
    "option": frozenset({"option"}),
}
_QUOTE_MARK = re.compile(
    r"gmail_quote|yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|iosymail|mail_quote|quote-container"
)
_BORDERED = re.compile(r"border:none;border-top:solid[^;]*1(?:\.0)?pt")
_UNSEEN = re.compile("[\u200b\u00ad\u034f\u2060\ufeff\u180e\u00a0\u202f\u2007]")
_UNSEEN_AS = {ord(c): None for c in "\u200b\u00ad\u034f\u2060\ufeff\u180e"} | {0xA0: " ", 0x202F: " ", 0x2007: " "}
_SPACES = re.compile(r"[ \t\r\n\f]+")

_NOTHING, _SPACE, _TAB, _LINE, _PARAGRAPH = range(5)


@dataclass(frozen=True, slots=True)
class _Style:
    """What an element hands down to what stands in it."""

    sight: Sight = SEEN
    quotes: int = 0
    pre: bool = False
    in_quote: bool = False

    @property
    def hides(self) -> bool:
        return self.sight.hides


@dataclass(slots=True)
class _Open:
    """An element that is open, and what it does to the lines in it."""

    name: str
    style: _Style
    number: int | None = None  #: Of the next item, in an ordered list.
    cells: int = 0  #: In a row so far.
    first_line: int = 0  #: Where a cell's text began.


@dataclass(slots=True)
class _Page:
    """The text so far, and what must stand between it and the next words."""

    lines: list[list[str]] = field(default_factory=lambda: [[]])
    quotes: list[int] = field(default_factory=lambda: [0])
    pending: int = _NOTHING
    fresh: bool = True  #: At the start of a cell or item: no break before its first words.
    prefix: str = ""  #: A list mark that waits for words.
    only_vivid: bool = False  #: Whether only words in a colour are taken.
    hidden: int = 0  #: Words left out.
    gone_by_class: set[str] = field(default_factory=set)
    #: What tags hand down, by the style above them (which the value keeps alive), name and source.
    seen: dict[tuple[int, str, str], tuple[_Style, _Style, Mapping[str, str]]] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=lambda: [_Open("", _Style())])

    @property
    def style(self) -> _Style:
        return self.stack[-1].style


def to_text(html: str) -> tuple[str, bool]:
    """Give the words of an HTML mail as plain text, and whether hidden words were left out.

    Quotations are marked by "> ", table cells parted by a tab, list items marked by "-" or their number.
    """
    page = _Page()
    _read(page, html)
    return _written(page), page.hidden > 0


def coloured(html: str) -> list[str]:
    """Give the lines whose words stand in a colour, links left out."""
    page = _Page(only_vivid=True)
    _read(page, html)
    return [words for line in page.lines if (words := "".join(line).strip())]


def _read(page: _Page, html: str) -> None:
    if "data:" in html:
        html = _EMBEDDED.sub("", html)
    html = html[:MOST_HTML]
    position = 0
    while position < len(html):
        opening = html.find("<", position)
        if opening < 0:
            _say(page, html[position:])
            break
        if opening > position:
            _say(page, html[position:opening])
        position = _tag(page, html, opening)


def _tag(page: _Page, html: str, opening: int) -> int:
    """Read what begins with "<"; the offset after it."""
    if match := _TAG.match(html, opening):
        slash, name, attributes, end = match[1], match[2].lower(), match[3], match.end()
    elif match := _NAME.match(html, opening + 1, opening + 40):
        slash, name, end = html[opening + 1], match[1].lower(), _tag_end(html, match.end())
        attributes = html[match.end() : end - 1]
    else:
        return _no_tag(page, html, opening)
    if slash == "/":
        if ":" not in name:
            _close(page, name)
    elif name in _RAW:
        return _raw_text(page, html, name, end)
    elif ":" not in name:  # Word's own elements show nothing
        _open(page, name, attributes)
    return end


def _no_tag(page: _Page, html: str, opening: int) -> int:
    following = html[opening + 1 : opening + 2]
    if html.startswith("<!--", opening):
        end = html.find("-->", opening + 2)
        return len(html) if end < 0 else end + 3
    if following and following in "!?/":
        end = html.find(">", opening)
        return len(html) if end < 0 else end + 1
    run = _SIGNS.match(html, opening)
    end = run.end() if run else opening + 1
    _say(page, html[opening:end])
    return end


def _tag_end(html: str, position: int) -> int:
    """Give the offset after ">" that no quotes enclose; a quote that never ends is no quote."""
    end = start = position
    for _ in range(20):
        end = html.find(">", end) + 1
        if end == 0:
            break
        if html.count('"', start, end) % 2 == 0 and html.count("'", start, end) % 2 == 0:
            return end
        if html.count('"', start, end) % 2 == 0 and '"' in html[start:end]:
            return end  # an apostrophe inside a quoted value
    return html.find(">", position) + 1 or len(html)


def _raw_text(page: _Page, html: str, name: str, position: int) -> int:
    """Step over an element whose content is no markup; a style sheet says which classes hide."""
    closing = _RAW[name].search(html, position)
    end = closing.start() if closing else len(html)
    if name == "style":
        page.seen.clear()
        page.gone_by_class |= css.hiding_selectors(html[position : min(end, position + 100_000)])
    elif name == "textarea":
        _say(page, html[position:end])
    after = html.find(">", end)
    return len(html) if after < 0 else after + 1


def _attributes(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if "=" not in source and "hidden" not in source:
        return found
    for name, double, single, bare in _ATTRIBUTE.findall(source[:20_000]):
        found.setdefault(name.lower(), unescape(double or single or bare))
    if "hidden" in source and re.search(r"(?<![\w:\"'=-])hidden(?![\w-])", source[:20_000]):
        found.setdefault("hidden", "")
    return found


def _open(page: _Page, name: str, source: str) -> None:
    """Take an opening tag: break lines as it does, and remember what it hands down."""
    _close_implied(page, name)
    style, attributes = _known(page, name, source)
    if name in {"br", "hr", "img"}:
        _stand_alone(page, name, attributes, style)
    if name in _VOID:
        return
    element = _Open(name, style)
    if name in _CELLS:
        _begin_cell(page, element)
    elif name in _BLOCK:
        _break(page, _gap(page, name))
    if name in {"ol", "li"}:
        _list(page, element, attributes)
    if attributes:
        _mark_ends(page, attributes)
    if len(page.stack) < _DEEPEST:
        page.stack.append(element)


def _known(page: _Page, name: str, source: str) -> tuple[_Style, Mapping[str, str]]:
    """Read a tag's attributes and what it hands down; mails repeat the same tags over and over."""
    above = page.stack[-1].style
    if not source and name not in {"pre", "blockquote"} and name not in page.gone_by_class:
        return above, _NO_ATTRIBUTES
    key = (id(above), name, source)
    if key in page.seen:
        return page.seen[key][1:]
    attributes = _attributes(source)
    style = _handed_down(page, name, attributes)
    if len(page.seen) < _MOST_SEEN and len(source) < _LONG_TAG:
        page.seen[key] = (above, style, attributes)
    return style, attributes


def _mark_ends(page: _Page, attributes: Mapping[str, str]) -> None:
    """Mark where the writer's words end: at the head of a quoted mail, and at a signature."""
    if _starts_reply(attributes):
        _rule(page)
    elif attributes.get("id", "").lower() == "signature" or "gmail_signature" in attributes.get("class", "").split():
        if page.lines[-1] != ["--"] and not page.only_vivid:
            _break(page, _LINE)
            _put(page, "--")
        _break(page, _LINE)


def _stand_alone(page: _Page, name: str, attributes: Mapping[str, str], style: _Style) -> None:
    if name == "br":
        _end_line(page)
    elif name == "hr":
        _rule(page)
    elif "data-emoji" in attributes and not style.hides:
        _say(page, attributes["data-emoji"])


def _rule(page: _Page) -> None:
    """Draw a line across, once."""
    if page.only_vivid:
        return
    last = next((line for line in reversed(page.lines) if "".join(line).strip()), None)
    if last is None or "".join(last) != RULE:
        _break(page, _LINE)
        page.fresh = False
        _put(page, RULE)
    _break(page, _LINE)


def _starts_reply(attributes: Mapping[str, str]) -> bool:
    """Whether the quoted mail's head begins here, as Outlook marks it."""
    if "divrplyfwdmsg" in attributes.get("id", "").lower():
        return True
    return bool(_BORDERED.search(_SPACES.sub("", attributes.get("style", "")[:300].lower())))


def _list(page: _Page, element: _Open, attributes: Mapping[str, str]) -> None:
    if element.name == "ol":
        element.number = int(attributes["start"][:6]) if attributes.get("start", "").isdecimal() else 1
        return
    parents = [one for one in page.stack if one.name in {"ol", "ul"}]
    indent = "  " * min(max(0, len(parents) - 1), 10)
    number = parents[-1].number if parents else None
    if parents and number is not None:
        parents[-1].number = number + 1
    page.prefix = f"{indent}{number}. " if number is not None else f"{indent}- "
    page.fresh = True


def _begin_cell(page: _Page, cell: _Open) -> None:
    """Begin a cell: on the line of the cell before it, unless that one took several lines."""
    row = page.stack[-1] if page.stack[-1].name == "tr" else cell
    row.cells += 1
    if row.cells > 1 and len(page.lines) == row.first_line:
        page.pending = _TAB
    else:
        page.pending = max(page.pending, _LINE)
        _settle(page)
        row.first_line = len(page.lines)
    page.fresh = True


def _close_implied(page: _Page, name: str) -> None:
    """Close what HTML lets people leave open before this element."""
    top = page.stack[-1].name
    if name in _CLOSED_BY.get(top, ()):
        _close(page, top)
    if name == "tr" and page.stack[-1].name == "tr":
        _close(page, "tr")


def _close(page: _Page, name: str) -> None:
    """Take a closing tag; one that closes nothing is passed over."""
    if name == "br":
        _end_line(page)
    if page.stack[-1].name == name:
        page.stack.pop()
    elif not _unwind(page, name):
        return
    if name in _CELLS:
        page.fresh = False
    elif name in _BLOCK:
        page.prefix = "" if name == "li" else page.prefix
        _break(page, _gap(page, name))


def _gap(page: _Page, name: str) -> int:
    """Say what stands around an element: an empty line, or, for what stands in a list, a new line."""
    if name not in _SPACED or (name != "blockquote" and any(one.name == "li" for one in page.stack[-3:])):
        return _LINE
    return _PARAGRAPH


def _unwind(page: _Page, name: str) -> bool:
    """Close what stands open inside the element that ends; False if it is not open, or outside this table."""
    for back in range(len(page.stack) - 1, max(0, len(page.stack) - 60), -1):
        if page.stack[back].name == name:
            del page.stack[back:]
            return True
        if page.stack[back].name == "table":
            return False
    return False


def _handed_down(page: _Page, name: str, attributes: Mapping[str, str]) -> _Style:
    above = page.stack[-1].style
    marks = f"{attributes.get('class', '')} {attributes.get('id', '')}"[:500]
    in_quote = above.in_quote or bool(_QUOTE_MARK.search(marks))
    style = css.squeezed(attributes.get("style", ""))
    return _Style(
        sight=css.sight(above.sight, style, attributes, gone=_by_class(page, name, attributes)),
        quotes=min(above.quotes + _is_quote(name, attributes, marks, in_quote=in_quote), _MOST_QUOTES),
        pre=above.pre or name == "pre" or "white-space:pre" in style,
        in_quote=in_quote,
    )


def _is_quote(name: str, attributes: Mapping[str, str], marks: str, *, in_quote: bool) -> bool:
    """Whether the words in this element are somebody else's, as the big mail programs mark them."""
    if name == "blockquote":
        style = attributes.get("style", "").lower()
        return (
            attributes.get("type", "").lower() == "cite" or "cite" in attributes or in_quote or "border-left" in style
        )
    return name == "div" and (
        "yahoo_quoted" in marks or attributes.get("name") == "quote" or "protonmail_quote" in marks
    )


def _by_class(page: _Page, name: str, attributes: Mapping[str, str]) -> bool:
    if not page.gone_by_class:
        return False
    classes = attributes.get("class", "").lower().split()[:20]
    own = {name, *(f".{one}" for one in classes), *(f"{name}.{one}" for one in classes)}
    own.add(f"#{attributes.get('id', '').lower()}")
    return not own.isdisjoint(page.gone_by_class)


def _say(page: _Page, source: str) -> None:
    """Take words, as written in the source."""
    text = unescape(source) if "&" in source else source
    if _UNSEEN.search(text):
        text = text.translate(_UNSEEN_AS)
    if page.style.hides or (page.only_vivid and not _is_vivid(page)):
        page.hidden += bool(text.strip())
        return
    if page.style.pre:
        _say_lines(page, text)
        return
    bare = text.strip(" \t\r\n\f")
    if not bare:
        page.pending = max(page.pending, _SPACE) if text else page.pending
        return
    if text[0] in " \t\r\n\f":
        page.pending = max(page.pending, _SPACE)
    _put(page, _SPACES.sub(" ", bare))
    if text[-1] in " \t\r\n\f":
        page.pending = max(page.pending, _SPACE)


def _is_vivid(page: _Page) -> bool:
    return css.is_vivid(page.style.sight.colour) and not any(one.name == "a" for one in page.stack[-4:])


def _say_lines(page: _Page, text: str) -> None:
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n")):
        if number:
            _end_line(page)
        if line:
            _put(page, line)


def _put(page: _Page, words: str) -> None:
    """Write words after what must stand before them."""
    if page.pending >= _LINE:
        _settle(page)
    elif page.pending and page.lines[-1] and not page.lines[-1][-1].endswith("\t"):
        page.lines[-1].append(" " if page.pending == _SPACE else "\t")
    if page.prefix:
        page.lines[-1].append(page.prefix)
        page.prefix = ""
    page.lines[-1].append(words)
    page.quotes[-1] = page.style.quotes
    page.pending, page.fresh = _NOTHING, False


def _settle(page: _Page) -> None:
    """Begin the new line, or the paragraph, that is due."""
    is_used = bool(page.lines[-1])
    if is_used and page.pending >= _LINE:
        _new_line(page)
    if page.pending == _PARAGRAPH and (is_used or (len(page.lines) > 1 and page.lines[-2])):
        _new_line(page)
    page.pending = _NOTHING


def _break(page: _Page, kind: int) -> None:
    if not page.fresh:
        page.pending = max(page.pending, kind)


def _end_line(page: _Page) -> None:
    """End the line as <br> does."""
    if page.pending >= _LINE:
        _settle(page)
    page.pending = _NOTHING
    _new_line(page)


def _new_line(page: _Page) -> None:
    page.lines.append([])
    page.quotes.append(page.style.quotes)


def _written(page: _Page) -> str:
    """Put the lines together: quote marks before them, no more than one empty line in a row."""
    out: list[str] = []
    for line, quotes in zip(page.lines, page.quotes, strict=True):
        words = "".join(line).rstrip()
        if not words and (not out or not out[-1].strip("> ")):
            continue
        out.append(f"{QUOTE * quotes}{words}".rstrip() if quotes else words)
    return "\n".join(out).strip("\n")
