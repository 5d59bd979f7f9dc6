"""python -m tests.mutating [--every N] [--seed N] [--minutes N] [GROUP ...]: try changes, list those that survive."""

import sys
import time
from argparse import ArgumentParser
from collections import Counter

import pytest
from hypothesis import Phase, settings

from tests.mutating import changes, trying


def main() -> int:
    """Try every group; 1 if a change survived."""
    parser = ArgumentParser(prog="python -m tests.mutating")
    parser.add_argument("groups", nargs="*", default=list(changes.GROUPS))
    parser.add_argument("--every", type=int, default=1, help="try one change in so many of each file")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--minutes", type=float, default=600.0, help="stop after so many minutes a group")
    asked = parser.parse_args()
    settings.register_profile(
        "mutating", derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate]
    )
    settings.load_profile("mutating")
    made = changes.make(asked.groups)
    survived = 0
    for group, files in made.items():
        names = [
            name for each in files.values() for name in trying.drawn(each.names, every=asked.every, seed=asked.seed)
        ]
        plugin = trying.Trying(names, until=time.monotonic() + 60 * asked.minutes)
        arguments = [
            "-q",
            "--assert=plain",
            "--tb=native",
            *(f"-pno:{name}" for name in ("randomly", "xdist", "cacheprovider")),
            *changes.GROUPS[group].tests,
        ]
        if pytest.main([*arguments, "--no-header", "--no-summary"], plugins=[plugin]):
            return 2
        _report(group, files, plugin.tally)
        survived += len(plugin.tally.survived) + len(plugin.tally.unreached)
    return int(survived > 0)


def _report(group: str, files: dict[str, changes.Changed], tally: trying.Tally) -> None:
    whole = sum(len(each.names) for each in files.values())
    print(f"\n{group}: {whole} changes, killed {len(tally.killed)}, survived {len(tally.survived)},"
          f" reached by no test {len(tally.unreached)}, not tried in time {len(tally.untried)}")  # fmt: skip
    counted = {how: Counter(map(_module, getattr(tally, how))) for how in ("killed", "survived", "unreached")}
    for module, each in files.items():
        told = ", ".join(f"{how} {counts[module]}" for how, counts in counted.items() if counts[module])
        print(f"  {module}: {len(each.names)}; {told}")
    for name in [*tally.survived, *tally.unreached]:
        print(f"\n{name}{' (no test)' * (name in tally.unreached)}\n{files[_module(name)].difference(name)}")


def _module(name: str) -> str:
    return name.rpartition(".")[0]


if __name__ == "__main__":
    sys.exit(main())
