"""What one change in a valid world comes to, code by code, as the domain tells it."""
# ruff: noqa: E501 - one case a line reads as a table

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any
from zlib import crc32

from tests.tickets.evaluated.worlds import (
    CUI,
    IBAN,
    Case,
    World,
    amounts,
    both,
    claim,
    cover,
    covered,
    customer,
    document,
    facts,
    line,
    policy,
    terms,
    version,
    versions,
    without,
)
from tickets.references import make


def _is(name: str, change: Callable[[World], object], codes: str = "", **expected: Any) -> Case:
    return Case(name=name, change=change, codes=set(codes.split()), **expected)


def _second(**changes: Any) -> Callable[[World], object]:
    """Another claim under the same policy, of another claimant's telling."""

    def change(world: World) -> None:
        other = deepcopy(world["claims"][0])
        number = int(other["ref"][6:12]) + 500000
        other.update({"ref": make("CLM", 2026, number), **changes})
        world["claims"].append(other)

    return change


def _bill(world: World) -> list[dict[str, Any]]:
    return [{"issuer_tax_id": f"RO{CUI}", "number": f"NORD {world['claims'][0]['ref'][6:12]}", "total_minor": 245000}]


def _invoiced(**changes: Any) -> Callable[[World], object]:
    """The same invoice in another claim of the same customer, long before."""

    def change(world: World) -> None:
        [mine] = world["claims"]
        mine["invoices"] = _bill(world)
        _second(loss_date="2026-06-01", reported_on="2026-06-02", state="paid")(world)
        world["claims"][1]["invoices"] = [{**_bill(world)[0], "issuer_tax_id": CUI, **changes}]

    return change


def _another_customer(**changes: Any) -> Callable[[World], object]:
    def change(world: World) -> None:
        me = world["customers"][0]["id"]
        world["customers"].append({"id": f"{me}b", "name": "Ion Popa", **changes})

    return change


def _account(**changes: Any) -> Callable[[World], object]:
    return lambda world: world["claims"][0].update(bank_account={"iban": IBAN, "holder": "Maria Popescu", **changes})


def _own_account(**changes: Any) -> Callable[[World], object]:
    """An account of this world's own: one number in two worlds would be one account of two customers."""

    def change(world: World) -> None:
        _account(iban=_iban(world), **changes)(world)

    return change


def _iban(world: World) -> str:
    bban = "BTRL" + world["claims"][0]["ref"][6:12].rjust(16, "0")
    digits = "".join(str(int(character, 36)) for character in bban + "RO00")
    return f"RO{98 - int(digits) % 97:02d}{bban}"


def _insured(world: World) -> None:
    """The claim is about somebody the policy does not name."""
    _another_customer()(world)
    world["claims"][0]["insured_person"] = world["customers"][1]["id"]


def _insured_and_named(world: World) -> None:
    _insured(world)
    world["policies"][0]["insured_persons"] = [world["customers"][1]["id"]]


def _shared_account(world: World) -> None:
    _own_account()(world)
    _another_customer()(world)
    _second(loss_date="2026-06-01", reported_on="2026-06-02", claimant=world["customers"][1]["id"])(world)
    world["claims"][1]["bank_account"] = {"iban": _iban(world), "holder": "Ion Popa"}


def _second_policy(world: World) -> None:
    world["claims"][0].pop("policy")
    other = deepcopy(world["policies"][0])
    world["policies"].append({**other, "ref": f"{other['ref']}-2"})


def _merged(world: World) -> None:
    _second()(world)
    world["claims"][1].update(state="duplicate_of", merged_into=world["claims"][0]["ref"])


def _type(name: str, **changes: Any) -> Callable[[World], object]:
    return claim(type=name, **changes)


FLOOD = cover(perils=["water_pipe", "fire", "theft", "flood"])
_NO_POLICY = {"payable": None, "recommendation": "ask"}
_DENIED = {"payable": "0.00", "recommendation": "deny"}
_ASKED = {"recommendation": "ask"}
_RAISED = {"recommendation": "escalate"}

