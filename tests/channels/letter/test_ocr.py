"""Recognising pages with both engines: how many letters are wrong when the page lies badly."""

from collections import Counter

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from channels.letter import ocr, treatments
from channels.letter.engines import Recognised, Word
from channels.letter.languages import Detector
from channels.letter.rapid import _Decoder
from channels.letter.spelling import marked
from inbox.demo import letters
from inbox.demo.letters import Sheet
from tests.channels.letter.words import ENGLISH, RECEIPT, ROMANIAN

OFFICE = ("ro", "en")
TESSERACT, RAPIDOCR = "tesseract", "rapidocr"


def errors(expected: str, read: str) -> float:
    """Wrong characters a hundred (character error rate), whatever the line breaks."""
    expected, read = " ".join(expected.split()), " ".join(read.split())
    return 100 * Levenshtein.distance(expected, read) / len(expected)


def recall(expected: str, read: str) -> float:
    """Share of the words that were read exactly."""
    wanted, got = Counter(expected.split()), Counter(read.split())
    return sum((wanted & got).values()) / wanted.total()


@pytest.mark.parametrize(
    ("dpi", "blur", "is_doubtful"),
    [(60, 0.6, True), (110, 1.8, True), (110, 0.6, False)],
    ids=["small", "blurred", "clear"],
)
def test_photographed_letter_too_small_or_blurred_to_be_read_is_doubtful(
    dpi: int, blur: float, *, is_doubtful: bool
) -> None:
    page = letters.scan(Sheet(text=ENGLISH, point=8, dpi=dpi, blur=blur, shadow=0.4), seed=3)

    reading = ocr.recogniser(OFFICE).read(page)

    assert reading.is_doubtful == is_doubtful
    assert (recall(ENGLISH, reading.text) < 0.8) == is_doubtful


@pytest.mark.parametrize("engine", [TESSERACT, RAPIDOCR])
def test_romanian_letter_is_read_with_its_diacritics(engine: ocr.Choice) -> None:
    page = letters.scan(Sheet(text=ROMANIAN, tilt=5, noise=20, dpi=150), seed=1)

    reading = ocr.recogniser(OFFICE, engine).read(page)

    assert errors(ROMANIAN, reading.text) < 2
    assert reading.language == "ro"
    assert "ș" in reading.text
    assert not set("şţ") & set(reading.text)


@pytest.mark.parametrize("engine", [TESSERACT, RAPIDOCR])
def test_english_letter_in_a_romanian_office_is_read_as_english(engine: ocr.Choice) -> None:
    page = letters.scan(Sheet(text=ENGLISH, tilt=-5, noise=20, dpi=150), seed=2)

    reading = ocr.recogniser(OFFICE, engine).read(page)

    assert errors(ENGLISH, reading.text) < 2
    assert reading.language == "en"


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_page_fed_the_wrong_way_round_is_read(quarter_turns: int) -> None:
    page = letters.scan(Sheet(text=ROMANIAN, quarter_turns=quarter_turns, tilt=2), seed=3)

    assert errors(ROMANIAN, ocr.recogniser(OFFICE).read(page).text) < 2


def test_photographed_receipt_in_a_shadow_is_read() -> None:
    receipt = Sheet(text=RECEIPT, point=8, dpi=150, paper_mm=(80, 110), shadow=0.6, blur=0.6, noise=10, tilt=2)
    page = letters.scan(receipt, seed=4)

    assert recall(RECEIPT, ocr.recogniser(OFFICE).read(page).text) > 0.85


def test_shadow_is_lit_for_an_engine_that_needs_it() -> None:
    page = letters.scan(Sheet(text=ROMANIAN, shadow=0.6), seed=5)

    assert errors(ROMANIAN, ocr.recogniser(OFFICE, "tesseract").read(page).text) < 3


