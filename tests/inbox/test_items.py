"""Items judged at the desk, and claims evaluated however they came in."""

import csv
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from inbox import desk
from tests.inbox.cover_desk import MONDAY, CoverDesk
from tests.inbox.test_scenarios_cover import LINES, A
from tickets import claims, requests
from tickets.catalogue import Stage
from tickets.errors import GuardError
from tickets.models import Claim, ClaimState, Document, RequestState, Requirement
from tickets.requirements import RequirementState

CLAIM_A = "CLM26-004711-58"


@pytest.fixture
def office(tmp_path: Path, store_url: str) -> Iterator[CoverDesk]:
    with CoverDesk.new(tmp_path, store_url) as desk:
        yield desk


def received(office: CoverDesk, item: str, count: int) -> list[int]:
    """Documents that came for an item of claim A; their keys."""
    office.load({"claims": [{**A, "lines": LINES, "documents": [{"item": item, "missing": True}]}]})
    app = office.app()
    with app.store.writing() as session:
        row = session.scalars(
            select(Requirement).join(Claim).where(Claim.ref == CLAIM_A, Requirement.item == item)
        ).one()
        row.state = RequirementState.RECEIVED
        documents = [Document(claim=row.claim, requirement=row, received_at=MONDAY) for _ in range(count)]
        session.add_all(documents)
        session.flush()
        return [document.id for document in documents]


def state(office: CoverDesk, item: str) -> str:
    app = office.app()
    with app.store.reading() as session:
        query = select(Requirement.state).join(Claim).where(Claim.ref == CLAIM_A, Requirement.item == item)
        return str(session.scalars(query).one())


def test_photographs_are_accepted_when_two_of_them_are(office: CoverDesk) -> None:
    first, second = received(office, "photos", 2)
    app, ana = office.app(), office.staff("Ana Ionescu")

    desk.accept(app, CLAIM_A, "photos", staff=ana, document_id=first)
    assert state(office, "photos") == "received"
    assert "photos" in {each["key"] for each in office.evaluate(CLAIM_A)["missing"]}
    desk.accept(app, CLAIM_A, "photos", staff=ana, document_id=second)

    assert state(office, "photos") == "accepted"
    assert "photos" not in {each["key"] for each in office.evaluate(CLAIM_A)["missing"]}


def test_one_form_is_enough(office: CoverDesk) -> None:
    [form] = received(office, "claim_form", 1)
    app = office.app()

    desk.accept(app, CLAIM_A, "claim_form", staff=office.staff("Ana Ionescu"), document_id=form)

    assert state(office, "claim_form") == "accepted"


def test_accepted_item_gives_way_to_a_better_one_with_a_reason(office: CoverDesk) -> None:
    app, ana = office.app(), office.staff("Ana Ionescu")

    desk.supersede(app, CLAIM_A, "claim_form", staff=ana, reason="the form of 20 November has all pages")

    assert state(office, "claim_form") == "superseded"
    assert "claim_form" not in {each["key"] for each in office.evaluate(CLAIM_A)["missing"]}


DRAFT = "CLM26-004720-31"


def open_items(office: CoverDesk, ref: str = DRAFT) -> set[str]:
    app = office.app()
    with app.store.reading() as session:
        claim = claims.find(session, ref)
        return {row.item for row in claims.missing(claim, Stage.FNOL)}


def test_what_a_representative_is_told_is_asked_of_nobody_and_opens_the_claim(office: CoverDesk) -> None:
    office.load({"claims": [{"ref": DRAFT, "type": "home", "claimant": "maria", "state": "draft", "facts": {}}]})
    app, ana = office.app(), office.staff("Ana Ionescu")
    assert open_items(office) == {"loss_date", "loss_story", "loss_cause"}

    desk.describe_claim(app, DRAFT, desk.Told(loss_date=date(2026, 11, 14), cause="water_pipe"), staff=ana)
    assert open_items(office) == {"loss_story"}
    for facts, code in ((("flat",), 2), (("colour=red",), 1), (("loss_story=a pocnit o țeavă", "flat=yes"), 0)):
        options = [word for fact in facts for word in ("--fact", fact)]
        assert office.run("describe", DRAFT, *options, "--as", "ana", at=None).returncode == code
    desk.move_claim(app, DRAFT, ClaimState.OPEN, staff=ana)

    assert open_items(office) == set()
    with pytest.raises(GuardError, match="no fact national_id"):
        desk.know(app, DRAFT, "national_id", "1960801400017", staff=ana)