_VALID = [
    _is("valid", lambda _world: None, recommendation="approve"),
    _is("valid at first notice", lambda _world: None, stage="fnol"),
    _is("valid for payment", _own_account(), stage="payment", recommendation="approve"),
    _is("no stated total", without("total_minor")),
    _is("no lines but a total", without("lines"), payable="2150.00"),
    _is("no lines and no total", both(without("lines", "total_minor"), claim(documents=[])), payable="0.00",
        recommendation="ask"),
    _is("loss country unknown", without("loss_country")),
    _is("no asset told", without("asset")),
    _is("territory not limited", terms(territory=[]), recommendation="approve"),
    _is("cause unknown", without("cause"), missing=None),
]  # fmt: skip

_POL = [
    _is("policy that does not exist", claim(policy="HOM-9999999"), "POL-01", **_NO_POLICY),
    _is("no policy named, one held", without("policy"), "POL-01", **_NO_POLICY),
    _is("no policy named, two held", _second_policy, "POL-02", **_NO_POLICY),
    *(_is(f"policy {status}", terms(status=status), "POL-03", **_DENIED)
      for status in ("suspended", "lapsed", "cancelled", "expired", "pending")),
    _is("lapsed after the paid time, within grace", terms(status="lapsed", premium_paid_to="2026-11-01", grace_days=30)),
    _is("lapsed on the last day of grace", terms(status="lapsed", premium_paid_to="2026-11-01", grace_days=13)),
    _is("lapsed one day after grace", terms(status="lapsed", premium_paid_to="2026-11-01", grace_days=12),
        "POL-03 POL-04", **_DENIED),
    _is("cancelled within grace", terms(status="cancelled", premium_paid_to="2026-11-01", grace_days=30), "POL-03",
        **_DENIED),
    _is("premium paid to the day of loss", terms(premium_paid_to="2026-11-14")),
    _is("premium paid to the day before", terms(premium_paid_to="2026-11-13"), "POL-04", **_DENIED),
    _is("premium unpaid within grace", terms(premium_paid_to="2026-10-31", grace_days=14)),
    _is("premium unpaid after grace", terms(premium_paid_to="2026-10-31", grace_days=13), "POL-04", **_DENIED),
    _is("premium date not recorded", terms(premium_paid_to=None)),
    _is("cancelled in a version recorded after the loss",
        versions(version(), version(recorded_at="2026-11-15", status="cancelled"))),
    _is("cancelled in a version recorded before the loss",
        versions(version(), version(recorded_at="2026-11-13", status="cancelled")), "POL-03", **_DENIED),
    _is("reinstated before the loss",
        versions(version(status="cancelled"), version(recorded_at="2026-11-13"))),
]  # fmt: skip

