"""Evidence short of a reference: what leads where, what two pieces come to, and what stays a suggestion."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.tickets.desk import CLAIM_A, MARIA, Desk, attachment, evidence, letter, links, mail
from tickets import references
from tickets.database import Store
from tickets.models import BankAccount, Claim, Invoice, Party
from tickets.triage import Filed

IBAN = "RO14BTRL0130120567890012"
CNP = "1960801400017"
VIN = "WVWZZZ1KZAW123456"
STRANGER = "necunoscut@x.example"
CAR, HOME = "CAS-0777001", "CAS-0777002"


def ref(number: int) -> str:
    return references.make("CLM", 2026, number)


DENT, LEAK, SOLD = ref(701), ref(702), ref(703)


@pytest.fixture
def desk(store: Store) -> Desk:
    """Ștefan Rusu has a car and a home with an open claim each; Elena Rusu has the car that was his before."""
    desk = Desk.with_world(store)
    stefan = {"id": "stefan", "name": "Ștefan Rusu", "birth_date": "1996-08-01", "cnp": CNP, "language": "ro",
              "emails": [{"value": "stefan.rusu@example.ro"}], "phones": [],
              "postal": "Str. Lalelelor 14, 400123 Cluj-Napoca"}  # fmt: skip
    elena = {
        "id": "elena",
        "name": "Elena Rusu",
        "birth_date": "1970-02-03",
        "language": "ro",
        "emails": [],
        "phones": [],
    }
    desk.add(
        customers=[stefan, elena],
        policies=[
            _policy(CAR, "stefan", line="casco", assets=[{"kind": "vehicle", "plate": "CJ 20 RUS", "vin": VIN}]),
            _policy(HOME, "stefan"),
            _policy("CAS-0777003", "elena", assets=[{"kind": "vehicle", "plate": "CJ 19 OLD"}], until="2025-12-31"),
        ],
        claims=[
            _claim(DENT, "stefan", policy=CAR, type="motor_casco", cause="collision", loss_date="2026-11-05"),
            _claim(LEAK, "stefan", policy=HOME, loss_date="2026-11-07"),
            _claim(SOLD, "elena", policy="CAS-0777003", type="motor_casco", cause="collision", loss_date="2025-11-01"),
        ],
    )
    return desk


def _policy(number: str, holder: str, *, until: str = "2026-12-31", **changes: Any) -> dict[str, Any]:
    version = {"effective_from": f"{until[:4]}-01-01", "effective_to": until, "recorded_at": "2024-12-20",
               "status": "active", "territory": ["RO"], "currency": "RON", "coverages": []}  # fmt: skip
    return {"ref": number, "line": "home", "holder": holder, "assets": [], "versions": [version]} | changes


def _claim(number: str, claimant: str, **changes: Any) -> dict[str, Any]:
    plain = {"ref": number, "type": "home", "claimant": claimant, "state": "gathering", "cause": "water_pipe",
             "reported_on": "2026-11-10", "facts": {}}  # fmt: skip
    return plain | changes


def with_account(desk: Desk) -> None:
    with desk.store.writing() as session:
        party = session.scalars(select(Party).where(Party.external_id == "stefan")).one()
        session.add(BankAccount(party=party, iban=IBAN, changed_on=date(2026, 1, 1)))


def with_invoice(desk: Desk) -> None:
    with desk.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == LEAK)).one()
        session.add(
            Invoice(claim=claim, issuer_tax_id="27041363", number="NORD 4711",
                    number_norm="NORD4711", total_minor=245_000)
        )  # fmt: skip


def told(filed: Filed) -> dict[str, str]:
    """The claims' states alone."""
    return {target: state for target, state in links(filed).items() if target.startswith("CLM")}


# --- each piece by itself is a suggestion with its reason


