"""What links a message, piece by piece, and what must not: a wrong link tells one customer about another."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.tickets.desk import (
    CLAIM_A,
    CLAIM_B,
    MARIA,
    MARIAS_PHONE,
    Desk,
    attachment,
    evidence,
    letter,
    links,
    mail,
    sms,
)
from tickets import references, tokens
from tickets.database import Store
from tickets.messages import Address, Trust
from tickets.models import Claim, ContactPoint, Party, ReplyToken, Ticket
from tickets.requirements import RequirementState
from tickets.triage import Filed

CLAIM_C = "CLM26-000091-47"  #: Vera's, paid.
RCA = "RO/25/V25/HV 012345678"
ION, DAN, VERA = "ion.popa@example.ro", "dan.marin@example.ro", "vera.lungu@example.ro"
BROKER = "office@broker.example"
STATUS = "In ce stadiu este dosarul meu?"


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.with_world(store)


def ref(number: int) -> str:
    return references.make("CLM", 2026, number)


def claim(number: int, claimant: str, **changes: object) -> dict[str, Any]:
    """A home claim in the shape of a world file."""
    plain = {"ref": ref(number), "type": "home", "claimant": claimant, "state": "gathering", "cause": "water_pipe",
             "loss_date": "2026-11-01", "reported_on": "2026-11-02", "facts": {}}  # fmt: skip
    return plain | changes


def customer(key: str, *emails: dict[str, Any], phones: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"id": key, "name": f"Client {key}", "language": "ro", "emails": list(emails), "phones": list(phones)}


def policy(number: str, holder: str, **changes: object) -> dict[str, Any]:
    version = {"effective_from": "2026-01-01", "effective_to": "2026-12-31", "recorded_at": "2025-12-20",
               "status": "active", "territory": ["RO"], "currency": "RON", "coverages": []}  # fmt: skip
    return {"ref": number, "line": "home", "holder": holder, "assets": [], "versions": [version]} | changes


def ticket_of(filed: Filed) -> Ticket:
    assert filed.message is not None
    return filed.message.ticket


def learns_nothing(desk: Desk, filed: Filed, *words: str) -> None:
    """Nothing in what leaves by itself names any of the words, and no fact may be told."""
    assert not filed.disclose
    assert not ticket_of(filed).verified
    said = "".join(f"{each.message.subject} {each.message.text} {each.to_name}" for each in desk.outgoing())
    assert not [word for word in words if word in said]


@contextmanager
def read_of_the_store() -> Iterator[Counter[str]]:
    """How many rows of each model are read meanwhile."""
    read: Counter[str] = Counter()

    def count(_: Session, row: object) -> None:
        read[type(row).__name__] += 1

    event.listen(Session, "loaded_as_persistent", count)
    yield read
    event.remove(Session, "loaded_as_persistent", count)


# --- one sure piece of evidence


def test_each_sure_piece_of_evidence_links_a_known_sender_by_itself(desk: Desk) -> None:
    desk.ask()
    by_mail, _ = desk.outgoing()
    ticket = desk.tickets()[0].ref
    sent, reply_to = by_mail.message.message_id or "", by_mail.reply_address or ""

    filed = desk.file(
        mail("da", delivered_to=(reply_to.upper(),)),
        mail("da", cc=(Address(address=reply_to),)),
        mail("da", references=("other@example.ro", sent, "later@example.ro")),
        mail("da", subject=f"Re: [{ticket}]"),
        mail(f"da, {CLAIM_A}/R1"),
        mail(f"da, {CLAIM_A.lower()}"),
    )

    expected = ["reply_token", "reply_token", "in_reply_to", "ticket_ref", "request_ref", "claim_ref"]
    assert [expected[i] for i, each in enumerate(filed) if expected[i] not in evidence(each, CLAIM_A)] == []
    assert {links(each)[CLAIM_A] for each in filed} == {"active"}
    assert {ticket_of(each).ref for each in filed} == {ticket}


def test_the_same_evidence_in_a_strangers_hands_joins_and_settles_nothing(desk: Desk) -> None:
    desk.ask()
    by_mail, _ = desk.outgoing()
    ticket = desk.tickets()[0].ref
    files = (attachment("deviz.pdf"),)

    def stranger(text: str = "deviz", **changes: Any) -> Any:
        return mail(text, sender="gigi@x.example", files=files, **changes)

    filed = desk.file(
        stranger(delivered_to=(by_mail.reply_address,)),
        stranger(references=(by_mail.message.message_id,)),
        stranger(subject=f"[{ticket}]"),
        stranger(f"{CLAIM_A}/R1"),
        replace(stranger(CLAIM_A), sender=Address(address="gigi@x.example", name=MARIA)),
        stranger(CLAIM_A, reply_to=(Address(address=MARIA),), cc=(Address(address=MARIA),)),
    )

    assert {links(each)[CLAIM_A] for each in filed} == {"unverified"}
    assert all(ticket_of(each).ref != ticket and not each.disclose and not each.answers for each in filed)
    assert desk.state("repair_estimate") is RequirementState.ASKED


def test_known_address_that_our_server_calls_forged_proves_nothing(desk: Desk) -> None:
    filed = desk.file_one(mail(STATUS, subject=CLAIM_A, trust=Trust.FAIL))

    assert links(filed) == {CLAIM_A: "unverified"}
    learns_nothing(desk, filed, CLAIM_A)


def test_look_alike_letters_are_another_address(desk: Desk) -> None:
    filed = desk.file_one(mail(STATUS, sender="maria.popeſcu@example.ro", subject=CLAIM_A))

    assert links(filed) == {CLAIM_A: "unverified"}


def test_token_of_another_key_or_of_our_own_making_up_is_no_evidence(desk: Desk) -> None:
    desk.ask()
    with desk.store.writing() as session:
        [row, *_] = session.scalars(select(ReplyToken))
        facts = ("reply", row.ticket.ref, row.request.code if row.request else "", row.address, row.made_at.isoformat())
        forged = ReplyToken(
            token=tokens.make(b"retired", *facts), ticket=row.ticket, address=row.address, made_at=row.made_at
        )
        session.add(forged)
        session.flush()
        forged_token = forged.token
    guessed = "a" * 26

    filed = desk.file(
        *(
            mail("Ce program aveti?", delivered_to=(f"claims+{each}@example.ro",))
            for each in (forged_token, guessed, "A-B", "")
        )
    )

    assert all("reply_token" not in evidence(each, CLAIM_A) for each in filed)


def test_customer_who_goes_on_with_a_mail_of_his_own_stays_in_its_conversation(desk: Desk) -> None:
    first = desk.file_one(mail(STATUS, subject=CLAIM_A, message_id="first@example.ro"))
    desk.file_one(mail("altceva", sender="gigi@x.example", message_id="first@example.ro"))

    again = desk.file_one(
        mail("am uitat atasamentul", in_reply_to=("first@example.ro",), files=(attachment("deviz.pdf"),))
    )
    stranger = desk.file_one(mail("si eu", sender="gigi@y.example", in_reply_to=("first@example.ro",)))

    assert (links(again)[CLAIM_A], ticket_of(again).ref) == ("active", ticket_of(first).ref)
    assert desk.state("repair_estimate") is RequirementState.RECEIVED
    assert links(stranger) == {}
    assert ticket_of(stranger).ref != ticket_of(first).ref


# --- contradictions


@pytest.mark.parametrize(
    "text",
    [
        f"{CLAIM_A} si {CLAIM_B}, ambele pe polita CAS-0451237",
        f"{STATUS} Numarul dosarului de dauna este 2600009147",
        f"{STATUS} {ref(777)}",
        f"{STATUS} CLM26-000091-74",
    ],
    ids=["two claims and a policy", "bare digits of another claim", "a claim we do not have", "another one misspelt"],
)
def test_message_that_names_another_claim_is_not_linked_to_the_senders_only_one(desk: Desk, text: str) -> None:
    filed = desk.file_one(mail(text))

    assert links(filed).get(CLAIM_A) in (None, "suggested")
    assert not filed.disclose
    assert filed.linking.claim is None


def test_bare_digits_behind_a_claim_word_are_suggested(desk: Desk) -> None:
    filed = desk.file_one(mail("numarul dosarului de dauna este 2600471158", sender="gigi@x.example"))

    assert links(filed) == {CLAIM_A: "suggested"}


def test_policy_number_one_slip_from_the_only_such_policy_is_suggested_and_never_linked(desk: Desk) -> None:
    stranger = "nobody@example.com"
    slips = [desk.file_one(mail(f"polita {written}", sender=stranger)) for written in ("CAS-0451273", "CAS-0451230")]
    other = desk.file_one(mail("polita CAS-9999999", sender=stranger))

    assert [links(filed) for filed in slips] == [{"CAS-0451237": "suggested"}] * 2
    assert evidence(slips[0], "CAS-0451237") == {"near_miss"}
    assert links(other) == {}


def test_of_several_policies_one_slip_away_only_the_senders_own_is_suggested(desk: Desk) -> None:
    desk.add(policies=[policy("CAS-0451238", "ion")])

    by_stranger = desk.file_one(mail("polita CAS-0451230", sender="nobody@example.com"))
    by_ion = desk.file_one(mail("polita CAS-0451230", sender=ION))

    assert links(by_stranger) == {}
    assert links(by_ion)["CAS-0451238"] == "suggested"
    assert "CAS-0451237" not in links(by_ion)


def test_claim_on_one_policy_is_not_meant_by_a_message_about_another(desk: Desk) -> None:
    desk.add(policies=[policy("CAS-0451238", "maria")])

    filed = desk.file_one(mail(f"{STATUS} Polita CAS-0451238"))

    assert links(filed)["CAS-0451238"] == "active"
    assert links(filed).get(CLAIM_A) in (None, "suggested")


def test_two_policies_with_one_open_claim_each_leave_the_claim_open(desk: Desk) -> None:
    desk.add(policies=[policy("CAS-0451238", "maria")], claims=[claim(5, "maria", policy="CAS-0451238")])

    filed = desk.file_one(mail(f"{STATUS} CAS-0451237, CAS-0451238"))

    assert [links(filed)[each] for each in ("CAS-0451237", "CAS-0451238")] == ["active", "active"]
    assert {links(filed)[CLAIM_A], links(filed)[ref(5)]} == {"suggested"}
    assert filed.linking.claim is None


def test_question_in_an_old_conversation_stays_there_when_no_claim_is_meant(desk: Desk) -> None:
    first = desk.file_one(mail("Ce program aveti pe 30 noiembrie?"))
    acknowledgement = desk.outgoing()[0]

    again = desk.file_one(mail("Dar pe 2 decembrie?", in_reply_to=(acknowledgement.message.message_id,)))

    assert ticket_of(again).ref == ticket_of(first).ref
    assert links(again)[ticket_of(first).ref] == "active"
    assert links(again).get(CLAIM_A) in (None, "suggested")


def test_conversation_that_turns_to_the_claim_becomes_the_claims(desk: Desk) -> None:
    first = desk.file_one(mail("Ce program aveti pe 30 noiembrie?"))
    acknowledgement = desk.outgoing()[0]

    again = desk.file_one(mail(STATUS, in_reply_to=(acknowledgement.message.message_id,)))

    assert links(again)[CLAIM_A] == "active"
    ticket = ticket_of(again)
    assert (ticket.ref, ticket.verified) == (ticket_of(first).ref, True)
    assert ticket.claim is not None
    assert ticket.claim.ref == CLAIM_A


# --- merged and closed claims


def test_number_of_a_merged_claim_leads_through_every_merge_to_the_living_one(desk: Desk) -> None:
    merged = [
        claim(10, "maria", state="duplicate_of", merged_into=ref(11)),
        claim(11, "maria", state="duplicate_of", merged_into=ref(12)),
        claim(12, "maria", state="duplicate_of", merged_into=CLAIM_A),
    ]
    desk.add(claims=merged)
    desk.ask()

    filed = desk.file_one(mail("vedeti atasat", subject=ref(10), files=(attachment("deviz.pdf"),)))

    assert links(filed)[CLAIM_A] == "active"
    assert ref(10) not in links(filed)
    assert desk.state("repair_estimate") is RequirementState.RECEIVED


def test_claims_merged_in_a_circle_hold_up_nothing(desk: Desk) -> None:
    desk.add(claims=[claim(10, "maria"), claim(11, "maria")])
    with desk.store.writing() as session:
        one, other = session.scalars(select(Claim).where(Claim.ref.in_([ref(10), ref(11)])))
        one.merged_into_id, other.merged_into_id = other.id, one.id

    filed = desk.file_one(mail("stadiu?", subject=ref(10)))

    assert set(links(filed)) & {ref(10), ref(11)}


def test_message_about_a_closed_claim_is_linked_and_the_claim_stays_closed(desk: Desk) -> None:
    filed = desk.file_one(mail("Nu sunt de acord cu suma", sender=VERA, subject=CLAIM_C))

    assert links(filed)[CLAIM_C] == "active"
    assert filed.linking.claim is not None
    assert filed.linking.claim.state == "paid"
    assert filed.drafted is None


# --- who is known


def test_holder_of_the_liability_policy_learns_nothing_of_the_injured_partys_claim(desk: Desk) -> None:
    by_policy = desk.file_one(mail(f"{STATUS} Polita {RCA}", sender=ION))
    by_name = desk.file_one(mail(STATUS, sender=ION, subject=CLAIM_B))

    assert (links(by_policy)[RCA], links(by_policy)[CLAIM_B]) == ("active", "suggested")
    assert links(by_name)[CLAIM_B] == "unverified"
    learns_nothing(desk, by_policy, CLAIM_B, "Dan")
    learns_nothing(desk, by_name, CLAIM_B, "Dan")


def test_injured_party_is_known_to_his_claim_on_a_policy_that_is_not_his(desk: Desk) -> None:
    filed = desk.file_one(mail(STATUS, sender=DAN, subject=RCA))

    assert links(filed)[CLAIM_B] == "active"
    assert links(filed)[RCA] == "suggested"
    assert filed.disclose


def test_employer_and_colleague_learn_nothing_of_a_health_claim_on_the_group_policy(desk: Desk) -> None:
    firm = customer("firm", {"value": "hr@firma.example"}) | {"kind": "org"}
    people = [customer(key, {"value": f"{key}@firma.example"}) for key in ("ana", "bogdan")]
    group = policy("CAS-0999999", "firm", line="health", insured_persons=["ana", "bogdan"])
    sick = claim(20, "ana", type="health", policy="CAS-0999999", insured_person="ana")
    desk.add(customers=[firm, *people], policies=[group], claims=[sick])

    filed = [desk.file_one(mail(f"{STATUS} CAS-0999999", sender=f"{key}@firma.example")) for key in ("hr", "bogdan")]
    by_ref = [desk.file_one(mail(STATUS, sender=f"{key}@firma.example", subject=ref(20))) for key in ("hr", "ana")]

    assert [(links(each)[ref(20)], each.disclose) for each in filed] == [("suggested", False)] * 2
    assert [links(each)[ref(20)] for each in by_ref] == ["unverified", "active"]


def test_brokers_shared_address_is_known_but_never_says_who_is_writing(desk: Desk) -> None:
    shared = {"value": BROKER, "shared": True}
    desk.add(
        customers=[customer("x", shared), customer("y", shared)],
        policies=[policy("CAS-0451240", "x")],
        claims=[claim(30, "x", policy="CAS-0451240"), claim(31, "y")],
    )

    silent = desk.file_one(mail(STATUS, sender=BROKER))
    by_policy = desk.file_one(mail(f"{STATUS} CAS-0451240", sender=BROKER))
    by_ref = desk.file_one(mail(STATUS, sender=BROKER, subject=ref(31)))

    assert (links(silent), silent.linking.party) == ({}, None)
    assert links(by_policy) == {"CAS-0451240": "suggested", ref(30): "suggested"}
    assert links(by_ref) == {ref(31): "active"}


@pytest.mark.parametrize("shared", [True, False])
def test_address_of_many_customers_costs_no_more_than_that_of_few(desk: Desk, *, shared: bool) -> None:
    """A broker's customers are not read one by one: only whether the claim's people are among them."""
    address = {"value": BROKER, "shared": shared}
    desk.add(customers=[customer(f"b{number}", address) for number in range(40)], claims=[claim(32, "b7")])
    with read_of_the_store() as read:
        filed = desk.file_one(mail(ref(32), sender=BROKER))

    assert links(filed) == {ref(32): "active"}
    assert (read["Party"], read["ContactPoint"], filed.linking.party) == (1, 0, None)


def test_requests_that_went_to_a_broker_are_not_read_with_each_of_his_mails(desk: Desk) -> None:
    address = {"value": BROKER, "shared": True}
    refs = [ref(number) for number in range(33, 37)]
    desk.add(customers=[customer("x", address)], claims=[claim(number, "x") for number in range(33, 37)])
    for each in refs:
        desk.ask(each)
    with read_of_the_store() as read:
        filed = desk.file_one(mail(refs[2], sender=BROKER))

    assert {each.to_norm for each in desk.outgoing()} == {BROKER}
    assert links(filed) == {refs[2]: "active"}
    assert (read["OutboxDelivery"], read["Claim"]) == (0, 1)


def test_policy_shared_by_claims_of_several_customers_suggests_them_and_links_none(desk: Desk) -> None:
    desk.add(claims=[claim(40, "dan", policy="CAS-0451237"), claim(41, "vera", policy="CAS-0451237")])

    filed = desk.file_one(mail("Ce se intampla? Polita CAS-0451237"))

    assert links(filed)["CAS-0451237"] == "active"
    assert {links(filed)[each] for each in (CLAIM_A, ref(40), ref(41))} == {"suggested"}
    assert not filed.disclose


# --- texts


def test_text_from_a_number_with_two_open_requests_suggests_both(desk: Desk) -> None:
    desk.add(
        customers=[customer("radu", phones=({"value": MARIAS_PHONE},))],
        claims=[claim(50, "radu", facts={"flat": "yes"}, documents=[{"item": "owners_assoc", "missing": True}])],
    )
    desk.ask()
    desk.ask(ref(50), items=("owners_assoc",))

    filed = desk.file_one(sms("trimit adeverinta maine"))
    named = desk.file_one(sms(f"trimit adeverinta pentru {CLAIM_A} maine"))

    expected = dict.fromkeys([CLAIM_A, f"{CLAIM_A}/R1", ref(50), f"{ref(50)}/R1"], "suggested")
    assert links(filed) == expected
    assert links(named)[CLAIM_A] == "active"


def test_number_that_has_moved_to_another_customer_answers_nothing_of_the_old_one(desk: Desk) -> None:
    desk.ask()
    with desk.store.writing() as session:
        point = session.scalars(select(ContactPoint).where(ContactPoint.value_norm == MARIAS_PHONE)).one()
        point.party = session.scalars(select(Party).where(Party.external_id == "vera")).one()

    filed = desk.file_one(sms("trimit adeverinta maine"))

    assert links(filed)[CLAIM_A] == "unverified"
    assert not filed.disclose
    assert desk.state("owners_assoc") is RequirementState.ASKED


def test_text_a_fortnight_after_the_request_is_not_taken_for_its_answer(desk: Desk) -> None:
    desk.ask()
    desk.now += timedelta(days=15)

    filed = desk.file_one(sms("ce mai faceti"))

    assert "open_request" not in evidence(filed, CLAIM_A)


def test_senders_without_a_number_are_not_one_sender(desk: Desk) -> None:
    first = desk.file_one(sms("oferta noua", sender="REDUCERI"))

    second = desk.file_one(sms(f"alta oferta {ticket_of(first).ref}", sender="TOMBOLA"))

    assert second.message is not None
    assert second.message.from_norm is None
    assert ticket_of(second).ref != ticket_of(first).ref


# --- scans


def test_scan_is_linked_by_a_code_or_by_the_number_of_a_claim_that_was_asked_about(desk: Desk) -> None:
    before = desk.file_one(letter(f"dosar {CLAIM_A}"))
    coded = desk.file_one(letter("fara text", codes=(CLAIM_A,)))
    desk.ask()
    after = desk.file_one(letter(f"dosar {CLAIM_A}"))

    assert [links(each)[CLAIM_A] for each in (before, coded, after)] == ["unverified", "active", "active"]
    assert not any(each.disclose for each in (before, coded, after))


# --- answers to a superseded request


def test_code_and_thread_of_a_superseded_request_go_on_answering_its_items(desk: Desk) -> None:
    desk.ask(items=("owners_assoc",))
    first = desk.outgoing()[0]
    desk.ask()

    desk.file_one(
        mail("adeverinta", in_reply_to=(first.message.message_id,), files=(attachment("adeverinta asociatie.pdf"),))
    )

    assert desk.state("owners_assoc") is RequirementState.RECEIVED
    assert desk.request(f"{CLAIM_A}/R2").state == "partial"


def test_reply_address_of_a_ticket_without_claim_brings_its_writer_back_to_it(desk: Desk) -> None:
    first = desk.file_one(mail("Buna ziua, o intrebare", sender="nou@example.com"))
    address = (desk.outgoing()[0].reply_address,)

    again = desk.file_one(mail("si inca una", sender="nou@example.com", delivered_to=address))
    other = desk.file_one(mail("si eu", sender="altul@example.com", delivered_to=address))

    assert ticket_of(again).ref == ticket_of(first).ref
    assert ticket_of(other).ref != ticket_of(first).ref
