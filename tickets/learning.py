"""Learning what messages are for from those a person confirmed: trains, measures, keeps a model if it is better."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tickets.blobs import Blobs
from tickets.cues.examples import Example, Likeness, features, shipped
from tickets.cues.learned import Learned, packed, unpacked
from tickets.errors import ConfigurationError, GuardError
from tickets.models import IntentQuality, LearnedModel, Message
from tickets.office import Office

LEAST = 60  #: Confirmed messages without which there is nothing to learn from.
_FOLDS = 4
_SURE = 0.5
_MOST_FEATURES = 20_000
_ALPHA = 2e-5  #: Of the regression: how strongly large weights are held back.
_WANTED = 0.9  #: How often a share at or above `Learned.least` should be right.
_STEPS = (0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What came of learning: how often the model and our examples name the confirmed kind, measured on others."""

    messages: int
    right: float
    right_of_examples: float
    precision: float  #: Of what the model does not abstain from.
    coverage: float
    kept: bool
    version: int | None = None


def learn(session: Session, blobs: Blobs, *, now: datetime, actor: str) -> Lesson:
    """Train on the confirmed messages and our examples; keep the model if it is better on messages it has not seen.

    Raises `GuardError` if too few are confirmed, `ConfigurationError` if the extra `ml` is not installed.
    """
    confirmed = list(_confirmed(session))
    if len(confirmed) < LEAST:
        raise GuardError(
            f"{len(confirmed)} messages are confirmed, {LEAST} are needed: say what messages are for",
            ro=f"{len(confirmed)} mesaje sunt confirmate, e nevoie de {LEAST}: spuneți pentru ce sunt mesajele",
        )
    lesson, least = _measured(confirmed)
    if not lesson.kept:
        return lesson
    model = replace(_trained([*shipped(), *confirmed]), least=least)
    [sha256] = blobs.put(session, [packed(model)])
    for older in session.scalars(select(LearnedModel).where(LearnedModel.active)):
        older.active = False
    figures = {"right": lesson.right, "right_of_examples": lesson.right_of_examples,
               "precision": lesson.precision, "coverage": lesson.coverage}  # fmt: skip
    row = LearnedModel(made_at=now, made_by=actor, sha256=sha256, messages=len(confirmed), figures=figures)
    session.add(row)
    session.flush()  # its number is the version
    return replace(lesson, version=row.id)


def active(session: Session, blobs: Blobs) -> Learned | None:
    """The newest model in use; None if there is none, or it cannot be read by this version."""
    row = session.scalar(select(LearnedModel).where(LearnedModel.active).order_by(LearnedModel.id.desc()).limit(1))
    if row is None:
        return None
    try:
        return unpacked(blobs.get(session, row.sha256))
    except (ValueError, KeyError):
        return None


def _confirmed(session: Session) -> Iterator[Example]:
    query = select(Message.subject, Message.new_text, Message.confirmed_intents).where(
        Message.confirmed_intents.is_not(None)
    )
    for subject, text, kinds in session.execute(query):
        if kinds:
            yield Example(kinds[0], f"{subject}\n{text}")


# --- training and measuring


def _measured(confirmed: Sequence[Example]) -> tuple[Lesson, float]:
    """Judge each confirmed message by a model that has not seen it, and by our examples alone."""
    ours, judged = Likeness(shipped()), list(_judged(confirmed))
    right = sum(_first(shares) == kind for kind, shares in judged) / len(judged)
    by_examples = sum(_first(ours.of(each.text)) == each.kind for each in confirmed) / len(confirmed)
    least, precision, coverage = _threshold(judged)
    lesson = Lesson(
        messages=len(confirmed), right=round(right, 3), right_of_examples=round(by_examples, 3),
        precision=round(precision, 3), coverage=round(coverage, 3), kept=right > by_examples,
    )  # fmt: skip
    return lesson, least


