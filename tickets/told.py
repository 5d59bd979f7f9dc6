"""What a message tells of an open request in words: promises, answers to questions, items the customer does not have.

Everything is proposed in `Message.proposals` (promise, facts, lacking) and nothing is changed by it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tickets import promises, spoken_answers
from tickets.catalogue import Fact
from tickets.claim_types import load
from tickets.messages import InboundMessage
from tickets.models import Request


def proposals(inbound: InboundMessage, request: Request, *, received: date) -> dict[str, Any]:
    """Read what the words propose; keys that would hold nothing are left out."""
    promise = promises.promised(inbound.new_text, received=received, language=inbound.language)
    told = spoken_answers.facts(inbound.new_text, questions(request))
    found = {
        "promise": {"day": promise.day.isoformat(), "words": promise.words} if promise else None,
        "facts": {each.fact: each.value for each in told},
        "lacking": lacking(inbound.new_text, request),
    }
    return {name: value for name, value in found.items() if value}


def questions(request: Request) -> Mapping[int, Fact]:
    """Number the facts a request asks about as its list does: every line counts, a question put once counts once."""
    lines = list(dict.fromkeys(item.question or f"item {item.requirement.item}" for item in request.items))
    facts = load().facts
    return {number: facts[line] for number, line in enumerate(lines, start=1) if line in facts}


def lacking(text: str, request: Request) -> dict[str, str]:
    """Name the items of a request that the customer says he does not have, with his sentence."""
    items = load().items
    kinds = spoken_answers.lacked(text)
    asked = [item.requirement.item for item in request.items if item.question is None]
    named = {item: words for kind, words in kinds for item in asked if kind in items[item].evidence}
    documents = {item: f"{items[item].en} {items[item].ro}" for item in asked if items[item].evidence}
    return spoken_answers.lacked_of(text, documents) | named
