"""Complaints: registered by hand, given to somebody, answered."""

from collections.abc import Mapping

from inbox.app import App
from inbox.desk.subjects import actor, find_claim, find_ticket, must_work
from templates.letters import ComplaintAnswer, Letter
from tickets import complaints, findings, reach, requests, wording
from tickets.errors import GuardError
from tickets.guards import Cause
from tickets.models import Complaint, Staff
from tickets.reach import Recipient


def register_complaint(
    app: App, ref: str, *, staff: Staff, subject: str, sal_request: bool = False, product: str = ""
) -> Complaint:
    """Enter a complaint on a ticket or claim in the register."""
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        if ref.upper().startswith("TKT"):
            ticket = find_ticket(session, ref, staff=staff)
            claim = ticket.claim
        else:
            claim = find_claim(session, ref)
            ticket = requests.open_ticket(session, claim, now=now, kind=complaints.KIND)
            session.flush()  # the complaint names it
        return complaints.register(
            session, app.office, ticket, claim=claim, message=None, subject=subject, product=product,
            sal_request=sal_request, cause=Cause(actor=actor(staff), at=now),
        )  # fmt: skip


def assign_complaint(app: App, number: str, to: Staff, *, staff: Staff) -> Complaint:
    """Give a complaint to somebody who handles complaints and had no part in the decision."""
    must_work(staff)
    with app.store.writing() as session:
        complaint = complaints.find(session, number)
        complaints.assign(session, complaint, to, cause=Cause(actor=actor(staff), at=app.clock()))
        return complaint


def settle_complaint(
    app: App,
    number: str,
    *,
    staff: Staff,
    founded: bool,
    outcome: str,
    answer: str = "",
    external_body: str = "",
) -> Complaint:
    """Settle a complaint; a founded one reopens its claim. `answer` is sent to who complained."""
    now = app.clock()
    with app.store.writing() as session:
        complaint = complaints.find(session, number)
        if complaint.claim is not None:
            find_claim(session, complaint.claim.ref)
        complaints.settle(
            session, app.office, complaint, founded=founded, outcome=outcome, staff=staff,
            cause=Cause(actor=actor(staff), at=now, reason=outcome), external_body=external_body,
        )  # fmt: skip
        if answer.strip():
            wording.write(
                session, app.office, complaint.ticket, _addressees(app, complaint), _letters(app, complaint, answer),
                person=staff.name, author_id=staff.id, now=now, reference=_reference(complaint),
            )  # fmt: skip
        if complaint.claim is not None:
            session.flush()  # the evaluation reads rows
            findings.refresh(session, app.office, [complaint.claim], now=now)
        return complaint


def _addressees(app: App, complaint: Complaint) -> list[Recipient]:
    party = complaint.ticket.party or (complaint.claim.claimant if complaint.claim else None)
    points = reach.for_request(party, app.office.outlets) if party else []
    if not points:
        raise GuardError(
            f"complaint {complaint.number}: there is no address to answer to",
            ro=f"reclamația {complaint.number}: nu există o adresă la care să răspundem",
            guard="address",
        )
    return [reach.recipient(point) for point in points]


def _letters(app: App, complaint: Complaint, body: str) -> Mapping[str, Letter]:
    letter = ComplaintAnswer(
        complained_on=app.office.day(complaint.received_at),
        outcome="founded" if complaint.founded else "unfounded",
        body=body.strip(),
        claim_reference=complaint.claim.ref if complaint.claim else "",
        country=app.office.country,
    )
    return dict.fromkeys(app.office.languages, letter)


def _reference(complaint: Complaint) -> str:
    return complaint.ticket.ref
