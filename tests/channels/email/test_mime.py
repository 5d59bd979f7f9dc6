"""Tests of channels.email.mime: whatever a customer sends is read right, and every file comes out whole."""

import base64
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from channels.email import mime
from tickets.errors import UnreadableError
from tickets.messages import InboundMessage, Medium, MessageKind, Sender

PDF = b"%PDF-1.7 invented " + bytes(range(256)) * 20
HEAD = "From: Maria Popescu <maria@example.org>\nSubject: Documente\n"


def part(fields: str, body: bytes | str = b"", *, encode: bool = False) -> bytes:
    """Write one part; `encode` wraps its body in base64."""
    raw = body.encode() if isinstance(body, str) else body
    if encode:
        fields += "\nContent-Transfer-Encoding: base64"
        raw = base64.encodebytes(raw)
    return f"{fields}\n\n".encode() + raw


def multipart(kind: str, *parts: bytes, boundary: str = "b", more: str = "") -> bytes:
    """Write a multipart's fields and body."""
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}\n\n'.encode()
    return head + b"".join(b"--%s\n%s\n" % (boundary.encode(), one) for one in parts) + b"--%s--\n" % boundary.encode()


def read(raw: bytes) -> InboundMessage:
    """Read a mail with line ends as servers hand them out, and check that each file can be taken out again."""
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    message = mime.read(raw)
    for file in message.files:
        content = mime.extract(raw, file.part)
        assert (len(content), sha256(content).hexdigest()) == (file.size, file.sha256)
    return message


def names(message: InboundMessage) -> list[str]:
    """Name the files in order."""
    return [file.name for file in message.files]


PLAIN = part("Content-Type: text/plain; charset=utf-8", "Bună ziua")
RICH = part("Content-Type: text/html; charset=utf-8", "<p>Bună <b>ziua</b></p>")
FILE = part(
    'Content-Type: application/pdf; name="deviz.pdf"\nContent-Disposition: attachment; filename="deviz.pdf"',
    PDF,
    encode=True,
)
IMAGE = part(
    "Content-Type: image/png\nContent-ID: <sigla@example>\nContent-Disposition: inline", b"\x89PNG", encode=True
)


def test_header_says_who_wrote_to_whom_when_and_in_which_thread() -> None:
    raw = (
        'From: "Popescu, Maria" <maria@Example.org>\nTo: Daune <claims+tok3n@example.ro>, ion@example.ro\n'
        "Cc: ana@example.ro\nReply-To: maria.p@example.org\nSubject: =?utf-8?Q?Daun=C4=83?=\n auto\n"
        "Date: Mon, 23 Nov 2026 10:00:00 +0200 (EET)\nMessage-ID: <1@example.org>\n"
        "In-Reply-To: <request.1@example.ro>\n"
        "References: <a@example.ro>\n <request.1@example.ro> <a@example.ro>\n"
        "Delivered-To: claims+tok3n@example.ro\nX-Original-To: claims@example.ro\n\n"
        "Bună ziua, aceasta este cererea mea.\n"
    ).encode()

    message = read(raw)

    assert (message.medium, message.kind, message.sender_state) == (Medium.EMAIL, MessageKind.MESSAGE, Sender.PLAIN)
    assert (message.sender.address, message.sender.name) == ("maria@example.org", "Popescu, Maria")
    assert [one.address for one in message.to] == ["claims+tok3n@example.ro", "ion@example.ro"]
    assert [one.address for one in (*message.cc, *message.reply_to)] == ["ana@example.ro", "maria.p@example.org"]
    assert (message.subject, message.sent_at) == ("Daună auto", datetime(2026, 11, 23, 8, tzinfo=UTC))
    assert (message.message_id, message.in_reply_to) == ("1@example.org", ("request.1@example.ro",))
    assert message.references == ("a@example.ro", "request.1@example.ro")
    assert message.delivered_to == ("claims+tok3n@example.ro", "claims@example.ro")
    assert message.language == "ro"


