"""Tesseract: the faster engine, and the better one on clean print in a language that it has the data of."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from channels.letter import treatments
from channels.letter.engines import Recognised, Word, shown

_NAMES = {
    "ro": "ron", "en": "eng", "de": "deu", "fr": "fra", "hu": "hun", "it": "ita", "es": "spa", "bg": "bul", "pl": "pol",
}  # fmt: skip  # one row reads better than nine
_PATIENCE = 8_000  #: Milliseconds for one look; noise that looks like letters takes minutes.


class Tesseract:
    """Tesseract through tesserocr, for the languages whose data lie in one folder."""

    doubtful = unsure = 75.0

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._apis: dict[str, Any] = {}

    @staticmethod
    def find(language: str) -> "Tesseract | None":
        """Give the engine if it is installed with the data of `language`."""
        if importlib.util.find_spec("tesserocr") is None:
            return None
        wanted = f"{_NAMES.get(language, language)}.traineddata"
        return next((Tesseract(folder) for folder in _tessdata() if (folder / wanted).is_file()), None)

    def knows(self, language: str) -> bool:
        """Whether the data of a language are there."""
        return (self._folder / f"{_NAMES.get(language, language)}.traineddata").is_file()

    def read(self, picture: Image.Image, language: str, *, one_block: bool = False) -> Recognised:
        """Read with its layout analysis; `one_block`: lines of one column, as on a receipt."""
        import tesserocr

        api = self._api(language)
        api.SetPageSegMode(tesserocr.PSM.SINGLE_BLOCK if one_block else tesserocr.PSM.AUTO)
        api.SetImage(treatments.without_grain(picture))
        api.SetSourceResolution(300)
        if not api.Recognize(_PATIENCE):
            return Recognised()
        return Recognised(tuple(_words(api)))

    def _api(self, language: str) -> Any:
        import tesserocr

        name = _NAMES.get(language, language)
        if not self.knows(language):
            name = next(path.stem for path in sorted(self._folder.glob("[!o]*.traineddata")))
        if name not in self._apis:
            self._apis[name] = tesserocr.PyTessBaseAPI(path=str(self._folder), lang=name)
            self._apis[name].SetVariable("debug_file", os.devnull)
        return self._apis[name]


def _tessdata() -> Iterator[Path]:
    """Folders where Tesseract's language data may be, the appointed one first."""
    appointed = os.environ.get("TESSDATA_PREFIX")  # Tesseract's own switch, not a setting of ours
    if appointed:
        yield from (Path(appointed), Path(appointed) / "tessdata")
    for root in (Path("/usr/share/tesseract-ocr"), Path("/usr/share/tessdata"), Path("/usr/local/share/tessdata")):
        yield from (root, *sorted(root.glob("*/tessdata"), reverse=True))


def _words(api: Any) -> Iterator[Word]:
    from tesserocr import RIL, iterate_level

    line = paragraph = 0
    found = api.GetIterator()
    for at in iterate_level(found, RIL.WORD) if found else ():
        if at.Empty(RIL.WORD):
            continue
        paragraph += at.IsAtBeginningOf(RIL.PARA)
        line += at.IsAtBeginningOf(RIL.TEXTLINE)
        text = shown(at.GetUTF8Text(RIL.WORD))
        if text:
            left, top, right, bottom = at.BoundingBox(RIL.WORD)
            yield Word(
                text=text, confidence=at.Confidence(RIL.WORD), line=line, paragraph=paragraph,
                left=left, top=top, right=right, bottom=bottom,
            )  # fmt: skip  # four corners belong together
