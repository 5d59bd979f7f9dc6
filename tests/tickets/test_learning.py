"""Learning from confirmed messages: kept only if better on messages it has not seen, asked without a library."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.tickets.desk import NOW, OFFICE, Desk, mail
from tickets import learning
from tickets.blobs import Blobs
from tickets.cues.learned import Learned, packed, unpacked
from tickets.database import Store
from tickets.errors import GuardError
from tickets.intents import Clues, IntentKind, classify
from tickets.models import Direction, LearnedModel, Message

#: Words of an office of its own: nothing in our examples knows them.
OWN = {
    "cancellation": "zamfirul nostru se stinge la {}",
    "fraud_tip": "borcanele lui {} umblă singure",
    "data_request": "catastiful meu cu {} unde zace",
}
NAMES = ("mosor", "fuior", "caier", "suveică", "vârtelniță", "urzeală", "bătătură", "spată", "ițe", "rășchitor")


INCOMING = select(Message).where(Message.direction == Direction.IN).order_by(Message.id)


def confirm(store: Store, count: int) -> None:
    """File messages of the office's own words and confirm each."""
    desk = Desk(store, OFFICE)
    texts = [(kind, words.format(f"{NAMES[n % 10]} {n}")) for n in range(count) for kind, words in OWN.items()]
    desk.file(*(mail(text, sender=f"c{number}@example.com") for number, (_, text) in enumerate(texts)))
    with store.writing() as session:
        for row, (kind, _) in zip(session.scalars(INCOMING), texts, strict=True):
            row.confirmed_intents = [kind]


def test_words_of_the_office_are_learnt_and_used_when_they_come_again(store: Store, tmp_path: Path) -> None:
    confirm(store, 24)
    blobs = Blobs(tmp_path)

    with store.writing() as session:
        lesson = learning.learn(session, blobs, now=NOW, actor="staff:1")
        model = learning.active(session, blobs)

    assert lesson.kept
    assert lesson.messages == 72
    assert lesson.right > 0.9 > lesson.right_of_examples
    assert lesson.precision >= 0.9
    assert model is not None
    first, *_ = classify(Clues(text="zamfirul nostru se stinge la asfințit", learned=model))
    assert first.kind is IntentKind.CANCELLATION


def test_too_few_confirmed_messages_teach_nothing(store: Store, tmp_path: Path) -> None:
    confirm(store, 2)

    with pytest.raises(GuardError, match="6 messages are confirmed"), store.writing() as session:
        learning.learn(session, Blobs(tmp_path), now=NOW, actor="staff:1")


def test_newer_model_replaces_the_older_and_one_that_cannot_be_read_is_as_none(store: Store, tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    with store.writing() as session:
        hashes = blobs.put(session, [b"no model", packed(Learned(("spam",), {"w a": (1.0, 1.0)}, (0.0,)))])
        for sha256 in hashes:
            session.add(LearnedModel(made_at=NOW, made_by="x", sha256=sha256, messages=1))
            session.flush()

    with store.writing() as session:
        newest = learning.active(session, blobs)
        assert newest is not None
        session.scalars(select(LearnedModel).where(LearnedModel.sha256 == hashes[1])).one().active = False
        session.flush()
        assert learning.active(session, blobs) is None


def test_figures_of_a_week_say_how_often_we_were_sure_and_right(store: Store) -> None:
    desk = Desk.with_world(store)
    desk.file(
        mail("Vreau sa fac o reclamatie oficiala, e inadmisibil", sender="a@example.com"),
        mail("Vreau sa fac o reclamatie oficiala, e o rusine", sender="b@example.com"),
    )
    with store.writing() as session:
        first, second = session.scalars(INCOMING)
        first.confirmed_intents, second.confirmed_intents = ["complaint_appeal"], ["status_question"]

    with store.writing() as session:
        assert learning.weigh(session, OFFICE) == 2
        figures = {each.kind: (each.week, each.confirmed, each.sure, each.right) for each in learning.quality(session)}

    assert figures["complaint_appeal"] == (date(2026, 11, 23), 1, 2, 1)
    assert figures["status_question"][1:3] == (1, 0)


def test_model_abstains_where_no_kind_is_likely_and_survives_packing() -> None:
    model = Learned(("spam", "bounce"), {"w offer": (2.0, -2.0, 1.0)}, (0.0, 0.0), least=0.9)

    again = unpacked(packed(model))

    assert again.of("offer")["spam"] > 0.9
    assert again.of("unheard of") == {}
    assert Learned(model.kinds, {"w offer": (0.1, 0.0, 1.0)}, (0.0, 0.0), least=0.9).of("offer") == {}


@pytest.mark.parametrize("content", [b"", b"no gzip", packed(Learned((), {}, ()))[:20]])
def test_what_is_no_model_of_ours_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no model of ours"):
        unpacked(content)
