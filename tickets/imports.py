"""Imports of customers, policies, claims and payments from CSV and JSONL files (docs/contract.md, "Imports")."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from tickets import findings, numbering, references
from tickets.errors import ImportFileError, ImportRowError
from tickets.office import Office
from tickets.rows import bank_messages, claims, customers, payments, policies
from tickets.rows.cells import Cells
from tickets.rows.loading import Given, Loading, Outcome, RowError
from tickets.rows.reading import given
from tickets.rows.shapes import ClaimRow, CustomerRow, PaymentRow, PolicyRow
from tickets.rows.sheets import Columns, Sheet, read

_MADE = "CLM"  #: Stands for a reference that we have yet to make.


def load(
    session: Session,
    what: str,
    content: bytes,
    *,
    name: str,
    mapping: Mapping[str, str],
    office: Office,
    now: datetime,
    actor: str = "import",
) -> Outcome:
    """Store customers, policies, claims or payments of the file `name`; the same file again changes nothing.

    A row is in whole or not at all. An unknown column, one that is missing, or a file that cannot be read raise
    `ImportFileError` before anything is stored.
    """
    if what not in _KINDS:
        raise ImportFileError(f"{what}: there are {', '.join(_KINDS)}")
    kind = _KINDS[what]
    if what == "payments" and bank_messages.is_one(content):
        sheet = bank_messages.read(content, name=name)
    else:
        sheet = read(content, name=name, columns=Columns(names=kind.columns, needed=kind.needed, mapping=mapping))
    outcome = Outcome()
    loading = Loading.begin(session, office=office, now=now, outcome=outcome, actor=actor)
    kind.store(loading, list(_rows(sheet, kind, outcome)))
    findings.refresh_open(
        session,
        office,
        policies=loading.stored_policies,
        claims={each.id for each in loading.claims.values()},
        now=now,
    )
    outcome.errors.sort(key=lambda error: error.number)
    return outcome


def _rows(sheet: Sheet, kind: "_Kind", outcome: Outcome) -> Iterator[tuple[int, dict[str, object]]]:
    """Each row as its shape takes it; what cannot be understood is reported."""
    for number, why in sheet.wrong:
        outcome.errors.append(RowError(noun=kind.noun, number=number, ref="", text=why))
    for number, cells in sheet.rows:
        try:
            yield number, kind.shaped(Cells(cells))
        except ImportRowError as error:
            ref = str(cells.get(kind.columns[0]) or "")[:80]
            outcome.errors.append(RowError(noun=kind.noun, number=number, ref=ref, text=str(error)))


# --- customers


def _customer(cells: Cells) -> dict[str, object]:
    given_name = " ".join(filter(None, (cells.text("given"), cells.text("family"))))
    shared = cells.is_so("shared_contact")
    return {
        "id": cells.text("external_id"),
        "name": cells.text("name") or given_name or None,
        "birth_date": cells.text("birth_date"),
        "language": cells.text("language"),
        "emails": _contacts(cells.many("email", r"[;,\s]"), shared=shared),
        "phones": _contacts(cells.many("phone", r"[;,/]"), shared=shared),
        "postal": cells.text("postal_address"),
        **_national_id(cells.text("national_id")),
    }


def _contacts(values: Iterable[str], *, shared: bool | None) -> list[dict[str, object]] | None:
    """None says nothing of how somebody is reached, so that what is known stays."""
    return [{"value": value, "shared": shared} for value in values] or None


def _national_id(number: str | None) -> dict[str, object]:
    """A number that begins with RO is a company's tax number; any other is a person's."""
    if number is not None and number.upper().startswith("RO"):
        return {"cui": number, "kind": "org"}
    return {"cnp": number}


def _store_customers(loading: Loading, rows: Iterable[tuple[int, object]]) -> None:
    customers.store(loading, given(CustomerRow, "customer", rows, loading.outcome, key="id", strict=False))


# --- policies


def _policy(cells: Cells) -> dict[str, object]:
    covers, exclusions = _covers(cells)
    return {
        "ref": cells.text("number"),
        "product": cells.text("product"),
        "line": cells.text("line"),
        "holder": cells.text("holder"),
        "insured_persons": cells.many("insured") or None,
        "assets": cells.objects("assets"),
        "versions": [
            {
                "effective_from": cells.text("effective_from"),
                "effective_to": cells.text("effective_to"),
                "recorded_at": cells.text("recorded_at"),
                "status": cells.text("status"),
                "premium_paid_to": cells.text("premium_paid_to"),
                "currency": cells.text("currency"),
                "territory": [country.upper() for country in cells.many("territory", r"[;,\s]")],
                "coverages": covers,
                "exclusions": exclusions,
            }
        ],
    }


def _covers(cells: Cells) -> tuple[list[object], list[object]]:
    """In a sheet an exclusion stands with its cover; in the store it holds for the version."""
    covers: list[object] = []
    exclusions: list[object] = []
    for each in cells.objects("coverages") or []:
        if isinstance(each, dict):
            exclusions += each.get("exclusions") or []
            covers.append({key: value for key, value in each.items() if key != "exclusions"})
        else:
            covers.append(each)
    return covers, exclusions


def _store_policies(loading: Loading, rows: Iterable[tuple[int, object]]) -> None:
    policies.store(loading, given(PolicyRow, "policy", rows, loading.outcome, key="ref", strict=False))


# --- claims


def _claim(cells: Cells) -> dict[str, object]:
    return {
        "ref": cells.text("ref") or _nameless(cells),
        "policy": cells.text("policy"),
        "claimant": cells.text("claimant"),
        "type": cells.text("type"),
        "loss_date": cells.text("loss_at"),
        "cause": cells.text("cause"),
        "facts": cells.json("facts"),
        "state": cells.text("state") or "open",
        "owner": cells.text("owner"),
        "lines": cells.objects("lines"),
    }


def _nameless(cells: Cells) -> str:
    """What a row without a number is known by when it comes again."""
    said = "\x1f".join(cells.text(name) or "" for name in ("policy", "claimant", "type", "loss_at", "cause"))
    return f"row:{hashlib.sha256(said.encode(errors='replace')).hexdigest()[:32]}"


def _store_claims(loading: Loading, rows: Iterable[tuple[int, object]]) -> None:
    """A valid reference is kept; for any other number we make one of ours, and remember theirs."""
    shaped = given(ClaimRow, "claim", rows, loading.outcome, key="ref", strict=False)
    foreign = {each.row.ref: each for each in shaped if not _is_ours(each.row.ref)}
    ours = claims.by_foreign_number(loading, foreign)
    new = [number for number in foreign if number not in ours]
    claims.never_give_out_again(loading, [each.row.ref for each in shaped if _is_ours(each.row.ref)])
    ours |= zip(new, numbering.take(loading.session, _MADE, year=loading.now.year, count=len(new)), strict=True)
    renamed = [_renamed(each, ours) for each in shaped]
    claims.store(loading, renamed, beside={number: {"external_ref": ref} for ref, number in ours.items()})


def _is_ours(ref: str) -> bool:
    parsed = references.parse(ref)
    return parsed is not None and parsed[0] == _MADE


def _renamed(each: Given[ClaimRow], ours: Mapping[str, str]) -> Given[ClaimRow]:
    ref = ours.get(each.row.ref, each.row.ref)
    return Given(number=each.number, ref=each.ref, row=each.row.model_copy(update={"ref": ref}))


# --- payments


def _payment(cells: Cells) -> dict[str, object]:
    return {
        "claim": cells.text("claim"),
        "amount_minor": cells.minor("amount"),
        "currency": cells.text("currency"),
        "state": cells.text("state"),
        "paid_on": cells.text("paid_on"),
        "payment": cells.text("payment"),
        "reason": cells.text("reason"),
    }


def _store_payments(loading: Loading, rows: Iterable[tuple[int, object]]) -> None:
    payments.store(loading, given(PaymentRow, "payment", rows, loading.outcome, key="claim", strict=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One kind of file: its noun, its columns (the first names a row), and how its rows are shaped and stored."""

    noun: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]
    shaped: Callable[[Cells], dict[str, object]]
    store: Callable[[Loading, Iterable[tuple[int, object]]], None]


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "customers": _Kind(
            noun="customer",
            columns=(
                "external_id", "name", "given", "family", "birth_date", "email", "phone", "postal_address", "language",
                "national_id", "shared_contact",
            ),
            needed=("external_id",),
            shaped=_customer,
            store=_store_customers,
        ),
        "policies": _Kind(
            noun="policy",
            columns=(
                "number", "product", "line", "holder", "insured", "effective_from", "effective_to", "recorded_at",
                "status", "premium_paid_to", "currency", "territory", "assets", "coverages",
            ),
            needed=("number", "holder", "effective_from", "effective_to", "recorded_at"),
            shaped=_policy,
            store=_store_policies,
        ),
        "claims": _Kind(
            noun="claim",
            columns=(
                "ref", "policy", "claimant", "type", "loss_at", "cause", "facts", "state", "owner", "lines",
            ),
            needed=("claimant", "type"),
            shaped=_claim,
            store=_store_claims,
        ),
        "payments": _Kind(
            noun="payment",
            columns=("claim", "amount", "currency", "state", "paid_on", "payment", "reason"),
            needed=("claim", "amount"),
            shaped=_payment,
            store=_store_payments,
        ),
    }
)  # fmt: skip
