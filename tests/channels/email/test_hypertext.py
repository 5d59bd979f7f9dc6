"""Tests of channels.email.hypertext: HTML as the words a customer sees."""

import pytest

from channels.email import hypertext

SEEN = [
    ("<p>Bună&nbsp;ziua,<br>am o &icirc;ntrebare</p><p>Maria</p>", "Bună ziua,\nam o întrebare\n\nMaria"),
    ("<div>unu</div><div><br></div><div>doi</div>", "unu\n\ndoi"),
    (
        "<table><tr><th>Piesa</th><th>Suma</th></tr><tr><td><p>Far</p></td><td><p>300 lei</p></td></tr></table>",
        "Piesa\tSuma\nFar\t300 lei",
    ),
    ("<table><tr><td>Piesa<td>Suma<tr><td>Far<td>300 lei</table>", "Piesa\tSuma\nFar\t300 lei"),
    ("<ul><li>unu<li>doi<ul><li>sub</ul></ul><ol><li>a</li><li>b</li></ol>", "- unu\n- doi\n  - sub\n\n1. a\n2. b"),
    ("<style>p {color:red}</style><script>x</script><title>t</title><p>text</p><!-- no -->", "text"),
    ("<pre>a\n  b</pre>", "a\n  b"),
    ("1 < 2 și 3 > 2", "1 < 2 și 3 > 2"),
    ("<p>fără sfârșit", "fără sfârșit"),
    ("<a title='x > y' href=z>legătura</a>", "legătura"),
    ('<td style="font-size:0"><div style="font-size:13px">se vede</div></td>', "se vede"),
    ('<div style="background:#000"><span style="color:#fff">alb pe negru</span></div>', "alb pe negru"),
    ('<blockquote type="cite">citat<br>lung</blockquote>nou', "> citat\n> lung\n\nnou"),
    ("<blockquote>fără marcaj</blockquote>", "fără marcaj"),
    ('<p>Text</p><hr><div id="divRplyFwdMsg"><b>From:</b> Daune</div>', f"Text\n\n{'_' * 32}\nFrom: Daune"),
]


@pytest.mark.parametrize(("html", "text"), SEEN)
def test_html_becomes_the_text_a_customer_sees(html: str, text: str) -> None:
    assert hypertext.to_text(html) == (text, False)


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none">ascuns</p>',
        '<p style="DISPLAY : none !important">ascuns</p>',
        "<p hidden>ascuns</p>",
        '<span style="font-size:0px">ascuns</span>',
        '<span style="font-size:1px">ascuns</span>',
        '<span style="color:white">ascuns</span>',
        '<span style="color:#FFFFFF">ascuns</span>',
        '<font color="#fefefe">ascuns</font>',
        '<div style="background:#123456"><span style="color:#123456">ascuns</span></div>',
        '<div style="visibility:hidden">ascuns</div>',
        '<div style="opacity:0">ascuns</div>',
        '<div style="max-height:0;overflow:hidden">ascuns</div>',
        '<div style="mso-hide:all">ascuns</div>',
        '<div style="display:none"><div style="display:block">ascuns</div></div>',
        "<style>.pre {display: none}</style><p class='x pre'>ascuns</p>",
    ],
)
def test_words_nobody_sees_are_left_out(hidden: str) -> None:
    assert hypertext.to_text(f"<p>se vede</p>{hidden}") == ("se vede", True)


def test_class_hidden_on_small_screens_only_is_seen() -> None:
    html = "<style>@media (max-width:600px) {.wide {display:none}}</style><p class=wide>se vede</p>"

    assert hypertext.to_text(html) == ("se vede", False)


def test_image_written_into_the_html_does_not_crowd_out_the_words() -> None:
    html = f'<img src="data:image/png;base64,{"A" * 4_000_000}"><p>se vede</p>'

    assert hypertext.to_text(html) == ("se vede", False)
