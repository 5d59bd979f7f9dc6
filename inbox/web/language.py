"""The languages of the pages: catalogues compiled at start-up, the one a person reads, dates as people write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

_FOLDER = Path(__file__).parent / "locale"
#: Whose habits a language's dates follow: English is written here as in Europe, day first and 24 hours.
_LOCALES = {"en": Locale("en", "GB"), "ro": Locale("ro", "RO")}
_ITSELF = {"en": "English", "ro": "Română"}
_A_DAY, _WITH_YEAR = "EEE d MMM", "EEE d MMM y"


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages, in the office's time zone."""

    code: str
    locale: Locale
    translations: GNUTranslations
    zone: ZoneInfo

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return _ITSELF[self.code]

    def gettext(self, words: str) -> str:
        """The page's words in this language."""
        return self.translations.gettext(words)

    def local(self, at: datetime) -> datetime:
        """A moment on the office's clock."""
        return at.astimezone(self.zone)

    def time(self, at: datetime) -> str:
        """`10:41`."""
        return format_time(self.local(at), "HH:mm", locale=self.locale)

    def moment(self, at: datetime, now: datetime) -> str:
        """`Today, 10:41`, `23 Nov, 10:04`, with the year if it is another one."""
        there, here = self.local(at), self.local(now)
        if there.date() == here.date():
            return f"{self.gettext('Today')}, {self.time(at)}"
        pattern = "d MMM, HH:mm" if there.year == here.year else "d MMM y, HH:mm"
        return format_datetime(there, pattern, locale=self.locale)

    def day(self, day: date, now: datetime) -> str:
        """`Mon 7 Dec`, with the year if it is another one."""
        pattern = _A_DAY if day.year == self.local(now).year else _WITH_YEAR
        return format_date(day, pattern, locale=self.locale)

    def decimal(self, number: float) -> str:
        """`1.5` or `1,5`: at most one digit after the point."""
        return format_decimal(number, "#,##0.#", locale=self.locale)

    def column(self, day: date) -> str:
        """`Thu 26`: over a column of a plot."""
        return format_date(day, "EEE d", locale=self.locale)

    def day_month(self, day: date) -> str:
        """`23 Nov`."""
        return format_date(day, "d MMM", locale=self.locale)

    def short(self, at: datetime, today: date) -> str:
        """What a row has room for: the time today, else `23 Nov`."""
        there = self.local(at)
        if there.date() == today:
            return self.time(at)
        return format_date(there, "d MMM" if there.year == today.year else "d MMM y", locale=self.locale)

    def date(self, day: date) -> str:
        """`1 Mar 2026`."""
        return format_date(day, "d MMM y", locale=self.locale)


def load(codes: Sequence[str], zone: ZoneInfo) -> Mapping[str, Language]:
    """Compile the catalogues of the office's languages; the first is the default."""
    return {code: Language(code, _LOCALES[code], _compiled(code), zone) for code in codes}


def choose(languages: Mapping[str, Language], wish: str | None, accepted: str) -> Language:
    """The person's own choice, else the first office language the browser asks for, else the office's first."""
    wishes = [wish or "", *_by_preference(accepted)]
    return next((languages[each] for each in wishes if each in languages), next(iter(languages.values())))


def _compiled(code: str) -> GNUTranslations:
    """A catalogue is text in the project; the binary form is made here and kept nowhere."""
    with (_FOLDER / code / "LC_MESSAGES" / "claimdesk.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _by_preference(accepted: str) -> list[str]:
    """Language codes of an Accept-Language header (RFC 9110, 12.5.4), the most wanted first; nonsense is left out."""
    wanted: list[tuple[float, str]] = []
    for each in accepted[:500].split(","):
        name, _, weight = each.partition(";q=")
        try:
            wanted.append((-float(weight or 1), name.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    return [name for _, name in sorted(wanted, key=lambda pair: pair[0])]