def test_very_grainy_page_is_smoothed_first() -> None:
    page = letters.scan(Sheet(text=ROMANIAN, noise=40), seed=6)

    assert errors(ROMANIAN, ocr.recogniser(OFFICE).read(page).text) < 3


def test_blank_page_has_no_words() -> None:
    reading = ocr.recogniser(OFFICE).read(letters.scan(Sheet(noise=20, paper_mm=(148, 105)), seed=7))

    assert (reading.text, reading.words, reading.language) == ("", (), None)


@pytest.mark.parametrize("size", [(1, 1), (3, 4000), (4000, 3), (30, 30)])
def test_picture_of_odd_size_does_no_harm(size: tuple[int, int]) -> None:
    page = letters.scan(Sheet(noise=90, paper_mm=(60, 40)), seed=8).resize(size)

    assert isinstance(ocr.recogniser(OFFICE).read(page).text, str)


@pytest.mark.parametrize("tilt", [-5.0, -1.3, 0.0, 0.7, 5.0, 11.0])
def test_tilt_is_measured_to_a_fifth_of_a_degree(tilt: float) -> None:
    page = letters.scan(Sheet(text=ROMANIAN, tilt=tilt, noise=20), seed=9)

    degrees, _ = treatments.skew(treatments.ink(page))

    assert abs(degrees + tilt) < 0.2


def test_unknown_language_is_not_guessed() -> None:
    detector = Detector(OFFICE)

    assert detector.detect("4711 0815 2450,00") is None
    assert detector.detect(ROMANIAN) == "ro"
    assert detector.detect(ENGLISH) == "en"


def test_german_receipt_is_not_taken_for_romanian() -> None:
    receipt = "Bäckerei am Markt\nNr. 12  Äpfel  3,20\nRest  1,80\nKäsebrötchen am Stück\nDatum 12.11.2026 nr 4 rest 3"

    assert Detector(OFFICE).detect(receipt) is None


@pytest.mark.parametrize(
    "text",
    [
        "Anbei erhalten Sie die Rechnung des Installateurs. Bitte teilen Sie mir mit, wann ich mit der Zahlung rechne.",
        "Je vous prie de bien vouloir m'informer de l'état de mon dossier et du paiement des frais sur le compte.",
        "In allegato la fattura del fontaniere. Non ho ancora una risposta, che è urgente per il mio contratto.",
        "Kérem, hogy a kárügyem állásáról tájékoztassanak, mert ez nem kerülhet többe, és meg is kell javítani.",
    ],
)
def test_letter_in_none_of_the_offices_languages_is_known_to_be_foreign(text: str) -> None:
    assert Detector(OFFICE).is_foreign(text)
    assert not Detector(OFFICE).is_foreign(ROMANIAN)
    assert not Detector(OFFICE).is_foreign(ENGLISH)


@pytest.mark.parametrize("times", ["x", "×"])
def test_blank_that_is_likely_enough_stays_but_none_is_put_into_a_number(times: str) -> None:
    decoder = _Decoder(["blank", "2", times, "4", ",", " "])
    chances = np.zeros((1, 7, 6), np.float32)
    for step, sign in enumerate([1, 0, 2, 0, 3, 4, 1]):
        chances[0, step, sign] = 0.8
    chances[0, 1, 5] = chances[0, 3, 5] = 0.05

    [(text, _)], _ = decoder(chances)

    assert text == f"2 {times} 4,2"


def test_marks_come_from_the_engine_that_keeps_them_and_case_from_the_other() -> None:
    def read(*words: str) -> Recognised:
        places = enumerate(words)
        return Recognised(
            tuple(
                Word(text=word, confidence=90, left=0, top=at, right=9, bottom=at + 1, line=at) for at, word in places
            )
        )

    merged = marked(read("TEAVA PPR, teavã", "casa 12"), read("țeavă", "casă", "12"))

    assert merged.text.split("\n") == ["ȚEAVĂ PPR, țeavă", "casă 12"]
