"""Storing the people who work here."""

from collections.abc import Iterable

from tickets.models import Staff
from tickets.rows.loading import Given, Loading
from tickets.rows.shapes import StaffRow


def store(loading: Loading, rows: Iterable[Given[StaffRow]]) -> None:
    """Add or change each by id; somebody who signs in already is known by the e-mail address."""
    loading.find_staff()
    listed = list(rows)
    for each in listed:
        _apply(loading, each.row)
    loading.session.flush()  # claims name their owners by key
    loading.count("staff", len(listed))


def _apply(loading: Loading, row: StaffRow) -> None:
    email = row.email.casefold()
    known = loading.staff.get(row.id) or loading.staff.get(email)
    if known is None:
        known = Staff(external_id=row.id, name=row.name, email=email)
        loading.session.add(known)
    known.external_id, known.name = row.id, row.name
    known.roles = [str(role) for role in row.role]
    if "lines" in row.model_fields_set:
        known.lines = list(row.lines)
    loading.learn_staff(known)
