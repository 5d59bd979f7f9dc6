"""Which of a claim's items the files of a message bring; no store is needed to say so."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.tickets.desk import attachment, letter, mail, sms
from tickets import answers
from tickets.catalogue import Stage
from tickets.messages import File, InboundMessage
from tickets.models import Claim, Request, RequestItem, Requirement
from tickets.requirements import RequirementState

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def claim(*items: str, state: RequirementState = RequirementState.ASKED) -> Claim:
    """A home claim that lacks these items."""
    rows = [Requirement(item=item, stage=Stage.DECISION, state=state) for item in items]
    return Claim(ref="CLM26-004711-58", type="home", created_at=NOW, requirements=rows)


def request(of: Claim) -> Request:
    items = [RequestItem(requirement=row, position=number) for number, row in enumerate(of.requirements, start=1)]
    return Request(claim=of, number=1, code=f"{of.ref}/R1", created_at=NOW, created_by="staff:1", items=items)


def brought(of: Claim, message: InboundMessage, *, hints: str = "", asked: bool = True) -> dict[str, str | None]:
    """File name to the item it answers."""
    found = answers.match(of, request(of) if asked else None, message, hints=hints)
    return {each.file.name: each.requirement.item if each.requirement else None for each in found}


def test_file_name_says_what_it_is_whatever_the_order() -> None:
    files = (attachment("adeverinta_asociatie.pdf", part="2"), attachment("DEVIZ reparatie.pdf", part="3"))

    assert brought(claim("repair_estimate", "owners_assoc"), mail("vedeti atasat", files=files)) == {
        "adeverinta_asociatie.pdf": "owners_assoc",
        "DEVIZ reparatie.pdf": "repair_estimate",
    }


def test_text_of_a_file_and_of_a_scan_say_what_it_is() -> None:
    paper = replace(attachment("scan0001.pdf"), text="DEVIZ DE REPARAȚIE nr. 12\nTotal 2.450 lei")

    assert brought(claim("repair_estimate", "photos"), mail("atasat", files=(paper,))) == {
        "scan0001.pdf": "repair_estimate"
    }
    assert brought(claim("repair_estimate", "photos"), letter("Deviz de reparație nr. 12")) == {
        "scan.pdf": "repair_estimate"
    }


def test_words_name_files_that_do_not_name_themselves_in_their_order() -> None:
    files = (attachment("IMG_1.jpg", part="2"), attachment("IMG_2.jpg", part="3"))

    found = brought(claim("owners_assoc", "repair_estimate"), mail("va trimit devizul si adeverinta", files=files))

    assert found == {"IMG_1.jpg": "repair_estimate", "IMG_2.jpg": "owners_assoc"}


def test_what_was_announced_before_names_a_picture_that_comes_without_a_word() -> None:
    picture = attachment("photo.jpg", media_type="image/jpeg")

    found = brought(claim("owners_assoc", "repair_estimate"), sms("", files=(picture,)), hints="maine trimit devizul")

    assert found == {"photo.jpg": "repair_estimate"}


def test_unnamed_file_answers_the_only_item_asked_for_and_nothing_when_there_are_two() -> None:
    message = mail("vedeti atasat", files=(attachment("scan0001.pdf"),))

    assert brought(claim("repair_estimate"), message) == {"scan0001.pdf": "repair_estimate"}
    assert brought(claim("repair_estimate", "owners_assoc"), message) == {"scan0001.pdf": None}
    assert brought(claim("repair_estimate"), message, asked=False) == {"scan0001.pdf": None}


def test_two_unnamed_files_for_one_item_are_both_kept_with_it() -> None:
    files = (attachment("1.pdf", part="2"), attachment("2.pdf", part="3"))

    assert set(brought(claim("repair_estimate"), mail("atasat", files=files)).values()) == {"repair_estimate"}


def test_what_the_customer_says_he_lacks_is_not_brought() -> None:
    message = mail("nu am inca devizul de la firma; va trimit acum adeverinta", files=(attachment("scan0001.pdf"),))

    assert brought(claim("repair_estimate", "owners_assoc"), message) == {"scan0001.pdf": "owners_assoc"}


@pytest.mark.parametrize(
    ("message", "expected"),
    [(sms("buletinul"), None), (mail("buletinul"), "id_copy"), (letter("CARTE DE IDENTITATE"), "id_copy")],
    ids=["text message", "mail", "letter"],
)
def test_identity_card_counts_by_mail_and_post_and_never_by_text(message: InboundMessage, expected: str | None) -> None:
    message = message if message.files else replace(message, files=(attachment("buletin.jpg"),))

    assert set(brought(claim("id_copy"), message).values()) == {expected}


@pytest.mark.parametrize(
    "wrapping",
    [
        replace(attachment("logo.png", media_type="image/png"), inline=True),
        attachment("smime.p7s", media_type="application/pkcs7-signature"),
        attachment("signature.asc", media_type="application/pgp-signature"),
        attachment("invite.ics", media_type="text/calendar"),
        replace(attachment("empty.pdf"), size=0),
    ],
    ids=lambda file: file.name,
)
def test_wrapping_is_no_evidence(wrapping: File) -> None:
    assert brought(claim("repair_estimate"), mail("vedeti devizul", files=(wrapping,))) == {}


@pytest.mark.parametrize(
    "state", [RequirementState.RECEIVED, RequirementState.ACCEPTED, RequirementState.WAIVED, "not_applicable"]
)
def test_item_that_is_in_or_settled_is_not_answered_again(state: str) -> None:
    done = claim("repair_estimate", state=RequirementState(state))

    assert brought(done, mail("devizul", files=(attachment("deviz.pdf"),))) == {"deviz.pdf": None}


def test_rejected_item_is_answered_by_the_next_copy() -> None:
    rejected = claim("repair_estimate", state=RequirementState.REJECTED)

    assert brought(rejected, mail("", files=(attachment("deviz2.pdf"),))) == {"deviz2.pdf": "repair_estimate"}


def test_thousands_of_files_are_matched_in_little_time() -> None:
    files = tuple(attachment(f"{number}.pdf", part=str(number)) for number in range(3000))

    assert len(brought(claim("repair_estimate", "owners_assoc"), mail("deviz si adeverinta", files=files))) == 3000
