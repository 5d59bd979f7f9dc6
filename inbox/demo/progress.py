"""How the demo says what it is doing: a line a step with its seconds, and a spinner where there is a terminal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

_WIDE = 168  #: Columns where there is no terminal to ask.


def console() -> Console:
    """Where the demo prints; as wide as its table needs if it goes to a file."""
    asked = Console(highlight=False)
    return asked if asked.is_terminal else Console(highlight=False, width=_WIDE)


@contextmanager
def step(screen: Console, words: str) -> Iterator[None]:
    """Show that a step has begun, and how long it took."""
    began = time.monotonic()
    if not screen.is_terminal:
        screen.print(f"{words} …")
    with screen.status(words):
        yield
    screen.print(f"[green]✓[/] {words} [dim]({time.monotonic() - began:.1f} s)[/]")
