"""Names of files that people gave: made into what is only a name."""

import re
import unicodedata

_LONGEST = 120
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_UNSAFE = re.compile(r'[<>:"/\\|?*%;]')


def safe_name(name: str) -> str:
    """A name that is only a name: no path, nothing invisible or that turns the reading direction, not too long."""
    visible = "".join(
        each for each in unicodedata.normalize("NFC", name[:4096]) if unicodedata.category(each)[0] != "C"
    )
    bare = _UNSAFE.sub("_", " ".join(visible.split())).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    if dot and len(ending) <= 10:  # noqa: PLR2004 - what people still see as an ending
        bare = f"{stem[: _LONGEST - len(ending) - 1]}.{ending}"
    bare = bare[:_LONGEST].strip(" .")
    return f"_{bare}" if _RESERVED.fullmatch(bare) else bare or "file"