@pytest.mark.parametrize("empty", [b"", b" \r\n\t\n", b"\0\0\n"])
def test_nothing_is_unreadable(empty: bytes) -> None:
    with pytest.raises(UnreadableError):
        mime.read(empty)


def test_part_that_does_not_exist_is_unreadable_and_no_part_is_the_mail_itself() -> None:
    raw = HEAD.encode() + b"\nx"

    assert mime.extract(raw, "") == raw
    for wrong in ("2", "1.1", "x", "1/winmail:0", "1/uu:0", "1/smime:1", "/", "0", "1/uu:x", "99999999999"):
        with pytest.raises(UnreadableError):
            mime.extract(raw, wrong)


@pytest.mark.parametrize(
    "body",
    [
        multipart("mixed", PLAIN, FILE),
        multipart("mixed", multipart("alternative", PLAIN, RICH, boundary="c"), FILE),
        multipart("alternative", PLAIN, multipart("mixed", RICH, FILE, boundary="c")),
        multipart("related", multipart("alternative", PLAIN, RICH, boundary="c"), FILE, more="; x=y"),
        multipart(
            "mixed", multipart("related", multipart("alternative", PLAIN, RICH), FILE, boundary="c"), boundary="d"
        ),
        multipart("mixed", FILE, PLAIN),
        multipart("alternative", PLAIN, multipart("related", RICH, FILE, boundary="c")),
    ],
)  # fmt: skip
def test_words_and_file_are_told_apart_in_any_nesting(body: bytes) -> None:
    message = read(HEAD.encode() + body)

    assert (message.text, names(message), message.files[0].size) == ("Bună ziua", ["deviz.pdf"], len(PDF))
    assert not message.files[0].inline


def test_image_that_the_html_shows_is_inline_and_a_photo_is_not() -> None:
    shown = part("Content-Type: text/html", '<p>Salut</p><img src="cid:sigla@example">')
    photo = part(
        "Content-Type: image/jpeg; name=auto.jpg\nContent-Disposition: inline; filename=auto.jpg",
        b"\xff\xd8",
        encode=True,
    )

    message = read(HEAD.encode() + multipart("mixed", multipart("related", shown, IMAGE, boundary="c"), photo))

    assert [(file.name, file.inline) for file in message.files] == [("image-1.png", True), ("auto.jpg", False)]


def test_text_in_several_inline_parts_is_one_text() -> None:
    second = part("Content-Type: text/plain\nContent-Disposition: inline", "Al doilea")

    message = read(HEAD.encode() + multipart("mixed", PLAIN, FILE, second))

    assert (message.text, names(message)) == ("Bună ziua\n\nAl doilea", ["deviz.pdf"])


@pytest.mark.parametrize("plain", ["", "  \n", "This mail needs an HTML reader."])
def test_empty_plain_part_does_not_hide_the_html(plain: str) -> None:
    rich = part(
        "Content-Type: text/html; charset=utf-8",
        "<p>Bună ziua, am avut un accident ieri în Cluj și atașez documentele.</p>" * 2,
    )

    message = read(HEAD.encode() + multipart("alternative", part("Content-Type: text/plain", plain), rich))

    assert "am avut un accident" in message.text
    assert message.html is not None


def test_text_attached_as_a_file_is_a_file() -> None:
    note = part(
        'Content-Type: text/plain; name="nota.txt"\nContent-Disposition: attachment; filename="nota.txt"', "secret"
    )

    message = read(HEAD.encode() + multipart("mixed", PLAIN, note))

    assert (message.text, names(message), message.files[0].media_type) == ("Bună ziua", ["nota.txt"], "text/plain")


def test_attached_mail_is_a_file_with_its_own_subject_and_is_not_walked() -> None:
    inner = b"Content-Type: message/rfc822\n\nSubject: =?utf-8?q?Ofert=C4=83?=\nFrom: x@example.org\n" + multipart(
        "mixed", PLAIN, FILE, boundary="i"
    )

    message = read(HEAD.encode() + multipart("mixed", PLAIN, inner))

    assert [(file.name, file.media_type, file.part) for file in message.files] == [
        ("Ofertă.eml", "message/rfc822", "2")
    ]
    assert message.text == "Bună ziua"