_DAT = [
    _is("loss tomorrow", claim(loss_date="2026-11-24", reported_on="2026-11-24"), "DAT-01", payable="0.00", **_ASKED),
    _is("loss today", claim(loss_date="2026-11-23", reported_on="2026-11-23")),
    _is("loss after the report", claim(reported_on="2026-11-13"), "DAT-01", payable="0.00", **_ASKED),
    _is("loss on the day of the report", claim(reported_on="2026-11-14")),
    _is("loss before birth", customer(birth_date="2026-11-15", cnp=None), "DAT-01", payable="0.00", **_ASKED),
    _is("loss on the day of birth", customer(birth_date="2026-11-14", cnp=None)),
    _is("date of loss missing", both(without("loss_date"), document("loss_date", missing=True)), "DOC-01",
        missing={"loss_date"}, payable=None, **_ASKED),
    _is("loss on the first day", claim(loss_date="2026-03-01", reported_on="2026-03-02"), "DAT-04"),
    _is("loss the day before", claim(loss_date="2026-02-28", reported_on="2026-03-02"), "DAT-02", **_DENIED),
    _is("loss on the last day", both(claim(loss_date="2026-10-31"), terms(effective_to="2026-10-31"))),
    _is("loss the day after", both(claim(loss_date="2026-11-01"), terms(effective_to="2026-10-31")), "DAT-02", **_DENIED),
    _is("loss in a gap", versions(version(effective_to="2026-10-31"),
                                  version(effective_from="2026-12-01", recorded_at="2026-02-21")), "DAT-02", **_DENIED),
    _is("only version recorded after the loss", terms(recorded_at="2026-11-15"), "DAT-02", **_DENIED),
    _is("version recorded on the day of loss", terms(recorded_at="2026-11-14T18:00:00+02:00")),
    _is("loss with an hour before the recording", both(claim(loss_date="2026-11-14T08:00:00+02:00"),
        terms(recorded_at="2026-11-14T18:00:00+02:00")), "DAT-02", **_DENIED),
    _is("gap closed by a version recorded after the loss",
        versions(version(effective_to="2026-10-31"),
                 version(effective_from="2026-11-01", recorded_at="2026-11-16")), "DAT-02", **_DENIED),
    _is("shortened by a version of the same beginning, recorded before",
        versions(version(), version(recorded_at="2026-10-01", effective_to="2026-10-31")), "DAT-02", **_DENIED),
    *(_is(f"reported within {notice}", both(terms(notice=notice), claim(reported_on=told)))
      for notice, told in (({"duration": 48, "day": "hours"}, "2026-11-16"), ({"duration": 2, "day": "working"}, "2026-11-17"),
                           ({"duration": 9, "day": "calendar"}, "2026-11-23"), ({"duration": 2, "day": "wd"}, "2026-11-17"))),
    *(_is(f"reported after {notice}", both(terms(notice=notice), claim(reported_on=told)), "DAT-03", **_RAISED)
      for notice, told in (({"duration": 48, "day": "hours"}, "2026-11-17"), ({"duration": 2, "day": "working"}, "2026-11-18"),
                           ({"duration": 1, "day": "calendar"}, "2026-11-16"), ({"duration": 60}, "2026-11-16"))
      if notice["duration"] != 60),
    _is("reported after sixty days", both(terms(notice={"duration": 60, "day": "calendar"}),
        claim(loss_date="2026-08-01", reported_on="2026-10-01")), "DAT-03"),
    _is("reported on the sixtieth day", both(terms(notice={"duration": 60, "day": "calendar"}),
        claim(loss_date="2026-08-01", reported_on="2026-09-30"))),
    _is("reported 47 hours later, by the hour", both(terms(notice={"duration": 48, "day": "hours"}),
        claim(loss_date="2026-11-14T23:00:00+02:00", reported_on="2026-11-16T22:00:00+02:00"))),
    _is("reported 49 hours later, by the hour", both(terms(notice={"duration": 48, "day": "hours"}),
        claim(loss_date="2026-11-14T10:00:00+02:00", reported_on="2026-11-16T11:00:00+02:00")), "DAT-03"),
    _is("no term to report", terms(notice=None)),
    _is("day of report unknown", both(terms(notice={"duration": 1, "day": "calendar"}), without("reported_on"))),
    _is("loss thirty days after the start", terms(effective_from="2026-10-15"), "DAT-04", recommendation="approve"),
    _is("loss thirty-one days after the start", terms(effective_from="2026-10-14")),
    _is("renewed without a gap", versions(version(effective_from="2025-11-01", effective_to="2026-10-31", recorded_at="2025-10-20"),
        version(effective_from="2026-11-01", effective_to="2027-10-31", recorded_at="2026-10-20"))),
    _is("renewed after a gap", versions(version(effective_from="2025-10-01", effective_to="2026-10-30", recorded_at="2025-09-20"),
        version(effective_from="2026-11-01", effective_to="2027-10-31", recorded_at="2026-10-20")), "DAT-04"),
    _is("limit raised shortly before", versions(version(), version(effective_from="2026-11-01", recorded_at="2026-10-30",
        coverages=[cover(limit_event=20000000)])), "DAT-04"),
    _is("peril added shortly before", versions(version(), version(effective_from="2026-11-01", recorded_at="2026-10-30",
        coverages=[FLOOD])), "DAT-04"),
    _is("limit lowered shortly before", versions(version(), version(effective_from="2026-11-01", recorded_at="2026-10-30",
        coverages=[cover(limit_event=5000000)]))),
    _is("policy until the end of time", terms(effective_to="9999-12-31", premium_paid_to="9999-12-31", grace_days=30)),
]  # fmt: skip

