"""The quarantine."""

from tests.inbox.web.office import Browser, Pages
from tickets.models import ArrivalState


def test_quarantined_arrival_is_listed_with_why(office: Pages, ana: Browser) -> None:
    office.quarantine(name="scrisoare.pdf")

    page = ana.get("/intake", accept_language="ro").text

    assert "scrisoare.pdf" in page
    assert "Cititorul s-a oprit" in page
    assert "The reader died" in ana.get("/intake", accept_language="en").text


def test_quarantined_arrival_is_read_again(office: Pages, ana: Browser) -> None:
    arrival = office.quarantine()
    ana.post(f"/intake/{arrival}/retry")

    assert office.arrivals()[0].state is ArrivalState.RECEIVED


def test_arrival_is_discarded_only_with_a_reason(office: Pages, ana: Browser) -> None:
    arrival = office.quarantine()
    without = ana.post(f"/intake/{arrival}/discard", {"reason": " "})
    state_without = office.arrivals()[0].state
    ana.post(f"/intake/{arrival}/discard", {"reason": "pagină goală"})

    kept = office.arrivals()[0]
    assert (without.status_code, state_without) == (409, ArrivalState.QUARANTINED)
    assert (kept.state, kept.decided_by) == (ArrivalState.DISCARDED, f"staff:{office.staff().id}")


def test_bytes_are_downloaded_exactly_as_they_came(office: Pages, ana: Browser) -> None:
    raw = b"<script>alert(1)</script>\x00\xff"
    answer = ana.get(f"/intake/{office.quarantine(raw, name='../../x.html')}/raw")

    assert answer.content == raw
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert "/" not in answer.headers["content-disposition"].split("filename*")[0]


def test_arrival_that_is_not_there_is_not_found(ana: Browser) -> None:
    assert ana.get("/intake/999/raw").status_code == 404
    assert ana.post("/intake/999/retry").status_code == 404