def test_mail_that_is_only_a_file_is_read() -> None:
    message = read(HEAD.encode() + FILE)

    assert (message.text, names(message), message.files[0].part) == ("", ["deviz.pdf"], "1")


NAMES = [
    ('Content-Disposition: attachment; filename="deviz auto.pdf"', "deviz auto.pdf"),
    ("Content-Disposition: attachment; filename=deviz auto.pdf", "deviz auto.pdf"),
    ("Content-Disposition: attachment; filename*=utf-8''constatare%20%C8%9Bip.pdf", "constatare țip.pdf"),
    (
        "Content-Disposition: attachment; filename*0*=utf-8''const%C4%83; filename*1*=%C8%9Bi; filename*2=e.pdf",
        "constăție.pdf",
    ),
    ("Content-Disposition: attachment; filename*1=a.pdf; filename*0=de", "dea.pdf"),
    ("Content-Disposition: attachment; filename*=iso-8859-2''%BAasiu.pdf; filename=sasiu.pdf", "şasiu.pdf"),
    ('Content-Disposition: attachment; filename="=?utf-8?B?yJlhc2l1LnBkZg==?="', "șasiu.pdf"),
    ('Content-Disposition: attachment; filename="=?utf-8?Q?=C8=99as?=\n =?utf-8?Q?iu.pdf?="', "șasiu.pdf"),
    ('Content-Disposition: attachment; filename="șasiu.pdf"', "șasiu.pdf"),
    ('Content-Disposition: attachment; filename="a \\"b\\".pdf"', 'a "b".pdf'),
    ("Content-Disposition: attachment; filename*=''deviz%2Epdf", "deviz.pdf"),
    ("Content-Disposition: attachment; filename*=klingon''%C8%99.pdf", "ș.pdf"),
    ('Content-Disposition: attachment; filename="deviz.pdf', "deviz.pdf"),
    ("Content-Disposition: attachment; size=1; filename = deviz.pdf ; x=y", "deviz.pdf"),
    ("Content-Disposition: attachment; filename=../../etc/deviz.pdf", "deviz.pdf"),
    ('Content-Disposition: attachment; filename="C:\\Docs\\deviz.pdf"', "deviz.pdf"),
    ('Content-Disposition: attachment; filename="Factura 12/2026.pdf"', "Factura 12/2026.pdf"),
    ('Content-Disposition: attachment; filename="de\u202evizfdp.exe"', "devizfdp.exe"),
    ('Content-Disposition: attachment; filename=""', "file-1.pdf"),
    ("Content-Disposition: attachment", "file-1.pdf"),
]


@pytest.mark.parametrize(("field", "name"), NAMES)
def test_file_has_the_name_its_sender_gave_it(field: str, name: str) -> None:
    message = read(
        HEAD.encode() + multipart("mixed", PLAIN, part(f"Content-Type: application/pdf\n{field}", PDF, encode=True))
    )

    assert names(message) == [name]


def test_name_in_content_type_alone_and_equal_names_are_kept() -> None:
    one = part('Content-Type: image/jpeg; name="poză.jpg"', b"1", encode=True)
    two = part("Content-Type: image/jpeg; name*=utf-8''poz%C4%83.jpg", b"2", encode=True)

    message = read(HEAD.encode() + multipart("mixed", PLAIN, one, two))

    assert names(message) == ["poză.jpg", "poză.jpg"]
    assert len({file.sha256 for file in message.files}) == 2


def test_name_of_four_kilobytes_keeps_its_extension() -> None:
    message = read(
        HEAD.encode()
        + multipart("mixed", part(f"Content-Type: application/pdf; name={'a' * 4000}.pdf", PDF, encode=True))
    )

    assert names(message)[0].endswith("aaa.pdf")
    assert len(names(message)[0]) <= 255


