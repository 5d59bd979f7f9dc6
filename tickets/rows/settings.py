"""Storing the configuration's tables that a world brings along, and the policy numbers they declare."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from tickets.errors import ConfigurationError, ImportFileError
from tickets.models import Setting
from tickets.office import Office
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


def _format(table: Mapping[str, str]) -> PolicyFormat:
    try:
        return PolicyFormat(kind=table["kind"], pattern=table["pattern"], canonical=table.get("canonical"))
    except ConfigurationError as error:
        raise ImportFileError(f"settings.reference: {error}") from error
