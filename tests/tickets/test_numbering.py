"""Printed references are given out once."""

import threading

from tickets import numbering, references
from tickets.database import Store


def taken(store: Store, count: int = 1) -> list[str]:
    with store.writing() as session:
        return list(numbering.take(session, "TKT", year=2026, count=count))


def test_numbers_follow_each_other_and_carry_check_digits(store: Store) -> None:
    numbers = taken(store, 2) + taken(store)

    assert [references.parse(number) for number in numbers] == [("TKT", 2026, n) for n in (1, 2, 3)]


def test_number_that_an_import_brought_is_never_given_out_again(store: Store) -> None:
    with store.writing() as session:
        numbering.seen(session, references.make("TKT", 2026, 41))

    assert references.parse(taken(store)[0]) == ("TKT", 2026, 42)


def test_two_workers_never_print_the_same_number(store: Store) -> None:
    taken(store)
    numbers: list[str] = []
    workers = [threading.Thread(target=lambda: numbers.extend(taken(store, 5))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(set(numbers)) == 20
