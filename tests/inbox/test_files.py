"""Tests of inbox.files and of `claimdesk read` over folders: one record a file, whatever lies there."""

import json
import os
from pathlib import Path

import pytest

from inbox import cli
from inbox.files import content, found, recognised
from tests.installation import ROOT
from tickets.errors import ConfigurationError, UnreadableError

MAILS = ROOT / "tests" / "data" / "mail"


def records(capsys: pytest.CaptureFixture[str], *paths: Path) -> list[dict[str, object]]:
    """Run `claimdesk --json read`, which must end well."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["--json", "read", *map(str, paths)])
    assert ended.value.code == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_folder_gives_one_record_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.eml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "empty.eml").touch()
    (tmp_path / "noise").write_bytes(os.urandom(2_000))
    (tmp_path / "deep" / os.fsdecode(b"\xff.eml")).write_bytes((MAILS / "parts-mixed.eml").read_bytes())
    os.mkfifo(tmp_path / "pipe.eml")

    read = records(capsys, tmp_path)

    assert [(Path(str(each["file"])).name, each["kind"]) for each in read] == [
        ("\ufffd.eml", "message"),
        ("empty.eml", "unreadable"),
        ("noise", "message"),
    ]


def test_pipe_that_is_named_is_unreadable_and_does_not_hang(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.eml")

    [record] = records(capsys, tmp_path / "pipe.eml")

    assert (record["kind"], record["error"]) == ("unreadable", "it is no file: a pipe or a device is not read")


def test_file_that_is_gone_meanwhile_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="cannot be opened"):
        content(tmp_path / "gone.eml")


def test_path_that_is_not_there_is_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        list(found([tmp_path / "nowhere"]))


@pytest.mark.parametrize(
    ("name", "start", "reader"),
    [
        ("a.eml", b"%PDF-1.7", "email"),
        ("a.sms.json", b"{}", "sms"),
        ("a.PDF", b"", "letter"),
        ("scan", b"%PDF-1.7", "letter"),
        ("mail", b"From: a@example.org", "email"),
    ],
)
def test_file_is_told_by_its_name_else_by_its_first_bytes(tmp_path: Path, name: str, start: bytes, reader: str) -> None:
    (tmp_path / name).write_bytes(start)

    assert recognised(tmp_path / name)[0] == reader
