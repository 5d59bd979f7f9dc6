"""What a message is for and what it says was lost, with reasons: it suggests, a person decides."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from tickets.cues import Cue, Phrases, concepts, cues, denials, examples, labels, tables, words
from tickets.cues.learned import Learned
from tickets.messages import Medium, MessageKind

_WEIGHTS = {"strong": 3.0, "plain": 1.6, "weak": 0.6}
_UNSURE = 0.45  #: The most that words alone say where only structure proves it.
_LEAST = 0.25
_NO_CUE = 0.3
_MOST = 8_000  #: Characters of a message that are weighed.
_SATURATION = 2.0  #: One strong cue scores 0.6, two 0.75.
_LIKENESS = 5.0  #: The weight of being wholly like the examples of a kind.
_LEAST_LIKENESS = 0.2  #: A smaller share says nothing.
_MARGIN = 1.5  #: How much weightier the first kind of a sentence must be for it to be sure.
_CLEARLY = 2.0  #: Times as weighty as the next.
_NEARLY_CERTAIN = 0.97
_CLAUSES = re.compile(r"[.;:!?\n]+|,\s|\s(?:dar|iar|insa|însă|si|și|but|and)\s", re.IGNORECASE)
_CLAUSE, _MOST_CLAUSES = 2, 8


class IntentKind(StrEnum):
    """The nineteen kinds of message (claims.md, section 5)."""

    NEW_CLAIM = "new_claim"
    REPLY_TO_REQUEST = "reply_to_request"
    ADDITIONAL_DOCUMENT = "additional_document"
    STATUS_QUESTION = "status_question"
    PAYMENT_DELAY = "payment_delay"
    RENEWAL_PROBLEM = "renewal_problem"
    ACCOUNT_CHANGE = "account_change"
    CANCELLATION = "cancellation"
    COMPLAINT_APPEAL = "complaint_appeal"
    FRAUD_TIP = "fraud_tip"
    GENERAL_QUESTION = "general_question"
    WRONG_ADDRESS = "wrong_address"
    SPAM = "spam"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    SMS_OPT_OUT = "sms_opt_out"
    PHONE_NOTE = "phone_note"
    DATA_REQUEST = "data_request"
    LEGAL_NOTICE = "legal_notice"


class _Weighed(NamedTuple):
    """One kind with all that speaks for it; a tuple, for a child hands some over with each mail."""

    kind: IntentKind
    subkind: str
    weight: float
    said: float  #: The part of the weight that phrases and rules give; the rest is likeness.
    share: float  #: Of its likeness to the examples.
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a message's words speak for, before anything else is known of it."""

    weighed: tuple[_Weighed, ...]  #: The weightiest first; none that is far weaker than it.
    meant: frozenset[IntentKind]  #: Those of them that the whole text or a clause of it surely speaks for.


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What is known of a message before its words are judged."""

    kind: MessageKind = MessageKind.MESSAGE
    medium: Medium = Medium.EMAIL
    text: str = ""  #: The new text, without quotation and signature.
    subject: str = ""
    opt_out: bool = False  #: The carrier says that this text switched messages off.
    answers_open_request: bool = False  #: It stands in a request's thread, or brings or names what was asked for.
    on_linked_claim: bool = False
    has_attachments: bool = False
    learned: Learned | None = None  #: The team's own model, asked before our examples.
    judged: Judged | None = None  #: What our examples say of its words, where that has been worked out.


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One thing a message is for."""

    kind: IntentKind
    subkind: str = ""  #: Of an account change: address, bank_account, name, contact.
    score: float  #: 0 to 1; below 0.5 it is not sure.
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Where a kind of message goes first."""

    queue: str
    priority: int  #: 1 is the highest.
    restricted: bool = False
    by_words: str = "decide"  #: "suggest": words alone never make it sure.


@cache
def routing(kind: IntentKind) -> Routing:
    """Give the default queue and priority of a kind; raises `ConfigurationError` if our table cannot be read."""
    return Routing(**tables("kinds.toml")[kind])


def priority(intents: Iterable[Intent]) -> int:
    """Give the highest priority (lowest number) over all intents; 4, a question's, for none."""
    return min((routing(intent.kind).priority for intent in intents), default=4)


