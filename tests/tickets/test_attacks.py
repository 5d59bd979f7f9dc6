"""What strangers try, a test a promise: nothing joins, nothing settles, nothing is told (promises A1 to A8, A22)."""

from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from itertools import count

import pytest
from sqlalchemy import select

from channels.email import mime
from tests.tickets.desk import CLAIM_A, MARIA, MARIAS_PHONE, OFFICE, Desk, attachment, links, mail, sms
from tickets import tokens
from tickets.database import Store
from tickets.messages import Address, InboundMessage
from tickets.models import ContactPoint, Ticket
from tickets.requirements import RequirementState
from tickets.triage import Filed

AUTHSERV = "mx.example.ro"
EVIL = "evil@attacker.example"
ASK = f"{CLAIM_A}: ce suma primesc?"
#: Words of the claim, its party and its policy.
FACTS = ("CLM26", "Maria", "Popescu", "CAS-04", "owners", "adeverin", "14 noiembrie")
_numbers = count(1)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.with_world(store)


def raw(text: str = ASK, **headers: str) -> InboundMessage:
    """A mail as its bytes come, with headers that anybody may write."""
    message = EmailMessage()
    given = {"From": EVIL, "To": "claims@example.ro", "Message-ID": f"<{next(_numbers)}@attacker.example>"} | headers
    for name, value in given.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return mime.read(message.as_bytes(), trusted_authserv=AUTHSERV, own_addresses=("claims@example.ro",))


def ticket_of(filed: Filed) -> Ticket:
    assert filed.message is not None
    return filed.message.ticket


def leaks(desk: Desk, *, to: str = "") -> Iterator[str]:
    """Facts in what leaves for anybody but the address they belong to."""
    for each in desk.outgoing():
        if each.to_norm not in (MARIA, MARIAS_PHONE) or to == each.to_norm:
            said = f"{each.message.subject} {each.message.text} {each.to_name}"
            yield from (fact for fact in FACTS if fact in said)


@pytest.mark.parametrize(
    "headers",
    [
        {"From": f'"{MARIA}" <{EVIL}>'},
        {"From": f"{MARIA} <{EVIL}>"},
        {"From": f'"Maria Popescu ({MARIA})" <{EVIL}>'},
        {"From": f"{EVIL}, {MARIA}"},
        {"Sender": MARIA},
        {"Reply_To": MARIA},
        {"Return_Path": f"<{MARIA}>"},
        {"Resent_From": MARIA},
        {"X_Original_From": MARIA},
        {"Cc": MARIA},
    ],
)
def test_a1_sender_is_the_address_our_server_saw_and_nothing_around_it(desk: Desk, headers: dict[str, str]) -> None:
    filed = desk.file_one(raw(**headers))

    assert links(filed).get(CLAIM_A) == "unverified"
    assert not filed.disclose
    assert list(leaks(desk, to=MARIA)) == []


def test_a2_answer_goes_to_the_address_on_file_never_to_reply_to(desk: Desk) -> None:
    filed = desk.file_one(raw(From=MARIA, Reply_To=EVIL))
    forged = desk.file_one(
        raw(From=MARIA, Reply_To=EVIL, Authentication_Results=f"{AUTHSERV}; dmarc=fail header.from=example.ro")
    )

    assert links(filed)[CLAIM_A] == "active"
    assert {each.to_norm for each in desk.outgoing()} <= {MARIA}
    assert (links(forged)[CLAIM_A], forged.queued) == ("unverified", [])
    assert ticket_of(forged).ref != ticket_of(filed).ref


def test_a2_new_address_in_a_known_thread_gets_a_ticket_of_its_own(desk: Desk) -> None:
    first = desk.file_one(mail("stadiu?", subject=CLAIM_A, message_id="hers@example.ro"))

    joined = desk.file_one(raw("si eu", In_Reply_To="<hers@example.ro>", References="<hers@example.ro>"))

    assert ticket_of(joined).ref != ticket_of(first).ref
    assert not joined.disclose


def test_a3_ten_thousand_guessed_ids_and_two_thousand_tokens_join_nothing(desk: Desk) -> None:
    desk.ask()
    ours = desk.outgoing()[0]
    stem, _, domain = (ours.message.message_id or "").partition("@")
    token = (ours.reply_address or "").partition("+")[2].partition("@")[0]

    def guesses(real: str, number: int) -> str:
        return tokens.make(b"not the key", real, str(number))

    filed = desk.file(*(
        mail("da", sender=EVIL, references=tuple(f"{guesses(stem, 100 * n + k)}@{domain}" for k in range(100)),
             delivered_to=tuple(f"claims+{guesses(token, 20 * n + k)}@example.ro" for k in range(20)))
        for n in range(100)
    ))  # fmt: skip

    assert all(links(each) == {} and not each.disclose for each in filed)
    assert desk.state("repair_estimate") is RequirementState.ASKED


