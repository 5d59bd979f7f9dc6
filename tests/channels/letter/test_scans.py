"""The scanner's folder: what is handed out, what is left alone, where files go."""

import errno
import hashlib
import os
import shutil
from pathlib import Path

import pytest

from channels.letter import LetterChannel, Settings, connect, folders
from tickets.errors import ChannelRefusedError, ChannelUnavailableError

PDF = b"%PDF-1.4 one page %%EOF"


def put(settings: Settings, name: str, content: bytes = PDF) -> Path:
    path = settings.scans / name
    path.write_bytes(content)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_scan_is_known_by_its_content_and_moves_once_it_is_ours(settings: Settings, channel: LetterChannel) -> None:
    put(settings, "Scrisoare Popescu.pdf")

    [pickup] = channel.fetch()
    channel.acknowledge(pickup.handle)

    assert pickup.external_id == hashlib.sha256(PDF).hexdigest()
    assert (pickup.raw, pickup.name) == (PDF, "Scrisoare Popescu.pdf")
    assert (names(settings.scans), names(settings.done)) == ([], ["Scrisoare Popescu.pdf"])


def test_same_content_under_two_names_is_handed_out_twice(settings: Settings, channel: LetterChannel) -> None:
    put(settings, "a.pdf")
    put(settings, "b.pdf")

    first, second = channel.fetch()

    assert first.external_id == second.external_id
    assert first.handle != second.handle
    assert first.source != second.source


def test_scan_not_yet_moved_is_the_same_and_one_put_in_again_is_another(
    settings: Settings, channel: LetterChannel
) -> None:
    put(settings, "a.pdf")
    [first] = channel.fetch()
    [again] = channel.fetch()
    channel.acknowledge(again.handle)
    (settings.done / "a.pdf").rename(settings.scans / "a.pdf")  # a person drags it back

    [back] = channel.fetch()

    assert first.source == again.source != back.source
    assert first.external_id == back.external_id


def test_file_in_done_is_never_overwritten(settings: Settings, channel: LetterChannel) -> None:
    for content in (b"%PDF- one %%EOF", b"%PDF- two %%EOF", b"%PDF- three %%EOF"):
        put(settings, "scan.pdf", content)
        channel.acknowledge_all([pickup.handle for pickup in channel.fetch()])

    assert names(settings.done) == ["scan-2.pdf", "scan-3.pdf", "scan.pdf"]
    assert (settings.done / "scan.pdf").read_bytes() == b"%PDF- one %%EOF"


def test_file_replaced_after_it_was_read_is_not_moved_unread(settings: Settings, channel: LetterChannel) -> None:
    put(settings, "scan.pdf", b"%PDF- one %%EOF")
    [pickup] = channel.fetch()
    put(settings, "scan.pdf", b"%PDF- quite another %%EOF")

    channel.acknowledge(pickup.handle)

    assert [left.raw for left in channel.fetch()] == [b"%PDF- quite another %%EOF"]