SUBJECTS = [
    ("=?utf-8?Q?Daun=C4=83?= =?utf-8?Q?_auto?=", "Daună auto"),
    ("=?utf-8?B?RGF1bsQ=?= =?utf-8?B?gyBhdXRv?=", "Daună auto"),
    ("=?UTF-8?q?a_b?= c =?utf-8?q?d?=", "a b c d"),
    ("=?iso-8859-2?Q?Ma=BAina?=", "Maşina"),
    ("=?utf-8?B?RGF1bsSD?", "=?utf-8?B?RGF1bsSD?"),
    ("=?utf-8?B?RGF1bsSD!?=", "Daună"),
    ("=?klingon?Q?Daun=C4=83?=", "Daună"),
    ("=?punycode?Q?Daun=C4=83?=", "Daună"),
    ("=?utf-8?Q?Ce faci cu dauna??=", "Ce faci cu dauna?"),
    ("=?utf-8?Q?dou=C4=83 cuvinte?=", "două cuvinte"),
    ("Daună brută", "Daună brută"),
    ("=?utf-8?q?a=0D=0ABcc:_evil=40example.com?=", "a Bcc: evil@example.com"),
    ("=?utf-8*ro?Q?Daun=C4=83?=", "Daună"),
    ("=?utf-8?Q?" + "=C4=83" * 400 + "?=", "ă" * 400),
    ("a\tb   c", "a b c"),
]


@pytest.mark.parametrize(("written", "subject"), SUBJECTS)
def test_subject_is_decoded_as_far_as_it_can_be(written: str, subject: str) -> None:
    assert read(f"From: a@example.org\nSubject: {written}\n\nx".encode()).subject == subject


def test_header_in_an_eastern_charset_without_declaration_is_read() -> None:
    raw = b"From: a@example.org\nSubject: " + "Maşina şi poliţa".encode("cp1250") + b"\n\nx"

    assert read(raw).subject == "Maşina şi poliţa"


CHARSETS = [
    ("utf-8", "utf-8", "Bună ziua, mașina și țara"),
    ("windows-1250", "cp1250", "Bună ziua, maşina şi ţara – „aşa”"),
    ("iso-8859-16", "iso-8859-16", "Bună ziua, mașina și țara"),
    ("iso-8859-1", "utf-8", "Bună ziua, mașina și țara"),
    ("us-ascii", "utf-8", "Bună ziua, mașina și țara"),
    ("iso-8859-1", "cp1250", "Bună ziua, maşina şi ţara"),
    ("x-unknown", "utf-8", "Bună ziua, mașina și țara"),
    ("utf-8", "cp1250", "Bună ziua, maşina şi ţara"),
    ("punycode", "utf-8", "Bună ziua, mașina și țara"),
    ("unicode_escape", "utf-8", "Bună \\u0041 ziua"),
    ("iso-8859-1", "cp1252", "Grüße – „schön“ €"),
    ("utf-16", "utf-16", "Bună ziua"),
    ("'UTF-8'", "utf-8", "Bună ziua"),
    ("utf8", "utf-8", "Bună ziua"),
    ("windows-1251", "cp1251", "Добрый день"),
    ("iso-2022-jp", "iso-2022-jp", "こんにちは"),
]


@pytest.mark.parametrize(("declared", "real", "words"), CHARSETS)
def test_words_are_read_by_their_true_charset(declared: str, real: str, words: str) -> None:
    raw = part(f"{HEAD}Content-Type: text/plain; charset={declared}", words.encode(real), encode=True)

    assert mime.read(raw).text == words


def test_one_broken_byte_does_not_change_the_charset_of_a_text() -> None:
    raw = f"{HEAD}Content-Type: text/plain; charset=utf-8\n\n".encode() + "Bună ziua, mașina ".encode() + b"\xc8 x"

    assert mime.read(raw).text == "Bună ziua, mașina \ufffd x"