@pytest.mark.parametrize(
    ("text", "kind", "target"),
    [
        (f"Subsemnatul Rusu Stefan, CNP {CNP}, ce mai este cu banii?", "cnp_name", LEAK),
        (f"CNP {CNP}, ce mai este cu banii?", "cnp", LEAK),
        ("Ștefan Rusu, născut la 01.08.1996, întreb de bani", "name_birth", LEAK),
        ("rusu stefam nascut 1996-08-01 intreb de bani\nCu stima,\nstefan rusu", "name_birth", LEAK),
        ("Stefan Rusu\nStr. Lalelelor nr. 14, 400123 Cluj Napoca\nîntreb de bani", "name_address", LEAK),
        ("Ce mai este cu banii?\nCu stimă,\nȘtefan Rusu", "name", LEAK),
        ("Masina cj20rus este la service", "plate", DENT),
        (f"Seria de sasiu {VIN}, masina este la service", "vin", DENT),
        (f"Contul meu este {IBAN}", "iban", LEAK),
        ("factura seria NORD nr. 4711, CUI RO27041363", "invoice", LEAK),
    ],
)
def test_each_piece_alone_is_a_suggestion_that_says_what_was_found(
    desk: Desk, text: str, kind: str, target: str
) -> None:
    with_account(desk)
    with_invoice(desk)

    filed = desk.file_one(mail(text, sender=STRANGER))

    assert told(filed)[target] == "suggested"
    assert kind in evidence(filed, target)
    assert "active" not in links(filed).values()
    assert not filed.disclose


def test_number_in_an_attachment_or_a_quotation_is_a_suggestion_to_a_stranger(desk: Desk) -> None:
    attached = attachment("deviz.pdf")
    by_file = desk.file_one(mail("vedeti atasat", sender=STRANGER, files=(_with_text(attached, f"Dosar {DENT}"),)))

    assert told(by_file) == {DENT: "suggested"}
    assert evidence(by_file, DENT) == {"claim_attached"}


def _with_text(file: Any, text: str) -> Any:
    return replace(file, text=text)


def test_personal_number_and_account_are_not_repeated_in_full_in_the_reasons(desk: Desk) -> None:
    with_account(desk)

    filed = desk.file_one(mail(f"Stefan Rusu, CNP {CNP}, cont {IBAN}", sender=STRANGER))

    assert CNP not in str([link.reasons for link in filed.linking.links])
    assert IBAN not in str([link.reasons for link in filed.linking.links])


# --- two that agree


def test_known_sender_with_several_claims_means_the_one_his_plate_stands_for(desk: Desk) -> None:
    filed = desk.file_one(mail("Unde este masina CJ 20 RUS? In ce stadiu e dosarul?", sender="stefan.rusu@example.ro"))

    assert told(filed)[DENT] == "active"
    assert told(filed).get(LEAK) in (None, "suggested")
    assert {"sender_email", "plate"} <= evidence(filed, DENT)
    assert filed.disclose


def test_answer_whose_thread_is_lost_is_linked_by_its_quotation_and_its_known_sender(desk: Desk) -> None:
    filed = desk.file_one(replace(mail("da", sender="stefan.rusu@example.ro"), text=f"da\n\n> dosarul {LEAK}"))

    assert told(filed)[LEAK] == "active"
    assert {"claim_quoted", "sender_email"} <= evidence(filed, LEAK)


def test_two_strong_pieces_from_a_stranger_link_and_tell_him_nothing(desk: Desk) -> None:
    filed = desk.file_one(
        mail(f"Stefan Rusu, nascut la 01.08.1996, masina CJ 20 RUS, polita {CAR}. Ce suma primesc?", sender=STRANGER)
    )

    assert told(filed)[DENT] == "unverified"
    assert not filed.disclose
    assert not any(DENT in each.message.text or "Rusu" in each.message.text for each in desk.outgoing())


def test_pieces_that_rest_on_the_same_thing_are_one(desk: Desk) -> None:
    filed = desk.file_one(mail(f"CJ 20 RUS, serie sasiu {VIN}", sender=STRANGER))

    assert told(filed) == {DENT: "suggested"}


def test_pieces_that_lead_to_different_claims_link_none(desk: Desk) -> None:
    filed = desk.file_one(mail(f"masina CJ 20 RUS si polita {HOME}", sender=STRANGER))

    assert set(told(filed).values()) == {"suggested"}


