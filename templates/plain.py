"""The plain words of a rendered page, for the store, the search and people who cannot open the page."""

from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"address", "body", "div", "h1", "h2", "h3", "header", "footer", "li", "ol", "p", "section", "tr", "ul"}
)
_SILENT = frozenset({"style", "title", "script"})


class _Words(HTMLParser):
    """Collects words line by line; list items keep their numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self._silent = 0
        self._numbers: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's signature
        self._silent += tag in _SILENT
        if tag in _BLOCKS or tag == "br":
            self.lines.append("")
        if tag in {"ol", "ul"}:
            self._numbers.append(0 if tag == "ol" else None)
        if tag == "li":
            self.lines[-1] = self._mark()

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT
        if tag in {"ol", "ul"} and self._numbers:
            self._numbers.pop()
        if tag in _BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.lines[-1] += data

    def _mark(self) -> str:
        if not self._numbers or self._numbers[-1] is None:
            return "- "
        self._numbers[-1] += 1
        return f"{self._numbers[-1]}. "


def plain_text(page: str) -> str:
    """Give the words of an HTML page of ours, one block a line, without its styles."""
    words = _Words()
    words.feed(page)
    words.close()
    lines = (" ".join(line.split()) for line in words.lines)
    return "\n".join(line for line in lines if line) + "\n"