_COV = [
    _is("cause not covered", claim(cause="flood"), "COV-01", **_DENIED),
    _is("flood added and recorded after the loss", both(claim(cause="flood"), versions(version(),
        version(effective_from="2026-11-01", recorded_at="2026-11-16", coverages=[FLOOD]))), "COV-01", **_DENIED),
    _is("flood added and recorded before the loss", both(claim(cause="flood"), versions(version(),
        version(effective_from="2026-10-01", recorded_at="2026-09-16", coverages=[FLOOD])))),
    _is("cause written otherwise", claim(cause="Water pipe"), missing=None),
    _is("no perils named", covered(perils=[])),
    _is("line under a coverage that is not there", claim(lines=[line(245000, coverage="garden")]), "COV-01", **_DENIED),
    _is("one of two lines under no coverage", claim(lines=[line(200000), line(45000, coverage="garden")]), "COV-01",
        **_DENIED),
    _is("cause under another coverage than the line's", both(terms(coverages=[cover(), cover(code="contents",
        perils=["theft"])]), claim(lines=[line(245000, coverage="contents")])), "COV-01", **_DENIED),
    _is("version without coverages", terms(coverages=[]), "COV-01", **_DENIED),
    _is("exclusion that applies", both(terms(exclusions=[{"code": "E1", "when": "owner_kind == person", "clause": "5"}])),
        "COV-02", **_RAISED),
    _is("exclusion that does not apply", terms(exclusions=[{"code": "E1", "when": "owner_kind == company", "clause": "5"}]),
        recommendation="approve"),
    _is("exclusion on a fact not known", terms(exclusions=[{"code": "E1", "when": "vacant_days > 60", "clause": "5"}]),
        "COV-02", **_RAISED),
    _is("exclusion decided by a false half", terms(exclusions=[{"code": "E1",
        "when": "vacant_days > 60 and owner_kind == company", "clause": "5"}])),
    _is("exclusion on a fact beside the catalogue", both(terms(exclusions=[{"code": "E1", "when": "vacant_days > 60"}]),
        facts(vacant_days=90)), "COV-02"),
    _is("exclusion on a fact that says no", both(terms(exclusions=[{"code": "E1", "when": "vacant_days > 60"}]),
        facts(vacant_days=59))),
    _is("exclusion by cause", terms(exclusions=[{"code": "E1", "when": "cause == water_pipe", "clause": "5.2"}]), "COV-02"),
    _is("exclusion by country", terms(exclusions=[{"code": "E1", "when": "loss_country != RO"}])),
    _is("abroad", claim(loss_country="FR"), "COV-03", **_DENIED),
    _is("country in small letters", claim(loss_country="ro")),
    _is("country by its name", claim(loss_country="România")),
    _is("abroad, in the Union", both(claim(loss_country="FR"), terms(territory=["EU"]))),
    _is("outside the Union", both(claim(loss_country="RS"), terms(territory=["EU"])), "COV-03", **_DENIED),
    _is("anywhere", both(claim(loss_country="RS"), terms(territory=["WORLD"]))),
    _is("coverage with a wider territory", both(claim(loss_country="FR"), covered(territory=["RO", "FR"]))),
    _is("coverage with a narrower territory", both(terms(territory=["RO", "FR"]), covered(territory=["FR"])), "COV-03",
        **_DENIED),
    _is("first day after waiting", covered(waiting_days=258)),
    _is("last day of waiting", covered(waiting_days=259), "COV-04", **_DENIED),
    _is("waiting starts with the first of two versions", versions(
        version(effective_from="2025-11-01", effective_to="2026-10-31", recorded_at="2025-10-20", coverages=[cover(waiting_days=30)]),
        version(effective_from="2026-11-01", recorded_at="2026-10-20", coverages=[cover(waiting_days=30)]))),
    _is("waiting starts with the peril", both(claim(cause="flood"), versions(version(coverages=[cover(waiting_days=30)]),
        version(effective_from="2026-11-01", recorded_at="2026-10-30",
                coverages=[{**FLOOD, "waiting_days": 30}]))), "COV-04 DAT-04", missing=set(), **_DENIED),
    _is("another address", claim(asset={"kind": "home", "address": "Bd. Unirii 100, București"}), "COV-05", **_DENIED),
    _is("address written otherwise", claim(asset={"kind": "home", "address": "strada florilor nr. 5 ap 7 Bucuresti"})),
    _is("policy lists no asset", policy(assets=[])),
    _is("another vehicle", both(policy(assets=[{"kind": "vehicle", "plate": "B 123 ABC"}]),
        claim(asset={"kind": "vehicle", "plate": "B 124 ABC"})), "COV-05", **_DENIED),
    _is("same vehicle, plate written otherwise", both(policy(assets=[{"kind": "vehicle", "plate": "B 123 ABC"}]),
        claim(asset={"kind": "vehicle", "plate": "b-123-abc"}))),
    _is("another VIN", both(policy(assets=[{"kind": "vehicle", "vin": "UU1LSDAH501234567"}]),
        claim(asset={"kind": "vehicle", "vin": "UU1LSDAH501234568"})), "COV-05", **_DENIED),
    _is("person not insured", _insured, "COV-06", **_DENIED),
    _is("person insured by name", _insured_and_named),
]  # fmt: skip

