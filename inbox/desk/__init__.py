"""The desk: every move a person makes, one function each; page and command have no other way.

Each begins its own transaction and leaves an event with who did it. A file a noun; this one names every move.
"""

from inbox.desk.arrivals import discard, retry
from inbox.desk.conversations import call_note, correspondents, new_call, note, reply, take_back
from inbox.desk.deliveries import send_again
from inbox.desk.items import accept, know, reject, waive
from inbox.desk.links import link, unlink
from inbox.desk.requests import ask
from inbox.desk.subjects import actor, find_claim, find_ticket
from inbox.desk.tickets import done, read, take

__all__ = [
    "accept",
    "actor",
    "ask",
    "call_note",
    "correspondents",
    "discard",
    "done",
    "find_claim",
    "find_ticket",
    "know",
    "link",
    "new_call",
    "note",
    "read",
    "reject",
    "reply",
    "retry",
    "send_again",
    "take",
    "take_back",
    "unlink",
    "waive",
]
