"""The world file: customers, policies, claims and open requests in one JSON document."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from tickets import findings
from tickets.errors import ImportFileError
from tickets.office import Office
from tickets.rows import claims, customers, policies, requests, settings, staff
from tickets.rows.loading import Given, Loading, Outcome, RowError
from tickets.rows.reading import given, listed, table
from tickets.rows.shapes import ClaimRow, CustomerRow, PolicyRow, RequestRow, SettingsTable, StaffRow

__all__ = ["Outcome", "RowError", "load"]

_SECTIONS = ("staff", "customers", "policies", "claims", "requests")
_KEYS = frozenset({"schema", "settings", *_SECTIONS})
_SCHEMA = 1


def load(session: Session, document: object, *, office: Office, now: datetime) -> Outcome:
    """Store a world (docs/contract.md, "World file"); the same file again changes nothing.

    Each row is stored whole or is left out and reported. An unknown key anywhere, another schema or a section that is
    no list raise `ImportFileError` before anything is stored.
    """
    world = _checked(document)
    outcome = Outcome()
    rows = {section: list(enumerate(listed(world, section), start=1)) for section in _SECTIONS}
    people = given(StaffRow, "staff", rows["staff"], outcome, key="id")
    parties = given(CustomerRow, "customer", rows["customers"], outcome, key="id")
    contracts = given(PolicyRow, "policy", rows["policies"], outcome, key="ref")
    losses = given(ClaimRow, "claim", rows["claims"], outcome, key="ref")
    asked = given(RequestRow, "request", rows["requests"], outcome, key="claim")
    settings.store(session, table(SettingsTable, world.get("settings") or {}, "settings"))
    loading = Loading.begin(session, office=office, now=now, outcome=outcome)
    staff.store(loading, people)
    customers.store(loading, parties)
    policies.store(loading, contracts)
    claims.store(loading, losses)
    requests.store(loading, asked)
    _evaluate(loading, losses)
    _put_in_order(outcome)
    return outcome


def _evaluate(loading: Loading, losses: Iterable[Given[ClaimRow]]) -> None:
    """Findings of what the file has brought; the rules are its own if it brought any."""
    stored = [loading.claims[each.row.ref] for each in losses if each.row.ref in loading.claims]
    findings.refresh_open(
        loading.session,
        settings.applied(loading.session, loading.office),
        policies=loading.stored_policies,
        claims={claim.id for claim in stored},
        now=loading.now,
    )


def _checked(document: object) -> Mapping[str, object]:
    if not isinstance(document, Mapping):
        raise ImportFileError("a world file is one JSON object")
    if unknown := sorted(str(key) for key in document.keys() - _KEYS):
        raise ImportFileError(f"unknown key {', '.join(unknown)[:200]}; there are {', '.join(sorted(_KEYS))}")
    schema = document.get("schema")
    if schema != _SCHEMA or isinstance(schema, bool):
        raise ImportFileError(f'a world file says "schema": {_SCHEMA}')
    return document


def _put_in_order(outcome: Outcome) -> None:
    """As they stand in the file, whenever they were found."""
    nouns = ["staff", "customer", "policy", "claim", "request"]
    outcome.errors.sort(key=lambda error: (nouns.index(error.noun), error.number))
