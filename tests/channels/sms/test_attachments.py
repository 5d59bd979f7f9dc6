"""What the pictures and files of a text are."""

import pytest

from channels.sms import attachments

JPEG = b"\xff\xd8\xff\xe0" + bytes(20)
HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(8)
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(8)


@pytest.mark.parametrize(
    ("content", "declared", "kind"),
    [
        (JPEG, "image/jpeg", "image/jpeg"),
        (JPEG, "image/png", "image/jpeg"),
        (JPEG, "", "image/jpeg"),
        (HEIC, "image/jpeg", "image/heic"),
        (MP4, "video/3gpp", "video/3gpp"),
        (b"%PDF-1.7", "application/pdf; name=x", "application/pdf"),
        (b"<html><script>", "image/jpeg", "application/octet-stream"),
        (b"<html><script>", "application/pdf", "application/octet-stream"),
        (b"Hello", "text/plain", "text/plain"),
        (b"PK\x03\x04rest", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"", "image/png", "application/octet-stream"),
        (b"?", "", "application/octet-stream"),
    ],
)  # fmt: skip
def test_first_bytes_decide_what_a_file_is(content: bytes, declared: str, kind: str) -> None:
    assert attachments.media_type(content, declared) == kind


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("image/jpeg", "photo-1.jpg"),
        ("video/mp4", "video-1.mp4"),
        ("audio/amr", "recording-1.amr"),
        ("application/pdf", "document-1.pdf"),
        ("text/vcard", "contact-1.vcf"),
        ("application/../../x", "file-1.bin"),
        ("image/x-new", "photo-1.bin"),
    ],
)
def test_file_is_named_by_what_it_is(kind: str, name: str) -> None:
    assert attachments.name(kind, 1) == name
