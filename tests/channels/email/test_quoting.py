"""Tests of channels.email.quoting: phrases as patterns."""

import re

from hypothesis import given
from hypothesis import strategies as st

from channels.email import quoting

KEYS = ("absent", "is_automatic", "unmonitored")
AUTOMATIC = [phrase for key in KEYS for phrase in quoting.PHRASES["automatic"][key]]
PHRASES = [*AUTOMATIC, "a?way", "(?:on (?:my )?|annual )?leave", r"\bferie\b", "(?:in|pe)* perioada", "x*y"]
WORDS = sorted({word for phrase in PHRASES for word in re.findall(r"[a-z]+", phrase)})


@given(st.lists(st.sampled_from([*WORDS, ".", "\n", "annual", "xxy"]), max_size=12), st.sampled_from([" ", "", "-"]))
def test_phrases_of_one_first_letter_together_stand_where_each_of_them_does(said: list[str], between: str) -> None:
    text = between.join(said)

    plainly = re.compile(rf"(?<!\w)(?:{'|'.join(PHRASES)})").search(text)
    grouped = re.compile(quoting.at_a_word(PHRASES)).search(text)

    assert (plainly and plainly.start()) == (grouped and grouped.start())
