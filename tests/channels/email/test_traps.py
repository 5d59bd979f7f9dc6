"""Tests of the whole mail reader: each file in tests/data/mail/ is one trap, its record beside it says what is right.

A record holds the keys of `claimdesk read --json` that the trap is about; of an attachment, those of its keys.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from channels.email import mime
from inbox import shapes
from tickets.messages import InboundMessage, Medium

FOLDER = Path(__file__).parents[2] / "data" / "mail"
TRAPS = sorted(FOLDER.glob("*.eml"))


@pytest.mark.parametrize("path", TRAPS, ids=lambda path: path.stem)
def test_mail_is_read_as_its_record_says(path: Path) -> None:
    right = json.loads(path.with_suffix(".json").read_text("utf-8"))

    message = mime.read(path.read_bytes())

    record = shapes.read(path, message, Medium.EMAIL)
    assert {key: reduced(record[key], value) for key, value in right.items()} == right
    check_files(path.read_bytes(), message)


def test_each_record_has_its_mail_and_each_mail_its_record() -> None:
    assert {path.stem for path in TRAPS} == {path.stem for path in FOLDER.glob("*.json")}
    assert len(TRAPS) >= 150


def reduced(given: Any, right: Any) -> Any:
    """Leave of a record what the trap is about."""
    if isinstance(right, dict) and isinstance(given, dict):
        return {key: given.get(key) for key in right}
    if isinstance(right, list) and isinstance(given, list) and len(given) == len(right):
        return [reduced(one, other) for one, other in zip(given, right, strict=True)]
    return given


def check_files(raw: bytes, message: InboundMessage) -> None:
    """Take each file out of the mail again."""
    for file in message.files:
        content = mime.extract(raw, file.part)
        assert (len(content), sha256(content).hexdigest()) == (file.size, file.sha256)
