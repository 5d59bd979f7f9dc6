"""Dry runs: the same files are judged in the same words by every process."""

import json
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.installation import ROOT, Installation
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import Sink

REFERENCES = "CLM26-004711-58 CLM26-004711-85 RO/25/V25/HV 012345678 masina CJ 07 XYZ tel 0722.123.456"


@pytest.fixture
def office(
    tmp_path: Path, mailbox: Mailbox, make_sink: Callable[[], Sink], server_certificates: Certificates, store_url: str
) -> Installation:
    installation = Installation(tmp_path, mailbox, make_sink(), store_url, server_certificates).write()
    installation.load_world()
    return installation


def phrases() -> list[str]:
    told = json.loads((ROOT / "tests/data/held_out_phrases.json").read_text(encoding="utf-8"))
    return [text for languages in told.values() for texts in languages.values() for text in texts]


def by_twelve(texts: list[str]) -> Iterator[list[str]]:
    return (texts[begin : begin + 12] for begin in range(0, len(texts), 12))


def mails(folder: Path) -> Iterator[str]:
    """Mails of twelve phrases each, with every kind of reference and a file that speaks of several papers."""
    for number, texts in enumerate(by_twelve(phrases())):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "maria.popescu@example.ro", "claims@example.ro", texts[0][:60]
        mail["Message-ID"] = f"<{number}@x.example>"
        mail.set_content("\n".join([*texts, REFERENCES]))
        mail.add_attachment("Factura fiscala\nDeviz de reparatie\nChitanta\n" + texts[-1], filename="acte.txt")
        path = folder / f"{number:03}.eml"
        path.write_bytes(mail.as_bytes())
        yield str(path)


def judged(office: Installation, files: list[str], *, seed: str) -> str:
    office.environment["PYTHONHASHSEED"] = seed
    done = office.launch("triage", *files, "--json")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_processes_give_the_same_reasons_in_the_same_order(office: Installation, tmp_path: Path) -> None:
    files = list(mails(tmp_path))

    first, second = (judged(office, files, seed=seed) for seed in ("1", "20261128"))

    assert len(first.splitlines()) == len(files) > 25
    assert first == second