_LIM = [
    _is("over the limit per event", both(covered(limit_event=200000)), "LIM-01", payable="2000.00", recommendation="partial"),
    _is("at the limit per event", covered(limit_event=215000), recommendation="approve"),
    _is("a hundredth over the limit", covered(limit_event=214999), "LIM-01", payable="2149.99"),
    _is("no limit", covered(limit_event=None)),
    _is("over a sub-limit", both(covered(sub_limits={"jewellery": 10000}), claim(lines=[line(200000), line(45000,
        kind="jewellery")])), "LIM-02", payable="1800.00", recommendation="partial"),
    _is("at a sub-limit", both(covered(sub_limits={"jewellery": 45000}), claim(lines=[line(200000), line(45000,
        kind="jewellery")]))),
    _is("two lines of one kind over the sub-limit", both(covered(sub_limits={"jewellery": 50000}), claim(lines=[
        line(165000), line(40000, kind="jewellery"), line(40000, kind="jewellery")])), "LIM-02", payable="1850.00"),
    _is("other kind than the sub-limit's", both(covered(sub_limits={"jewellery": 100}), claim(lines=[line(200000),
        line(45000, kind="art")]))),
    _is("aggregate partly used", both(covered(limit_aggregate=300000), claim(paid=[{"coverage": "home",
        "amount_minor": 200000}])), "LIM-03", payable="1000.00", recommendation="partial"),
    _is("aggregate just enough", both(covered(limit_aggregate=415000), claim(paid=[{"coverage": "home",
        "amount_minor": 200000}])), recommendation="approve"),
    _is("aggregate used up", both(covered(limit_aggregate=300000), claim(paid=[{"coverage": "home",
        "amount_minor": 300000}])), "LIM-03", **_DENIED),
    _is("aggregate overdrawn", both(covered(limit_aggregate=300000), claim(paid=[{"coverage": "home",
        "amount_minor": 900000}])), "LIM-03", **_DENIED),
    _is("paid under another coverage", both(covered(limit_aggregate=215000), claim(paid=[{"coverage": "contents",
        "amount_minor": 900000}]))),
    _is("as many losses paid as the period has", both(covered(frequency=2), claim(paid=[{"coverage": "home",
        "amount_minor": 1}, {"coverage": "home", "amount_minor": 1}])), "LIM-02", **_DENIED),
    _is("one loss paid of two", both(covered(frequency=2), claim(paid=[{"coverage": "home", "amount_minor": 1}])),
        recommendation="approve"),
    _is("losses paid under another coverage", both(covered(frequency=1), claim(paid=[{"coverage": "contents",
        "amount_minor": 1}])), recommendation="approve"),
    _is("no more losses and below the deductible", both(covered(frequency=1), amounts(29999), claim(paid=[{"coverage":
        "home", "amount_minor": 1}])), "LIM-04", **_DENIED),
    _is("limit and aggregate", both(covered(limit_event=200000, limit_aggregate=150000)), "LIM-01 LIM-03",
        payable="1500.00"),
    _is("limit per person", covered(limit_person=100000), "LIM-01", payable="1000.00"),
    _is("below the deductible", amounts(29999), "LIM-04", **_DENIED),
    _is("as much as the deductible", amounts(30000), "LIM-04", **_DENIED),
    _is("a hundredth above the deductible", amounts(30001), payable="0.01", recommendation="approve"),
    _is("no deductible", covered(deductible={}), payable="2450.00"),
    _is("ten percent", covered(deductible={"pct": 10}), payable="2205.00"),
    _is("ten percent, rounded half up", both(covered(deductible={"pct": 10}), amounts(10005)), payable="90.04"),
    _is("ten percent, at least 500", covered(deductible={"pct": 10, "min": 50000}), payable="1950.00"),
    _is("ten percent, at most 100", covered(deductible={"pct": 10, "max": 10000}), payable="2350.00"),
    _is("ten percent below its least", both(covered(deductible={"pct": 10, "min": 50000}), amounts(50000)), "LIM-04",
        **_DENIED),
    _is("half a percent", covered(deductible={"pct": 0.5}), payable="2437.75"),
    _is("deductible for each of two coverages", both(terms(coverages=[cover(), cover(code="contents")]), claim(lines=[
        line(145000), line(100000, coverage="contents")])), payable="1850.00"),
    _is("one of two coverages below its deductible", both(terms(coverages=[cover(), cover(code="contents")]), claim(lines=[
        line(235000), line(10000, coverage="contents")])), payable="2050.00"),
]  # fmt: skip

