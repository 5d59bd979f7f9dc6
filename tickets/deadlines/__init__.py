"""Clocks: what is owed by when, to whom, on whose authority - and what a move means for them.

Every move calls `happened` with one of the words of `definitions`; nothing else starts, meets or moves a clock.
"""

from tickets.deadlines.definitions import Definition, Party, Pause, load
from tickets.deadlines.filing import is_owed_from_notice
from tickets.deadlines.happenings import Occurrence, happened, happened_all, passed
from tickets.deadlines.penalties import Penalty, penalty
from tickets.deadlines.standing import (
    Standing,
    as_json,
    breaches,
    demand,
    of_claim,
    of_claims,
    of_ticket,
    owed_by_law,
    running_statutory,
)
from tickets.deadlines.telling import may_be_told, why_not

__all__ = [
    "Definition",
    "Occurrence",
    "Party",
    "Pause",
    "Penalty",
    "Standing",
    "as_json",
    "breaches",
    "demand",
    "happened",
    "happened_all",
    "is_owed_from_notice",
    "load",
    "may_be_told",
    "of_claim",
    "of_claims",
    "of_ticket",
    "owed_by_law",
    "passed",
    "penalty",
    "running_statutory",
    "why_not",
]
