"""The customer's upload page: what a link shows, takes and never tells."""

import json
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.inbox.web.office import Browser, Pages
from tests.tickets.desk import CLAIM_A
from tickets import requests, shown, uploads
from tickets.messages import Medium
from tickets.models import BankAccount, Claim, Party, ReplyToken, Request, Requirement
from tickets.requirements import RequirementState

PAGE = {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8400"}


def link(office: Pages) -> str:
    """The path of the page of the request that was just asked."""
    with office.app.store.reading() as session:
        found: str = shown.request(session, f"{CLAIM_A}/R1", office.app.office)["upload_url"]  # type: ignore[assignment]
    assert re.fullmatch(r"http://127\.0\.0\.1:8400/u/[A-Za-z0-9_-]{22}", found)
    return found.removeprefix("http://127.0.0.1:8400")


def hand_in(stranger: Browser, path: str, files: dict[str, bytes], **fields: str) -> int:
    sent = {name: (f"{name}.jpg", content, "image/jpeg") for name, content in files.items()}
    answer = stranger.client.post(path, data=fields, files=sent or {"x": b""}, headers=PAGE)
    return int(answer.status_code)


def test_page_shows_what_is_asked_and_nothing_about_the_person(office: Pages, stranger: Browser) -> None:
    office.ask()

    page = stranger.get(link(office))

    assert page.status_code == 200
    assert "asociația de proprietari" in page.text
    assert CLAIM_A in page.text
    for told in ("Maria", "Popescu", "maria.popescu", "CAS-0451237", "722123456", "teav"):
        assert told not in page.text
    assert page.headers["referrer-policy"] == "same-origin"  # the address is the secret


def test_photo_ticks_its_item_at_once(office: Pages, stranger: Browser) -> None:
    office.ask()
    path = link(office)

    assert hand_in(stranger, path, {"file.owners_assoc": b"\xff\xd8 a photograph"}) == 303

    assert office.item("owners_assoc") is RequirementState.RECEIVED
    assert office.item("repair_estimate") is RequirementState.ASKED
    [message] = [each for each in office.messages() if each.medium is Medium.UPLOAD]
    assert message.ticket_id == office.messages()[0].ticket_id
    again = stranger.get(path).text
    assert "1 fișier primit" in again
    assert "1 document" in again


def test_form_sent_twice_after_a_lost_line_counts_once(office: Pages, stranger: Browser) -> None:
    office.ask()
    path = link(office)

    for _ in range(2):
        hand_in(stranger, f"{path}?once=0123", {"file.owners_assoc": b"\xff\xd8 a photograph"})

    assert len([each for each in office.arrivals() if each.medium is Medium.UPLOAD]) == 1


def test_item_that_the_customer_does_not_have_waits_for_a_person(office: Pages, stranger: Browser) -> None:
    office.ask()

    hand_in(stranger, link(office), {}, **{"lack.owners_assoc": "asociația nu răspunde"})

    [message] = [each for each in office.messages() if each.medium is Medium.UPLOAD]
    assert message.proposals["lacking"] == {"owners_assoc": "asociația nu răspunde"}
    assert office.item("owners_assoc") is RequirementState.ASKED


@pytest.mark.parametrize("change", ["guess", "revoked", "old", "withdrawn", "closed claim"])
def test_link_that_has_ended_looks_like_one_that_never_was(office: Pages, stranger: Browser, change: str) -> None:
    office.ask()
    path = link(office)
    if change == "guess":
        path = path[:-1] + ("A" if path[-1] != "A" else "Q")
    with office.app.store.writing() as session:
        request = session.scalars(select(Request)).one()
        if change == "revoked":
            uploads.revoke(session, request, actor="test", now=office.now)
        if change == "withdrawn":
            request.state = type(request.state).WITHDRAWN
        if change == "closed claim":
            request.claim.state = type(request.claim.state).PAID
    office.now += timedelta(days=200 if change == "old" else 0)

    page, never = stranger.get(path), stranger.get("/u/" + "B" * 22)

    assert (page.status_code, page.text) == (404, never.text)
    assert hand_in(stranger, path, {"file.owners_assoc": b"x"}) == 404


def test_revoked_link_takes_no_answer_by_mail_either(office: Pages) -> None:
    office.ask()
    with office.app.store.writing() as session:
        uploads.revoke(session, session.scalars(select(Request)).one(), actor="test", now=office.now)
        assert all(
            row.revoked_at for row in session.scalars(select(ReplyToken).where(ReplyToken.request_id.is_not(None)))
        )


def wants_account(office: Pages, *, born: bool) -> str:
    """A claim from which only the account is missing, asked for."""
    with office.app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        for row in claim.requirements:
            row.state = RequirementState.ACCEPTED if row.item != "bank_account" else RequirementState.NEEDED
        if not any(row.item == "bank_account" for row in claim.requirements):
            claim.requirements.append(Requirement(item="bank_account", stage="payment", state="needed"))  # type: ignore[arg-type]
        if born:
            session.scalars(select(Party).where(Party.id == claim.claimant_id)).one().birth_date = date(1975, 4, 23)
        request = Request(claim=claim, number=1, code=f"{CLAIM_A}/R1", created_at=office.now, created_by="test")
        session.add(request)
        requests._fill(request, [row for row in claim.requirements if row.item == "bank_account"])
        requests.ask(session, office.app.office, request, now=office.now, actor="staff:1", author_id=1, person="Ana")
    office.deliver()
    return link(office)


@pytest.mark.parametrize(("born", "proof"), [(True, "1975-04-23"), (False, "1237")])
def test_account_is_taken_only_after_a_second_proof(
    office: Pages,
    stranger: Browser,
    born: bool,  # noqa: FBT001 - a parameter of the test
    proof: str,
) -> None:
    path = wants_account(office, born=born)
    assert 'name="value.bank_account"' not in stranger.get(path).text
    hand_in(stranger, path, {}, **{"value.bank_account": "RO14BTRL0130120567890012"})
    assert office.item("bank_account") is RequirementState.ASKED

    stranger.client.post(f"{path}/proof", data={"proof": "0000"}, headers=PAGE)
    assert 'name="value.bank_account"' not in stranger.get(path).text
    stranger.client.post(f"{path}/proof", data={"proof": proof}, headers=PAGE)
    assert 'name="value.bank_account"' in stranger.get(path).text
    hand_in(
        stranger,
        path,
        {},
        **{"value.bank_account": "ro14 btrl 0130 1205 6789 0012", "value.account_holder": "Popescu M."},
    )

    assert office.item("bank_account") is RequirementState.RECEIVED
    with office.app.store.reading() as session:
        account = session.scalars(select(BankAccount)).one()
    assert (account.iban, account.holder, account.source) == ("RO14BTRL0130120567890012", "Popescu M.", "form")
    assert all("BTRL" not in each.text and "BTRL" not in json.dumps(each.proposals) for each in office.messages())


def test_wrong_proofs_lock_the_account_of_this_link(office: Pages, stranger: Browser) -> None:
    path = wants_account(office, born=True)
    for _ in range(uploads.MOST_PROOFS):
        stranger.client.post(f"{path}/proof", data={"proof": "1999-01-01"}, headers=PAGE)

    stranger.client.post(f"{path}/proof", data={"proof": "1975-04-23"}, headers=PAGE)

    assert 'name="value.bank_account"' not in stranger.get(path).text
    assert "prin telefon" in stranger.get(path).text


def test_form_from_another_site_is_refused(office: Pages, stranger: Browser) -> None:
    office.ask()
    answer = stranger.client.post(
        link(office),
        files={"file.owners_assoc": b"x"},
        headers={"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    )
    assert answer.status_code == 403
