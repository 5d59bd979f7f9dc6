"""python -m tests.mutating [--of PATTERN] [--every N] [--seed N] [--minutes N] [GROUP ...]: what survives."""

import re
import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter

import pytest
from hypothesis import Phase, settings

from tests.mutating import changes, explained, trying


def main() -> int:
    """Try every group; 1 if a change survived that nothing explains, or an explanation has outlived its change."""
    asked = _asked()
    settings.register_profile(
        "mutating", derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate]
    )
    settings.load_profile("mutating")
    made = changes.make(asked.groups)
    explanations, amiss = explained.load(), 0
    for group, files in made.items():
        names = [
            name
            for each in files.values()
            for name in trying.drawn(each.names, every=asked.every, seed=asked.seed)
            if re.search(asked.of, name.partition("__mutmut_")[0])
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
        _count(group, files, plugin.tally)
        told = {name: files[_module(name)].told(name) for name in (*plugin.tally.survived, *plugin.tally.unreached)}
        amiss += _explain(files, plugin.tally, told, explanations)
        if asked.every == 1 and not asked.of and not plugin.tally.untried:
            gone = explained.outlived(explanations, told.values(), modules=files)
            print(*(f"\nexplained, but does not survive: {each}" for each in gone), sep="")
            amiss += len(gone)
    return int(amiss > 0)


def _asked() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.mutating")
    parser.add_argument("groups", nargs="*", default=list(changes.GROUPS))
    parser.add_argument("--of", default="", help="only functions whose name (tickets.cover.x_later) has this pattern")
    parser.add_argument("--every", type=int, default=1, help="try one change in so many of each file")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--minutes", type=float, default=600.0, help="stop after so many minutes a group")
    asked = parser.parse_args()
    if unknown := [each for each in asked.groups if each not in changes.GROUPS]:
        parser.error(f"there is no group {', '.join(unknown)}: there are {', '.join(changes.GROUPS)}")
    return asked


def _count(group: str, files: dict[str, changes.Changed], tally: trying.Tally) -> None:
    whole = sum(len(each.names) for each in files.values())
    print(f"\n{group}: {whole} changes, killed {len(tally.killed)}, survived {len(tally.survived)},"
          f" reached by no test {len(tally.unreached)}, not tried in time {len(tally.untried)}")  # fmt: skip
    counted = {how: Counter(map(_module, getattr(tally, how))) for how in ("killed", "survived", "unreached")}
    for module, each in files.items():
        told = ", ".join(f"{how} {counts[module]}" for how, counts in counted.items() if counts[module])
        print(f"  {module}: {len(each.names)}; {told}")


def _explain(
    files: dict[str, changes.Changed],
    tally: trying.Tally,
    told: dict[str, str],
    explanations: dict[str, explained.Explanation],
) -> int:
    """Print how many survivors each group explains, then those that none does; gives how many these are."""
    groups = {name: explained.group_of(change, explanations) for name, change in told.items()}
    for group, number in Counter(groups.values()).most_common():
        print(f"  {number} survived: {group or 'explained by nothing'}")
    alone = [name for name, group in groups.items() if group is None]
    for name in alone:
        shown = "\n".join(files[_module(name)].difference(name))
        print(f"\n{told[name].partition(': ')[0]}{' (no test)' * (name in tally.unreached)}\n{shown}")
    return len(alone)


def _module(name: str) -> str:
    return name.rpartition(".")[0]


if __name__ == "__main__":
    sys.exit(main())
