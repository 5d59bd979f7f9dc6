"""Small worlds for evaluation: one valid home claim, and what changing one thing in it should come to."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tickets.references import make

World = dict[str, Any]
CNP = "1960801400017"
IBAN = "RO14BTRL0130120567890012"
CUI = "27041363"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One change in the valid world and what must follow; None: not looked at."""

    name: str
    change: Callable[[World], object]
    codes: set[str] = field(default_factory=set)
    missing: set[str] | None = field(default_factory=set)
    payable: str | None = "2150.00"
    recommendation: str | None = None
    stage: str = "decision"
    number: int = 0

    @property
    def ref(self) -> str:
        return make("CLM", 2026, self.number)


def valid(number: int) -> World:
    """A complete home claim of 2,450.00 lei under a policy with a deductible of 300.00: 2,150.00 are payable."""
    me = f"m{number}"
    return {
        "customers": [
            {"id": me, "name": "Maria Popescu", "birth_date": "1980-05-04", "cnp": CNP,
             "emails": [{"value": f"{me}@example.ro"}]},
        ],
        "policies": [
            {
                "ref": f"HOM-{number:07d}", "line": "home", "holder": me,
                "assets": [{"kind": "home", "address": "Str. Florilor 5, ap. 7, București"}],
                "versions": [version()],
            }
        ],
        "claims": [
            {
                "ref": make("CLM", 2026, number), "type": "home", "policy": f"HOM-{number:07d}", "claimant": me,
                "loss_date": "2026-11-14", "reported_on": "2026-11-16", "cause": "water_pipe", "loss_country": "RO",
                "state": "in_review", "currency": "RON", "total_minor": 245000,
                "facts": {"flat": "yes", "repaired": "no", "owner_kind": "person", "mortgaged": "no", "owners": 1,
                          "single_payee": "yes", "loss_story": "The pipe in the kitchen broke in the night",
                          "damaged_items": "floor"},
                "asset": {"kind": "home", "address": "Str. Florilor 5, ap. 7, București"},
                "lines": [line(120000), line(85000), line(40000)],
                "documents": "complete",
            }
        ],
    }  # fmt: skip


def version(**changes: Any) -> World:
    """A version that covers the valid claim."""
    return {
        "effective_from": "2026-03-01", "effective_to": "2027-02-28", "recorded_at": "2026-02-20", "status": "active",
        "premium_paid_to": "2027-02-28", "grace_days": 0, "territory": ["RO"], "currency": "RON",
        "coverages": [cover()], **changes,
    }  # fmt: skip


def cover(**changes: Any) -> World:
    return {"code": "home", "perils": ["water_pipe", "fire", "theft"], "limit_event": 10000000,
            "deductible": {"abs": 30000}, "clause": "3.1", **changes}  # fmt: skip


def line(total: int, **changes: Any) -> World:
    return {"coverage": "home", "description": "item", "qty": 1, "unit_minor": total, "total_minor": total, **changes}


def claim(**changes: Any) -> Callable[[World], object]:
    """Change keys of the claim."""
    return lambda world: world["claims"][0].update(deepcopy(changes))


def without(*keys: str) -> Callable[[World], object]:
    """Take keys of the claim away."""
    return lambda world: [world["claims"][0].pop(key) for key in keys]


def facts(**changes: Any) -> Callable[[World], object]:
    return lambda world: world["claims"][0]["facts"].update(changes)


def terms(**changes: Any) -> Callable[[World], object]:
    """Change keys of the policy's version."""
    return lambda world: world["policies"][0]["versions"][0].update(deepcopy(changes))


def versions(*each: World) -> Callable[[World], object]:
    return lambda world: world["policies"][0].update(versions=list(deepcopy(each)))


def covered(**changes: Any) -> Callable[[World], object]:
    """Change keys of the only coverage."""
    return lambda world: world["policies"][0]["versions"][0]["coverages"][0].update(deepcopy(changes))


def policy(**changes: Any) -> Callable[[World], object]:
    return lambda world: world["policies"][0].update(deepcopy(changes))


def customer(**changes: Any) -> Callable[[World], object]:
    return lambda world: world["customers"][0].update(deepcopy(changes))


def document(item: str, **changes: Any) -> Callable[[World], object]:
    """Tell something of the document held for one item."""
    return claim(documents=[{"item": item, **changes}])


def amounts(*totals: int, **changes: Any) -> Callable[[World], object]:
    """Other lines, with a stated total that fits them."""
    return claim(lines=[line(total) for total in totals], total_minor=sum(totals), **changes)


def both(*changes: Callable[[World], object]) -> Callable[[World], object]:
    return lambda world: [change(world) for change in changes]


def joined(cases: list[Case]) -> World:
    """All cases in one world; none touches another's customers, policies or claims."""
    world: World = {"schema": 1, "customers": [], "policies": [], "claims": []}
    for case in cases:
        small = valid(case.number)
        case.change(small)
        for section in ("customers", "policies", "claims"):
            world[section] += small[section]
    return world
