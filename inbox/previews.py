"""Previews: what a message looks like with sample values, and how many segments a text takes."""

from collections.abc import Iterator
from typing import Any

import templates
from channels.sms.segments import segments
from templates import samples
from tickets.errors import ConfigurationError
from tickets.office import Office

_LANGUAGES = ("ro", "en")


def previews(office: Office | None, template: str, language: str, medium: str) -> Iterator[dict[str, Any]]:
    """Render one message, or all, in the languages and media asked for; with the office's own templates and name.

    Raises `ConfigurationError` if there is no such message. One that cannot be rendered says why in `error`.
    """
    folders = office.templates if office else ()
    languages = (language,) if language else _LANGUAGES
    found = [
        (name, each, by)
        for each in languages
        for name in ([template] if template else templates.names(language=each, folders=folders))
        for by in sorted(_media(name, each, folders))
        if medium in ("", by)
    ]
    if not found:
        known = ", ".join(templates.names(language=languages[0], folders=folders))
        raise ConfigurationError(f"no message {template or 'at all'} for this language and medium: there are {known}")
    return (_preview(office, *each) for each in found)


def _media(name: str, language: str, folders: tuple[Any, ...]) -> frozenset[str]:
    try:
        return templates.media(name, language=language, folders=folders)
    except templates.TemplateError as error:
        raise ConfigurationError(str(error)) from error


def _preview(office: Office | None, name: str, language: str, medium: str) -> dict[str, Any]:
    values = samples.values(name, language) | (_ours(office) if office else {})
    shown: dict[str, Any] = {"template": name, "language": language, "medium": medium, "subject": "", "text": "",
                             "html": None, "segments": None, "error": None}  # fmt: skip
    try:
        words = templates.render(
            name, language=language, medium=medium, values=values, folders=office.templates if office else ()
        )
    except templates.TemplateError as error:
        return shown | {"error": str(error)}
    counted = segments(words.text).count if medium == "sms" else None
    return shown | {"subject": words.subject, "text": words.text, "html": words.html, "segments": counted}


def _ours(office: Office) -> dict[str, Any]:
    return {
        "office": office.name,
        "office_short": office.short_name,
        "office_address": office.postal_address or None,
        "phone": office.phone or None,
    }
