"""The plain words of a page."""

import pytest

from templates.plain import plain_text


def test_list_keeps_its_numbers_and_blocks_their_lines() -> None:
    page = "<style>p {}</style><p>We need <b>two</b>:</p><ol><li>One<br>why</li><li>Two</li></ol><p>End</p>"

    assert plain_text(page) == "We need two:\n1. One\nwhy\n2. Two\nEnd\n"


def test_signs_are_read_as_the_customer_sees_them() -> None:
    assert plain_text("<p>A &amp; B &lt;c&gt; &middot; Ș</p>") == "A & B <c> · Ș\n"


@pytest.mark.parametrize(
    "page", ["", "<", "</ol></ul>", "<li>alone", "<ol><ol><li>x", "<ul><li>a</ul></ul><li>b", "<p"]
)
def test_broken_page_still_gives_its_words(page: str) -> None:
    assert plain_text(page).endswith("\n")