@pytest.mark.parametrize(
    "encoded",
    [
        base64.b64encode(PDF),
        base64.encodebytes(PDF).replace(b"\n", b" \n"),
        base64.b64encode(PDF).rstrip(b"="),
        base64.b64encode(PDF)[:100] + b"\n!#\0" + base64.b64encode(PDF)[100:],
        base64.b64encode(PDF[:1000]) + b"\n" + base64.b64encode(PDF[1000:]),
    ],
)
def test_damaged_base64_gives_the_whole_file(encoded: bytes) -> None:
    raw = part(f"{HEAD}Content-Type: application/pdf\nContent-Transfer-Encoding: BASE64 ", encoded)

    assert mime.extract(raw, "1") == PDF


def test_text_that_is_declared_base64_and_is_not_is_still_read() -> None:
    raw = part(f"{HEAD}Content-Type: text/plain\nContent-Transfer-Encoding: base64", "Bună ziua, am o întrebare.")

    assert mime.read(raw).text == "Bună ziua, am o întrebare."


def test_uuencoded_file_in_the_words_is_a_file() -> None:
    raw = HEAD.encode() + b"\nInainte\nbegin 644 nota.txt\n#0V%T\n`\nend\nDupa\n"

    message = read(raw)

    assert (message.text, names(message), message.files[0].part) == ("Inainte\nDupa", ["nota.txt"], "1/uu:0")
    assert mime.extract(raw, "1/uu:0") == b"Cat"


def test_sentence_that_begins_like_uuencode_and_yenc_stay_words() -> None:
    text = "begin 644 is how it starts\nbut nothing follows\n=ybegin line=128 size=3 name=a.bin\n)JK\n=yend size=3"

    assert read(HEAD.encode() + b"\n" + text.encode()).text == text