_AMT = [
    _is("stated total too high", claim(total_minor=254000), "AMT-01", payable="2150.00", recommendation="approve"),
    _is("stated total too low", claim(total_minor=240000), "AMT-01"),
    _is("three hundredths for three items", claim(total_minor=245003)),
    _is("four hundredths for three items", claim(total_minor=245004), "AMT-01"),
    _is("total with value added tax", claim(total_minor=296450), "AMT-01"),
    _is("quantity times price is another total", claim(lines=[line(245000, unit_minor=100000, qty=2)]), "AMT-01"),
    _is("quantity with a fraction, rounded", claim(lines=[line(245000, qty="1.5", unit_minor=163333)])),
    _is("amounts in euro with a rate", both(claim(lines=[line(50000, currency="EUR")], total_minor=50000, currency="EUR",
        fx={"from": "EUR", "to": "RON", "rate": "4.9771", "date": "2026-11-13"})), "AMT-02", payable="2188.55"),
    _is("rate the other way round", claim(lines=[line(50000, currency="EUR")], total_minor=50000, currency="EUR",
        fx={"from": "RON", "to": "EUR", "rate": "0.2", "date": "2026-11-13"}), "AMT-02", payable="2200.00"),
    _is("amounts in euro without a rate", claim(lines=[line(50000, currency="EUR")], total_minor=50000, currency="EUR"),
        "AMT-02", payable=None, recommendation="ask"),
    _is("two currencies that add up by the rate", claim(lines=[line(100000), line(10000, currency="EUR")],
        total_minor=150000, fx={"from": "EUR", "to": "RON", "rate": "5", "date": "2026-11-13"}), "AMT-02",
        payable="1200.00"),
    _is("two currencies, the total names one", claim(lines=[line(100000), line(10000, currency="EUR")],
        total_minor=100000, fx={"from": "EUR", "to": "RON", "rate": "5", "date": "2026-11-13"}), "AMT-02",
        payable="1200.00"),
    _is("two currencies that do not add up", claim(lines=[line(100000), line(10000, currency="EUR")],
        total_minor=120000, fx={"from": "EUR", "to": "RON", "rate": "5", "date": "2026-11-13"}), "AMT-01 AMT-02",
        payable="1200.00"),
    _is("conversion rounded half up", claim(lines=[line(1, currency="EUR"), line(245000)], total_minor=245005,
        fx={"from": "EUR", "to": "RON", "rate": "4.5", "date": "2026-11-13"}), "AMT-02", payable="2150.05"),
    _is("an item of zero", claim(lines=[line(245000), line(0)]), "AMT-03", payable="0.00", **_ASKED),
    _is("a negative item", claim(lines=[line(300000), line(-55000)]), "AMT-03", payable="0.00", **_ASKED),
    _is("a total of zero", both(without("lines"), claim(total_minor=0)), "AMT-03", payable="0.00", **_ASKED),
    _is("a negative total", both(without("lines"), claim(total_minor=-100)), "AMT-03", payable="0.00", **_ASKED),
]  # fmt: skip