def classify(clues: Clues) -> list[Intent]:
    """Say what a message is for, the surest first; always at least one intent.

    In the order of claims.md, section 5: machine mail is nothing else; a text that is only an opt-out word is only
    that; an answer to an open request and a document for a linked claim come first, and cue phrases may add others.
    Without any of these it is a general question with a score below 0.5.
    """
    certain = _machine_mail(clues) or _whole_message_opt_out(clues)
    if certain:
        return certain
    by_structure = list(_by_structure(clues))
    intents = by_structure + [one for one in _by_words(clues) if one.kind not in {known.kind for known in by_structure}]
    return intents or [Intent(kind=IntentKind.GENERAL_QUESTION, score=_NO_CUE, reasons=("no cue phrase",))]


# --- structure

_MACHINE = {
    MessageKind.BOUNCE: (IntentKind.BOUNCE, 1.0, "delivery report"),
    MessageKind.COMPLAINT_REPORT: (IntentKind.BOUNCE, 0.8, "the receiver's provider reports a complaint"),
    MessageKind.AUTO_REPLY: (IntentKind.AUTO_REPLY, 1.0, "automatic reply"),
    MessageKind.LIST: (IntentKind.SPAM, 0.6, "sent by a mailing list"),
}
#: Words that, alone in a message, switch messages off: the carriers' defaults and the Romanian ones.
_OPT_OUT = frozenset(
    {
        "stop",
        "stopall",
        "stop all",
        "unsubscribe",
        "optout",
        "opt out",
        "revoke",
        "arret",
        "td",
        "dezabonare",
        "stop sms",
    }
)
_OPT_OUT_BY_SMS = frozenset({"cancel", "end", "quit", "remove"})


def _machine_mail(clues: Clues) -> list[Intent]:
    if clues.kind not in _MACHINE:
        return []
    kind, score, reason = _MACHINE[clues.kind]
    return [Intent(kind=kind, score=score, reasons=(reason,))]


def _whole_message_opt_out(clues: Clues) -> list[Intent]:
    said = " ".join(words(clues.text[:80]))
    by_sms = clues.medium is Medium.SMS
    if not (clues.opt_out or said in _OPT_OUT or (by_sms and said in _OPT_OUT_BY_SMS)):
        return []
    reason = "the carrier switched messages off" if clues.opt_out else f"the whole message is {said!r}"
    stop = Intent(kind=IntentKind.SMS_OPT_OUT, score=1.0, reasons=(reason,))
    if said != "cancel":
        return [stop]
    return [stop, Intent(kind=IntentKind.CANCELLATION, score=0.3, reasons=("perhaps the policy is meant",))]


def _by_structure(clues: Clues) -> Iterator[Intent]:
    if clues.medium is Medium.PHONE:
        yield Intent(kind=IntentKind.PHONE_NOTE, score=1.0, reasons=("written down by a representative",))
    if clues.answers_open_request:
        yield Intent(kind=IntentKind.REPLY_TO_REQUEST, score=0.9, reasons=("answers an open request",))
    elif clues.on_linked_claim and clues.has_attachments:
        yield Intent(kind=IntentKind.ADDITIONAL_DOCUMENT, score=0.8, reasons=("brings a document for a linked claim",))


# --- words


def judge(subject: str, text: str, *, learned: Learned | None = None) -> Judged:
    """Judge a message's words by our phrases and examples, or by the team's own model; it is the dearest part."""
    return _judged(f"{subject}\n{text}"[:_MOST], learned)


@lru_cache(maxsize=64)
def _judged(text: str, learned: Learned | None) -> Judged:
    """Remembered, for triage asks before and after it has linked the message."""
    text = denials.own_words(text)
    weighed = tuple(_strong(_weighed_kinds(text, learned)))
    return Judged(weighed, _surely({one.kind for one in weighed}, _meant(text, learned)))


def _strong(weighed: tuple[_Weighed, ...]) -> Iterator[_Weighed]:
    """Leave out what is far weaker than the best: most kinds are, and a child would hand them over for nothing."""
    least = max(_LEAST, _score(weighed[0].weight) / 2) if weighed else 0.0
    return (one for one in weighed if _score(one.weight) >= least)


