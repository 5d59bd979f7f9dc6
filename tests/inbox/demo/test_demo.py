"""The demo comes true from an empty folder: every promise it prints, with its exit code."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from inbox.demo import world
from tests.installation import ROOT


def run(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """`make demo ONCE=1` without the part that installs."""
    return subprocess.run(
        [sys.executable, "-m", "inbox.demo", "--once", "--folder", str(folder), *options],
        capture_output=True, text=True, timeout=240, cwd=ROOT, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> "tuple[Path, subprocess.CompletedProcess[str]]":
    """One demo for all tests of this file: it takes a while."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    return folder, run(folder)


def intake(folder: Path) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "inbox.cli", "--config", str(folder / "config.toml"), "intake", "--json"],
        capture_output=True, text=True, timeout=60, cwd=ROOT, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.xdist_group("demo")
def test_everything_the_demo_promises_comes_true(demo: "tuple[Path, subprocess.CompletedProcess[str]]") -> None:
    _, done = demo

    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    assert "one request answered in three parts: by mail, by text, by letter" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.xdist_group("demo")
def test_demo_brings_mail_texts_and_letters_and_gives_each_one_fate(
    demo: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    folder, _ = demo

    arrivals = intake(folder)

    by_channel = {
        name: [each for each in arrivals if each["channel"] == name] for name in ("claims-mail", "text", "post")
    }
    assert len(by_channel["claims-mail"]) >= 20
    assert len(by_channel["text"]) == 6
    assert len(by_channel["post"]) == 5
    assert {each["state"] for each in arrivals} == {"filed", "duplicate", "quarantined"}


@pytest.mark.xdist_group("demo")
def test_demo_never_empties_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "my-work.txt").write_text("years of it")

    done = run(tmp_path)

    assert done.returncode == 2
    assert (tmp_path / "my-work.txt").read_text() == "years of it"
    assert [path.name for path in tmp_path.iterdir()] == ["my-work.txt"]


def test_demo_world_is_always_of_today_and_nobody_grows_younger() -> None:
    written, moved = world.document(world.WRITTEN_ON), world.document(date(2027, 2, 1))

    assert moved != written
    [first, *_], [later, *_] = claims(written), claims(moved)
    days = date.fromisoformat(later["loss_date"]) - date.fromisoformat(first["loss_date"])
    assert days == date(2027, 2, 1) - world.WRITTEN_ON
    assert births(moved) == births(written)


def claims(document: world.Json) -> "list[dict[str, str]]":
    assert isinstance(document, dict)
    return document["claims"]  # type: ignore[return-value]  # as the world file is shaped


def births(document: world.Json) -> list[object]:
    assert isinstance(document, dict)
    return [each.get("birth_date") for each in document["customers"]]  # type: ignore[union-attr]  # same
