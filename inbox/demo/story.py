"""What happens in the demo, in its order: Ana asks, customers answer on every medium, the desk sorts it out."""

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from rich.console import Console
from sqlalchemy import select

from inbox import accounts, desk, poller, sending, setup
from inbox.app import App
from inbox.demo import mails, post, texts, world
from inbox.demo.known import Known
from inbox.demo.mails import Sample
from inbox.demo.progress import step
from inbox.demo.site import ADDRESS, Site
from tickets.errors import ConfigurationError
from tickets.models import Staff
from tickets.office import SendMode
from tickets.triage import Filed

#: Who may sign in, and as what; the demo is for this machine only, so the passwords are printed.
PEOPLE = (
    ("Ana Ionescu", "ana@example.ro", "representative"),
    ("Radu Stan", "radu@example.ro", "supervisor"),
    ("Mihai Dobre", "mihai@example.ro", "complaints"),
)
#: The claims that Ana asks about, one key each; what is asked is what the claim lacks.
ASKED = (
    "CLM26-000101-17", "CLM26-000102-14", "CLM26-000103-11", "CLM26-000104-08", "CLM26-000106-02",
    "CLM26-000107-96", "CLM26-000108-93", "CLM26-000109-90", "CLM26-000110-87",
)  # fmt: skip


@dataclass
class Told:
    """What came in and what became of it, for the report."""

    titles: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))  #: By sha256 or Sid, in order.
    filed: dict[int, Filed] = field(default_factory=dict)  #: By the arrival's number.
    asked: list[str] = field(default_factory=list)  #: Codes of the requests Ana sent.
    passwords: dict[str, str] = field(default_factory=dict)  #: By e-mail address.

    def remember(self, filed: Iterable[Filed]) -> None:
        """Keep what became of a batch."""
        self.filed.update((each.arrival.id, each) for each in filed)


def tell(site: Site, screen: Console) -> Told:
    """Play the whole story; the store and the servers hold what it left."""
    told = Told()
    app = _at_once(site.app())
    try:
        with step(screen, "making the store and the demo world"):
            _open(app, told)
        with step(screen, f"Ana asks about {len(ASKED)} claims with one key each; mail, texts and letters leave"):
            _ask(app, told)
        with step(screen, "customers answer by mail, by text and by letter; strangers and machines write too"):
            _answer(app, site, told)
        _round(app, screen, told)
        with step(screen, 'the same desk with send = "auto": a certain request leaves by itself'):
            _by_itself(site, told)
    finally:
        app.close()
    return told


def _at_once(app: App) -> App:
    """The same installation without the ten seconds in which Ana could take a message back."""
    settings = app.settings
    return App(
        settings=settings.model_copy(update={"desk": settings.desk.model_copy(update={"undo_seconds": 0})}),
        clock=app.clock,
    )


def _open(app: App, told: Told) -> None:
    from tickets.world import load

    setup.migrate(app)
    with app.store.writing() as session:
        outcome = load(session, world.document(app.office.day(app.clock())), office=app.office, now=app.clock())
    if outcome.errors:
        raise ConfigurationError(f"the demo world does not fit this version: {outcome.errors[0].text}")
    for name, email, role in PEOPLE:
        told.passwords[email] = accounts.add(app, name=name, email=email, roles=[role])


def _ask(app: App, told: Told) -> None:
    with app.store.reading() as session:
        ana = session.scalars(select(Staff).where(Staff.email == PEOPLE[0][1])).one()
    told.asked += [desk.ask(app, claim, staff=ana) for claim in ASKED]
    sending.send_due(app)


def _answer(app: App, site: Site, told: Told) -> None:
    """Put everything at the sources; nobody has picked it up yet."""
    known = _known(app, site)
    for mail in chain(mails.first_notices(known), mails.answers(known), mails.questions(known), mails.machines(known)):
        _deliver(app, site, told, mail)
    for text in texts.texts():
        pictures = [("image/jpeg", picture) for picture in text.pictures]
        told.titles[site.exchange.receive(text.sender, text.text, media=pictures).sid].append(text.title)
    for scan in post.scans(known):
        site.scan(scan.name, scan.raw)
        told.titles[hashlib.sha256(scan.raw).hexdigest()].append(scan.title)


def _round(app: App, screen: Console, told: Told) -> None:
    with step(screen, "picking up from the mailbox, the text exchange and the scanner"):
        for name in app.settings.channels:
            trouble = poller.receive(app, name).error
            if trouble:
                raise ConfigurationError(f"{name}: {trouble}")
    with step(screen, "reading and sorting mail and texts"):
        poller.process_all(app, poller.MAIL, each=told.remember)
    with step(screen, "recognising scanned letters and sorting them (the slow part: about 3 s a page)"):
        poller.process_all(app, poller.SCANS, each=told.remember)
    with step(screen, "sending what the rules have queued"):
        sending.send_due(app)


def _by_itself(site: Site, told: Told) -> None:
    """Only one word of the configuration is another: [requests] send = "auto"."""
    app = _at_once(site.app())
    requests = app.settings.requests.model_copy(update={"send": SendMode.AUTO})
    app.settings = app.settings.model_copy(update={"requests": requests})
    try:
        _deliver(app, site, told, mails.lets_a_request_leave(_known(app, site)))
        poller.receive(app, "claims-mail")
        poller.process_all(app, poller.MAIL, each=told.remember)
        sending.send_due(app)
    finally:
        app.close()


def _known(app: App, site: Site) -> Known:
    return Known(now=app.clock().astimezone(app.office.timezone), sink=site.sink, mailbox=ADDRESS)


def _deliver(app: App, site: Site, told: Told, mail: Sample) -> None:
    raw = mail.raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")  # as it goes over the wire (RFC 5322, 2.1)
    site.mailbox.deliver(raw, at=app.clock())
    told.titles[hashlib.sha256(raw).hexdigest()].append(mail.title)
