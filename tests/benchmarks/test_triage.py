"""The benchmark of triage in a world small enough for every run: its aims hold, and its worlds can be kept."""

import json
from pathlib import Path

import pytest

from benchmarks import triage


def test_aims_of_precision_coverage_and_silence_hold_in_a_small_world(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    triage.main(["--size", "400", "--messages", "72", "--attacks", "30", "--keep", str(tmp_path), "--json"])

    [result] = json.loads(capsys.readouterr().out)["results"]
    assert (result["linked"] > 30, result["sure"], result["attacks"]) == (True, 28, 30)
    assert result["precision"] >= triage.LEAST_PRECISION
    assert result["coverage"] >= triage.LEAST_COVERAGE
    assert (result["attacks_linked"], result["attacks_told"]) == (0, 0)
    assert result["kinds"]["policy of a stranger"]["suggested"] == 4
    assert (tmp_path / "world-400.db").exists()
