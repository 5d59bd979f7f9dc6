"""Tests of channels.email.macintosh: wrapped files come out; damaged wrappers are none."""

import base64
import string
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.macintosh import unwrap

STANDARD = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
LETTERS = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
SINGLE = (
    b"\0\5\x16\0\0\2\0\0" + bytes(16) + struct.pack(">H", 2) + struct.pack(">III", 3, 50, 9)
    + struct.pack(">III", 1, 59, 4) + b"deviz.pdf%PDF"
)  # fmt: skip


def test_apple_single_gives_the_files_own_name_and_bytes() -> None:
    assert unwrap(SINGLE) == ("deviz.pdf", b"%PDF")


@pytest.mark.parametrize("length", range(4, 50))
def test_cut_head_is_no_wrapper(length: int) -> None:
    assert unwrap(SINGLE[:length]) is None


def test_apple_double_header_without_the_file_stays_as_it_is() -> None:
    assert unwrap(b"\0\5\x16\7\0\2\0\0" + bytes(20)) is None


@given(st.binary(max_size=300))
def test_any_bytes_behind_the_mark_of_binhex_are_read_or_are_none(content: bytes) -> None:
    unwrap(b"(This file must be converted with BinHex 4.0)\r:" + content + b":")
    unwrap(b"\0\5\x16\0" + content)


def test_run_longer_than_any_file_is_not_unpacked() -> None:
    to_binhex = bytes.maketrans(STANDARD.encode(), LETTERS.encode())
    bomb = base64.b64encode(b"A\x90\xff" * 400_000).translate(to_binhex)

    assert unwrap(b"(This file must be converted with BinHex 4.0)\r:" + bomb + b":") is None
