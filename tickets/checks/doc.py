"""Checks of documents: missing, unsigned, illegible, wrong, expired, of somebody else, incomplete, foreign."""

from collections.abc import Iterator
from datetime import date

from tickets.catalogue import Stage
from tickets.checks.finding import Finding, day
from tickets.facts import Facts, Item, Paper
from tickets.likeness import Likeness, compare
from tickets.models.findings import Severity
from tickets.rejections import ready
from tickets.requirements import RequirementState

_TRANSLATION = "translation"
#: Beginnings of the names of rules that ask for a signature, and the rules that ask for validity.
_SIGNED = "signed"
_VALID_AT_LOSS = "valid_on:loss_date"
_NAMES = "name_matches:"
#: What a finding says of the item, in both languages.
_SAYS = {
    "DOC-01": ("is missing", ("Lipsește:", "")),
    "DOC-02": ("is not signed", ("Documentul", " nu este semnat")),
    "DOC-03": ("cannot be read", ("Documentul", " nu poate fi citit")),
    "DOC-04": ("is another document than the one needed", ("În locul documentului", " s-a primit altul")),
    "DOC-05": ("had expired", ("Documentul", " era expirat")),
    "DOC-06": ("is about another person", ("Documentul", " se referă la altă persoană")),
    "DOC-07": ("lacks a page", ("Documentul", " nu are toate paginile")),
    "DOC-08": ("needs a translation", ("Documentul", " trebuie tradus")),
}


def missing(facts: Facts, stage: Stage) -> Iterator[Finding]:
    """DOC-01: an item that is surely needed at the stage and has not come; what may be needed is a question."""
    waiting = (RequirementState.NEEDED, RequirementState.ASKED)
    return (_finding("DOC-01", item, {}) for item in due(facts, stage) if item.state in waiting and not item.looked_up)


def rejected(facts: Facts, stage: Stage) -> Iterator[Finding]:
    """DOC-02 to DOC-08: what came was rejected, for one of the ready reasons or in somebody's own words."""
    for item in due(facts, stage):
        if item.state is RequirementState.REJECTED:
            known = ready(item.reason)
            yield _finding(known.code if known else "DOC-04", item, {"reason": item.reason})


def defective(facts: Facts, stage: Stage) -> Iterator[Finding]:
    """DOC-02 to DOC-08: what is held for an item has a fault that is on record."""
    items = {item.key: item for item in due(facts, stage)}
    for paper in facts.papers:
        item = items.get(paper.item)
        if item is not None and item.state is not RequirementState.REJECTED:
            yield from _faults(facts, item, paper)


def due(facts: Facts, stage: Stage) -> Iterator[Item]:
    """The items of a stage and of those before it."""
    stages = list(Stage)
    return (item for item in facts.items if stages.index(item.stage) <= stages.index(stage))


def _faults(facts: Facts, item: Item, paper: Paper) -> Iterator[Finding]:
    if paper.signed is False and any(rule.startswith(_SIGNED) for rule in item.checks):
        yield _finding("DOC-02", item, {"signed": False})
    if paper.legible is False:
        yield _finding("DOC-03", item, {"legible": False})
    if paper.kind is not None and paper.kind not in item.evidence:
        yield _finding("DOC-04", item, {"kind": paper.kind, "evidence": list(item.evidence)})
    yield from _expired(facts, item, paper)
    yield from _of_another(facts, item, paper)
    yield from _incomplete(item, paper)
    yield from _foreign(facts, item, paper)


def _expired(facts: Facts, item: Item, paper: Paper) -> Iterator[Finding]:
    """A licence must have been valid at the loss, anything else must be so today."""
    at_loss = _VALID_AT_LOSS in item.checks
    judged: date | None = facts.loss_date if at_loss else facts.today
    if paper.expires_on is not None and judged is not None and paper.expires_on < judged:
        told = (f" on {day(paper.expires_on, 'en')}", f" la {day(paper.expires_on, 'ro')}")
        when = "on the day of loss" if at_loss else "now"
        yield _finding("DOC-05", item, {"expires_on": paper.expires_on.isoformat(), "must_be_valid": when}, told)


def _of_another(facts: Facts, item: Item, paper: Paper) -> Iterator[Finding]:
    if not paper.person:
        return
    people = _people(facts, item)
    if people and not any(_names(paper.person, each) for each in people):
        yield _finding("DOC-06", item, {"person": paper.person, "expected": [name for _, name in people]})


def _people(facts: Facts, item: Item) -> list[tuple[str, str]]:
    """Ids and names a document may be in: the one its rule names, else anybody with a part in the claim."""
    claimant, insured = _known(facts.claimant), _known(facts.insured)
    holder = _known(facts.policy.holder if facts.policy else None)
    rule = next((rule.removeprefix(_NAMES) for rule in item.checks if rule.startswith(_NAMES)), None)
    if rule == "insured":
        return insured or (holder if facts.about_death else claimant)
    if rule is not None:
        return claimant
    told = [(name, name) for name in (facts.payee, facts.reporter and facts.reporter.name) if name]
    others = [(each.id, each.name) for each in facts.policy.insured] if facts.policy else []
    return [*claimant, *insured, *holder, *others, *told]


def _known(person: object) -> list[tuple[str, str]]:
    return [(person.id, person.name)] if person is not None else []  # type: ignore[attr-defined]


def _names(written: str, person: tuple[str, str]) -> bool:
    return written == person[0] or compare(written, person[1]) is not Likeness.DIFFERS


def _incomplete(item: Item, paper: Paper) -> Iterator[Finding]:
    if paper.pages_present is not None and paper.pages_in_all is not None and paper.pages_present < paper.pages_in_all:
        pages = [paper.pages_present, paper.pages_in_all]
        yield _finding("DOC-07", item, {"pages": pages},
                       (f" ({pages[0]} of {pages[1]})", f" ({pages[0]} din {pages[1]})"))  # fmt: skip


def _foreign(facts: Facts, item: Item, paper: Paper) -> Iterator[Finding]:
    """Unless a translation was accepted."""
    language = (paper.language or "").strip().lower().partition("-")[0]
    translated = any(each.key == _TRANSLATION and each.state is RequirementState.ACCEPTED for each in facts.items)
    if language and language not in facts.languages and not translated:
        yield _finding("DOC-08", item, {"language": language}, (f" ({language})", f" ({language})"))


def _finding(code: str, item: Item, inputs: dict[str, object], more: tuple[str, str] = ("", "")) -> Finding:
    en, ro = _SAYS[code]
    return Finding(
        code=code,
        subject=item.key,
        severity=Severity.BLOCK,
        text_en=f"“{item.en}” {en}{more[0]}.",
        text_ro=f"{ro[0]} „{item.ro}”{ro[1]}{more[1]}.",
        inputs={"item": item.key, "stage": str(item.stage), **inputs},
        resolver="rep",
    )


CHECKS = (missing, rejected, defective)
