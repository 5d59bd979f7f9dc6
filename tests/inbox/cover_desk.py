"""A desk without mail for tests of cover: a configuration, the scenarios' world, and the commands at a given moment."""

import contextlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from inbox import cli
from inbox.app import App
from inbox.clock import fixed
from tests.installation import WORLD, Done
from tickets.models import Claim, FindingRow, Staff

MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+02:00")


@dataclass
class CoverDesk:
    """One installation in a folder of its own."""

    folder: Path
    apps: list[App] = field(default_factory=list)

    @classmethod
    @contextlib.contextmanager
    def new(cls, folder: Path, store_url: str) -> Iterator["CoverDesk"]:
        """Write the configuration and load the scenarios' world; in the end close what was opened of it."""
        (folder / "config.toml").write_text(
            f"""
[office]
name = "Exemplu Asigurări"
phone = "021 555 0100"
postal_address = "Str. Exemplului 1, 010101 București"
public_url = "https://desk.example.ro"
[store]
url = "{store_url}"
[security]
secret = "for tests only, and long enough to be one"
[channels.post]
kind = "letter"
scans = "./scans"
done = "./done"
bad = "./bad"
print = "./print"
""",
            encoding="utf-8",
        )
        desk = cls(folder)
        desk.load(json.loads(WORLD.read_text(encoding="utf-8")))
        yield desk
        for app in desk.apps:
            app.close()

    def run(self, *arguments: str, at: datetime | None = MONDAY) -> Done:
        """Run one command; those that only look do so at a given moment."""
        stdout, stderr, code = io.StringIO(), io.StringIO(), 0
        now = ["--now", at.isoformat()] if at else []
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            try:
                cli.main(["--config", str(self.folder / "config.toml"), *now, *arguments])
            except SystemExit as ended:
                code = int(str(ended.code or 0))
        return Done(code, stdout.getvalue(), stderr.getvalue())

    def load(self, world: dict[str, Any]) -> None:
        file = self.folder / "world.json"
        file.write_text(json.dumps({"schema": 1, **world}), encoding="utf-8")
        done = self.run("import", "world", str(file), at=None)
        assert done.returncode == 0, done.stderr

    def evaluate(self, claim: str, *arguments: str, at: datetime = MONDAY) -> dict[str, Any]:
        done = self.run("evaluate", claim, *arguments, "--json", at=at)
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    def app(self, at: datetime = MONDAY) -> App:
        self.apps.append(App.from_file(self.folder / "config.toml", clock=fixed(at)))
        return self.apps[-1]

    def staff(self, name: str) -> Staff:
        with self.app().store.reading() as session:
            return session.scalars(select(Staff).where(Staff.name == name)).one()

    def finding(self, claim: str, code: str) -> FindingRow:
        with self.app().store.reading() as session:
            query = select(FindingRow).join(Claim).where(Claim.ref == claim, FindingRow.code == code)
            return session.scalars(query).one()
