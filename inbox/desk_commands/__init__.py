"""The desk's moves as commands, so that everything can be done and checked without a browser.

Each names who acts with --as (id, e-mail address or name), calls the desk's function that the page calls, and prints
one JSON document with --json.
"""

from inbox.desk_commands import accounts, claims, clocks, complaints, decisions, expenses, payments, tasks

__all__ = ["accounts", "claims", "clocks", "complaints", "decisions", "expenses", "payments", "tasks"]