BROKEN = {
    "no boundary declared": HEAD.encode() + multipart("mixed", PLAIN, FILE).replace(b'; boundary="b"', b""),
    "another boundary declared": HEAD.encode()
    + multipart("mixed", PLAIN, FILE).replace(b'boundary="b"', b'boundary="zz"'),
    "no closing boundary": HEAD.encode() + multipart("mixed", PLAIN, FILE).removesuffix(b"--b--\n"),
    "nothing announced": HEAD.encode() + b"\n" + multipart("mixed", PLAIN, FILE).partition(b"\n\n")[2],
    "one boundary for both levels": HEAD.encode() + multipart("mixed", multipart("alternative", PLAIN, RICH), FILE),
    "mbox line first": b"From maria@example.org Mon Nov 23 10:00:00 2026\n"
    + HEAD.encode()
    + multipart("mixed", PLAIN, FILE),
    "empty lines first": b"\r\n\r\n" + HEAD.encode() + multipart("mixed", PLAIN, FILE),
    "byte order mark first": b"\xef\xbb\xbf" + HEAD.encode() + multipart("mixed", PLAIN, FILE),
    "rubbish between the fields": HEAD.encode() + b"rubbish without a colon\n" + multipart("mixed", PLAIN, FILE),
    "blanks where the empty line should be": HEAD.encode()
    + multipart("mixed", PLAIN, FILE).replace(b"\n\n", b"\n  \n", 1),
    "text after the end": HEAD.encode() + multipart("mixed", PLAIN, FILE) + b"-- \nfooter of a virus scanner\n",
    "text before the parts": HEAD.encode()
    + multipart("mixed", PLAIN, FILE).replace(b"\n\n", b"\n\nThis is MIME.\n", 1),
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_broken_mail_gives_its_words_and_its_file(raw: bytes, line_end: bytes) -> None:
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", line_end)

    message = mime.read(raw)

    assert (message.text.strip(), names(message), message.sender.address) == (
        "Bună ziua",
        ["deviz.pdf"],
        "maria@example.org",
    )
    assert mime.extract(raw, message.files[0].part) == PDF


def test_missing_empty_line_before_the_words_loses_no_word() -> None:
    message = read(HEAD.encode() + b"Buna ziua, am o intrebare\ndespre dosar\n")

    assert message.text == "Buna ziua, am o intrebare\ndespre dosar"


def test_nul_bytes_disappear() -> None:
    message = read(HEAD.encode() + b"X-Note: a\0b\n\nBu\0na\0 ziua")

    assert message.text == "Buna ziua"


def test_flowed_text_is_joined_and_keeps_its_quotes_and_signature() -> None:
    body = "Prima parte \na frazei.\n> citat \n> lung\n\n-- \nMaria"

    message = read(part(f"{HEAD}Content-Type: text/plain; format=flowed", body))

    assert message.text == "Prima parte a frazei.\n> citat lung\n\n-- \nMaria"
    assert read(part(f"{HEAD}Content-Type: text/plain; format=flowed; delsp=yes", "un \ndoi")).text == "undoi"


def test_invitation_is_a_file_and_its_title_is_read_when_there_are_no_words() -> None:
    event = "BEGIN:VEVENT\nSUMMARY:Constatare\\, Cluj\nDTSTART;TZID=x:20261123T100000\nEND:VEVENT\n"

    message = read(part(f"{HEAD}Content-Type: text/calendar; method=REQUEST; charset=utf-8", event))

    assert (message.text, names(message)) == ("Constatare, Cluj\n2026-11-23 10:00", ["invite.ics"])


def test_signed_mail_shows_its_words_and_keeps_the_signature() -> None:
    signature = part("Content-Type: application/pkcs7-signature; name=smime.p7s", b"0\x80", encode=True)

    message = read(HEAD.encode() + multipart("signed", PLAIN, signature))

    assert (message.text, names(message)) == ("Bună ziua", ["smime.p7s"])


def der(tag: int, value: bytes) -> bytes:
    """Write one DER element."""
    size = len(value).to_bytes(3, "big")
    return bytes([tag, 0x83]) + size + value


@pytest.mark.parametrize("pieces", [False, True])
def test_opaque_signature_is_opened(*, pieces: bool) -> None:
    inner = multipart("mixed", PLAIN, FILE, boundary="i")
    octets = b"\x24\x80" + der(4, inner[:50]) + der(4, inner[50:]) + b"\0\0" if pieces else der(4, inner)
    encapsulated = der(0x30, bytes.fromhex("06092a864886f70d010701") + der(0xA0, octets))
    signed = der(0x30, b"\x02\x01\x01" + der(0x31, b"") + encapsulated)
    cms = der(0x30, bytes.fromhex("06092a864886f70d010702") + der(0xA0, signed))

    message = read(
        part(f'{HEAD}Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"', cms, encode=True)
    )

    assert (message.text, names(message)) == ("Bună ziua", ["deviz.pdf", "smime.p7m"])


def test_encrypted_mail_keeps_its_parts_and_says_so() -> None:
    message = read(
        part(f"{HEAD}Content-Type: application/pkcs7-mime; smime-type=enveloped-data", b"0\x80\x06\x01x", encode=True)
    )

    assert names(message) == ["smime.p7m"]
    assert any("encrypted" in note for note in message.notes)


def test_apple_double_gives_the_file_and_not_its_fork() -> None:
    fork = part("Content-Type: application/applefile", b"\0\5\x16\7", encode=True)

    message = read(HEAD.encode() + multipart("mixed", PLAIN, multipart("appledouble", fork, FILE, boundary="c")))

    assert names(message) == ["deviz.pdf"]


def test_answer_in_html_is_cut_where_the_html_marks_the_quotation() -> None:
    rich = (
        '<div dir="ltr">Da, de acord.</div><br><div class="gmail_quote"><div class="gmail_attr">Pisał ktoś:<br></div>'
        '<blockquote class="gmail_quote">Vă rugăm<br>să trimiteți</blockquote></div>'
    )

    message = read(part(f"{HEAD}In-Reply-To: <1@example.ro>\nContent-Type: text/html; charset=utf-8", rich))

    assert "> Vă rugăm" in message.text
    assert "Vă rugăm" not in message.new_text
    assert message.new_text.startswith("Da, de acord.")


QUOTED_IN_HTML = {
    "Outlook": "<p class=MsoNormal>Da, de acord.<o:p></o:p></p>"
    '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt">'
    "<p><b>De la:</b> Daune &lt;claims@example.ro&gt;<br><b>Trimis:</b> luni<br><b>Către:</b> Maria<br>"
    "<b>Subiect:</b> Cerere</p></div></div><p>Vă rugăm</p>",
    "Outlook on the web, a language we do not know": '<div>Da, de acord.</div><div id="appendonsend"></div><hr>'
    '<div id="divRplyFwdMsg"><b>Sendari:</b> Daune &lt;claims@example.ro&gt;<br><b>Dagur:</b> x<br><b>Efni:</b> y</div>'
    "<div>Vă rugăm</div>",
    "Yahoo": '<div>Da, de acord.</div><div class="yahoo_quoted"><div>În luni, 23 noiembrie 2026, 10:00:00 EET, Daune '
    "&lt;claims@example.ro&gt; a scris:</div><div><br></div><div>Vă rugăm</div></div>",
    "Apple Mail": "Da, de acord.<br><br>Trimis de pe iPhone<br><blockquote type=cite>Pe 23 nov. 2026, la 10:00, Daune "
    "&lt;claims@example.ro&gt; a scris:<br><br></blockquote><blockquote type=cite><div>Vă rugăm</div></blockquote>",
    "signature": '<div>Da, de acord.</div><div id="Signature"><p>Maria Popescu</p></div>',
}


@pytest.mark.parametrize("rich", QUOTED_IN_HTML.values(), ids=QUOTED_IN_HTML)
def test_only_the_customers_words_stay_of_an_html_answer(rich: str) -> None:
    head = "From: maria@example.org\nSubject: Re: Cerere\nIn-Reply-To: <1@example.ro>\n"

    assert read(part(f"{head}Content-Type: text/html; charset=utf-8", rich)).new_text == "Da, de acord."


def test_forwarded_html_is_the_message() -> None:
    rich = "Vezi:<blockquote type=cite>Begin forwarded message:<br><b>From: </b>Service<br>2000 lei</blockquote>"

    assert "2000 lei" in read(part("From: a@example.org\nSubject: Fwd: D\nContent-Type: text/html", rich)).new_text


def test_hidden_words_are_left_out_and_noted() -> None:
    message = read(
        part(f"{HEAD}Content-Type: text/html", '<p>Factura</p><p style="display: none">plătiți altui cont</p>')
    )

    assert message.text == "Factura"
    assert message.notes == ("hidden text was left out",)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Mon, 23 Nov 2026 10:00:00 +0200", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("23 Nov 26 10:00 EST", datetime(2026, 11, 23, 15, tzinfo=UTC)),
        ("Mon,23 November 2026 10:00:60 -0000", datetime(2026, 11, 23, 10, 0, 59, tzinfo=UTC)),
        ("2026-11-23T10:00:00Z", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 10:00:00 +9999", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("Mon, 31 Feb 2026 10:00:00 +0200", None),
        ("Mon, 1 Jan 0001 00:00:00 +0200", None),
        ("ieri", None),
        ("", None),
    ],
)
def test_date_is_a_moment_in_utc_or_nothing(written: str, moment: datetime | None) -> None:
    assert read(f"From: a@example.org\nDate: {written}\n\nx".encode()).sent_at == moment


@pytest.mark.parametrize("junk", ["<>", "<a@[b>", "", "no-at-sign", "<a b@c>", "<\x01@x>"])
def test_junk_in_an_id_stops_nothing(junk: str) -> None:
    message = read(f"From: a@example.org\nMessage-ID: {junk}\nReferences: {junk} <1@example.ro>\n\nx".encode())

    assert "1@example.ro" in message.references
