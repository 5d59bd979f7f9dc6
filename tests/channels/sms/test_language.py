"""The language of a text."""

import pytest

from channels.sms.language import language


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Bună ziua, când primesc banii?", "ro"),
        ("buna ziua, am trimis poza cu masina", "ro"),
        ("Hi, when will you pay my claim?", "en"),
        ("I sent the photos yesterday.", "en"),
        ("da", "ro"),
        ("Nu.", "ro"),
        ("ok trimit maine", "ro"),
        ("am trimis ieri", "ro"),
        ("gata, merci 👍", "ro"),
        ("yes", "en"),
        ("No", "en"),
        ("sent it yesterday", "en"),
        ("I'll call you tomorrow", "en"),
        ("CLM26-004711-58", None),
        ("ok", None),
        ("", None),
        ("👍", None),
    ],
)
def test_common_words_tell_romanian_from_english(text: str, code: str | None) -> None:
    assert language(text) == code