_DUP = [
    _is("same loss in another claim", _second(), "DUP-01", **_RAISED),
    _is("same loss three days later", _second(loss_date="2026-11-17", reported_on="2026-11-18"), "DUP-01"),
    _is("same loss four days later", _second(loss_date="2026-11-18", reported_on="2026-11-18")),
    _is("same loss, closed claim", _second(state="closed", closed_reason="C01"), "DUP-01"),
    _is("same day, another cause, same home", _second(cause="fire"), "DUP-01"),
    _is("same day, another cause, another home", _second(cause="fire", asset={"kind": "home", "address": "Bd. Unirii 1"})),
    _is("same day, another cause, no home told", _second(cause="fire", asset=None)),
    _is("same loss, merged already", _merged),
    _is("same invoice in a paid claim", _invoiced(), "DUP-02", **_RAISED),
    _is("same invoice, number written otherwise", lambda world: _invoiced(number=f"nord-{world['claims'][0]['ref'][6:12]}")(world),
        "DUP-02"),
    _is("same number of another issuer", _invoiced(issuer_tax_id="14399840")),
    _is("same number, another amount", _invoiced(total_minor=245001)),
    _is("same invoice twice in one claim", lambda world: world["claims"][0].update(invoices=_bill(world) * 2), "DUP-02"),
    _is("an invoice nobody else has", lambda world: world["claims"][0].update(invoices=_bill(world))),
]  # fmt: skip

_ID = [
    _is("account of the claimant", _own_account()),
    _is("holder in other letters", _own_account(holder="MARIA POPESCU")),
    _is("holder with the names swapped", _own_account(holder="Popescu Maria")),
    _is("holder with an initial", _own_account(holder="Popescu M."), "ID-01", recommendation="approve"),
    _is("holder with a maiden name", _own_account(holder="Maria Popescu-Ionescu"), "ID-01"),
    _is("holder with a slip", _own_account(holder="Maria Popescuu"), "ID-01"),
    _is("another holder", _own_account(holder="Ion Popa"), "ID-01 ID-04", **_RAISED),
    _is("holder not told", _own_account(holder="")),
    _is("payee is the claimant", claim(payee="Maria Popescu")),
    _is("payee written with an initial", claim(payee="M. Popescu"), "ID-01"),
    _is("another payee", claim(payee="Service Auto SRL"), "ID-04", **_RAISED),
    _is("another payee with his own account", both(claim(payee="Ion Popa"), _own_account(holder="Ion Popa")), "ID-04"),
    _is("personal number wrong", customer(cnp="1960801400018"), "ID-02", **_ASKED),
    _is("personal number too short", customer(cnp="196080140001"), "ID-02"),
    _is("number of another country", customer(cnp="AB123456")),
    _is("company number wrong", customer(kind="org", cnp=None, cui="27041364"), "ID-02"),
    _is("company number right", customer(kind="org", cnp=None, cui="RO27041363")),
    _is("account number wrong", _account(iban="RO14BTRL0130120567890013"), "ID-03", **_ASKED),
    _is("account number in small letters", _account(iban="ro49 aaaa 1b31 0075 9384 0000")),
    _is("VIN too short", both(policy(assets=[]), claim(asset={"kind": "vehicle", "vin": "UU1LSDAH50123456"})), "ID-03"),
    _is("VIN with a letter no VIN has", both(policy(assets=[]), claim(asset={"kind": "vehicle", "vin": "UU1LSDAHQ01234567"})),
        "ID-03"),
    _is("VIN without a right check digit", both(policy(assets=[]), claim(asset={"kind": "vehicle", "vin": "UU1LSDAH501234567"}))),
    _is("account changed twenty-nine days ago", _own_account(changed_on="2026-10-25"), "ID-05", **_RAISED),
    _is("account changed thirty days ago", _own_account(changed_on="2026-10-24")),
    _is("account of another customer too", _shared_account, "ID-05"),
]  # fmt: skip