def test_a3_right_token_and_message_id_in_a_strangers_hands_are_unverified(desk: Desk) -> None:
    desk.ask()
    ours = desk.outgoing()[0]

    filed = desk.file_one(raw("deviz", To=ours.reply_address or "", In_Reply_To=f"<{ours.message.message_id}>"))

    assert links(filed)[CLAIM_A] == "unverified"
    assert list(leaks(desk)) == []


def test_a4_subject_tags_of_tickets_and_claims_settle_nothing_and_confirm_nothing(desk: Desk) -> None:
    desk.ask()
    tickets = [each.ref for each in desk.tickets()]
    files = (attachment("deviz.pdf"),)

    filed = desk.file(
        *(replace(raw("deviz", From=f"x{n}@a.example", Subject=f"[{ref}]"), files=files)
          for n, ref in enumerate([*tickets, CLAIM_A, f"{CLAIM_A}/R1", "CLM26-000001-72"]))
    )  # fmt: skip

    assert all("active" not in links(each).values() and not each.answers for each in filed)
    assert desk.state("repair_estimate") is RequirementState.ASKED
    assert list(leaks(desk)) == []
    answers = {each.message.text.replace(ticket_of(f).ref, "TKT") for f in filed for each in f.queued}
    assert len(answers) == 1, "an existing number is answered like one that does not exist"


def test_a5_who_is_in_copy_is_no_party_and_gets_nothing(desk: Desk) -> None:
    first = desk.file_one(raw("stadiu?", From=MARIA, Cc=EVIL, Subject=CLAIM_A))

    later = desk.file_one(raw("si eu", Subject=f"Re: {CLAIM_A}", In_Reply_To="<1@attacker.example>"))

    assert not any(EVIL in (each.to_address, each.to_norm) for each in first.queued)
    assert ticket_of(later).ref != ticket_of(first).ref
    assert not later.disclose


def test_a6_acknowledgements_are_no_relay(store: Store) -> None:
    desk = Desk.with_world(store, replace(OFFICE, acknowledgements_a_day=25))
    victim = [raw(f"BUY PILLS {n}", From="victim@v.example", Subject=f"BUY PILLS {n}") for n in range(10)]
    plus = [raw(f"BUY PILLS {n}", From=f"other+{n}@v.example") for n in range(10)]
    many = [raw(f"BUY PILLS {n}", From=f"v{n}@v.example") for n in range(60)]

    desk.file(*victim[:5], *plus[:5])
    desk.file(*victim[5:], *plus[5:], *many)

    sent = [each.to_norm for each in desk.outgoing()]
    assert sent.count("victim@v.example") == 1
    assert len([each for each in sent if each.startswith("other+")]) == 1
    assert len(sent) == 25
    assert not any("PILLS" in f"{each.message.subject}{each.message.text}" for each in desk.outgoing())


def test_a7_two_installations_and_a_bot_without_marks_do_not_talk_for_long(desk: Desk) -> None:
    desk.file_one(raw("o intrebare"))
    [ours] = desk.outgoing()
    echoed = raw(
        ours.message.text, From="claims@other.example", Auto_Submitted="auto-replied", Subject=ours.message.subject
    )
    bot = [raw(f"Am primit mesajul {n}", From=EVIL, In_Reply_To=f"<{ours.message.message_id}>") for n in range(6)]

    desk.file_one(echoed)
    for each in bot:
        desk.file_one(each)
    desk.file_one(raw("in numele nostru", From="claims@example.ro"))

    assert ours.automatic
    assert len(desk.outgoing()) == 1


def test_a8_internal_headers_from_outside_are_words(desk: Desk) -> None:
    claimed = {"X_Claimdesk_Claim": CLAIM_A, "X_Claimdesk_Ticket": "TKT26-000001-04", "X_Claimdesk_Verified": "yes"}
    stranger = desk.file_one(raw("ce suma?", **claimed, Authentication_Results=f"{AUTHSERV}; dmarc=pass"))
    hers = raw("ce suma?", From=MARIA, Authentication_Results="mx.attacker.example; dmarc=pass header.from=example.ro")

    assert links(stranger) == {}
    assert hers.trust == raw(From=MARIA).trust


def test_a22_number_of_a_text_verifies_nobody(desk: Desk) -> None:
    desk.ask()

    filed = desk.file_one(sms(ASK))

    assert links(filed)[CLAIM_A] == "active"
    assert not filed.disclose
    assert filed.queued == []


def test_a22_stop_counts_only_as_a_whole_message(desk: Desk) -> None:
    desk.ask()
    told = sms("Va rog stop texting me, sunt la spital")

    filed = desk.file_one(replace(told, sender=Address(address=MARIAS_PHONE)))

    assert not filed.inbound.opt_out
    assert all(point.status == "ok" for point in _maria(desk))


def _maria(desk: Desk) -> list[ContactPoint]:
    with desk.store.reading() as session:
        return list(session.scalars(select(ContactPoint).where(ContactPoint.value_norm == MARIAS_PHONE)))
