"""Storing policies: each row adds versions to what is known, or corrects one; no version is ever dropped."""

import hashlib
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from tickets.errors import ImportRowError
from tickets.models import Coverage, InsuredAsset, Model, Policy, PolicyPerson, PolicyVersion
from tickets.policies import canonical, normal_mark
from tickets.rows.loading import Given, Loading, pages
from tickets.rows.shapes import Asset, CoverageRow, Deductible, PolicyRow, VersionRow


def store(loading: Loading, rows: Iterable[Given[PolicyRow]]) -> None:
    """Add or change each by its canonical number; what only adds goes in a few statements, whatever its number."""
    listed = list(rows)
    loading.find_customers(party for each in listed for party in (each.row.holder, *each.row.insured_persons))
    norms = {each.row.ref: canonical(each.row.ref, loading.formats) for each in listed}
    checked = loading.passing("policy", listed, lambda row: _check(loading, row))
    wanted: dict[str, list[PolicyRow]] = {}
    for each in checked:
        wanted.setdefault(norms[each.row.ref], []).append(each.row)
    held = _Held.read(loading.session, wanted)
    _add(loading, {norm: rows for norm, rows in wanted.items() if norm not in held.policies})
    known = {norm: rows for norm, rows in wanted.items() if norm in held.policies}
    adding = {norm: rows for norm, rows in known.items() if held.is_only_added_to(loading, norm, rows)}
    _add_versions(loading, {held.policies[norm].id: rows for norm, rows in adding.items()}, known=held.versions)
    _change(loading, {norm: rows for norm, rows in known.items() if norm not in adding})
    loading.stored_policies |= {held.policies[norm].id for norm in known}
    loading.session.flush()  # claims name their policies by key
    loading.count("policies", len(checked))


def _check(loading: Loading, row: PolicyRow) -> None:
    loading.customer_id("holder", row.holder)
    for person in row.insured_persons:
        loading.customer_id("insured_persons", person)
    told = [(version.effective_from, loading.moment(version.recorded_at)) for version in row.versions]
    if len(set(told)) < len(told):
        raise ImportRowError("versions: two begin on the same day and were recorded at the same moment")


# --- what is added: plain rows, one statement a table and page


@dataclass(slots=True)
class _Held:
    """What the store has under the numbers of an import, as plain rows."""

    policies: dict[str, Any] = field(default_factory=dict)  #: By canonical number.
    versions: dict[tuple[int, date, datetime], bytes] = field(default_factory=dict)  #: What each says, as `_print`.
    persons: dict[int, set[int]] = field(default_factory=dict)  #: Keys of parties, by policy.
    assets: dict[int, list[Any]] = field(default_factory=dict)  #: By policy.

    @classmethod
    def read(cls, session: Session, norms: Iterable[str]) -> "_Held":
        """Read what is known, page by page."""
        held = cls()
        for page in pages(norms):
            query = select(Policy.id, Policy.ref_norm, Policy.line, Policy.holder_id, Policy.product)
            found = {row.ref_norm: row for row in session.execute(query.where(Policy.ref_norm.in_(page)))}
            held.policies |= found
            if found:
                held._read_parts(session, [row.id for row in found.values()])
        return held

    def _read_parts(self, session: Session, ids: list[int]) -> None:
        self.versions |= _printed(session, ids)
        people = select(PolicyPerson.policy_id, PolicyPerson.party_id).where(PolicyPerson.policy_id.in_(ids))
        for policy_id, party_id in session.execute(people):
            self.persons.setdefault(policy_id, set()).add(party_id)
        columns = (InsuredAsset.policy_id, *(getattr(InsuredAsset, name) for name in _ASSET))
        things = select(*columns).where(InsuredAsset.policy_id.in_(ids)).order_by(InsuredAsset.id)
        for policy_id, *asset in session.execute(things):
            self.assets.setdefault(policy_id, []).append(tuple(asset))

    def is_only_added_to(self, loading: Loading, norm: str, rows: Sequence[PolicyRow]) -> bool:
        """Whether rows say nothing new of a policy but versions that it does not have, and repeat the others."""
        policy, last = self.policies[norm], rows[-1]
        people, things, product = (_last(rows, key) for key in ("insured_persons", "assets", "product"))
        same = (
            (policy.line, policy.holder_id) == (last.line, loading.customers[last.holder])
            and ("product" not in product.model_fields_set or product.product == policy.product)
            and ("insured_persons" not in people.model_fields_set or self._are_insured(loading, policy.id, people))
            and ("assets" not in things.model_fields_set or self._are_protected(policy.id, things))
        )
        return same and all(
            self.versions.get((policy.id, row.effective_from, at)) in (None, _print(_terms(row, at), _covers(row)))
            for row, at in _versions(loading, rows)
        )

    def _are_insured(self, loading: Loading, key: int, row: PolicyRow) -> bool:
        return self.persons.get(key, set()) == {loading.customers[person] for person in row.insured_persons}

    def _are_protected(self, key: int, row: PolicyRow) -> bool:
        return self.assets.get(key, []) == [_asset(each) for each in row.assets]


