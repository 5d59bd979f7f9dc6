"""Pages out of templates: one Jinja environment a language, autoescape always on, a missing value an error."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache, partial
from pathlib import Path
from urllib.parse import quote

from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from inbox.web import words
from inbox.web.language import Language
from tickets import deadlines, kind_reasons
from tickets.claim_types import load as load_catalogue
from tickets.listed import Row

_FOLDER = Path(__file__).parent
STATIC = _FOLDER / "static"
_KILO = 1000
_ROWS = 2048  #: Lines of lists that are kept, about 3 kB each.
_ENDED = Markup("</span>")


class Pages:
    """Every page of the inbox, in each of the office's languages."""

    def __init__(self, languages: Mapping[str, Language]) -> None:
        """Prepare the templates of each language."""
        self._versions = {file.name: _version(file) for file in STATIC.iterdir() if file.is_file()}
        self._environments = {code: self._environment(language) for code, language in languages.items()}

    def page(
        self, name: str, language: Language, *, status: int = 200, now: datetime, **values: object
    ) -> HTMLResponse:
        """Render one page; it is never kept by a cache."""
        template = self._environments[language.code].get_template(name)
        html = template.render(
            moment=partial(language.moment, now=now),
            day=partial(language.day, now=now),
            today=language.local(now).date(),
            now=now,
            **values,
        )
        return HTMLResponse(html, status_code=status, headers={"Vary": "HX-Request, Accept-Language"})

    def _environment(self, language: Language) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(_FOLDER / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_translations(language.translations, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
        environment.globals.update(
            language=language,
            _=_said(language),
            words=words,
            static=self._static,
            **_marks(self._static("icons.svg")),
            catalogue=load_catalogue(),
            kind_why=kind_reasons.said,
            clocks_known=deadlines.load(),
            kept_row=_rows(environment),
            kept_part=_parts(environment),
        )
        environment.filters.update(
            size=partial(file_size, language=language),
            path=partial(quote, safe=""),
            told=partial(told, language=language),
            as_day=date.fromisoformat,
            rule=spoken_rule,
            money=partial(money, language=language),
        )
        return environment

    def _static(self, name: str) -> str:
        """The address of a static file; its content is in it, so a browser may keep it for good."""
        return f"/static/{name}?v={self._versions[name]}"


def _rows(environment: Environment) -> Callable[..., Markup]:
    """Lines of lists, made once for what they show: most of a list stays as it is from one page to the next."""
    module = cache(lambda: environment.get_template("row.html").module)

    @lru_cache(maxsize=_ROWS)
    def row(each: Row, today: date, *, query: str, beside: bool, here: tuple[str, ...], owner: str) -> Markup:
        made: Markup = vars(module())["row"](each, today, query, beside, here, owner)
        return made

    return row


def _parts(environment: Environment) -> Callable[[str], Markup]:
    """Parts that are the same on every page of a language, made once."""

    @cache
    def part(name: str) -> Markup:
        return Markup(environment.get_template(name).render())  # noqa: S704 - our own template, without a value

    return part


def _said(language: Language) -> Callable[..., Markup]:
    """The words of a page in a language, their values escaped: as the extension's own, which looks itself up each time.

    A list says five hundred of them.
    """

    @lru_cache(maxsize=2048)
    def marked(key: str) -> Markup:
        return Markup(language.gettext(key))  # noqa: S704 - our own words; what is typed goes through `told`

    def say(key: str, **values: object) -> Markup:
        return marked(key) % values if values else plain(key)

    @lru_cache(maxsize=2048)
    def plain(key: str) -> Markup:
        return marked(key) % {}

    return say


def _marks(icons: str) -> dict[str, Callable[..., Markup]]:
    """An icon, and a state: an icon with a word or two."""

    @lru_cache(maxsize=1024)
    def icon(name: str, colour: str = "", label: str | None = None) -> Markup:
        shape = Markup('<svg class="i{}"{}><use href="{}#i-{}"/></svg>')
        heard = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
        return shape.format(f" {colour}" if colour else "", heard, icons, name)

    @lru_cache(maxsize=1024)
    def begun(icon_name: str, colour: str, more: str) -> Markup:
        return Markup('<span class="st {} {}">{}').format(colour, more, icon(icon_name))

    def state(icon_name: str, said: str, colour: str = "", more: str = "") -> Markup:
        return begun(icon_name, colour, more) + said + _ENDED

    return {"icon_mark": icon, "state_mark": state}


def file_size(size: int, *, language: Language) -> str:
    """`312 kB`, `1.4 MB`."""
    if size < _KILO:
        return f"{size} B"
    if size < _KILO * _KILO:
        return f"{round(size / _KILO)} kB"
    return f"{format_decimal(size / _KILO / _KILO, '#,##0.0', locale=language.locale)} MB"


def told(text: str, *, language: Language) -> str:
    """Why something was refused, in the reader's words where we know them; it may name things as people typed them."""
    words = language.gettext(text) if text else ""
    return words[:1].upper() + words[1:]


def money(minor: int, *, language: Language) -> str:
    """`12,450.00` or `12.450,00`: an amount in minor units as people of the language write it."""
    return format_decimal(Decimal(minor) / 100, "#,##0.00", locale=language.locale)


def spoken_rule(condition: str) -> str:
    """A rule's condition a little nearer to how people write: `loss cause = water pipe and flat = yes`."""
    return condition.replace("==", "=").replace("_", " ").replace(",", ", ")


def _version(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
