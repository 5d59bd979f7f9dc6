"""What messages are for: structure decides, words suggest; and what was lost, by what."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.catalogue import read_facts
from tickets.cues import concepts, examples, tables
from tickets.intents import Clues, IntentKind, cause, claim_type, classify, priority, routing
from tickets.messages import Medium, MessageKind

DATA = Path(__file__).parents[1] / "data"
MACHINE_BY_STRUCTURE = {"bounce", "auto_reply", "phone_note"}


def phrases(name: str, part: str | None = None) -> list[tuple[str, str]]:
    listed = json.loads((DATA / name).read_text(encoding="utf-8"))
    listed = listed[part] if part else listed
    return [
        (kind, text) for kind, table in listed.items() for language in ("en", "ro") for text in table.get(language, ())
    ]


def clues(kind: str, text: str) -> Clues:
    return Clues(text=text, medium=Medium.SMS if kind == "sms_opt_out" else Medium.EMAIL)


@pytest.mark.parametrize(("kind", "text"), phrases("phrases.json"))
def test_typical_wording_is_recognised_with_the_words_it_rests_on(kind: str, text: str) -> None:
    [first, *_] = classify(clues(kind, text))

    assert first.kind == kind
    assert first.reasons


def test_most_wordings_that_no_rule_was_made_for_are_recognised_and_the_sure_ones_nearly_always() -> None:
    held_out = phrases("held_out_phrases.json")

    judged = [(classify(clues(kind, text))[0], kind) for kind, text in held_out]

    right = [intent.kind == kind for intent, kind in judged]
    sure = [intent.kind == kind for intent, kind in judged if intent.score >= 0.5]
    assert len(held_out) > 330
    assert sum(right) / len(right) > 0.75
    assert len(sure) / len(right) > 0.6
    assert sum(sure) / len(sure) > 0.85


@pytest.mark.parametrize(
    ("part", "right_share", "sure_share", "precision"),
    [
        ("before_the_rules", 0.95, 0.79, 0.98),  # written before the rules of 2026-11-28, most of it plain
        ("oblique", 0.91, 0.72, 0.97),  # the rules were made with these
        ("after_the_rules", 0.85, 0.66, 0.97),  # written after them: 0.868 right before a few of their words were added
    ],
)
def test_phrases_written_apart_from_the_rules_are_recognised_about_as_often_as_measured(
    part: str, right_share: float, sure_share: float, precision: float
) -> None:
    judged = [(classify(clues(kind, text))[0], kind) for kind, text in phrases("fresh_phrases.json", part)]

    right = [intent.kind == kind for intent, kind in judged]
    sure = [intent.kind == kind for intent, kind in judged if intent.score >= 0.5]
    assert sum(right) / len(right) > right_share
    assert len(sure) / len(right) > sure_share
    assert sum(sure) / len(sure) > precision


def several(part: str) -> list[tuple[set[str], str]]:
    """Phrases of a second set, each with every kind that it is of."""
    listed = json.loads((DATA / "customer_phrases.json").read_text(encoding="utf-8"))[part]
    return [(set(each["kinds"]), each["text"]) for each in listed]


@pytest.mark.parametrize(
    ("part", "right_share", "sure_share", "precision", "beside"),
    [
        ("before_the_rules", 0.95, 0.82, 0.98, 0.08),  # 0.929 right, 0.954 of the sure ones, as the rules stood then
        ("after_the_rules", 0.87, 0.75, 0.97, 0.1),  # 0.883 and 0.949 when first seen; doubt at tips was added since
    ],
)
def test_what_is_sure_is_right_also_of_the_second_thing_a_message_is_for(
    part: str, right_share: float, sure_share: float, precision: float, beside: float
) -> None:
    judged = [(classify(clues("".join(kinds), text)), kinds) for kinds, text in several(part)]

    right = [intents[0].kind in kinds for intents, kinds in judged]
    sure = [intents[0].kind in kinds for intents, kinds in judged if intents[0].score >= 0.5]
    wrongly_sure = [any(each.score >= 0.5 and each.kind not in kinds for each in intents) for intents, kinds in judged]
    assert sum(right) / len(right) > right_share
    assert len(sure) / len(right) > sure_share
    assert sum(sure) / len(sure) > precision
    assert sum(wrongly_sure) / len(wrongly_sure) < beside


def test_both_things_that_one_message_says_are_found() -> None:
    twofold = [(kinds, text) for part in ("before_the_rules", "after_the_rules") for kinds, text in several(part)]
    twofold = [(kinds, text) for kinds, text in twofold if len(kinds) > 1]

    found = [len(kinds & {each.kind for each in classify(Clues(text=text))}) for kinds, text in twofold]

    assert len(twofold) > 20
    assert sum(found) / sum(len(kinds) for kinds, _ in twofold) > 0.9


DENIALS_AND_TIPS = json.loads((DATA / "denials_and_tips.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("kind", "text"), [(each["kind"], each["text"]) for each in DENIALS_AND_TIPS["denied"]])
def test_what_a_message_says_it_is_not_is_never_sure(kind: str, text: str) -> None:
    assert kind not in {each.kind for each in classify(Clues(text=text)) if each.score >= 0.5}


@pytest.mark.parametrize(("kind", "text"), [(each["kind"], each["text"]) for each in DENIALS_AND_TIPS["meant"]])
def test_a_no_that_denies_nothing_takes_nothing_away(kind: str, text: str) -> None:
    assert kind in {each.kind for each in classify(Clues(text=text))}


def test_denial_takes_away_its_own_clause_alone() -> None:
    said = classify(Clues(text="I don't want to complain, really. But I do appeal against your decision of 3 May."))

    assert said[0].kind is IntentKind.COMPLAINT_APPEAL


def test_most_tips_that_name_no_crime_are_noticed_and_few_other_messages_are_taken_for_one() -> None:
    tips = [classify(Clues(text=text)) for text in DENIALS_AND_TIPS["tips"]]  # written after the rules
    others = [classify(Clues(text=text)) for text in DENIALS_AND_TIPS["no_tips"]]

    noticed = [any(each.kind is IntentKind.FRAUD_TIP for each in intents) for intents in tips]
    hidden = [intents[0].kind is IntentKind.FRAUD_TIP and intents[0].score >= 0.5 for intents in others]
    assert sum(noticed) / len(noticed) > 0.8  # 0.79 before the rules of sideways tips
    assert sum(hidden) <= 1


def test_no_example_is_one_that_measures() -> None:
    shipped = {example.text.casefold() for example in examples.shipped()}
    parts = ("before_the_rules", "oblique", "after_the_rules")
    measuring = phrases("held_out_phrases.json") + [
        one for part in parts for one in phrases("fresh_phrases.json", part)
    ]

    assert shipped.isdisjoint(text.casefold() for _, text in measuring)
    assert shipped.isdisjoint(text.casefold() for part in parts if part != "oblique" for _, text in several(part))
    assert shipped.isdisjoint(text.casefold() for text in DENIALS_AND_TIPS["tips"])


def test_loss_that_is_only_supposed_asks_a_question() -> None:
    [first, *_] = classify(Clues(text="what papers do I need if my luggage gets lost?"))

    assert first.kind is IntentKind.GENERAL_QUESTION


@pytest.mark.parametrize(
    ("kind", "text"), [each for each in phrases("phrases.json") if each[0] in MACHINE_BY_STRUCTURE]
)
def test_words_alone_never_make_it_machine_mail_or_a_phone_note(kind: str, text: str) -> None:
    [first, *_] = classify(clues(kind, text))

    assert first.score < 0.5


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (MessageKind.BOUNCE, IntentKind.BOUNCE),
        (MessageKind.AUTO_REPLY, IntentKind.AUTO_REPLY),
        (MessageKind.COMPLAINT_REPORT, IntentKind.BOUNCE),
        (MessageKind.LIST, IntentKind.SPAM),
    ],
)
def test_machine_mail_is_nothing_else_whatever_it_says(kind: MessageKind, expected: IntentKind) -> None:
    machine = Clues(kind=kind, text="I want to cancel my policy", answers_open_request=True)

    assert [intent.kind for intent in classify(machine)] == [expected]


@pytest.mark.parametrize("word", ["STOP", "stop.", "Unsubscribe", "STOPALL", "dezabonare", "Stop SMS", "END", "quit"])
def test_opt_out_word_as_the_whole_text_is_an_opt_out_and_nothing_else(word: str) -> None:
    [only] = classify(Clues(medium=Medium.SMS, text=word))

    assert (only.kind, only.score) == (IntentKind.SMS_OPT_OUT, 1.0)


def test_bare_cancel_by_sms_is_an_opt_out_that_asks_policy_or_sms() -> None:
    first, second = classify(Clues(medium=Medium.SMS, text="CANCEL"))

    assert first.kind is IntentKind.SMS_OPT_OUT
    assert (second.kind, second.score < 0.5) == (IntentKind.CANCELLATION, True)


def test_cancelling_a_policy_by_sms_is_no_opt_out() -> None:
    intents = classify(Clues(medium=Medium.SMS, text="cancel polita CAS-0451237"))

    assert intents[0].kind is IntentKind.CANCELLATION
    assert intents[0].score >= 0.5
    assert IntentKind.SMS_OPT_OUT not in {intent.kind for intent in intents}


def test_carrier_opt_out_counts_whatever_the_text_says() -> None:
    assert classify(Clues(medium=Medium.SMS, text="", opt_out=True))[0].kind is IntentKind.SMS_OPT_OUT


def test_cancel_in_a_mail_is_not_an_opt_out() -> None:
    assert classify(Clues(text="cancel"))[0].kind is not IntentKind.SMS_OPT_OUT


def test_answer_to_an_open_request_comes_before_what_its_words_say() -> None:
    first, second, *_ = classify(Clues(text="trimit adeverinta. Cand imi virati banii?", answers_open_request=True))

    assert first.kind is IntentKind.REPLY_TO_REQUEST
    assert second.kind is IntentKind.PAYMENT_DELAY


def test_attachment_on_a_linked_claim_is_an_additional_document() -> None:
    on_claim = Clues(text="", on_linked_claim=True, has_attachments=True)

    assert classify(on_claim)[0].kind is IntentKind.ADDITIONAL_DOCUMENT
    assert classify(replace(on_claim, on_linked_claim=False))[0].kind is IntentKind.GENERAL_QUESTION


def test_call_note_is_a_phone_note_and_also_what_the_caller_wants() -> None:
    kinds = [
        intent.kind
        for intent in classify(Clues(medium=Medium.PHONE, text="vrea sa deschid dosar nou, s-a spart o teava"))
    ]

    assert kinds[:2] == [IntentKind.PHONE_NOTE, IntentKind.NEW_CLAIM]


def test_one_message_may_ask_for_the_state_and_bring_a_new_iban() -> None:
    kinds = {
        intent.kind: intent.subkind
        for intent in classify(Clues(text="In ce stadiu este dosarul? Si am un cont nou, IBAN nou."))
    }

    assert kinds[IntentKind.ACCOUNT_CHANGE] == "bank_account"
    assert IntentKind.STATUS_QUESTION in kinds


@pytest.mark.parametrize(
    ("text", "subkind"),
    [
        ("I have moved to Oak Road", "address"),
        ("mi-am schimbat banca", "bank_account"),
        ("I got married, new surname", "name"),
        ("am numar nou de telefon", "contact"),
    ],
)
def test_account_change_says_what_changes(text: str, subkind: str) -> None:
    assert classify(Clues(text=text))[0].subkind == subkind


@pytest.mark.parametrize("text", ["", "buna ziua", "ok", "12345", "👍", "qwertyuiop asdf"])
def test_message_without_a_cue_is_a_general_question_nobody_is_sure_of(text: str) -> None:
    [only] = classify(Clues(text=text))

    assert only.kind is IntentKind.GENERAL_QUESTION
    assert only.score < 0.5


def test_slip_of_the_finger_is_forgiven_but_fracture_is_not_an_invoice() -> None:
    assert classify(Clues(text="doresc rezliierea politei"))[0].kind is IntentKind.CANCELLATION
    assert classify(Clues(text="am o reclmatie"))[0].kind is IntentKind.COMPLAINT_APPEAL


def test_diacritics_capitals_and_punctuation_make_no_difference() -> None:
    written = [
        "Doresc să reziliez polița.",
        "DORESC SA REZILIEZ POLITA",
        "doresc sa reziliez, polita",
        "doresc să reziliez poliţa",
    ]

    assert len({tuple(classify(Clues(text=text))) for text in written}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "usa s-a umflat de la apa",
        "tin minte ca era luni",
        "procesul verbal de la politie",
        "am fost tratat la spital",
        "Confidential, see our privacy notice (GDPR)",
    ],
)
def test_everyday_words_send_nothing_to_a_restricted_desk(text: str) -> None:
    sure = {intent.kind for intent in classify(Clues(text=text)) if intent.score >= 0.5}

    assert not sure & {
        IntentKind.FRAUD_TIP,
        IntentKind.LEGAL_NOTICE,
        IntentKind.DATA_REQUEST,
        IntentKind.COMPLAINT_APPEAL,
    }


def test_every_kind_has_a_queue_and_the_highest_priority_holds() -> None:
    assert {kind: routing(kind).priority for kind in IntentKind}[IntentKind.SPAM] == 9
    assert routing(IntentKind.FRAUD_TIP).restricted
    assert routing(IntentKind.LEGAL_NOTICE).queue == "legal"
    complaint = Clues(text="In ce stadiu este dosarul? Fac reclamatie la ASF, e inadmisibil!")
    assert priority(classify(complaint)) == 1
    assert priority([]) == 4


@given(st.text(), st.sampled_from(Medium))
def test_any_text_has_intents_each_once_and_no_text_raises(text: str, medium: Medium) -> None:
    intents = classify(Clues(text=text, subject=text[::-1], medium=medium))

    assert intents
    assert all(0 <= intent.score <= 1 for intent in intents)
    assert len({intent.kind for intent in intents}) == len(intents)


@pytest.mark.parametrize("hostile", ["s a ", "nu ", "a", "am fost implicat ", "\u0301", "cancel .. "])
def test_a_megabyte_of_anything_takes_a_moment(hostile: str) -> None:
    whole = hostile * (1_000_000 // len(hostile))

    began = time.process_time()
    classify(Clues(text=whole, subject=whole))
    cause(whole)

    assert time.process_time() - began < 3


def test_one_sentence_that_speaks_for_two_kinds_is_sure_of_neither() -> None:
    torn = classify(Clues(text="ce se intampla daca sar o rata"))

    assert torn[0].score < 0.5 or torn[0].kind is IntentKind.GENERAL_QUESTION


def test_concepts_stand_in_any_order_in_either_language_and_in_one_sentence_only() -> None:
    orders = ("banii nu au ajuns", "nu au ajuns banii", "the money nu a ajuns")

    assert all(_says_strongly(text, "payment_delay") for text in orders)
    assert not _says_strongly("banii. nu. ajuns", "payment_delay")


def _says_strongly(text: str, label: str) -> bool:
    return any(said.rule.label == label and said.rule.weight >= 3 for said in concepts.find(text))


def test_question_mark_and_first_word_belong_to_the_sentence_they_stand_in() -> None:
    first, second = concepts.sentences("Yes, it is? The house")

    assert first == ["^yes", "yes", "it", "is", "qm"]
    assert second == ["the", "house"]


# --- what was lost


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("s-a spart o teava in bucatarie ieri", "home", ("home", "water_pipe")),
        ("a pipe burst in my kitchen last night", "property", ("home", "water_pipe")),
        ("vecinul de sus m-a inundat", None, ("home", "water_pipe")),
        ("a fost viitura si apa a intrat in casa", "home", ("home", "flood")),
        ("casa a luat foc aseara", "home", ("home", "fire")),
        ("scurtcircuit la tabloul electric, s-a ars televizorul", "home", ("home", "electrical")),
        ("mi-au spart casa si au furat bijuterii", "home", ("home", "theft")),
        ("a tree fell on the roof in the storm", "home", ("home", "storm")),
        ("cutremurul a crapat peretii casei", "pad", ("home_pad", "earthquake")),
        ("FNOL: rear-end collision, amicable report attached", None, ("motor_rca", "collision")),
        ("mi-au furat masina din fata blocului", "casco", ("motor_casco", "theft_vehicle")),
        ("someone scratched my car, vandals", "casco", ("motor_casco", "vandalism")),
        ("grindina mi-a spart parbrizul", None, ("motor_casco", "hail")),
        ("my bag didnt arrive with flight LH1654", None, ("travel_baggage", None)),
        ("am anulat vacanta, s-a imbolnavit copilul", "travel", ("travel_cancel", None)),
        ("tatal meu a decedat, avea asigurare de viata", None, ("life_death", None)),
        ("am ramas fara serviciu, depun dosar de somaj", None, ("benefit_unemployment", None)),
        ("washing machine dead after 5 months, warranty claim", None, ("warranty", None)),
        ("vreau decontarea pentru fizioterapie", "health", ("health", None)),
        ("am avut accident de munca pe santier", "life", ("disability", "work_accident")),
        ("buna ziua", "home", ("home", None)),
        ("buna ziua", None, (None, None)),
    ],
)
def test_claim_type_and_cause_are_proposed_from_words_and_policy(
    text: str, line: str | None, expected: tuple[str | None, str | None]
) -> None:
    kind, why = claim_type(text, line), cause(text)

    assert (kind and kind.name, why and why.name) == expected
    assert all(proposal is None or proposal.reasons for proposal in (kind, why))


def test_every_cause_we_propose_is_one_the_questions_offer() -> None:
    facts = read_facts()
    offered = {*facts["loss_cause"].choices, *facts["cause"].choices}
    assert set(tables("losses.toml")["cause"]) <= offered