def _printed(session: Session, ids: Sequence[int]) -> dict[tuple[int, date, datetime], bytes]:
    """What each version of these policies says, by policy, beginning and moment."""
    covers: dict[int, list[dict[str, object]]] = {}
    columns = (Coverage.version_id, *(getattr(Coverage, key) for key in CoverageRow.model_fields))
    query = select(*columns).join(Coverage.version).where(PolicyVersion.policy_id.in_(ids)).order_by(Coverage.id)
    for version_id, *said in session.execute(query):
        covers.setdefault(version_id, []).append(dict(zip(CoverageRow.model_fields, said, strict=True)))
    terms = (PolicyVersion.id, PolicyVersion.policy_id, *(getattr(PolicyVersion, key) for key in _TERMS))
    found = {}
    for version_id, policy_id, *said in session.execute(select(*terms).where(PolicyVersion.policy_id.in_(ids))):
        told = dict(zip(_TERMS, said, strict=True))
        key = (policy_id, told["effective_from"], told["recorded_at"])
        found[key] = _print(told, covers.get(version_id, []))
    return found


def _print(terms: Mapping[str, object], covers: Sequence[Mapping[str, object]]) -> bytes:
    """A version's words in few bytes: what differs never has the same; what is alike and has not is compared later."""
    plain = [str(terms["status"]), *(terms[key] for key in _TERMS if key != "status")]
    said = [[each[key] for key in CoverageRow.model_fields] for each in covers]
    written = json.dumps([plain, said], default=str, sort_keys=True)  # PostgreSQL keeps no order of keys
    return hashlib.blake2b(written.encode(), digest_size=16).digest()


def _add(loading: Loading, new: Mapping[str, Sequence[PolicyRow]]) -> None:
    """Rows of one number are one policy: the last one says whose it is and what it protects, each adds versions."""
    session = loading.session
    keys = _inserted(session, Policy, [_policy(loading, norm, rows) for norm, rows in new.items()])
    loading.stored_policies |= set(keys)
    by_key = dict(zip(keys, new.values(), strict=True))
    _add_versions(loading, by_key)
    people = [(key, _last(rows, "insured_persons").insured_persons) for key, rows in by_key.items()]
    things = [(key, _last(rows, "assets").assets) for key, rows in by_key.items()]
    _insert(session, PolicyPerson, [
        {"policy_id": key, "party_id": loading.customers[person], "role": "insured"}
        for key, persons in people for person in dict.fromkeys(persons)
    ])  # fmt: skip
    _insert(session, InsuredAsset, [
        {"policy_id": key, **dict(zip(_ASSET, _asset(asset), strict=True))}
        for key, assets in things for asset in assets
    ])  # fmt: skip


def _add_versions(
    loading: Loading,
    by_key: Mapping[int, Sequence[PolicyRow]],
    *,
    known: Container[tuple[int, date, datetime]] = frozenset(),
) -> None:
    """Add the versions of policies that are not known, by the policies' keys, with their coverages."""
    told = ((key, each) for key, rows in by_key.items() for each in _versions(loading, rows))
    versions = [(key, (row, at)) for key, (row, at) in told if (key, row.effective_from, at) not in known]
    keys = _inserted(loading.session, PolicyVersion, [{"policy_id": key, **_terms(*each)} for key, each in versions])
    _insert(loading.session, Coverage, [
        {"version_id": key, **cover}
        for key, (_, (row, _at)) in zip(keys, versions, strict=True) for cover in _covers(row)
    ])  # fmt: skip


_ASSET = ("kind", "plate_norm", "vin", "address")


def _policy(loading: Loading, norm: str, rows: Sequence[PolicyRow]) -> dict[str, object]:
    last = rows[-1]
    return {
        "ref": rows[0].ref,
        "ref_norm": norm,
        "line": last.line,
        "holder_id": loading.customers[last.holder],
        "product": _last(rows, "product").product,
    }


def _last(rows: Sequence[PolicyRow], key: str) -> PolicyRow:
    """The last row that says something under `key`; the first where none does."""
    return next((row for row in reversed(rows) if key in row.model_fields_set), rows[0])


def _versions(loading: Loading, rows: Iterable[PolicyRow]) -> list[tuple[VersionRow, datetime]]:
    """A later row in place of an earlier one of the same beginning and moment."""
    told: dict[tuple[date, datetime], VersionRow] = {}
    for row in rows:
        for version in row.versions:
            told[version.effective_from, loading.moment(version.recorded_at)] = version
    return [(version, recorded_at) for (_, recorded_at), version in told.items()]