def _judged(confirmed: Sequence[Example]) -> Iterator[tuple[str, Mapping[str, float]]]:
    for fold in range(_FOLDS):
        model = _trained([*shipped(), *(each for place, each in enumerate(confirmed) if place % _FOLDS != fold)])
        for place, each in enumerate(confirmed):
            if place % _FOLDS == fold:
                yield each.kind, model.of(each.text)


def _threshold(judged: Sequence[tuple[str, Mapping[str, float]]]) -> tuple[float, float, float]:
    """The least share that is right as often as we want, with its precision and coverage; else the highest tried."""
    tried = (_STEPS[-1], 0.0, 0.0)
    for least in _STEPS:
        kept = [(kind, shares) for kind, shares in judged if max(shares.values(), default=0.0) >= least]
        if not kept:
            continue
        precision = sum(_first(shares) == kind for kind, shares in kept) / len(kept)
        tried = (least, precision, len(kept) / len(judged))
        if precision >= _WANTED:
            break
    return tried


def _first(shares: Mapping[str, float]) -> str | None:
    return max(shares, key=lambda kind: shares[kind], default=None)


def _trained(examples: Sequence[Example]) -> Learned:
    """Fit a regression over the words, stems and letters of the examples, with odds as even as they are right."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer  # heavy, and only learning needs it
        from sklearn.linear_model import SGDClassifier
    except ImportError as error:
        raise ConfigurationError("learning needs scikit-learn: pip install 'claimdesk[ml]'") from error
    texts, kinds = [each.text for each in examples], [each.kind for each in examples]
    vectors = TfidfVectorizer(analyzer=_sorted_features, binary=True, min_df=2, max_features=_MOST_FEATURES)
    counted = vectors.fit_transform(texts)
    fitted = SGDClassifier(loss="log_loss", alpha=_ALPHA, max_iter=60, tol=1e-3, random_state=0).fit(counted, kinds)
    weights = {
        feature: (*(float(round(row[place] * idf, 4)) for row in fitted.coef_), float(round(idf * idf, 4)))
        for (feature, place), idf in (
            (each, float(vectors.idf_[each[1]])) for each in vectors.vocabulary_.items()
        )
    }  # fmt: skip
    offsets = tuple(float(each) for each in fitted.intercept_)
    return Learned(kinds=tuple(map(str, fitted.classes_)), weights=weights, offsets=offsets, least=0.0)


def _sorted_features(text: str) -> list[str]:
    """Order matters to nothing but to having the same model twice."""
    return sorted(features(text))


# --- figures


def weigh(session: Session, office: Office) -> int:
    """Compare what was proposed with what was confirmed, by kind and week; gives how many messages were judged."""
    query = select(Message.at, Message.intents, Message.confirmed_intents).where(Message.confirmed_intents.is_not(None))
    figures: dict[tuple[date, str], Counter[str]] = defaultdict(Counter)
    number = 0
    for at, proposed, confirmed in session.execute(query):
        number += 1
        day = office.day(at)
        _count(figures, day - timedelta(days=day.weekday()), proposed, confirmed or [])
    session.execute(delete(IntentQuality))
    session.add_all(
        IntentQuality(week=week, kind=kind, confirmed=each["confirmed"], sure=each["sure"], right=each["right"])
        for (week, kind), each in sorted(figures.items())
    )
    return number


def _count(
    figures: dict[tuple[date, str], Counter[str]],
    week: date,
    proposed: Sequence[Mapping[str, Any]],
    confirmed: Sequence[str],
) -> None:
    for kind in confirmed:
        figures[week, kind]["confirmed"] += 1
    for each in proposed:
        if each["score"] >= _SURE:
            figures[week, each["kind"]]["sure"] += 1
            figures[week, each["kind"]]["right"] += each["kind"] in confirmed


def quality(session: Session, *, since: date = date.min) -> list[IntentQuality]:
    """The figures as they stand, by week, the latest first, and kind."""
    query = select(IntentQuality).where(IntentQuality.week >= since - timedelta(days=since.weekday()))
    return list(session.scalars(query.order_by(IntentQuality.week.desc(), IntentQuality.kind)))
