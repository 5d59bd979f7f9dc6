"""Runs the command line and kills it at its n-th commit, just before or just after: no test code in the product.

`python -m tests.faults.launcher` reads a run a line from its input and answers each with how it ended, a line too. Each
run is forked from what has been imported once: a cold start takes longer than the run.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import count
from typing import Any, NoReturn

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from inbox import cli

#: What `poll` imports when it needs it.
NEEDED = ("inbox.running", "inbox.schedule", "channels.email.imap", "channels.email.smtp")


def arm(when: str, number: int) -> None:
    """Die at commit `number`: with its transaction whole but not durable, or durable and nothing after it done."""
    commits = count(1)
    written: set[int] = set()

    def die_before(connection: Any) -> None:
        if not connection.get_execution_options().get("sqlite_reads") and next(commits) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def note(session: Session, *_: Any) -> None:
        written.add(id(session))

    def die_after(session: Session) -> None:
        if id(session) in written and next(commits) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    if when == "before":
        event.listen(Engine, "commit", die_before)
    else:
        event.listen(Session, "after_flush", note)
        event.listen(Session, "after_commit", die_after)


def run(order: dict[str, Any]) -> int:
    """Fork, run the command line and give its exit code, or the negative number of the signal that ended it."""
    child = os.fork()
    if not child:
        _be(**order)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _be(arguments: Sequence[str], *, when: str, number: int, errors: str, environment: dict[str, str]) -> NoReturn:
    """Be the process that is killed: what it says goes to the file `errors`."""
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    written = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(written, 1)
    os.dup2(written, 2)
    arm(when, number)
    cli.main(arguments)


if __name__ == "__main__":
    for each in NEEDED:
        import_module(each)
    for line in sys.stdin:
        sys.stdout.write(f"{run(json.loads(line))}\n")
        sys.stdout.flush()