def _inserted(session: Session, table: type[Model], rows: Sequence[dict[str, object]]) -> list[int]:
    """Insert rows and give their keys in the same order."""
    into = cast("Table", table.__table__)
    query = insert(into).returning(into.c.id, sort_by_parameter_order=True)
    return list(session.scalars(query, rows)) if rows else []


def _insert(session: Session, table: type[Model], rows: Sequence[dict[str, object]]) -> None:
    if rows:
        session.execute(insert(cast("Table", table.__table__)), rows)


# --- policies that we know: what a row does not say stays as it is


def _change(loading: Loading, changed: Mapping[str, Sequence[PolicyRow]]) -> None:
    loading.find_policies(changed)
    for norm, rows in changed.items():
        for row in rows:
            _apply(loading, loading.policies[norm], row)


def _apply(loading: Loading, policy: Policy, row: PolicyRow) -> None:
    said = row.model_fields_set
    policy.line, holder = row.line, loading.customers[row.holder]
    if policy.holder_id != holder:
        policy.holder_id = holder
        loading.session.expire(policy, ["holder"])
    if "product" in said:
        policy.product = row.product
    if "insured_persons" in said:
        _insure(loading, policy, row.insured_persons)
    if "assets" in said:
        _protect(policy, row.assets)
    for version in row.versions:
        _record(policy, version, loading.moment(version.recorded_at))


def _insure(loading: Loading, policy: Policy, ids: Iterable[str]) -> None:
    wanted = dict.fromkeys(loading.customers[each] for each in ids)
    held = {each.party_id: each for each in policy.persons}
    if held.keys() != wanted.keys():
        policy.persons = [held.get(key) or _person(key) for key in wanted]


def _person(party_id: int) -> PolicyPerson:
    person = PolicyPerson()
    person.party_id = party_id
    return person


def _protect(policy: Policy, assets: Iterable[Asset]) -> None:
    wanted = [_asset(each) for each in assets]
    if [_fields(each) for each in policy.assets] != wanted:
        policy.assets = [
            InsuredAsset(kind=kind, plate_norm=plate, vin=vin, address=address) for kind, plate, vin, address in wanted
        ]


def _fields(asset: InsuredAsset) -> tuple[str, str | None, str | None, str | None]:
    return asset.kind, asset.plate_norm, asset.vin, asset.address


def _asset(asset: Asset) -> tuple[str, str | None, str | None, str | None]:
    kind = asset.kind or ("vehicle" if asset.plate or asset.vin else "home")
    return kind, normal_mark(asset.plate, "plate"), normal_mark(asset.vin, "vin"), asset.address


def _record(policy: Policy, row: VersionRow, recorded_at: datetime) -> None:
    """Add a version, or correct the one that begins on the same day and was recorded at the same moment."""
    version = _known(policy, row.effective_from, recorded_at)
    if version is None:
        version = PolicyVersion(
            effective_from=row.effective_from, effective_to=row.effective_to, recorded_at=recorded_at
        )
        policy.versions.append(version)
    for key, value in _terms(row, recorded_at).items():
        if getattr(version, key) != value:
            setattr(version, key, value)
    wanted = _covers(row)
    if [{key: getattr(each, key) for key in CoverageRow.model_fields} for each in version.coverages] != wanted:
        version.coverages = [Coverage(**each) for each in wanted]  # type: ignore[arg-type]  # the fields of `CoverageRow`, each checked


def _terms(row: VersionRow, recorded_at: datetime) -> dict[str, object]:
    """The columns of a version."""
    return {
        "effective_from": row.effective_from,
        "effective_to": row.effective_to,
        "recorded_at": recorded_at,
        "status": row.status,
        "premium_paid_to": row.premium_paid_to,
        "grace_days": row.grace_days,
        "territory": list(row.territory),
        "currency": row.currency,
        "exclusions": [each.model_dump() for each in row.exclusions],
        "notice": row.notice.model_dump() if row.notice else {},
    }


def _known(policy: Policy, effective_from: date, recorded_at: datetime) -> PolicyVersion | None:
    return next(
        (each for each in policy.versions if each.effective_from == effective_from and each.recorded_at == recorded_at),
        None,
    )


_TERMS = ("effective_from", "effective_to", "recorded_at", "status", "premium_paid_to", "grace_days", "territory",
          "currency", "exclusions", "notice")  # fmt: skip


def _covers(row: VersionRow) -> list[dict[str, object]]:
    return [_coverage(each) for each in row.coverages]


def _coverage(row: CoverageRow) -> dict[str, object]:
    said = {key: getattr(row, key) for key in CoverageRow.model_fields}
    rule = row.deductible
    return {
        **said,
        "perils": list(row.perils),
        "territory": list(row.territory),
        "sub_limits": dict(row.sub_limits),
        "deductible": {key: value for key in _RULE if (value := getattr(rule, key)) is not None},
    }


_RULE = tuple(Deductible.model_fields)
