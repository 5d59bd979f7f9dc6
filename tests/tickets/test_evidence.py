"""Why a link stands, in one sentence, in both languages, for every kind of evidence and every state."""

import re
from pathlib import Path

import pytest

from tickets import circumstances, evidence, linking, machine_mail, triage
from tickets.models import LinkState, TargetKind

CLAIM = "CLM26-004711-58"


def why(*reasons: tuple[str, str, str], state: str = "active", kind: str = "claim", language: str = "en") -> str:
    listed = [{"evidence": name, "where": where, "value": value} for name, where, value in reasons]
    return evidence.why(kind=kind, target=CLAIM, state=state, reasons=listed, language=language)


@pytest.mark.parametrize("language", evidence.LANGUAGES)
@pytest.mark.parametrize("kind", sorted(evidence.kinds()))
def test_every_kind_of_evidence_says_itself_in_one_sentence(kind: str, language: str) -> None:
    sentence = why((kind, "text", "X-1"), language=language)

    assert sentence.endswith(".")
    assert not re.search(r"[.] |[{}]|  |_", sentence)
    assert kind in {"name", "name_address"} or "X-1" in sentence


@pytest.mark.parametrize("language", evidence.LANGUAGES)
@pytest.mark.parametrize("state", LinkState)
@pytest.mark.parametrize("kind", TargetKind)
def test_every_state_and_target_has_its_words(state: str, kind: str, language: str) -> None:
    sentence = why(("claim_ref", "subject", CLAIM), state=state, kind=kind, language=language)

    assert sentence.count(CLAIM) >= 1
    assert not re.search(r"[{}]", sentence)


def test_no_rule_gives_evidence_that_has_no_words() -> None:
    given = set()
    for module in (linking, circumstances, triage, machine_mail):
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        given |= set(re.findall(r'evidence="(\w+)"', text)) | set(re.findall(r'_reason\("(\w+)"', text))

    assert given
    assert given <= evidence.kinds()


def test_sentence_joins_its_reasons_and_says_that_nothing_may_be_told() -> None:
    assert why(("claim_ref", "subject", CLAIM), ("sender_email", "sender", "m@example.ro")) == (
        f"Linked to claim {CLAIM} because the claim number {CLAIM} is in the subject"
        " and the address m@example.ro is on file."
    )
    assert "nothing may be told" in why(("claim_ref", "text", CLAIM), state="unverified")
    assert "nu i se poate comunica nimic" in why(("claim_ref", "text", CLAIM), state="unverified", language="ro")


def test_near_miss_names_what_was_written_what_exists_and_the_slip() -> None:
    swapped = why(("near_miss", "subject", "CLM26-004711-85"), state="suggested")

    assert "CLM26-004711-85 in the subject looks like one of our numbers, but the check digits fail" in swapped
    assert "nearest existing: CLM26-004711-58 (digits swapped)" in swapped
    assert "(one digit differs)" in why(("near_miss", "text", "CLM26-004712-58"), state="suggested")


def test_evidence_of_a_later_version_is_named_as_it_is() -> None:
    assert "telepathy" in why(("telepathy", "text", "X"))
