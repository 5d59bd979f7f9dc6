"""Runs the command line and kills it at its n-th commit, just before or just after: no test code in the product.

python -m tests.faults.launcher before 3 --config config.toml poll --once
"""

import os
import signal
import sys
from itertools import count
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from inbox import cli


def arm(when: str, number: int) -> None:
    """Die at commit `number`: with its transaction whole but not durable, or durable and nothing after it done."""
    commits = count(1)
    written: set[int] = set()

    def die_before(connection: Any) -> None:
        if connection.get_execution_options().get("sqlite_begin") != "BEGIN" and next(commits) == number:
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


if __name__ == "__main__":
    arm(sys.argv[1], int(sys.argv[2]))
    cli.main(sys.argv[3:])
