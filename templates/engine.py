"""The sandbox that templates run in: `if`, `for` and shared parts, and nothing that reads, calls or grows."""

from functools import lru_cache
from pathlib import Path
from typing import Never

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

OURS = Path(__file__).parent
_FILTERS = ("e", "escape", "join", "length", "lower", "trim", "upper")


class Environment(ImmutableSandboxedEnvironment):
    """Jinja without calls, clocks, chance and growing arithmetic; the sandbox alone limits no resources."""

    #: `'a' * 10**9` and `'%99999999d' % 1` take all memory, and Jinja computes constants while it compiles.
    intercepted_binops = frozenset({"*", "**", "%", "/", "//"})

    def is_safe_callable(self, obj: object) -> bool:  # noqa: ARG002 - nothing is called, whatever it is
        """Refuse every call."""
        return False

    def call_binop(self, context: object, operator: str, left: object, right: object) -> Never:  # noqa: ARG002 - refused, whatever the sides
        """Refuse what may grow without limit."""
        raise jinja2.TemplateRuntimeError(f"operator {operator} is not for templates")


@lru_cache(maxsize=16)
def environment(folders: tuple[Path, ...]) -> Environment:
    """Make the environment that looks in `folders`, then in ours; it keeps its compiled templates."""
    made = Environment(
        loader=jinja2.FileSystemLoader([*folders, OURS]),
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        finalize=_printable,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in _FILTERS}
    return made


def _printable(value: object) -> object:
    """A None or a whole list that is printed is a value that somebody forgot."""
    if isinstance(value, str | int | jinja2.Undefined) and not isinstance(value, bool):
        return value
    raise jinja2.TemplateRuntimeError(f"prints a {type(value).__name__}")