def test_growing_file_is_left_alone_until_it_stands_still(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    growing = settings.scans / "slow.tif"
    channel = connect("post", settings)
    growing.write_bytes(b"II*\0 first half")
    waited: list[float] = []

    def scanner_goes_on(seconds: float) -> bool:
        waited.append(seconds)
        with growing.open("ab") as handle:
            handle.write(b", more")
        return False

    monkeypatch.setattr(channel._scans._closed, "wait", scanner_goes_on)
    assert list(channel.fetch()) == []

    monkeypatch.undo()
    assert [pickup.raw for pickup in channel.fetch()] == [b"II*\0 first half, more"]
    assert 0 < waited[0] <= settings.settle_seconds


def test_file_without_its_end_is_given_more_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = connect("post", settings)
    put(settings, "cut.pdf", b"%PDF-1.4 and then the network stalled")
    waited: list[float] = []
    monkeypatch.setattr(channel._scans._closed, "wait", waited.append)

    [cut_off] = channel.fetch()

    assert cut_off.name == "cut.pdf"
    assert waited[0] > settings.settle_seconds


def test_only_whole_ordinary_files_are_scans(settings: Settings, channel: LetterChannel, tmp_path: Path) -> None:
    (tmp_path / "secret.pdf").write_bytes(PDF)
    (settings.scans / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    os.mkfifo(settings.scans / "pipe.pdf")
    (settings.scans / "folder.pdf").mkdir()
    for name in (".hidden.pdf", "upload.pdf.part", "x.tmp"):
        put(settings, name)
    put(settings, "Thumbs.db", b"no scan")
    put(settings, "no extension")

    assert [pickup.name for pickup in channel.fetch()] == ["no extension"]


def test_empty_file_goes_to_the_bad_ones(settings: Settings, channel: LetterChannel) -> None:
    put(settings, "empty.pdf", b"")

    assert list(channel.fetch()) == []
    assert (names(settings.scans), names(settings.bad)) == ([], ["empty.pdf"])


def test_rejected_scan_goes_to_the_bad_ones(settings: Settings, channel: LetterChannel) -> None:
    put(settings, "scan.pdf")
    [pickup] = channel.fetch()

    channel.reject(pickup.handle)

    assert names(settings.bad) == ["scan.pdf"]


@pytest.mark.parametrize(
    "name", ["x\u202efdp.pdf", "a\u200b.pdf", "CON.pdf", "; rm -rf x.pdf", "x" * 240 + ".pdf", "x..%2f..%2fetc.pdf"]
)
def test_name_is_never_more_than_a_name(settings: Settings, channel: LetterChannel, name: str) -> None:
    for _ in range(2):
        put(settings, name)
        channel.acknowledge_all([pickup.handle for pickup in channel.fetch()])

    assert len(names(settings.done)) == 2
    assert names(settings.scans) == []


def test_name_that_is_no_unicode_is_shown_all_the_same(settings: Settings, channel: LetterChannel) -> None:
    put(settings, os.fsdecode(b"f\xe3ctura.pdf"))

    [pickup] = channel.fetch()
    channel.acknowledge(pickup.handle)

    assert pickup.name == "f\ufffdctura.pdf"
    assert len(names(settings.done)) == 1


def test_folders_on_two_disks_lose_nothing(
    settings: Settings, channel: LetterChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(settings, "scan.pdf")
    [pickup] = channel.fetch()

    def other_disk(file: Path, target: Path) -> Path:
        if file.parent != target.parent:
            raise OSError(errno.EXDEV, "other disk")
        shutil.move(file, target)
        return target

    monkeypatch.setattr(Path, "replace", other_disk)
    monkeypatch.setattr(folders, "_is_elsewhere", lambda *_: True)
    channel.acknowledge(pickup.handle)

    assert (settings.done / "scan.pdf").read_bytes() == PDF
    assert (names(settings.scans), names(settings.done)) == ([], ["scan.pdf"])


def test_share_that_vanished_is_unavailable_and_a_file_in_its_place_is_refused(
    settings: Settings, channel: LetterChannel
) -> None:
    settings.scans.rmdir()
    with pytest.raises(ChannelUnavailableError, match="scans"):
        list(channel.fetch())

    settings.scans.write_bytes(b"")
    with pytest.raises(ChannelRefusedError, match="scans"):
        list(channel.fetch())


def test_check_makes_the_folders_and_counts(settings: Settings, channel: LetterChannel) -> None:
    settings.bad.rmdir()
    put(settings, "scan.pdf")

    told = channel.check()

    assert "1 scans wait" in told
    assert "letters can be printed" in told
    assert settings.bad.is_dir()


def test_waiting_ends_when_a_scan_arrives(settings: Settings, channel: LetterChannel) -> None:
    list(channel.fetch())
    put(settings, "scan.pdf")

    assert channel.wait(2)
