"""Tests of channels.email.trust: only our own server's word counts."""

import pytest

from channels.email import trust
from channels.email.headers import Headers
from tickets.messages import Trust

OURS = "mx.example.ro"


def judged(*results: str, address: str | None = "maria@example.org", authserv: str | None = OURS) -> Trust:
    """Judge a mail with these Authentication-Results, topmost first."""
    fields = [("authentication-results", value.encode()) for value in results]
    return trust.judge(Headers(fields), address, authserv)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("mx.example.ro; dmarc=pass header.from=example.org", Trust.PASS),
        (
            "MX.example.ro 1; spf=fail smtp.mailfrom=x.example; dmarc=pass (p=reject) header.from=example.org",
            Trust.PASS,
        ),
        ("mx.example.ro; dmarc=fail header.from=example.org; spf=pass smtp.mailfrom=example.org", Trust.FAIL),
        ("mx.example.ro; spf=pass smtp.mailfrom=bounce@mail.example.org", Trust.PASS),
        ("mx.example.ro; dkim=pass header.d=example.org; spf=fail smtp.mailfrom=relay.example", Trust.PASS),
        ("mx.example.ro; dkim=pass header.i=@example.org", Trust.PASS),
        ("mx.example.ro; dkim=pass header.d=other.example; spf=none", Trust.NONE),
        ("mx.example.ro; spf=fail smtp.mailfrom=example.org; dkim=none", Trust.FAIL),
        ("mx.example.ro; spf=none; dkim=fail header.d=example.org", Trust.FAIL),
        ("mx.example.ro; spf=softfail smtp.mailfrom=example.org; dkim=none", Trust.NONE),
        ("mx.example.ro; none", Trust.NONE),
        ('mx.example.ro; spf=none (says "dmarc=pass; x"); dkim=none', Trust.NONE),
        ("dmarc=pass action=none header.from=example.org", Trust.PASS),
    ],
)
def test_our_servers_result_is_weighed(value: str, expected: Trust) -> None:
    assert judged(value) is expected


def test_results_of_other_servers_and_below_our_own_prove_nothing() -> None:
    passed, failed = (f"{{}}; dmarc={word} header.from=example.org".format for word in ("pass", "fail"))

    assert judged(passed("mx.attacker.example")) is Trust.NONE
    assert judged(failed(OURS), passed(OURS)) is Trust.FAIL
    assert judged(passed("mx.attacker.example"), failed(OURS)) is Trust.FAIL
    assert judged(failed(OURS), "dmarc=pass header.from=example.org") is Trust.FAIL


def test_nothing_is_trusted_without_a_configured_server_or_an_address() -> None:
    passed = "mx.example.ro; dmarc=pass header.from=example.org"

    assert judged(passed, authserv=None) is Trust.NONE
    assert judged(passed, address=None) is Trust.NONE
    assert judged() is Trust.NONE


def test_neighbour_under_a_shared_suffix_is_another_domain() -> None:
    assert judged("mx.example.ro; spf=pass smtp.mailfrom=co.uk", address="maria@example.co.uk") is Trust.NONE
    assert judged("mx.example.ro; spf=pass smtp.mailfrom=notexample.org") is Trust.NONE
