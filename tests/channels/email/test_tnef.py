"""Tests of channels.email.tnef: what Outlook packs into winmail.dat comes out whole."""

import base64
import struct

import pytest

from channels.email import mime, rtf, tnef

PDF = b"%PDF-1.7 invented"


def attribute(level: int, identifier: int, data: bytes) -> bytes:
    """Write one attribute with its checksum."""
    return struct.pack("<BII", level, identifier, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(*listed: tuple[int, int, bytes]) -> bytes:
    """Write MAPI properties: type, id, bytes."""
    out = struct.pack("<I", len(listed))
    for kind, identifier, data in listed:
        out += struct.pack("<HH", kind, identifier)
        out += (
            struct.pack("<II", 1, len(data)) + data + bytes(-len(data) % 4)
            if kind in {0x1E, 0x1F, 0x102, 0x0D}
            else data
        )
    return out


def stored(text: bytes) -> bytes:
    """Write rich text uncompressed (MS-OXRTFCP)."""
    return struct.pack("<IIII", len(text) + 12, len(text), 0x414C454D, 0) + text


def winmail(*attributes: bytes) -> bytes:
    """Write a winmail.dat."""
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


def attachment(*listed: tuple[int, int, bytes], title: bytes = b"CONSTA~1.PDF\0", data: bytes = PDF) -> bytes:
    """Write the attributes of one attachment."""
    described = attribute(2, 0x69005, properties(*listed)) if listed else b""
    return attribute(2, 0x69002, bytes(14)) + attribute(2, 0x18010, title) + attribute(2, 0x6800F, data) + described


CODE_PAGE = attribute(1, 0x69007, struct.pack("<II", 1250, 0))
LONG_NAME = (0x1F, 0x3707, "Constatare amiabilă.pdf\0".encode("utf-16-le"))
FROM_HTML = (
    rb"{\rtf1\ansi\ansicpg1250\fromhtml1 {\fonttbl{\f0 A;}}{\*\htmltag64 <p>}\htmlrtf "
    rb"{\htmlrtf0 Bun\'e3 \u537 ?i\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}}"
)
WHOLE = winmail(CODE_PAGE, attribute(1, 0x69003, properties((0x102, 0x1009, stored(FROM_HTML)))), attachment(LONG_NAME))


def raw(packed: bytes, fields: str = 'Content-Type: application/ms-tnef; name="winmail.dat"') -> bytes:
    """Write a mail that carries a winmail.dat and no words."""
    return (
        b'From: maria@example.org\nContent-Type: multipart/mixed; boundary="b"\n\n'
        b"--b\nContent-Type: text/plain\n\n\n--b\n"
        + f"{fields}\nContent-Transfer-Encoding: base64\n\n".encode()
        + base64.encodebytes(packed)
        + b"--b--\n"
    )


@pytest.mark.parametrize(
    "fields",
    [
        "Content-Type: application/ms-tnef",
        'Content-Type: application/octet-stream; name="WINMAIL.DAT"',
        "Content-Type: application/octet-stream",
    ],
)
def test_winmail_is_replaced_by_its_files_and_gives_words_when_there_are_no_others(fields: str) -> None:
    message = mime.read(raw(WHOLE, fields))

    [file] = message.files
    assert (file.name, file.part, file.size) == ("Constatare amiabilă.pdf", "2/winmail:0", len(PDF))
    assert mime.extract(raw(WHOLE, fields), "2/winmail:0") == PDF
    assert (message.text, message.html) == ("Bună și", "<p>Bună și</p>")


def test_short_name_is_read_in_the_files_own_code_page() -> None:
    opened = tnef.unpack(winmail(CODE_PAGE, attachment(title="fişă.pdf\0".encode("cp1250"))))

    assert opened is not None
    assert [one.name for one in opened.files] == ["fişă.pdf"]


def test_attached_outlook_message_is_a_mail_with_its_subject_words_and_files() -> None:
    inner = winmail(attribute(1, 0x18004, b"Oferta\0"), attribute(1, 0x2800C, b"Vezi deviz\0"), attachment())
    method = (0x03, 0x3705, struct.pack("<I", 5))

    opened = tnef.unpack(winmail(attachment(method, (0x0D, 0x3701, bytes(16) + inner), data=b"")))

    assert opened is not None
    assert [(one.key, one.name) for one in opened.files] == [("0", "Oferta.eml"), ("0.0", "CONSTA~1.PDF")]


@pytest.mark.parametrize("length", range(6, len(WHOLE), 7))
def test_cut_winmail_gives_what_stands_before_the_cut(length: int) -> None:
    opened = tnef.unpack(WHOLE[:length])

    assert opened is not None
    assert all(PDF.startswith(one.content) for one in opened.files)


def test_winmail_that_is_none_stays_a_file() -> None:
    message = mime.read(raw(b"no tnef at all"))

    assert [file.name for file in message.files] == ["winmail.dat"]
    assert message.notes


def test_damaged_property_does_not_hide_the_file() -> None:
    broken = attribute(2, 0x69005, struct.pack("<IHH", 9, 0x7777, 1))

    opened = tnef.unpack(winmail(attachment() + broken))

    assert opened is not None
    assert opened.is_damaged
    assert opened.files[0].content == PDF


def test_compressed_rich_text_is_expanded() -> None:
    # the words "{\rtf1\ansi\ansicpg1252\pard hello world}" as Outlook compresses them (MS-OXRTFCP section 3.1.1)
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )

    assert rtf.decompress(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def test_rich_text_gives_words_with_letters_written_in_any_way() -> None:
    source = rb"{\rtf1\ansi\ansicpg1250{\colortbl;\red0;}{\*\generator x;}"
    source += rb"Ma\'baina \u537\'3fi \{a\}\par r\'e2nd\tab 2 \u-10179?\u-8704?}"

    assert rtf.read(source) == ("Maşina și {a}\nrând\t2 😀", None)