_DOC = [
    *(_is(f"{item} missing", document(item, missing=True), "DOC-01", missing={item}, **_ASKED)
      for item in ("claim_form", "id_copy", "property_proof", "photos", "owners_assoc", "repair_estimate")),
    _is("item of the payment stage", document("bank_account", missing=True), "DOC-01", missing={"bank_account"},
        stage="payment", **_ASKED),
    _is("item of the payment stage, at the decision", document("bank_account", missing=True), recommendation="approve"),
    _is("form unsigned", document("claim_form", signed=False), "DOC-02", **_ASKED),
    _is("photos unsigned", document("photos", signed=False)),
    _is("form illegible", document("claim_form", legible=False), "DOC-03"),
    _is("form of another kind", document("claim_form", kind="invoice"), "DOC-04"),
    _is("form of the right kind", document("claim_form", kind="claim_form")),
    _is("identity card expired", document("id_copy", expires_on="2026-11-22"), "DOC-05"),
    _is("identity card valid today", document("id_copy", expires_on="2026-11-23")),
    _is("identity card of another person", document("id_copy", person="Ion Popa"), "DOC-06"),
    _is("identity card with the names swapped", document("id_copy", person="POPESCU MARIA")),
    _is("title deed of a stranger", document("property_proof", person="Gheorghe Enescu"), "DOC-06"),
    _is("a page missing", document("claim_form", pages=[2, 3]), "DOC-07"),
    _is("all pages", document("claim_form", pages=[3, 3])),
    _is("in another language", document("property_proof", language="de"), "DOC-08"),
    _is("in English", document("property_proof", language="en")),
    _is("entry for an item that is not needed", document("police_report", legible=False)),
    _is("list that says nothing of an item", claim(documents=[])),
    _is("flat or house unknown", both(lambda world: world["claims"][0]["facts"].pop("flat"),
        document("owners_assoc", missing=True)), missing={"owners_assoc"}, **_ASKED),
    _is("house", both(facts(flat="no"), document("owners_assoc", missing=True))),
    _is("no documents at all", without("documents"), "DOC-01", missing=None, **_ASKED),
]  # fmt: skip

_AUT = [
    _is("broker without authority", claim(reporter={"name": "Broker SRL", "relation": "broker"}), "AUT-01", **_ASKED),
    _is("broker with authority", claim(reporter={"name": "Broker SRL", "relation": "broker", "authority_document": True})),
    _is("authority by name of the paper", claim(reporter={"name": "Ion Popa", "relation": "son",
        "authority_document": "power_of_attorney"})),
    _is("authority that says no", claim(reporter={"name": "Ion Popa", "relation": "son", "authority_document": "no"}), "AUT-01"),
    _is("claimant herself", claim(reporter={"name": "Popescu Maria", "relation": ""})),
    _is("relation self", claim(reporter={"name": "", "relation": "self"})),
]  # fmt: skip

_TYPES = [
    _is("benefit without a policy", both(without("policy"), _type("benefit_unemployment")), payable="2450.00"),
    _is("warranty without a policy, half of its clock run", both(without("policy"), _type("warranty")), "CLK-01", payable="2450.00"),
    _is("benefit that names a policy that does not exist", _type("benefit_disability", policy="HOM-9999999"), "POL-01",
        payable=None),
    _is("liability: the thing is the other side's", _type("motor_rca", asset={"kind": "vehicle", "plate": "CJ 07 XYZ"})),
    _is("health claim of the holder", _type("health")),
    _is("health claim dated by its services", both(_type("health"), without("loss_date"),
        facts(service_dates="2026-11-14 and 2026-11-16"))),
]  # fmt: skip

_ALL = [*_VALID, *_POL, *_DAT, *_COV, *_LIM, *_AMT, *_DUP, *_ID, *_DOC, *_AUT, *_TYPES]
#: A number that follows from the name: a new case changes no other one's references.
CASES = [replace(case, number=crc32(case.name.encode()) % 400_000 + 1) for case in _ALL]
