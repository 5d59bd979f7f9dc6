"""Which of the office's languages a recognised text is in, by its commonest words."""

import re
from collections import Counter
from functools import cached_property
from typing import Any


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


_COMMON = {
    "ro": _words(
        "și si sau de la în in pe cu din nu este sunt a al ale că ca să sa vă va pentru am ați ati fost care prin nr "
        "lei data către catre domnul doamna stimate stimată adresa dumneavoastră bună ziua factura dosar semnătura"
    ),
    "en": _words(
        "the and of to in is are was were for with that this my your you i have has we it on at from please dear "
        "sincerely regards date amount total address name claim by not be as an or"
    ),
}
_LEAST = 3  #: Common words it takes.
_CLEARLY = 1.5
_LONG_ENOUGH = 60  #: Letters from which the large detector is asked.


class Detector:
    """Tells the language of a text among `languages` (ISO 639-1); loads models only for those it has no words of."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self._languages = languages

    def detect(self, text: str) -> str | None:
        """Give the language, or None if the text does not tell."""
        if all(language in _COMMON for language in self._languages):
            return self._by_common_words(text)
        return self._by_models(text)

    def _by_common_words(self, text: str) -> str | None:
        words = Counter(re.findall(r"[^\W\d_]+", text.lower()))
        counts = {language: sum(words[word] for word in _COMMON[language]) for language in self._languages}
        (best, most), *others = sorted(counts.items(), key=lambda item: -item[1])
        if most < _LEAST or any(_CLEARLY * count > most for _, count in others):
            return None
        return best

    def _by_models(self, text: str) -> str | None:
        if sum(map(str.isalpha, text)) < _LONG_ENOUGH:
            return None
        found = self._models.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else None

    @cached_property
    def _models(self) -> Any:
        from lingua import IsoCode639_1, LanguageDetectorBuilder

        codes = [IsoCode639_1.from_str(language.upper()) for language in {*self._languages, "en"}]
        return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()
