"""`make bench`: every benchmark one after the other, or the one that is named, with its options.

    python -m benchmarks [NAME [OPTION ...]]

A benchmark is a module here with a `main` that takes its options and gives 0, or 1 where it misses an aim.
"""

import sys
from collections.abc import Sequence
from importlib import import_module

NAMES = ("clocks", "evaluations", "filing", "imports", "pages", "reading", "scans", "triage")


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; gives 1 if any of it misses an aim."""
    if not arguments:
        return max(_run(each, ()) for each in NAMES)
    name, *options = arguments
    if name in NAMES:
        return _run(name, options)
    print(f"there is no benchmark {name!r}; there are: {', '.join(NAMES)}", file=sys.stderr)
    return 2


def _run(name: str, options: Sequence[str]) -> int:
    result: int = import_module(f"benchmarks.{name}").main(options)
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