def test_new_loss_on_another_day_is_not_the_open_claim(desk: Desk) -> None:
    filed = desk.file_one(
        mail("Buna ziua, ieri am avut un accident cu masina CJ 20 RUS, am lovit un stalp si bara e sparta.",
             sender="stefan.rusu@example.ro")
    )  # fmt: skip

    assert told(filed).get(DENT) is None


# --- what has changed hands


def test_plate_of_a_policy_that_has_run_out_is_weak(desk: Desk) -> None:
    filed = desk.file_one(mail("masina CJ 19 OLD\nElena Rusu, nascuta la 03.02.1970", sender=STRANGER))

    assert told(filed)[SOLD] == "suggested"


def test_two_customers_of_one_name_are_both_suggested_and_the_birth_date_tells_them_apart(desk: Desk) -> None:
    twin = {
        "id": "stefan-2",
        "name": "Rusu Stefan",
        "birth_date": "1950-01-01",
        "language": "ro",
        "emails": [],
        "phones": [],
    }
    desk.add(customers=[twin], claims=[_claim(ref(710), "stefan-2", loss_date="2026-10-01")])

    name_alone = desk.file_one(mail("Ce mai este?\nCu stimă,\nStefan Rusu", sender=STRANGER))
    born = desk.file_one(mail("Stefan Rusu, nascut 01.01.1950, ce mai este?", sender=STRANGER))

    assert {"stefan", "stefan-2", LEAK, ref(710)} <= set(links(name_alone))
    assert "name_birth" in evidence(born, ref(710))
    assert "name_birth" not in evidence(born, LEAK)


def test_at_most_five_claims_are_suggested_the_likeliest_first(desk: Desk) -> None:
    desk.add(claims=[_claim(ref(720 + n), "stefan", policy=HOME, loss_date="2026-09-01") for n in range(8)])

    filed = desk.file_one(mail(f"polita {HOME}", sender=STRANGER))

    assert len(told(filed)) == 5


# --- who signs


def test_scan_with_our_code_signed_by_somebody_else_is_unverified(desk: Desk) -> None:
    same = desk.file_one(letter(f"{CLAIM_A}\nSubsemnata Popescu Maria", codes=(CLAIM_A,)))
    other = desk.file_one(letter(f"{CLAIM_A}\nSubsemnatul Gheorghe Dinu", codes=(CLAIM_A,)))

    assert (told(same)[CLAIM_A], told(other)[CLAIM_A]) == ("active", "unverified")
    assert "signed_by_another" in other.linking.notes


def test_customer_who_signs_in_another_customers_mail_is_told_nothing_of_her_claim(desk: Desk) -> None:
    filed = desk.file_one(mail(f"{CLAIM_A}, ce suma?\nCu stimă,\nȘtefan Rusu", sender=MARIA))
    spouse = desk.file_one(mail(f"{CLAIM_A}, ce suma?\nCu stimă,\nVasile Popescu", sender=MARIA))

    assert (told(filed)[CLAIM_A], filed.disclose) == ("unverified", False)
    assert told(spouse)[CLAIM_A] == "active"


# --- a thread that was lost


def test_answer_with_the_subject_of_the_senders_own_ticket_is_suggested_there(desk: Desk) -> None:
    first = desk.file_one(mail("Ce program aveti?", subject="Programul de sarbatori", sender=STRANGER))
    again = desk.file_one(mail("multumesc", subject="RE: programul de sărbători", sender=STRANGER))
    other = desk.file_one(mail("multumesc", subject="Re: Programul de sarbatori", sender="altul@x.example"))

    assert first.message is not None
    assert links(again) == {first.message.ticket.ref: "suggested"}
    assert links(other) == {}


def test_loss_of_the_same_day_with_the_claimants_name_is_strong(desk: Desk) -> None:
    filed = desk.file_one(
        mail(f"Polita {HOME}. Pe 07.11.2026 s-a spart o teava. Ce mai este?\nCu stimă,\nStefan Rusu", sender=STRANGER)
    )

    assert "name_loss" in evidence(filed, LEAK)
