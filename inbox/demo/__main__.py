"""`make demo`: plays the story, prints what became of every item, and serves the shared inbox until stopped.

    python -m inbox.demo [--once] [--folder DIR] [--port N]

Exit codes: 0 done, 1 something the demo promises did not come true, 2 bad usage, 3 the port is taken.
"""

import argparse
import logging
import socket
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from rich.console import Console

from inbox.demo.progress import console, step
from inbox.demo.site import PORT, Site

if TYPE_CHECKING:
    from inbox.demo.story import Told

_DONE, _BROKEN, _BAD_USAGE, _UNAVAILABLE = range(4)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; gives the exit code."""
    given = _given(arguments)
    _quiet()
    screen = console()
    if not given.once and not _is_free(given.port):
        screen.print(
            f"[red]port {given.port} is taken[/]: stop what listens there, or run `make demo ONCE=1`, "
            f"or `.venv/bin/python -m inbox.demo --port {given.port + 1}`"
        )
        return _UNAVAILABLE
    return _play(screen, given)


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m inbox.demo", description="The demo of claimdesk.")
    parser.add_argument("--once", action="store_true", help="print the summary and exit")
    parser.add_argument("--folder", type=Path, default=Path("demo"), help="made anew each time (default: ./demo)")
    parser.add_argument("--port", type=int, default=PORT, help="of the shared inbox (default: %(default)s)")
    return parser.parse_args(arguments)


def _quiet() -> None:
    """The table is what people came for; warnings of our own still show."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    logging.getLogger().setLevel(logging.ERROR)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _play(screen: Console, given: argparse.Namespace) -> int:
    with step(screen, "loading"):  # seconds on a cold machine
        from inbox.demo import story
        from tickets.errors import ClaimdeskError
    try:
        with Site(folder=given.folder, port=given.port) as site:
            told = story.tell(site, screen)
            code = _report(screen, site, told)
            if not given.once:
                _serve(screen, site, told)
            return code
    except ClaimdeskError as error:
        screen.print(f"[red]{error}[/]")
        return _BAD_USAGE


def _report(screen: Console, site: Site, told: "Told") -> int:
    from inbox.demo import promises, report

    app = site.app()
    with closing(app), app.store.reading() as session:
        report.show(screen, session, told)
        kept = list(promises.promises(session, site))
        if waiting := promises.waiting_letters(session):
            screen.print(f"[yellow]{len(waiting)} letters wait in the outbox[/]: install libpango to print them")
    for promise in kept:
        screen.print(f"{'[green]✓[/]' if promise.kept else '[red]✗[/]'} {promise.words}")
    return _DONE if all(promise.kept for promise in kept) else _BROKEN


def _serve(screen: Console, site: Site, told: "Told") -> None:
    """Serve the pages with the schedule at work on the local servers, until Ctrl-C."""
    from inbox import running
    from inbox.schedule import Part

    app = site.app()
    screen.print(f"\n[bold]the shared inbox: {app.office.public_url}[/]  (Ctrl-C ends it)")
    for email, password in told.passwords.items():
        screen.print(f"  sign in as [bold]{email}[/] with [bold]{password}[/]")
    screen.print(
        f"  the store, the scan folder and the printed letters are in {site.folder}; put a PDF into {site.scans} and "
        f"it appears in the inbox; [bold]claimdesk --config {site.config} intake[/] and the other commands work too"
    )
    running.run(app, parts=list(Part), web=True)


if __name__ == "__main__":
    sys.exit(main())
