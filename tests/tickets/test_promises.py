"""Promises: the day by which a customer says that he will send something, read from the day the message came."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.promises import promised

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("voi trimite maine", "2026-11-24"),
        ("trimit luni", "2026-11-30"),
        ("Vă trimit factura vineri.", "2026-11-27"),
        ("I'll send it next week", "2026-12-04"),
        ("o să trimit poimâine", "2026-11-25"),
        ("le aduc saptamana viitoare", "2026-12-04"),
        ("will send the papers by 5 December", "2026-12-05"),
        ("trimit pana pe 15", "2026-12-15"),
        ("nu pot obtine procesul verbal pana pe 5 decembrie, se poate prelungi termenul va rog", "2026-12-05"),
        ("I can't get the police report before 5 December, can you wait please?", "2026-12-05"),
        ("am trimis luni", None),
        ("cand imi trimiteti banii? maine?", None),
        ("I sent it on Monday", None),
        ("vă transmit în 3 zile", "2026-11-26"),
        ("in two weeks I will have it", "2026-12-07"),
        ("doctorul imi da scrisoarea abia saptamana viitoare", "2026-12-04"),
        ("I'll get the certificate to you by Friday", "2026-11-27"),
        ("va dau certificatul pana vineri", "2026-11-27"),
        ("the garage needs until Tuesday for the estimate you want", "2026-11-24"),
        ("service-ul mi-l da marti", "2026-11-24"),
        ("luni viitoare le trimit", "2026-11-30"),
        ("next Monday I will post them", "2026-11-30"),
        ("vineri viitoare le trimit", "2026-12-04"),
        ("trimit la sfarsitul lunii", "2026-11-30"),
        ("give me till Sunday", "2026-11-29"),
        ("imi dati timp pana duminica", "2026-11-29"),
        ("can i have until the 15th to get the statement", "2026-12-15"),
        ("nu trimit maine", None),
        ("My employer will issue the certificate on Thursday, I'll forward it then", "2026-11-26"),
        ("Devizul îl voi avea pe 02.12.2026", "2026-12-02"),
        ("Please send me the money tomorrow", None),
        ("trimit diseara", "2026-11-23"),
        ("Nu am factura.", None),
        ("va trimit atasat factura din 14.11.2026", None),
        ("maine trimit si hartiile care lipsesc", "2026-11-24"),
        ("revin cu factura joi", "2026-11-26"),
        ("I will send it as soon as possible", None),
        ("voi trimite mâine. Accidentul a fost luni.", "2026-11-24"),
        ("Angajatorul elibereaza adeverinta joi, o trimit atunci", "2026-11-26"),
    ],
)
def test_day_promised_is_the_last_day_named_ahead_and_nothing_else_is_a_promise(text: str, day: str | None) -> None:
    found = promised(text, received=MONDAY, language=None)

    assert (found and found.day.isoformat()) == day


def test_promise_keeps_the_customers_own_words() -> None:
    found = promised("Bună ziua. Vă trimit factura mâine dimineață! Mulțumesc.", received=MONDAY, language="ro")

    assert found is not None
    assert found.words == "Vă trimit factura mâine dimineață"


def test_month_comes_first_only_in_american_english() -> None:
    text = "I will send it by 12/05/2026"

    american = promised(text, received=MONDAY, language="en-US")
    others = promised(text, received=MONDAY, language="en")

    assert american is not None
    assert american.day == date(2026, 12, 5)
    assert others is None


@given(st.text(max_size=300), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_any_text_is_read_and_no_day_is_past_or_far(text: str, received: date) -> None:
    found = promised(f"I will send it {text} tomorrow", received=received, language=None)

    assert found is None or 0 <= (found.day - received).days <= 120
