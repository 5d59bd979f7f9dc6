"""A desk with the scenarios' world, a clock that can be set, its people, and the commands on the same store."""

import contextlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import select

from inbox import cli, clock, config
from inbox.app import App
from tests.tickets.desk import NOW, Desk, fill
from tickets import findings, shown
from tickets.models import Claim, DecisionKind, Event, Staff
from tickets.proposals import Proposal

MAIL = {
    "kind": "email",
    "address": "claims@example.ro",
    "imap": {"host": "127.0.0.1", "user": "claims", "password": "secret"},
    "smtp": {"host": "127.0.0.1", "user": "claims", "password": "secret"},
}
TEXT = {"kind": "sms", "number": "+40312345678", "account_sid": "AC1", "auth_token": "secret"}
PAYER = {"name": "Exemplu Asigurări SA", "iban": "RO49AAAA1B31007593840000"}
TABLES: dict[str, Any] = {
    "office": {"name": "Exemplu Asigurări", "phone": "021 555 0100", "postal_address": "Str. Exemplului 1, București"},
    "security": {"secret": "for tests only"},
    "payments": PAYER,
    "channels": {"claims-mail": MAIL, "text": TEXT},
}


@dataclass
class Office:
    """One office at a given moment."""

    app: App
    folder: Path
    now: datetime = NOW
    _staff: dict[str, Staff] = field(default_factory=dict)

    @classmethod
    def open(cls, store_url: str, folder: Path, **tables: Any) -> "Office":
        """Open it with the scenarios' world."""
        settings = config.parse({**TABLES, "store": {"url": store_url}, **tables}, folder=folder)
        office = cls(App(settings=settings), folder)
        office.app.clock = lambda: office.now
        _write_config(folder, store_url)
        fill(office.app.store, office.app.office)
        return office

    def close(self) -> None:
        self.app.close()

    def at(self, *moment: int) -> None:
        """Set the clock, in UTC."""
        self.now = datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]

    def __getattr__(self, name: str) -> Staff:
        """Ana, Radu, Elena and Mihai, by their ids."""
        if name not in self._staff:
            with self.app.store.reading() as session:
                found = session.scalar(select(Staff).where(Staff.external_id == name))
            if found is None:
                raise AttributeError(name)
            self._staff[name] = found
        return self._staff[name]

    @property
    def desk(self) -> Desk:
        """The same store, to file messages on."""
        return Desk(self.app.store, self.app.office, self.now)

    def add(self, **parts: object) -> None:
        """Add people, customers, policies and claims in the shape of a world file."""
        self.desk.add(**parts)

    def show(self, ref: str) -> dict[str, Any]:
        with self.app.store.reading() as session:
            return json.loads(json.dumps(shown.any(session, ref, self.app.office, now=self.app.clock()), default=str))  # type: ignore[no-any-return]

    def state(self, ref: str) -> str:
        return str(self.show(ref)["state"])

    def refresh(self, ref: str) -> dict[str, str]:
        """Evaluate a claim and say which findings are open, by code."""
        with self.app.store.writing() as session:
            claim = session.scalars(select(Claim).where(Claim.ref == ref)).one()
            result = findings.refresh(session, self.app.office, [claim], now=self.now)[claim.id]
            return {each.code: str(each.severity) for each in result.findings if each.state == "open"}

    def events(self, ref: str) -> list[Event]:
        with self.app.store.reading() as session:
            query = select(Event).join(Claim, Claim.id == Event.claim_id).where(Claim.ref == ref)
            return list(session.scalars(query.order_by(Event.id)))

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run one command at this moment: its exit code, stdout and stderr."""
        out, err = io.StringIO(), io.StringIO()
        code: object = 0
        with (
            mock.patch.object(clock, "now", return_value=self.now),  # commands that change a store take no --now
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                cli.main(["--config", str(self.folder / "config.toml"), *arguments])
            except SystemExit as ended:
                code = ended.code
        return int(str(code or 0)), out.getvalue(), err.getvalue()

    def does(self, *arguments: str) -> dict[str, Any]:
        """What a command prints as JSON; it must have gone well."""
        code, out, err = self.run(*arguments, "--json")
        assert code == 0, err
        printed: dict[str, Any] = json.loads(out)
        return printed

    def refuses(self, *arguments: str) -> str:
        """Why a command says no."""
        code, _, err = self.run(*arguments, "--json")
        assert code == 1, err
        return err


def approval(amount_minor: int | None = None, **more: Any) -> Proposal:
    return Proposal(kind=DecisionKind.APPROVE, amount_minor=amount_minor, **more)


def _write_config(folder: Path, store_url: str) -> None:
    lines = [f'[store]\nurl = "{store_url}"']
    for name, table in (("office", TABLES["office"]), ("security", TABLES["security"]), ("payments", PAYER)):
        lines += [f"[{name}]", *_values(table)]
    for name, table in TABLES["channels"].items():
        lines += [f"[channels.{name}]", *_values(table)]
    (folder / "config.toml").write_text("\n".join(lines), encoding="utf-8")


def _values(table: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items()]


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
