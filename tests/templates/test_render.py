"""Every message in both languages: complete, short enough, and never more than it may say."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from markupsafe import Markup

import templates
from templates import Rendered, TemplateError, Value, media, needs, render
from templates.engine import environment
from templates.letters import ClaimStage

FOLDER = Path(templates.__file__).parent
LANGUAGES = ("en", "ro")
LISTED = ("request", "reminder", "final_reminder", "still_missing", "undeliverable_followup")
LETTERS = (
    "decision_approve",
    "decision_partial",
    "decision_deny",
    "closing",
    "hand_over",
    "complaint_acknowledgement",
    "complaint_answer",
    "promise_confirmation",
    "more_time",
    "status_answer",
)
MAIN_FILE = {"email": "email.txt", "sms": "sms.txt", "letter": "letter.html"}

#: The longest values an SMS has to carry, and ordinary ones for the rest.
VALUES: dict[str, Value] = {
    "name": "Maria Popescu",
    "reference": "CLM26-0047119-58",
    "request_no": "R12",
    "code": "CLM26-004711-58/R1",
    "needed": "2 documents",
    "needed_short": "99 documents",
    "items": [
        {
            "label": "Association's statement",
            "why": "It shows the cause.",
            "counts": "A photo is fine.",
            "question": False,
        },
        {"label": "Is the home a flat in a block?", "why": "", "counts": "", "question": True},
    ],
    "due": "Monday 7 December 2026",
    "due_day": "Monday 7 December",
    "due_short": "30 Nov",
    "upload_url": "https://exemplu.example/u/0123456789012345678901",
    "office_address": "Str. Exemplului 10, 010101 București",
    "send_to": "claims@exemplu.example",
    "purpose": "decide",
    "decide_in": "5 working days",
    "policy_held": True,
    "person": "Ana Ionescu",
    "office": "Exemplu Asigurări",
    "office_short": "ExempluAsig1",
    "phone": "+40 21 555 0100",
    "loss_day": "14 November",
    "remind_days": "2 and 7 December",
    "close_day": "23 December",
    "close_short": "23 Dec",
    "asked_on": "23 November",
    "received": ["Photos of the damage", "Signed claim form"],
    "tried": "letter",
    "tried_on": "20 November",
    "list_by": "email",
    "address_lines": ["Str. Lungă 1", "010101 București"],
    "today": "Monday 23 November 2026",
    "large_print": False,
    "is_claim": True,
    "ticket": "TKT26-000091-47",
    "answer_by": "Wednesday 25 November 2026, 17:00",
    "answer_by_short": "25 nov, ora 17:00",
    "decide_by": "Monday 14 December 2026",
    "decide_by_short": "30 Nov",
    "subject": "Your invoice",
    "body": "We have your invoice.\n\nIt is complete.",
    "amount": "2,150.00 lei",
    "claimed": "3,000.00 lei",
    "deductible": "100.00 lei",
    "lines": [
        {"what": "Floor", "claimed": "3,000.00 lei", "paid": "2,150.00 lei", "note": "Up to the limit."},
        {"what": "Paint", "claimed": None, "paid": "0.00 lei", "note": None},
    ],
    "reasons": [
        {"words": "The limit is used up.", "clause": "Article 4.2", "quote": "We pay up to …", "change": "an invoice."}
    ],
    "facts": ["The invoice CT 2231.", "The neighbour's statement."],
    "pay_to": "RO..0012",
    "pay_by": "Monday 14 December 2026",
    "appeal_by": "Monday 14 December 2026",
    "appeal_in": "30 days",
    "outside_bodies": [{"name": "The supervisor", "where": "exemplu.example"}],
    "closing_code": "C01",
    "missing": ["Photos of the damage", "Signed claim form"],
    "other_reference": "CLM26-0047227-31",
    "new_person": "Ion Vasile",
    "department": "legal",
    "why": "The matter is for lawyers.",
    "next_by": "Monday 14 December 2026",
    "next_by_short": "30 Nov",
    "before": "Monday 14 December 2026",
    "until": "Wednesday 23 December 2026",
    "until_short": "30 Nov",
    "reason": "The report arrives next week.",
    "complained_on": "23 November",
    "claim_reference": "CLM26-0047119-58",
    "answer_day": "Wednesday 23 December 2026",
    "answer_day_short": "30 Dec",
    "outcome": "founded",
    "remedy": "We pay the rest.",
    "promised_day": "Monday 7 December 2026",
    "promised_short": "30 Nov",
    "stage": "waiting",
}
#: Values that a template chooses its words by, each with all it may be.
CHOICES: dict[str, tuple[Value, ...]] = {
    "list_by": ("email", "letter", "link", "none"),
    "tried": ("email", "letter"),
    "is_claim": (True, False),
    "closing_code": ("C01", "C02", "C03", "C04"),
    "outcome": ("founded", "partly", "unfounded"),
    "stage": tuple(str(stage) for stage in ClaimStage),
}
OPTIONAL = (
    "answer_by",
    "answer_by_short",
    "answer_day",
    "answer_day_short",
    "appeal_by",
    "appeal_in",
    "claim_reference",
    "claimed",
    "close_day",
    "close_short",
    "decide_by",
    "decide_by_short",
    "decide_in",
    "deductible",
    "department",
    "loss_day",
    "next_by",
    "next_by_short",
    "office_address",
    "pay_by",
    "pay_to",
    "phone",
    "remedy",
    "remind_days",
    "ticket",
    "upload_url",
    "why",
)
LISTS = ("lines", "missing", "facts", "outside_bodies")
ABSENT: dict[str, Value] = {**VALUES, **dict.fromkeys(OPTIONAL), **{name: [] for name in LISTS}}

GSM_7 = frozenset(  # 3GPP TS 23.038, default alphabet
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_ESCAPED = frozenset("^{}\\[~]|€")


class Text(NamedTuple):
    name: str
    language: str
    medium: str


def _names(language: str) -> list[str]:
    return sorted(folder.name for folder in (FOLDER / language).iterdir() if folder.name != "parts")


TEXTS = [
    Text(name, language, medium)
    for language in LANGUAGES
    for name in _names(language)
    for medium in sorted(media(name, language=language))
]
SMS = [text for text in TEXTS if text.medium == "sms" and text.name != "reply"]
FILES = sorted(file for language in LANGUAGES for file in (FOLDER / language).rglob("*.*"))


def _render(text: Text, values: dict[str, Value] | None = None, **changed: Value) -> Rendered:
    return render(text.name, language=text.language, medium=text.medium, values={**(values or VALUES), **changed})


def _choices(text: Text) -> Iterator[dict[str, Value]]:
    """Every combination of what the text chooses its words by."""
    names = sorted(CHOICES.keys() & needs(**text._asdict()))
    return (dict(zip(names, each, strict=True)) for each in product(*(CHOICES[name] for name in names)))


def _septets(text: str) -> int:
    assert set(text) <= GSM_7 | GSM_7_ESCAPED, f"not in GSM-7: {set(text) - GSM_7 - GSM_7_ESCAPED}"
    return len(text) + sum(letter in GSM_7_ESCAPED for letter in text)


def test_both_languages_have_the_same_messages_for_the_same_media() -> None:
    english, romanian = ({name: media(name, language=language) for name in _names(language)} for language in LANGUAGES)

    assert english == romanian
    assert all(
        english[name] == {"email", "sms", "letter"}
        for name in (*LISTED, *LETTERS, "acknowledgement", "received_thanks", "reply")
    )
    assert english["acknowledgement_neutral"] == {"email", "sms"}
    assert all(english[name] == {"sms"} for name in ("opt_out_confirmation", "opt_in_confirmation"))


@pytest.mark.parametrize("text", TEXTS)
def test_message_is_said_in_full(text: Text) -> None:
    rendered = _render(text)

    assert len(rendered.text) > 40
    assert (rendered.html is None) == (text.medium == "sms")
    assert bool(rendered.subject) == (text.medium != "sms")
    assert "\n" not in rendered.subject
    assert not re.search(r"[{}]|None|True|False|\n\n\n", rendered.text)
    assert "<p></p>" not in (rendered.html or "")


@pytest.mark.parametrize("text", TEXTS)
def test_message_without_one_of_its_values_is_an_error_not_a_blank(text: Text) -> None:
    for missing in needs(**text._asdict()):
        values = {name: value for name, value in VALUES.items() if name != missing}

        with pytest.raises(TemplateError, match=rf"{text.language}/{text.name} \({text.medium}\): missing {missing}$"):
            render(**text._asdict(), values=values)


@pytest.mark.parametrize("text", TEXTS)
def test_message_takes_only_values_that_are_known_here(text: Text) -> None:
    assert needs(**text._asdict()) <= set(VALUES)


@pytest.mark.parametrize("text", TEXTS)
def test_message_begins_with_the_names_of_its_values(text: Text) -> None:
    first = (FOLDER / text.language / text.name / MAIN_FILE[text.medium]).read_text(encoding="utf-8").splitlines()[0]

    assert first == f"{{# Values: {', '.join(sorted(needs(**text._asdict())))} #}}"


@pytest.mark.parametrize("text", TEXTS)
def test_message_does_without_what_there_is_not(text: Text) -> None:
    rendered = _render(text, ABSENT, name="")

    assert not re.search(r"None|  \S|\n\n\n|\( ?\)|[ ,][.,](?!\d)", rendered.text.replace("\n   ", "\n"))
    assert "<p></p>" not in (rendered.html or "")


@pytest.mark.parametrize("text", SMS)
def test_sms_is_one_segment_with_the_longest_values(text: Text) -> None:
    needed = "99 documents" if text.language == "en" else "99 de documente"

    for chosen in _choices(text):
        rendered = _render(text, needed_short=needed, **chosen)

        assert _septets(rendered.text) <= 160, rendered.text


@pytest.mark.parametrize("text", [text for text in TEXTS if text.name in LETTERS])
def test_every_choice_of_words_is_said_in_full_with_and_without_the_rest(text: Text) -> None:
    for chosen in _choices(text):
        for values in (VALUES, ABSENT):
            said = _render(text, values, **chosen)

            assert not re.search(r"[{}]|None|\n\n\n|\( ?\)|[ ,][.,](?!\d)|[a-z).]\d\. [A-Z]", said.text), said.text
            assert "<p></p>" not in (said.html or "")


@pytest.mark.parametrize("text", SMS)
def test_sms_names_no_item_and_no_person(text: Text) -> None:
    said = _render(text).text

    assert not any(word in said for word in ("Association", "flat", "Photos", "Maria", "Ana "))


@pytest.mark.parametrize("text", SMS)
def test_sms_does_not_use_a_word_that_carriers_take_for_an_opt_out(text: Text) -> None:
    words = set(re.findall(r"\b[A-Z]{3,}\b", _render(text, reference="X").text))

    assert words <= {"SMS", "TIME", "TIMP", "START", "STOP", "IBAN", "TKT26", "TKT"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sms_says_where_the_list_is(language: str) -> None:
    text = Text("request", language, "sms")

    assert "mail" in _render(text, list_by="email").text
    assert str(VALUES["upload_url"]) in _render(text, list_by="link").text
    assert str(VALUES["send_to"]) in _render(text, list_by="none").text
    assert re.search("post|posta", _render(text, list_by="letter").text)


@pytest.mark.parametrize(("name", "language", "medium"), [text for text in TEXTS if text.name in LISTED])
def test_request_lists_every_item_with_a_number_and_a_question_as_a_question(
    name: str, language: str, medium: str
) -> None:
    rendered = _render(Text(name, language, medium))

    if medium != "sms":
        assert "1. Association's statement" in rendered.text
        assert "2. Is the home a flat in a block?" in rendered.text
        assert (
            rendered.text.count({"en": "A short answer is enough.", "ro": "E de ajuns un răspuns scurt."}[language])
            == 1
        )


def test_subject_of_a_request_says_what_and_by_when() -> None:
    english = _render(Text("request", "en", "email"), reference="CLM26-004711-58").subject
    romanian = _render(
        Text("request", "ro", "email"), reference="CLM26-004711-58", needed="2 documente", due_day="luni, 7 decembrie"
    ).subject

    assert english == "[CLM26-004711-58] We need 2 documents by Monday 7 December"
    assert romanian == "[CLM26-004711-58] Avem nevoie de 2 documente până luni, 7 decembrie"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LISTED)
def test_letter_has_window_reference_slip_and_end(name: str, language: str) -> None:
    page = _render(Text(name, language, "letter")).html or ""

    assert re.search(r'<address class="window"[^>]*>Maria Popescu<br>Str. Lungă 1<br>010101 București</address>', page)
    assert page.count('<span class="box">') == 2
    assert {"en": "quote this in every reply", "ro": "menționați în fiecare răspuns"}[language] in page
    assert {"en": "End of letter", "ro": "Sfârșitul scrisorii"}[language] in page
    assert "11pt/1.4" in page
    assert "16pt/1.4" in (_render(Text(name, language, "letter"), large_print=True).html or "")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("medium", ["email", "sms"])
def test_stranger_is_told_nothing_but_our_own_reference(language: str, medium: str) -> None:
    text = Text("acknowledgement_neutral", language, medium)
    harmless = {"ticket", "answer_by", "answer_by_short", "office", "office_short", "phone"}

    assert needs(**text._asdict()) <= harmless
    assert not re.search(r"claim|daun|dosar|polic|poli[tț]", _render(text).text, re.IGNORECASE)


@pytest.mark.parametrize("text", [text for text in TEXTS if text.medium != "sms"])
def test_page_shows_what_a_customer_wrote_as_text(text: Text) -> None:
    hostile: Value = '<img src=x onerror="a()"> {{ 7 * 7 }}'
    strings = {name: hostile for name, value in VALUES.items() if isinstance(value, str)}
    lists: dict[str, Value] = {
        "items": [{"label": hostile, "why": hostile, "counts": hostile, "question": False}],
        "received": [hostile],
        "missing": [hostile],
        "facts": [hostile],
        "lines": [{"what": hostile, "claimed": hostile, "paid": hostile, "note": hostile}],
        "reasons": [{"words": hostile, "clause": hostile, "quote": hostile, "change": hostile}],
        "outside_bodies": [{"name": hostile, "where": hostile}],
        "address_lines": [hostile],
    }

    page = _render(text, {**VALUES, **strings, **lists}).html or ""

    assert "&lt;img" in page
    assert "<img" not in page
    assert "49" not in page


def test_line_breaks_in_a_value_do_not_reach_the_subject() -> None:
    rendered = _render(Text("reply", "en", "email"), subject="Hello\r\nBcc: victim@example.org\u2028x")

    assert rendered.subject == "[CLM26-0047119-58] Hello Bcc: victim@example.org x"


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-3:]))
def test_logic_in_a_template_is_at_most_if_and_for(file: Path) -> None:
    source = file.read_text(encoding="utf-8")

    statements = set(re.findall(r"\{%-?\s*(\w+)", source))

    assert statements <= {"if", "elif", "else", "endif", "for", "endfor", "include", "extends", "block", "endblock"}
    assert set(re.findall(r"\|\s*(\w+)", source)) <= {"join"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-3:]))
def test_page_takes_only_pages_as_parts_so_that_everything_in_it_is_escaped(file: Path) -> None:
    parts = re.findall(r'\{% (?:include|extends) "([^"]+)"', file.read_text(encoding="utf-8"))

    assert all(part.startswith(f"{file.relative_to(FOLDER).parts[0]}/parts/") for part in parts)
    assert all(part.endswith(file.suffix) for part in parts)


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-3:]))
def test_words_are_spelled_for_their_medium(file: Path) -> None:
    source = file.read_text(encoding="utf-8")

    assert not re.search("[şţŞŢ]", source)
    assert "sms" not in file.name or source.isascii()
    assert not re.search(r"failure to|failed to|neglij|nu ați reușit", source, re.IGNORECASE)


def test_deployers_folder_is_looked_in_first_file_by_file(tmp_path: Path) -> None:
    own = tmp_path / "en" / "request"
    own.mkdir(parents=True)
    (own / "sms.txt").write_text("{{ office_short }}: {{ reference }}, please look in your e-mail.", encoding="utf-8")
    values: dict[str, Value] = {"office_short": "Exemplu", "reference": "R"}

    sms = render("request", language="en", medium="sms", values=values, folders=(tmp_path,))
    mail = render("request", language="en", medium="email", values=VALUES, folders=(tmp_path,))

    assert sms.text == "Exemplu: R, please look in your e-mail."
    assert mail == _render(Text("request", "en", "email"))


@pytest.mark.parametrize(
    "words",
    [
        "{{ missing }}",
        "{{ reference.missing }}",
        "{% if missing %}x{% endif %}",
        "{{ reference.upper() }}",
        "{{ 'a' * 1000000000 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ 9 ** 99999999 }}",
        "{{ range(10) }}",
        "{% for i in range(99999999) %}{{ i }}{% endfor %}",
        "{{ reference.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ nothing }}",
        "{{ parts }}",
        "{{ parts | random }}",
        "{% include '../../pyproject.toml' %}",
        "{% if %}",
        "{{ reference",
    ],
)
def test_deployers_template_that_reaches_too_far_is_refused_by_name(tmp_path: Path, words: str) -> None:
    folder = tmp_path / "en" / "own_letter"
    folder.mkdir(parents=True)
    (folder / "sms.txt").write_text(words, encoding="utf-8")
    values: dict[str, Value] = {"reference": "secret-of-a-customer", "nothing": None, "parts": ["secret-of-a-customer"]}

    with pytest.raises(TemplateError) as error:
        render("own_letter", language="en", medium="sms", values=values, folders=(tmp_path,))

    assert "en/own_letter" in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("value", [Markup("<b>"), object(), {"a": object()}, {1: "a"}, [Markup("<b>")], 1.5, {"a"}])
def test_value_that_is_not_plain_data_is_refused(value: object) -> None:
    with pytest.raises(TemplateError, match="not plain data: reference"):
        _render(Text("reply", "en", "email"), reference=value)  # type: ignore[arg-type]  # what a caller must not do


@pytest.mark.parametrize(
    ("name", "language", "medium"),
    [
        ("nothing", "en", "email"),
        ("request", "xx", "email"),
        ("request", "en", "fax"),
        ("opt_out_confirmation", "en", "email"),
        ("../request", "en", "email"),
        ("request", "../templates/en", "email"),
        ("", "en", "email"),
    ],
)
def test_message_that_is_not_there_is_an_error(name: str, language: str, medium: str) -> None:
    with pytest.raises(TemplateError):
        render(name, language=language, medium=medium, values=VALUES)


@pytest.mark.parametrize("key", ["label", "why", "counts", "question"])
def test_item_without_one_of_its_words_is_an_error_not_a_blank(key: str) -> None:
    item: dict[str, Value] = {"label": "Photos", "why": "They show it.", "counts": "Two.", "question": False}

    with pytest.raises(TemplateError, match=key):
        _render(Text("request", "en", "email"), items=[{name: item[name] for name in item if name != key}])


def test_environment_and_its_compiled_templates_are_kept() -> None:
    found = environment(())

    assert environment(()) is found
    assert found.get_template("en/request/email.txt") is found.get_template("en/request/email.txt")


@pytest.mark.parametrize("purpose", ["open", "decide", "pay"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_request_says_what_the_items_are_for(purpose: str, language: str) -> None:
    said = {
        "en": {"open": "To open your claim", "decide": "To decide your claim", "pay": "To pay your claim"},
        "ro": {"open": "deschide dosarul", "decide": "lua o decizie", "pay": "face plata"},
    }

    for medium in ("email", "letter"):
        assert said[language][purpose] in _render(Text("request", language, medium), purpose=purpose).text
