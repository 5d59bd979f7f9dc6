"""Every word a customer reads: one folder a message and language, one file a medium, rendered from plain values.

`<language>/<message>/` holds `subject.txt`, `email.txt`, `email.html`, `sms.txt` and `letter.html`, whichever the
message has; `<language>/parts/` what several messages share, or the e-mail and the letter of one. A deployer's folder
of the same shape is looked in first, file by file. Each text begins with the names of its values. Files are read once:
a change is seen after a restart.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import jinja2
from jinja2 import meta

from templates.engine import OURS, Environment, environment
from templates.plain import plain_text

#: What a template may be given: plain data only, so that no template reaches anything of ours.
Value: TypeAlias = "str | int | bool | Sequence[Value] | Mapping[str, Value] | None"

_NAME = re.compile(r"[a-z]+(_[a-z]+)*")

#: The files that make a message for each medium, first the one without which the message has no such medium.
_FILES: Mapping[str, tuple[str, ...]] = {
    "email": ("email.txt", "subject.txt", "email.html"),
    "sms": ("sms.txt",),
    "letter": ("letter.html", "subject.txt"),
}


class TemplateError(Exception):
    """A text cannot be rendered: names template, language and value, never what a value holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One message in words: `subject` is one line (empty for SMS), `html` a whole page (None for SMS)."""

    subject: str
    text: str
    html: str | None


@dataclass(frozen=True, slots=True)
class _Message:
    """The files a message has for one medium, and the values they use."""

    files: frozenset[str]
    needs: frozenset[str]


def render(
    name: str, *, language: str, medium: str, values: Mapping[str, Value], folders: tuple[Path, ...] = ()
) -> Rendered:
    """Render message `name` for one medium (email, sms, letter); `folders` are looked in before ours.

    Every name that `needs` lists must be in `values`; None stands for "there is none". Values are plain data.
    Raises `TemplateError` for an unknown message, language or medium, and for a missing or unfit value.
    """
    message = _message(folders, name, language, medium)
    _check(values, message.needs, f"{language}/{name} ({medium})")
    words = {file.rpartition("/")[2]: _rendered(environment(folders), file, values) for file in message.files}
    subject = " ".join(words.get("subject.txt", "").split())
    if medium == "sms":
        return Rendered(subject="", text=" ".join(words["sms.txt"].split()), html=None)
    if medium == "letter":
        return Rendered(subject=subject, text=plain_text(words["letter.html"]), html=words["letter.html"])
    return Rendered(subject=subject, text=_paragraphs(words["email.txt"]), html=words.get("email.html"))


def needs(name: str, *, language: str, medium: str, folders: tuple[Path, ...] = ()) -> frozenset[str]:
    """Name the values a message takes for one medium, as its files and their parts use them."""
    return _message(folders, name, language, medium).needs


def media(name: str, *, language: str, folders: tuple[Path, ...] = ()) -> frozenset[str]:
    """Name the media a message can be sent by; empty if there is no such message."""
    found = environment(folders)
    return frozenset(medium for medium in _FILES if _exists(found, _paths(name, language, medium)[0]))


def names(*, language: str, folders: tuple[Path, ...] = ()) -> list[str]:
    """Name every message there is in a language, the deployer's own among them."""
    roots = [folder / language for folder in (*folders, OURS)]
    found = {each.name for root in roots if root.is_dir() for each in root.iterdir() if each.is_dir()}
    return sorted(name for name in found if name != "parts" and _NAME.fullmatch(name))


@lru_cache(maxsize=1024)
def _message(folders: tuple[Path, ...], name: str, language: str, medium: str) -> _Message:
    found, paths = environment(folders), _paths(name, language, medium)
    if not _exists(found, paths[0]):
        raise TemplateError(f"no message {name!r} for {medium} in language {language!r}")
    files = [path for path in paths if _exists(found, path)]
    try:
        return _Message(files=frozenset(files), needs=_values(found, files))
    except jinja2.TemplateError as error:
        raise TemplateError(f"{language}/{name} ({medium}): {error.message}") from error


def _values(found: Environment, files: list[str]) -> frozenset[str]:
    """Name the values that files and their parts use, so that none is missing only when an `if` comes to it."""
    waiting, names = list(files), set[str]()
    for file in waiting:  # grows by the parts that a file includes or extends
        tree = found.parse(_source(found, file), file)
        names |= meta.find_undeclared_variables(tree)
        waiting.extend(part for part in meta.find_referenced_templates(tree) if part and part not in waiting)
    return frozenset(names)


def _paths(name: str, language: str, medium: str) -> list[str]:
    if medium not in _FILES:
        raise TemplateError(f"no medium {medium!r} in templates: there are {', '.join(_FILES)}")
    if not _NAME.fullmatch(name) or not _NAME.fullmatch(language):
        raise TemplateError("messages and languages are named in small letters")
    return [f"{language}/{name}/{file}" for file in _FILES[medium]]


def _exists(found: Environment, file: str) -> bool:
    try:
        _source(found, file)
    except jinja2.TemplateNotFound:
        return False
    return True


def _source(found: Environment, file: str) -> str:
    assert found.loader is not None
    return found.loader.get_source(found, file)[0]


def _check(values: Mapping[str, Value], needed: frozenset[str], where: str) -> None:
    if missing := sorted(needed - values.keys()):
        raise TemplateError(f"{where}: missing {', '.join(missing)}")
    if unfit := sorted(name for name in needed if not _is_plain(values[name])):
        raise TemplateError(f"{where}: not plain data: {', '.join(unfit)}")


def _is_plain(value: object) -> bool:
    """Exact types only: a subclass of str may claim to be safe HTML."""
    if type(value) in (str, int, bool, type(None)):
        return True
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return type(value) is dict and all(type(key) is str for key in value) and all(map(_is_plain, value.values()))


def _rendered(found: Environment, file: str, values: Mapping[str, Value]) -> str:
    try:
        return found.get_template(file).render(values)
    except jinja2.TemplateError as error:
        raise TemplateError(f"{file}: {error.message}") from error
    except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise TemplateError(f"{file}: {type(error).__name__}") from error


def _paragraphs(text: str) -> str:
    """Leave one empty line between paragraphs, whichever of them an `if` left out."""
    return re.sub(r"\n\s*\n+", "\n\n", text).strip() + "\n"
