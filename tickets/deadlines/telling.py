"""What only a person knows has happened - an answer sent, a repair, a judgment - and which clocks it concerns. Pure."""

from collections.abc import Iterable

from tickets.deadlines.definitions import TOLD, Definition, Pause, Subject, load
from tickets.deadlines.standing import Standing
from tickets.guards import Refusal
from tickets.models import Claim, ClockState, Ticket
from tickets.office import Office

_IDENTITY = {"identity_check.asked": ClockState.RUNNING, "identity_check.passed": ClockState.PAUSED}


def may_be_told(office: Office, on: Claim | Ticket, standings: Iterable[Standing]) -> list[str]:
    """The words that would start, meet or move a clock of this claim or ticket now, in the order of the alphabet."""
    here = [each for each in standings if each.is_open and _is_on(each, on)]
    concerned = {word for each in here for word in TOLD if _moves(each, word)}
    running = {each.definition.key for each in here}
    begins = {
        word
        for definition in load().values()
        if definition.key not in running and definition.runs_under(office.jurisdictions) and _may_stand(definition, on)
        for word in TOLD & set(definition.start)
    }
    return sorted(concerned | begins)


def why_not(what: str, on: Claim | Ticket, told: Iterable[str]) -> Refusal | None:
    """Say why a word means nothing here; None if it does."""
    if what in (words := list(told)):
        return None
    return Refusal(
        guard="clock",
        en=f"no clock of {on.ref} waits for {what!r}; what may be told here: {', '.join(words) or 'nothing'}",
        ro=f"niciun termen din {on.ref} nu așteaptă acest lucru",
    )


def _is_on(each: Standing, on: Claim | Ticket) -> bool:
    return (each.clock.claim_id if isinstance(on, Claim) else each.clock.ticket_id) == on.id


def _moves(each: Standing, word: str) -> bool:
    if each.definition.pause is Pause.IDENTITY_CHECK and word in _IDENTITY:
        return each.clock.state is _IDENTITY[word]
    return word in each.definition.stop


def _may_stand(definition: Definition, on: Claim | Ticket) -> bool:
    if isinstance(on, Claim):
        return definition.on is Subject.CLAIM and definition.applies_to(on.type)
    return definition.on is Subject.TICKET and definition.applies_to(on.kind)
