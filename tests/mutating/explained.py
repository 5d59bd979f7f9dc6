"""Changes that no test need notice, each in a group that says why: read from `explained.toml`."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why some changes may survive, and which: told word for word, or by a pattern where there are many alike."""

    because: str
    changes: frozenset[str] = frozenset()
    like: tuple[str, ...] = ()

    def explains(self, told: str) -> bool:
        """Whether it speaks of a change, as `Changed.told` tells it."""
        return told in self.changes or any(re.search(each, told) for each in self.like)


def load() -> dict[str, Explanation]:
    """The explanations by the name of their group."""
    tables = tomllib.loads((Path(__file__).parent / "explained.toml").read_text(encoding="utf-8"))
    return {
        name: Explanation(
            because=table["because"], changes=frozenset(table.get("changes", ())), like=tuple(table.get("like", ()))
        )
        for name, table in tables.items()
    }


def group_of(told: str, explanations: dict[str, Explanation]) -> str | None:
    """The group to which a survivor belongs."""
    return next((name for name, each in explanations.items() if each.explains(told)), None)


def outlived(explanations: dict[str, Explanation], survivors: Iterable[str], *, modules: Iterable[str]) -> list[str]:
    """What is explained of these modules and survives no more, or is not made any more."""
    told, begun = set(survivors), tuple(f"{each}." for each in modules)
    listed = (change for each in explanations.values() for change in each.changes)
    return sorted(change for change in listed if change.startswith(begun) and change not in told)
