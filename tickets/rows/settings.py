"""Storing the configuration's tables that a world brings along, and the policy numbers they declare."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets.errors import ConfigurationError, ImportFileError
from tickets.models import Setting
from tickets.office import NEEDS_NO_WARNING, Action, AfterHours, Authority, Margins, Office, SendMode
from tickets.policy_numbers import PolicyFormat
from tickets.rows.shapes import SettingsTable


def store(session: Session, tables: SettingsTable) -> None:
    """Replace each table that the file names; lists stand under `rows`."""
    said = tables.model_dump(mode="json", exclude_none=True)
    for name, table in said.items():
        value = table if isinstance(table, dict) else {"rows": table}
        known = session.get(Setting, name)
        if known is None:
            session.add(Setting(name=name, value=value))
        else:
            known.value = value
    session.flush()  # `formats` looks it up by key


def formats(session: Session, office: Office) -> tuple[PolicyFormat, ...]:
    """The policy numbers of the office's configuration and of an imported world; raises `ImportFileError`."""
    stored = session.get(Setting, "reference")
    return (*office.formats, *(_format(each) for each in (stored.value["rows"] if stored else ())))


def applied(session: Session, office: Office) -> Office:
    """The office with the tables that an imported world brought along in place of the configuration's."""
    stored = {row.name: row.value for row in session.scalars(select(Setting))}
    asked, clocks, checks = (stored.get(name, {}) for name in ("requests", "deadlines", "checks"))
    return replace(
        office,
        formats=formats(session, office) if "reference" in stored else office.formats,
        send=SendMode(asked.get("send", office.send)),
        due_days=asked.get("due_days", office.due_days),
        ladder=tuple(asked.get("ladder", office.ladder)),
        jurisdictions=tuple(clocks.get("jurisdictions", office.jurisdictions)),
        after_hours=AfterHours(clocks.get("after_hours", office.after_hours)),
        margins=Margins(
            cover_is_new=checks.get("dat04_days", office.margins.cover_is_new),
            same_loss=checks.get("duplicate_days", office.margins.same_loss),
        ),
        authority=tuple(_authority(each) for each in stored["authority"]["rows"])
        if "authority" in stored
        else office.authority,
    )


def _authority(table: Mapping[str, Any]) -> Authority:
    return Authority(
        role=table["role"], line=table["line"], action=Action(table["action"]), most=Decimal(table["max"]),
        currency=table["currency"], codes=tuple(table.get("codes", ())),
        warnings=table["role"] not in NEEDS_NO_WARNING,
    )  # fmt: skip


def _format(table: Mapping[str, str]) -> PolicyFormat:
    try:
        return PolicyFormat(kind=table["kind"], pattern=table["pattern"], canonical=table.get("canonical"))
    except ConfigurationError as error:
        raise ImportFileError(f"settings.reference: {error}") from error
