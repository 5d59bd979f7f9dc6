"""A form of the upload page is a message like any other."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import upload
from tickets.errors import UnreadableError
from tickets.messages import Medium, MessageKind, Sender

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
LABELS = {"file.photos": "Fotografii", "value.loss_place": "Locul", "fact.flat": "E un apartament?"}


def form(*fields: tuple[str, str | None, bytes]) -> bytes:
    """A multipart body as browsers write it: (name, file name or None, content)."""
    lines = []
    for name, filename, content in fields:
        shown = f'; filename="{filename}"' if filename is not None else ""
        kind = b"Content-Type: image/jpeg\r\n" if filename is not None else b""
        head = f'--edge\r\nContent-Disposition: form-data; name="{name}"{shown}\r\n'.encode()
        lines.append(head + kind + b"\r\n" + content + b"\r\n")
    return b"".join(lines) + b"--edge--\r\n"


def enveloped(body: bytes, *, content_type: str = "multipart/form-data; boundary=edge", **changes: object) -> bytes:
    given: dict[str, object] = {
        "token": "a" * 26, "address": "ana@example.ro", "labels": LABELS, "refused": [], "language": "ro", "at": AT,
    }  # fmt: skip
    return upload.enveloped(body, content_type=content_type, **(given | changes))  # type: ignore[arg-type]


def test_form_reads_back_as_a_message() -> None:
    raw = enveloped(
        form(
            ("file.photos", "a/b\\pic.jpg", b"\xff\xd8one"), ("file.photos", "2.jpg", b"two"), ("file.photos", "", b""),
            ("value.loss_place", None, "Piața Unirii".encode()), ("fact.flat", None, b"yes"),
            ("lack.owners_assoc", None, b"pierdut"), ("odd", None, b"x"),
        )
    )  # fmt: skip

    message = upload.read(raw)

    assert (message.medium, message.kind, message.acknowledge) == (Medium.UPLOAD, MessageKind.MESSAGE, False)
    assert (message.sender.address, message.sender_state) == ("ana@example.ro", Sender.PLAIN)
    assert [(f.name, f.answers, f.sha256) for f in message.files] == [
        ("pic.jpg", "photos", sha256(b"\xff\xd8one").hexdigest()), ("2.jpg", "photos", sha256(b"two").hexdigest()),
    ]  # fmt: skip
    assert (message.stated, message.answered_facts) == ((("loss_place", "Piața Unirii"),), (("flat", "yes"),))
    assert message.lacking == (("owners_assoc", "pierdut"),)
    assert message.text.startswith("Fotografii: 2 fișiere\nLocul: Piața Unirii\nE un apartament?: yes")
    assert upload.extract(raw, message.files[1].part) == b"two"


def test_value_without_a_label_is_kept_but_not_repeated() -> None:
    message = upload.read(enveloped(form(("value.bank_account", None, b"RO14BTRL0130120567890012"))))
    assert dict(message.stated)["bank_account"] == "RO14BTRL0130120567890012"
    assert "BTRL" not in message.text


def test_field_that_was_not_offered_is_passed_over() -> None:
    raw = enveloped(form(("value.bank_account", None, b"RO14BTRL0130120567890012")), refused=["value.bank_account"])
    assert upload.read(raw).stated == ()


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]\nx", b"{\n", b"[" * 100_000, enveloped(b"x", content_type="text/plain")]
)
def test_what_is_no_form_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableError):
        upload.read(raw)


def test_form_with_too_many_parts_is_unreadable() -> None:
    with pytest.raises(UnreadableError, match="at most"):
        upload.read(enveloped(form(*[("file.photos", "x.jpg", b"x")] * 60)))


@given(st.binary(max_size=400))
def test_broken_form_is_a_message_or_unreadable(body: bytes) -> None:
    try:
        message = upload.read(enveloped(b"--edge\r\n" + body))
    except UnreadableError:
        return
    assert message.medium is Medium.UPLOAD
