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
        "lei data către catre domnul doamna stimate stimată adresa dumneavoastră bună ziua factura dosar semnătura "
        "bon fiscal numerar rest casier buc str județul cif mulțumim multumim"
    ),
    "en": _words(
        "the and of to in is are was were for with that this my your you i have has we it on at from please dear "
        "sincerely regards date amount total address name claim by not be as an or "
        "cash change qty invoice tax subtotal thank cashier receipt"
    ),
}
#: By which letters in none of these are told, so that nobody takes them for one.
_FOREIGN = {
    "de": _words("und der die das den dem ist für nicht mit von bitte mich ich sie ein eine wir zu auf im zur durch"),
    "fr": _words("le les des du et est pour dans que vous je une au aux votre avec sur ce mon ma nous par été"),
    "it": _words("il lo di che è per non una sono della dello del con mi gli ho al alla delle nel stato mia mio"),
    "es": _words("el los las de que y en por una del se para con mi su es un al lo como ha fue"),
    "hu": _words("a az és hogy nem egy kérem kell van meg ez is volt vagy mint"),
    "pl": _words("nie się na jest do że w z i o od po przez dnia proszę mojej został za oraz"),
}
_ROMANIAN = frozenset("ăâîșțşţĂÂÎȘȚŞŢ")
_NOT_ROMANIAN = frozenset("äöüßőűéèêñçłżąęôåøÄÖÜŐŰÉÈÊÑÇŁŻĄĘÔÅØ")
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

    def is_foreign(self, text: str) -> bool:
        """Whether a text is rather in a language that is none of the office's."""
        words = _counted(text)
        known = _FOREIGN | _COMMON
        others = max((_common(words, known[each]) for each in known if each not in self._languages), default=0)
        ours = max((_common(words, known[each]) for each in self._languages if each in known), default=others)
        return others >= _LEAST and others > _CLEARLY * ours

    def _by_common_words(self, text: str) -> str | None:
        words = _counted(text)
        counts = {language: _common(words, _COMMON[language]) for language in self._languages}
        (best, most), *others = sorted(counts.items(), key=lambda item: -item[1])
        if most < _LEAST or any(_CLEARLY * count > most for _, count in others):
            return None
        return None if best == "ro" and _has_letters_of_others(text) else best

    def _by_models(self, text: str) -> str | None:
        if sum(map(str.isalpha, text)) < _LONG_ENOUGH:
            return None
        found = self._models.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else None

    @cached_property
    def _models(self) -> Any:
        from lingua import IsoCode639_1, LanguageDetectorBuilder

        codes = [IsoCode639_1.from_str(language.upper()) for language in dict.fromkeys((*self._languages, "en"))]
        return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()


def _has_letters_of_others(text: str) -> bool:
    """Whether letters that Romanian does not have are commoner than its own: its short words are German ones too."""
    return sum(letter in _NOT_ROMANIAN for letter in text) > sum(letter in _ROMANIAN for letter in text)


def _counted(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W\d_]+", text.lower()))


def _common(words: Counter[str], known: frozenset[str]) -> int:
    return sum(words[word] for word in known)