def _by_words(clues: Clues) -> list[Intent]:
    """Score the kinds by their words, the weightiest first."""
    ours = clues.judged if clues.learned is None else None
    judged = ours or judge(clues.subject, clues.text, learned=clues.learned)
    return [_intent(one, clues, torn=one.kind not in judged.meant) for one in judged.weighed]


def _surely(kinds: set[IntentKind], meant: Iterator[IntentKind]) -> frozenset[IntentKind]:
    """Those of `kinds` that are meant; no clause is read behind the one that speaks for the last of them."""
    found: set[IntentKind] = set()
    while not kinds <= found and (kind := next(meant, None)):
        found.add(kind)
    return frozenset(found & kinds)


def _meant(text: str, learned: Learned | None) -> Iterator[IntentKind]:
    """The kinds that the whole text or a clause of it speaks for, and for no other as much.

    A word in passing speaks for its kind in no clause: "the invoice" in "you have not paid the invoice".
    """
    text = denials.affirmed(text)
    yield from _leader(text, learned)
    clauses = [each for each in _CLAUSES.split(text) if each.count(" ") >= _CLAUSE]
    if len(clauses) > 1:
        for clause in clauses[:_MOST_CLAUSES]:
            yield from _leader(clause, learned)


def _leader(text: str, learned: Learned | None) -> Iterator[IntentKind]:
    """The weightiest kind, if the examples are for it too or it is twice as weighty as the next."""
    weighed = _of_words(text, learned)
    if not weighed:
        return
    first, *others = weighed
    next_weight = others[0].weight if others else 0.0
    rivals = [other for other in others if other.share >= first.share]
    if any(other.share > first.share and routing(other.kind).restricted for other in rivals):
        return  # a tip tells of losses, too: what sounds like one is for a person to read
    if (not rivals and first.weight - next_weight >= _MARGIN) or first.weight >= _CLEARLY * next_weight:
        yield first.kind


def _weighed_kinds(text: str, learned: Learned | None) -> tuple[_Weighed, ...]:
    """Weigh a text's words; what it says it is not is weighed by the rest of it."""
    weighed, denied = _of_words(text, learned), denials.denied(text)
    if not denied:
        return weighed
    rests = {IntentKind(label.partition(".")[0]): rest for label, rest in denied.items()}
    kept = [one for one in weighed if one.kind not in rests]
    for kind, rest in rests.items():
        again = next((one for one in _of_words(rest, learned) if one.kind is kind), None)
        if again and again.said >= _WEIGHTS["plain"]:
            kept.append(again._replace(weight=again.said, share=0.0))  # said elsewhere; likeness alone revives nothing
    return tuple(sorted(kept, key=lambda one: -one.weight))


@lru_cache(maxsize=256)
def _of_words(text: str, learned: Learned | None) -> tuple[_Weighed, ...]:
    """Weigh what the words of a text speak for, the weightiest first; remembered, for a text may be its own clause."""
    spoken, like = _spoken(text), (learned.of(text) if learned else {}) or examples.ours().of(text)
    best: dict[IntentKind, _Weighed] = {}
    for label in [*spoken, *(kind for kind, share in like.items() if share >= _LEAST_LIKENESS)]:
        name, _, subkind = label.partition(".")
        kind, share = IntentKind(name), like.get(name, 0.0)
        said = sum(weight for weight, _ in spoken.get(label, ()))
        weight = said + _LIKENESS * share
        if weight <= 0 or (kind in best and weight <= best[kind].weight):
            continue
        reasons = [reason for one_weight, reason in spoken.get(label, ()) if one_weight > 0][:5]
        if share >= _LEAST_LIKENESS:
            reasons.append("sounds like other messages of this kind")
        best[kind] = _Weighed(kind, subkind, weight, said, share, tuple(reasons))
    return tuple(sorted(best.values(), key=lambda one: -one.weight))


def _intent(one: _Weighed, clues: Clues, *, torn: bool) -> Intent:
    """Words alone never make sure what only structure proves; nor do they where they speak for two kinds at once."""
    by_hand = one.kind is IntentKind.SMS_OPT_OUT and clues.medium is not Medium.SMS
    to_few = routing(one.kind).restricted and one.said < _WEIGHTS["plain"]
    doubtful = torn or by_hand or to_few or routing(one.kind).by_words == "suggest"
    most = _UNSURE if doubtful else _NEARLY_CERTAIN
    return Intent(
        kind=one.kind, subkind=one.subkind, score=round(min(_score(one.weight), most), 2), reasons=one.reasons
    )


