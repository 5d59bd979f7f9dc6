"""The languages of the pages."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from sqlalchemy import update

import inbox.web
from inbox.web.language import choose, load
from tests.inbox.web.office import Browser, Pages
from tests.tickets.desk import OFFICE
from tickets import document_kinds, kind_reasons
from tickets.kind_reasons import Reason, Why
from tickets.models import Staff

FOLDER = Path(inbox.web.__file__).parent
LANGUAGES = load(["ro", "en"], OFFICE.timezone)
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wish", "accepted", "chosen"),
    [
        (None, "en-GB,en;q=0.9,ro;q=0.8", "en"),
        (None, "fr,de;q=0.5", "ro"),
        (None, "en;q=0.2, ro;q=0.7", "ro"),
        (None, "", "ro"),
        (None, "en;q=nonsense,;;;,", "ro"),
        ("ro", "en", "ro"),
        ("fr", "en", "en"),
    ],
)
def test_own_choice_comes_before_the_browsers_and_the_offices(wish: str | None, accepted: str, chosen: str) -> None:
    assert choose(LANGUAGES, wish, accepted).code == chosen


def test_person_reads_the_pages_in_the_language_chosen_from_then_on(office: Pages, ana: Browser) -> None:
    before = ana.get("/inbox/team", accept_language="ro").text
    ana.post("/language", {"language": "en", "next": "/inbox/team"})
    after = ana.get("/inbox/team", accept_language="ro").text

    assert 'lang="ro"' in before
    assert "Echipă" in before
    assert 'lang="en"' in after
    assert "Team" in after


def test_language_that_the_office_does_not_use_is_refused(office: Pages, ana: Browser) -> None:
    assert ana.post("/language", {"language": "xx"}).status_code == 409


def test_choice_leads_to_no_other_site(ana: Browser) -> None:
    assert ana.post("/language", {"language": "ro", "next": "//evil.example"}).headers["location"] == "/"


def test_language_no_longer_used_by_the_office_does_not_lock_anybody_out(office: Pages, ana: Browser) -> None:
    with office.app.store.writing() as session:
        session.execute(update(Staff).values(language="fr"))

    assert ana.get("/inbox/team").status_code == 200


def test_times_are_those_of_the_office() -> None:
    english, romanian = LANGUAGES["en"], LANGUAGES["ro"]

    assert english.moment(NOW, NOW) == "Today, 10:00"
    assert romanian.moment(NOW, NOW) == "Astăzi, 10:00"
    assert english.moment(datetime(2026, 7, 1, 21, 30, tzinfo=UTC), NOW) == "2 Jul, 00:30"
    assert english.day(date(2026, 12, 7), NOW) == "Mon 7 Dec"
    assert english.day(date(2025, 12, 7), NOW) == "Sun 7 Dec 2025"


def test_numbers_are_written_as_people_of_the_language_write_them() -> None:
    assert [LANGUAGES["en"].decimal(each) for each in (100.0, 1.25, 1234.5)] == ["100", "1.2", "1,234.5"]
    assert [LANGUAGES["ro"].decimal(each) for each in (100.0, 1.25, 1234.5)] == ["100", "1,2", "1.234,5"]


def said() -> set[str]:
    """Every msgid that a page or a module can show."""
    methods = [("**.py", "python"), ("pages/**.html", "jinja2")]
    keywords = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(FOLDER, method_map=methods, keywords=keywords)
    return {message if isinstance(message, str) else message[0] for _file, _line, message, *_rest in found}


@pytest.mark.parametrize("code", ["en", "ro"])
def test_every_word_of_the_pages_is_translated(code: str) -> None:
    with (FOLDER / "locale" / code / "LC_MESSAGES" / "claimdesk.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    known = {each.id if isinstance(each.id, str) else each.id[0]: each for each in catalogue if each.id}

    assert said() ^ known.keys() == set()
    forms = {key: [each.string] if isinstance(each.string, str) else each.string or () for key, each in known.items()}
    assert [key for key, words in forms.items() if not all(words)] == []
    assert [key for key, each in known.items() if list(each.check(catalogue))] == []


def refusals() -> Iterator[tuple[str, ast.Call]]:
    """Every refusal that the source makes, with where."""
    root = FOLDER.parent.parent
    for file in (*(root / "tickets").rglob("*.py"), *(root / "inbox").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = isinstance(node, ast.Call) and getattr(node.func, "id", "")
            if isinstance(node, ast.Call) and name in ("GuardError", "DisclosureError"):
                yield f"{file.name}:{node.lineno}", node


def test_every_refusal_is_said_in_romanian_too() -> None:
    with (FOLDER / "locale" / "ro" / "LC_MESSAGES" / "claimdesk.po").open("rb") as file:
        catalogue = read_po(file, locale="ro")
    english = []
    found = dict(refusals())
    for where, made in found.items():
        words = made.args[0]
        is_given = any(each.arg == "ro" for each in made.keywords)
        is_in_catalogue = isinstance(words, ast.Constant) and words.value in catalogue
        is_marked = isinstance(words, ast.Name | ast.Call)  # words that `N_` marked, here or where they are passed in
        english += [] if is_given or is_in_catalogue or is_marked else [where]

    assert len(found) > 100
    assert english == []


def test_why_a_file_looks_like_an_item_is_said_in_romanian() -> None:
    bears = "Nr. inmatriculare Marca Model Serie sasiu Asigurator Polita Data accidentului Locul accidentului"
    kinds = [
        *document_kinds.propose(
            name="deviz.jpg", text=f"DEVIZ DE REPARATIE {bears}", media_type="image/jpeg", words="atașez devizul"
        ),
        *document_kinds.propose(name="x.eml", text="", media_type="message/rfc822"),
    ]
    reasons = kind_reasons.kept(reason for kind in kinds for reason in kind.reasons)
    said = {language: [kind_reasons.said(each, language) for each in reasons] for language in ("en", "ro")}
    assert "the document says 'deviz de reparatie'" in said["en"]
    assert "documentul spune 'deviz de reparatie'" in said["ro"]
    assert "este o imagine" in said["ro"]
    assert set(said["en"]).isdisjoint(said["ro"])
    everything = {language: {kind_reasons.said(Reason(why).as_json(), language) for why in Why} for language in said}
    assert len(everything["ro"] - everything["en"]) == len(Why)
    assert kind_reasons.said("a sentence kept before", "ro") == "a sentence kept before"
