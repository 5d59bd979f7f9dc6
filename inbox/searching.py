"""Searching: keeps the index of words behind the messages, a page a transaction."""

from inbox.app import App
from tickets import search


def catch_up(app: App) -> int:
    """Take every message that is not in the index yet into it; gives how many."""
    taken = 0
    while True:
        with app.store.writing() as session:
            page = search.catch_up(session)
        taken += page
        if page < search.PAGE:
            return taken
