"""The desk: every move a person makes, one function each; page and command have no other way.

Each begins its own transaction and leaves an event with who did it. A file a noun; this one names every move.
"""

from inbox.desk.answers import accept_fact, accept_promise, confirm_intents
from inbox.desk.arrivals import discard, retry
from inbox.desk.conversations import call_note, correspondents, new_call, note, reply, take_back
from inbox.desk.deliveries import send_again
from inbox.desk.items import accept, accept_file, know, reject, waive
from inbox.desk.links import link, unlink
from inbox.desk.requests import ask
from inbox.desk.subjects import actor, find_claim, find_ticket
from inbox.desk.tickets import (
    MOST_AT_ONCE,
    assign,
    bulk,
    done,
    next_best,
    read,
    skip,
    snooze,
    tag,
    take,
    undo_bulk,
    wake,
)

__all__ = [
    "MOST_AT_ONCE",
    "accept",
    "accept_fact",
    "accept_file",
    "accept_promise",
    "actor",
    "ask",
    "assign",
    "bulk",
    "call_note",
    "confirm_intents",
    "correspondents",
    "discard",
    "done",
    "find_claim",
    "find_ticket",
    "know",
    "link",
    "new_call",
    "next_best",
    "note",
    "read",
    "reject",
    "reply",
    "retry",
    "send_again",
    "skip",
    "snooze",
    "tag",
    "take",
    "take_back",
    "undo_bulk",
    "unlink",
    "waive",
    "wake",
]