def test_answer_by_telephone_closes_what_was_asked_for_in_writing(office: CoverDesk) -> None:
    told = {"ref": DRAFT, "type": "home", "claimant": "vlad", "state": "open", "policy": "CAS-0451237",
            "loss_date": "2026-11-14", "facts": {"loss_story": "x"}}  # fmt: skip
    vlad = {"id": "vlad", "name": "Vlad Pop", "postal": "Str. Lungă 1, 400001 Cluj-Napoca"}
    office.load({"customers": [vlad], "claims": [told]})
    app, ana = office.app(), office.staff("Ana Ionescu")
    code = desk.ask(app, DRAFT, staff=ana, only=["loss_cause"])
    assert "loss_cause" in open_items(office)

    desk.describe_claim(app, DRAFT, desk.Told(cause="water_pipe"), staff=ana)

    assert open_items(office) == set()
    with app.store.reading() as session:
        assert requests.find(session, code).state is RequestState.ANSWERED
        asked = requests.prepare(session, claims.find(session, DRAFT), now=MONDAY, actor="test")
        assert not {each.requirement.item for each in asked.items} & {"loss_cause", "loss_date", "contact"}


@pytest.mark.parametrize("was", ["asked", "rejected"])
def test_paper_that_no_longer_applies_is_waited_for_no_more(office: CoverDesk, was: str) -> None:
    office.load({"claims": [{**A, "lines": LINES, "documents": [{"item": "owners_assoc", "missing": True}]}]})
    app, ana = office.app(), office.staff("Ana Ionescu")
    with app.store.writing() as session:
        query = select(Requirement).join(Claim).where(Claim.ref == CLAIM_A, Requirement.item == "owners_assoc")
        session.scalars(query).one().state = RequirementState(was)

    desk.know(app, CLAIM_A, "flat", "no", staff=ana)
    assert state(office, "owners_assoc") == "not_applicable"
    assert "owners_assoc" not in {each["key"] for each in office.evaluate(CLAIM_A)["missing"]}
    desk.know(app, CLAIM_A, "flat", "yes", staff=ana)

    assert state(office, "owners_assoc") == "needed"


def test_claim_of_a_type_that_is_gone_is_evaluated_all_the_same(office: CoverDesk) -> None:
    app = office.app()
    with app.store.writing() as session:
        session.execute(update(Claim).where(Claim.ref == CLAIM_A).values(type="pet"))

    result = office.evaluate(CLAIM_A)

    assert (result["missing"], result["policy_version"]) == ([], 1)
    assert office.run("show", CLAIM_A, "--json").returncode == 0


def test_claims_from_sheets_are_evaluated(office: CoverDesk) -> None:
    exclusion = {"when": "vacant == yes", "code": "E1", "clause": "5"}
    cover = {"code": "home", "perils": ["fire"], "deductible": {"abs": 30000}, "exclusions": [exclusion]}
    sheets = {
        "customers": {"external_id": "c9", "name": "Ana Pop", "email": "ana.pop@example.ro"},
        "policies": {
            "number": "CAS-0000009", "line": "home", "holder": "c9", "effective_from": "2026-01-01",
            "effective_to": "2026-12-31", "recorded_at": "2025-12-20", "status": "active", "territory": "RO",
            "coverages": json.dumps([cover]),
        },
        "claims": {
            "ref": "CLM26-004740-68", "policy": "CAS-0000009", "claimant": "c9", "type": "home",
            "loss_at": "2026-11-14T08:00:00+02:00", "cause": "fire", "facts": json.dumps({"vacant": "yes"}),
            "lines": json.dumps([{"coverage": "home", "unit_minor": 100000, "total_minor": 100000}]),
        },
    }  # fmt: skip
    for what, row in sheets.items():
        file = office.folder / f"{what}.csv"
        with file.open("w", encoding="utf-8", newline="") as sheet:
            csv.writer(sheet).writerows([row.keys(), row.values()])
        done = office.run("import", what, str(file), at=None)
        assert done.returncode == 0, done.stderr

    result = office.evaluate("CLM26-004740-68", at=MONDAY + timedelta(days=1))

    assert result["payable"]["amount"] == "700.00"
    assert [each["clause"] for each in result["findings"] if each["code"] == "COV-02"] == ["5"]
