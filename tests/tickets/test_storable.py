"""Whatever characters, lengths and numbers a message brings, it is filed on every store, and costs what others cost."""

import random
import string
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, select

from tests.tickets.desk import (
    AUTO,
    CLAIM_A,
    MARIA,
    OFFICE,
    Desk,
    attachment,
    evidence,
    letter,
    links,
    mail,
    out_of_office,
    sms,
)
from tests.tickets.ledger import post, record
from tickets import intake, storable
from tickets.blobs import Blobs
from tickets.database import Store
from tickets.messages import Address, BouncedAddress, InboundMessage, MessageKind, Pickup, Sender
from tickets.models import ArrivalState, Claim, Message
from tickets.office import Office
from tickets.references import make

BAD = "nul \0 half \ud800 pair \udfff"


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.with_world(store)


def long(length: int, seed: int = 1) -> str:
    """Characters that no index can compress."""
    chance = random.Random(seed)
    return "".join(chance.choice(string.ascii_letters + string.digits + "ăîșț") for _ in range(length))


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """What is asked of the store meanwhile."""
    asked: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield asked
    event.remove(store.engine, "before_cursor_execute", note)


# --- characters


def test_characters_that_no_store_takes_are_taken_out_and_the_message_is_filed(desk: Desk, store: Store) -> None:
    everywhere = mail(
        BAD, sender=f"x\0{MARIA}", subject=BAD, message_id=f"<{BAD}>", in_reply_to=(BAD,),
        references=(BAD, "%_\\'\"{}"), to=(Address(address=BAD, name=BAD),), cc=(Address(address=BAD),),
        delivered_to=(BAD,), notes=(BAD,), html=BAD,
        language="ro", codes=(BAD,), files=(replace(attachment("x.pdf"), name=f"{BAD}.pdf", text=BAD),),
        original_message_id=BAD, bounced=(BouncedAddress(address=BAD, action=BAD, status=BAD),),
    )  # fmt: skip
    kinds = (MessageKind.MESSAGE, MessageKind.BOUNCE, MessageKind.AUTO_REPLY)

    filed = desk.file(*(replace(everywhere, kind=kind, message_id=f"{kind}{BAD}") for kind in kinds))

    assert {each.arrival.state for each in filed} == {ArrivalState.FILED}
    with store.reading() as session:
        [first, *_] = session.scalars(select(Message).order_by(Message.id))
        assert (first.subject, first.from_norm) == ("nul  half ? pair ?", None)
        assert first.files[0].name == "nul  half ? pair ?.pdf"


def test_address_that_had_to_be_changed_is_nobodys(desk: Desk) -> None:
    filed = desk.file_one(mail("stadiu?", sender=MARIA.replace("@", "\0@"), subject=CLAIM_A))

    assert filed.inbound.sender_state is Sender.AMBIGUOUS
    assert links(filed) == {CLAIM_A: "unverified"}
    assert filed.queued == []


def test_scan_with_a_file_name_in_no_encoding_is_recorded_once(store: Store, tmp_path: object) -> None:
    blobs = Blobs(tmp_path)  # type: ignore[arg-type]
    scan = Pickup(handle=1, external_id="c0ffee", raw=b"%PDF", name="\udce3.pdf", source="\udce3 1")

    assert [record(store, blobs, post, scan), record(store, blobs, post, scan)] == [[True], [False]]

    with store.reading() as session:
        assert [line.arrival.name for line in intake.ledger(session)] == ["?.pdf"]


# --- lengths


def test_ids_and_addresses_of_any_length_fit_every_index(desk: Desk) -> None:
    filed = desk.file(
        mail("lung", message_id=long(50_000), subject=long(50_000, 2), sender=f"{long(5_000, 3)}@x.example"),
        mail("lung", message_id=long(50_000, 4), sender=f"{long(240, 5)}@x.example"),
        sms("lung", sender="+" + "40722123456" * 1000),
        replace(mail("lung"), message_id=None, files=(attachment(long(9_000, 6)),)),
    )

    assert {each.arrival.state for each in filed} == {ArrivalState.FILED}
    assert [each.inbound.sender_state for each in filed] == ["ambiguous", "plain", "ambiguous", "plain"]


