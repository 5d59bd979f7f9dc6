"""What customers said in words and a person accepts: promises, answers to questions, what a message is for."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from inbox.app import App
from inbox.desk.items import learn_fact, told_more
from inbox.desk.subjects import actor, find_message
from templates.letters import PromiseConfirmation
from tickets import calendars, history, requests, wording
from tickets.claim_types import load as load_catalogue
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.intents import IntentKind
from tickets.models import Message, Request, Staff
from tickets.reach import for_request, recipient


def accept_promise(app: App, message_id: int, *, staff: Staff, day: date | None = None, confirm: bool = False) -> date:
    """Wait for what was promised: nobody is reminded before the working day after it. Gives the day promised.

    `day` is taken in place of the day proposed; `confirm` writes to the customer what was noted.
    """
    now = app.clock()
    with app.store.writing() as session:
        message = find_message(session, message_id, staff=staff)
        request = _open_request(session, message)
        promised = day or _proposed_day(message)
        if promised < app.office.day(now):
            raise GuardError(
                f"{promised} is past: name a day to wait for", ro=f"{promised} a trecut: numiți o zi de așteptat"
            )
        calendar = calendars.of(app.office)
        request.ladder_at = calendar.opening(calendar.working_after(promised, 1))
        request.due_on = max(request.due_on or promised, promised)
        _mark(message, "promise", {"day": promised.isoformat(), "accepted_by": actor(staff)})
        history.record(
            session, "promise.accepted", actor=actor(staff), at=now, ticket=message.ticket, claim=request.claim,
            message=message, request=request.code, day=promised.isoformat(),
        )  # fmt: skip
        if confirm:
            _confirm(session, app, message, request, promised, staff=staff)
        return promised


def accept_fact(app: App, message_id: int, fact: str, *, staff: Staff, value: str | None = None) -> None:
    """Record a fact as a message answers it (or as `value` corrects it); what the claim needs follows from it."""
    now = app.clock()
    with app.store.writing() as session:
        message = find_message(session, message_id, staff=staff)
        claim = message.ticket.claim
        proposed = message.proposals.get("facts", {}).get(fact)
        if claim is None:
            raise GuardError(
                f"message {message_id} belongs to no claim: link it first",
                ro=f"mesajul {message_id} nu ține de niciun dosar: legați-l întâi",
            )
        if value is None and proposed is None:
            raise UnknownReferenceError(f"message {message_id} proposes nothing for {fact}")
        learn_fact(session, claim, fact, value or proposed, by=actor(staff), now=now)
        told_more(app, session, claim, cause=Cause(actor=actor(staff), at=now, ticket=message.ticket, message=message))
        rest = {name: said for name, said in message.proposals["facts"].items() if name != fact} if proposed else {}
        _mark(message, "facts", rest)


def confirm_intents(app: App, message_id: int, kinds: Sequence[str], *, staff: Staff) -> None:
    """Say what a message is really for, the chief kind first: kept as the team's own judgement, and learnt from."""
    unknown = [kind for kind in kinds if kind not in set(IntentKind)]
    if unknown or not kinds:
        raise GuardError(
            f"no kind {', '.join(unknown) or 'given'}: there are {', '.join(IntentKind)}",
            ro=f"niciun fel {', '.join(unknown) or 'dat'}: există {', '.join(IntentKind)}",
        )
    with app.store.writing() as session:
        message = find_message(session, message_id, staff=staff)
        proposed = [{"kind": each["kind"], "score": each["score"]} for each in message.intents]
        message.confirmed_intents = list(dict.fromkeys(kinds))
        history.record(
            session, "intent.confirmed", actor=actor(staff), at=app.clock(), ticket=message.ticket, message=message,
            proposed=proposed, kinds=message.confirmed_intents,
        )  # fmt: skip


def _open_request(session: Session, message: Message) -> Request:
    claim = message.ticket.claim
    request = requests.open_of(session, claim) if claim else None
    if request is None:
        raise GuardError(
            f"message {message.id} answers no open request: there is nothing to wait for",
            ro=f"mesajul {message.id} nu răspunde unei cereri deschise: nu este ce aștepta",
        )
    return request


def _proposed_day(message: Message) -> date:
    proposed = message.proposals.get("promise")
    if not proposed:
        raise GuardError(
            f"message {message.id} names no day: name one", ro=f"mesajul {message.id} nu numește nicio zi: numiți una"
        )
    return date.fromisoformat(proposed["day"])


def _mark(message: Message, name: str, value: dict[str, Any]) -> None:
    """Change one proposal; an empty one is gone."""
    rest = {each: said for each, said in message.proposals.items() if each != name}
    message.proposals = rest | ({name: value} if value else {})


def _confirm(session: Session, app: App, message: Message, request: Request, promised: date, *, staff: Staff) -> None:
    party = request.claim.claimant
    to = [recipient(point) for point in for_request(party, app.office.outlets)][:1] if party else []
    if not to:
        raise GuardError(
            f"{request.claim.ref} has nobody whom we could write to",
            ro=f"{request.claim.ref} nu are pe nimeni căruia să îi scriem",
        )
    lacking = [item.requirement.item for item in request.items if item.question is None and item.answered_at is None]
    items = load_catalogue().items
    letters = {
        language: PromiseConfirmation(
            promised_by=promised, missing=tuple(items[each].label(language) for each in lacking)
        )
        for language in app.office.languages
    }
    wording.write(
        session, app.office, message.ticket, to, letters, person=staff.name, author_id=staff.id, now=app.clock()
    )