def _score(weight: float) -> float:
    return weight / (weight + _SATURATION)


def _spoken(text: str) -> Mapping[str, list[tuple[float, str]]]:
    """What speaks for each label, the weightiest first: single phrases, and concepts that stand in one sentence."""
    spoken: dict[str, list[tuple[float, str]]] = {}
    for one in _phrases().find(words(text)):
        spoken.setdefault(one.cue.label, []).append((one.cue.weight, f"says {one.cue.phrase!r}"))
    for said in concepts.find(text):
        spoken.setdefault(said.rule.label, []).append((said.rule.weight, f"says {' + '.join(said.words)!r}"))
    return {label: sorted(each, reverse=True) for label, each in spoken.items()}


@cache
def _phrases() -> Phrases:
    return Phrases(cue for language in ("en", "ro") for cue in _listed(tables(f"{language}.toml")))


def _listed(table: Mapping[str, Mapping[str, object]], parent: str = "") -> Iterator[Cue]:
    for name, listed in table.items():
        for strength, phrases in listed.items():
            if isinstance(phrases, dict):
                yield from _listed({strength: phrases}, f"{name}.")
            elif isinstance(phrases, list):
                yield from map(_careful, cues(parent + name, phrases, _WEIGHTS[strength]))


def _careful(cue: Cue) -> Cue:
    """Let no single word send a message where only few people see it."""
    restricted = routing(IntentKind(cue.label.partition(".")[0])).restricted
    return replace(cue, weight=min(cue.weight, _WEIGHTS["plain"])) if restricted and len(cue.steps) == 1 else cue


# --- what was lost, and by what


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A claim type or a cause of loss, and the words it rests on."""

    name: str
    reasons: tuple[str, ...]


_ON_THE_POLICY = 2.5  #: A type that the policy's line leads to, against the weight of cues.
_LEAST_WEIGHT = 1.5  #: One word in passing ("car") proposes nothing.


def claim_type(text: str, policy_line: str | None) -> Proposal | None:
    """Propose one of the fourteen claim types from the words, and from the line of the policy if it is known.

    The line weighs nearly as much as one strong cue, so words about something else altogether still win; without any
    cue the line's first type is proposed. None if neither says anything.
    """
    weights, said = _weighed("type", text)
    line = (policy_line or "").lower()
    for name in tables("losses.toml")["line"].get(line, ()):
        weights[name] = weights.get(name, 0.0) + _ON_THE_POLICY
    best = max(weights, key=lambda name: weights[name], default=None)
    if best is None or weights[best] < _LEAST_WEIGHT:
        return None
    on_policy = (f"the policy's line is {line}",) if best in tables("losses.toml")["line"].get(line, ()) else ()
    return Proposal(name=best, reasons=on_policy + said.get(best, ()))


def cause(text: str) -> Proposal | None:
    """Propose the cause of a loss, a word of the conditions of the claim types; None if the words name none."""
    weights, said = _weighed("cause", text)
    best = max(weights, key=lambda name: weights[name], default=None)
    if best is None or weights[best] < _LEAST_WEIGHT:
        return None
    return Proposal(name=best, reasons=said[best])


def _weighed(group: str, text: str) -> tuple[dict[str, float], dict[str, tuple[str, ...]]]:
    """Add up the cues for each type or cause; a phrase of several words weighs more than one word."""
    found = labels(_losses(group).find(words(text)))
    weights = {
        name: sum(one.cue.weight + 0.5 * (len(one.cue.steps) - 1) for one in each) for name, each in found.items()
    }
    return weights, {name: tuple(f"says {one.cue.phrase!r}" for one in each[:3]) for name, each in found.items()}


@cache
def _losses(group: str) -> Phrases:
    return Phrases(
        cue
        for name, strengths in tables("losses.toml")[group].items()
        for strength, phrases in strengths.items()
        for cue in cues(name, phrases, _WEIGHTS[strength])
    )