def test_answer_to_a_mail_with_an_endless_message_id_still_finds_it(desk: Desk) -> None:
    first = desk.file_one(mail("o intrebare", sender="nou@example.com", message_id=long(3_000)))

    again = desk.file_one(mail("si inca una", sender="nou@example.com", in_reply_to=(long(3_000),)))
    other = desk.file_one(mail("si inca una", sender="nou@example.com", in_reply_to=(long(3_000)[:-1] + "!",)))

    assert first.message is not None
    assert again.message is not None
    assert other.message is not None
    assert again.message.ticket.ref == first.message.ticket.ref
    assert other.message.ticket.ref != first.message.ticket.ref
    assert all(len(key) <= storable.LONGEST_ID for key in again.inbound.in_reply_to)


# --- numbers


def test_message_that_names_ten_thousand_of_everything_is_filed_like_any_other(desk: Desk, store: Store) -> None:
    claims = " ".join(make("CLM", 2026, number) for number in range(10_000))
    misspelt = " ".join(f"CLM26-{number:06d}-00" for number in range(10_000))
    many = tuple(Address(address=f"claims+{long(26, n).lower()}@example.ro") for n in range(2_000)) * 5
    ids = tuple(f"{number}@example.ro" for number in range(10_000))

    with statements(store) as asked:
        filed = desk.file(
            mail(claims),
            mail(misspelt),
            mail("multi", to=many, cc=many),
            mail("multi", references=ids, in_reply_to=ids),
        )

    assert {each.arrival.state for each in filed} == {ArrivalState.FILED}
    assert len(asked) < 120
    assert not any(each.disclose for each in filed)


@pytest.mark.parametrize("office", [OFFICE, AUTO], ids=["person", "auto"])
def test_batch_of_fifty_asks_the_store_no_more_often_than_one_message(store: Store, office: Office) -> None:
    desk = Desk.with_world(store, office)
    desk.ask()
    by_mail = desk.outgoing()[0].message.message_id or ""

    def batch(times: int) -> list[InboundMessage]:
        return [
            message
            for number in range(times)
            for message in (
                mail("In ce stadiu este dosarul?", subject=CLAIM_A, files=(attachment("poza.jpg"),)),
                mail("s-a spart o teava ieri, polita CAS-0451237", sender=f"{number}@x.example"),
                mail("s-a spart o teava ieri, polita CAS-0451237"),
                sms("trimit maine"),
                out_of_office(in_reply_to=(by_mail,)),
                letter("deviz", codes=(f"{CLAIM_A}/R1",)),
                mail("adeverinta", in_reply_to=(by_mail,)),
            )
        ]

    def asked_for(times: int) -> int:
        with statements(store) as asked:
            desk.file(*batch(times))
        return sum(not each.startswith("INSERT") for each in asked)

    few, many = asked_for(1), asked_for(10)

    assert many <= few + 10


# --- days


@pytest.mark.parametrize("year", [1, 1970, 9999])
def test_what_is_dated_in_another_century_is_filed_on_the_day_it_came(desk: Desk, year: int) -> None:
    dated = datetime(year, 1, 1, tzinfo=UTC)
    filed = desk.file(
        mail("s-a spart o teava in bucatarie ieri, polita cas 045 1237", sent_at=dated),
        letter("s-a spart o teava ieri", codes=(CLAIM_A,), received_on=date(year, 1, 1)),
    )

    assert {each.arrival.state for each in filed} == {ArrivalState.FILED}
    assert filed[0].opened is not None
    assert filed[0].opened.loss_date == date(2026, 11, 22)
    assert filed[1].message is not None
    assert filed[1].message.received_on is None


def test_stamp_from_the_future_reports_no_claim_in_the_future(desk: Desk, store: Store) -> None:
    desk.file_one(
        letter("S-a spart o teava in bucatarie, declar o dauna, polita CAS-0451237", received_on=date(2099, 1, 1))
    )

    with store.reading() as session:
        reported = list(session.scalars(select(Claim.reported_on)))
    assert max(day for day in reported if day) <= date(2026, 11, 23)


def test_copy_that_somebody_else_sends_first_does_not_hide_the_customers_own(desk: Desk) -> None:
    own = mail("In ce stadiu este dosarul?", subject=CLAIM_A)

    first, second = desk.file(replace(own, sender=Address(address="gigi@x.example")), own)

    assert (first.arrival.state, second.arrival.state) == (ArrivalState.FILED, ArrivalState.FILED)
    assert "sender_email" in evidence(second, CLAIM_A)
