"""Storing the configuration's tables that a world brings along, and the policy numbers they declare."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets.errors import ConfigurationError, ImportFileError
from tickets.models import Setting
from tickets.office import Office, SendMode
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
    asked = stored.get("requests", {})
    return replace(
        office,
        formats=formats(session, office) if "reference" in stored else office.formats,
        send=SendMode(asked.get("send", office.send)),
        due_days=asked.get("due_days", office.due_days),
    )


def _format(table: Mapping[str, str]) -> PolicyFormat:
    try:
        return PolicyFormat(kind=table["kind"], pattern=table["pattern"], canonical=table.get("canonical"))
    except ConfigurationError as error:
        raise ImportFileError(f"settings.reference: {error}") from error
