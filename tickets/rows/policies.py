"""Storing policies: each row adds versions to what is known, or corrects one; no version is ever dropped."""

from collections.abc import Iterable
from datetime import date, datetime

from tickets.errors import ImportRowError
from tickets.models import Coverage, InsuredAsset, Policy, PolicyPerson, PolicyVersion
from tickets.policies import canonical, normal_mark
from tickets.rows.loading import Given, Loading
from tickets.rows.shapes import Asset, CoverageRow, PolicyRow, VersionRow


def store(loading: Loading, rows: Iterable[Given[PolicyRow]]) -> None:
    """Add or change each by its canonical number."""
    listed = list(rows)
    loading.find_parties(party for each in listed for party in (each.row.holder, *each.row.insured_persons))
    norms = {each.row.ref: canonical(each.row.ref, loading.formats) for each in listed}
    loading.find_policies(norms.values())
    checked = loading.passing("policy", listed, lambda row: _check(loading, row))
    for each in checked:
        _apply(loading, each.row, norms[each.row.ref])
    loading.session.flush()  # claims name their policies by key
    loading.count("policies", len(checked))


def _check(loading: Loading, row: PolicyRow) -> None:
    loading.customer("holder", row.holder)
    for person in row.insured_persons:
        loading.customer("insured_persons", person)
    told = [(version.effective_from, loading.moment(version.recorded_at)) for version in row.versions]
    if len(set(told)) < len(told):
        raise ImportRowError("versions: two begin on the same day and were recorded at the same moment")


def _apply(loading: Loading, row: PolicyRow, norm: str) -> None:
    policy = loading.policies.get(norm)
    if policy is None:
        holder = loading.parties[row.holder]
        policy = loading.policies[norm] = Policy(ref=row.ref, ref_norm=norm, line=row.line, holder=holder)
    said = row.model_fields_set
    policy.line, policy.holder = row.line, loading.parties[row.holder]
    if "product" in said:
        policy.product = row.product
    if "insured_persons" in said:
        _insure(loading, policy, row.insured_persons)
    if "assets" in said:
        _protect(policy, row.assets)
    for version in row.versions:
        _record(policy, version, loading.moment(version.recorded_at))
    loading.session.add(policy)  # only when it is whole: a row added piece by piece costs twice


def _insure(loading: Loading, policy: Policy, ids: Iterable[str]) -> None:
    wanted = {each: loading.parties[each] for each in ids}
    held = {each.party.external_id: each for each in policy.persons}
    policy.persons = [held.get(each) or PolicyPerson(party=party) for each, party in wanted.items()]


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
    known = _known(policy, row.effective_from, recorded_at)
    version = known or PolicyVersion(
        effective_from=row.effective_from, effective_to=row.effective_to, recorded_at=recorded_at
    )
    version.effective_to, version.status = row.effective_to, row.status
    version.premium_paid_to, version.grace_days = row.premium_paid_to, row.grace_days
    version.territory, version.currency = list(row.territory), row.currency
    version.exclusions = [each.model_dump() for each in row.exclusions]
    version.notice = row.notice.model_dump() if row.notice else {}
    wanted = [_coverage(each) for each in row.coverages]
    if [{key: getattr(each, key) for key in CoverageRow.model_fields} for each in version.coverages] != wanted:
        version.coverages = [Coverage(**each) for each in wanted]  # type: ignore[arg-type]  # the fields of `CoverageRow`, each checked
    if known is None:
        policy.versions.append(version)


def _known(policy: Policy, effective_from: date, recorded_at: datetime) -> PolicyVersion | None:
    return next(
        (each for each in policy.versions if each.effective_from == effective_from and each.recorded_at == recorded_at),
        None,
    )


def _coverage(row: CoverageRow) -> dict[str, object]:
    said = row.model_dump(exclude={"deductible"})
    return {
        **said,
        "perils": list(row.perils),
        "territory": list(row.territory),
        "deductible": row.deductible.model_dump(exclude_none=True),
    }
