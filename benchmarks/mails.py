"""Realistic mail for measurements: seeded, Romanian and English, about 30 KB each, one in four with files."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from html import escape

from benchmarks.people import Person

MAILBOX = "claims@example.ro"
WITH_FILES = 0.25
_FILE_BYTES = (45_000, 100_000)
#: Characters of style sheet in the HTML part: what mail programs and newsletters bring along.
_STYLE = (2_000, 9_000)

_FIRST = {
    "ro": ("Bună ziua,", "Buna ziua", "Stimată doamnă/Stimate domn,", "Bună seara,"),
    "en": ("Hello,", "Dear Sir or Madam,", "Good morning,", "Hi there,"),
}
_FILLER = {
    "ro": (
        "Vă rog să îmi confirmați primirea acestui mesaj.",
        "Am sunat și ieri la dumneavoastră, dar nu a răspuns nimeni.",
        "Instalatorul a venit a doua zi dimineață și a oprit apa.",
        "Dacă mai este nevoie de ceva, vă rog să îmi scrieți la această adresă.",
        "Programul meu nu îmi permite să vin la sediu înainte de ora cinci.",
        "Vecinii de la etajul de sus au fost de față și pot confirma.",
    ),
    "en": (
        "Please confirm that you have received this message.",
        "I called yesterday as well but could not get through.",
        "The plumber came the next morning and turned the water off.",
        "If you need anything else, please write to this address.",
        "I am at work until five, so I cannot come to your office earlier.",
        "The neighbours from upstairs were present and can confirm it.",
    ),
}
_LOSSES = {
    "home": {
        "ro": "s-a spart o țeavă în bucătărie alaltăieri și s-a umflat parchetul",
        "en": "a pipe burst in my kitchen yesterday and the floor is ruined",
    },
    "motor_casco": {
        "ro": "ieri am lovit mașina de un stâlp în parcare, am casco",
        "en": "yesterday I hit a post with my own car, it is insured with you (casco)",
    },
    "health": {
        "ro": "solicit decontarea consultației medicale de săptămâna trecută",
        "en": "I would like reimbursement of medical expenses for a doctor visit last week",
    },
}
_QUESTIONS = {
    "ro": ("Ce acoperă asigurarea de locuință în caz de furtună?", "Aș dori o ofertă pentru o poliță nouă."),
    "en": ("Does your home insurance cover storm damage?", "What are your opening hours on Saturday?"),
}
_STATUS = {"ro": "În ce stadiu este dosarul meu? Când primesc despăgubirea?", "en": "What is the status of my claim?"}
_NAMES = ("deviz.pdf", "factura 118.pdf", "poze avarii.jpg", "estimate.pdf", "IMG_2211.jpg", "proces verbal.pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One mail, and what kind of sender wrote it."""

    kind: str
    raw: bytes


def mails(everybody: Sequence[Person], *, count: int, seed: int, now: datetime) -> Iterator[Written]:
    """Write `count` mails; equal arguments give equal bytes."""
    chance = random.Random(seed)
    kinds, weights = zip(*_MIX, strict=True)
    asked = [person for person in everybody if person.reply_to] or list(everybody)
    for number in range(count):
        write = chance.choices(kinds, weights)[0]
        person = chance.choice(asked if write is _answer else everybody)
        mail = write(person, chance)
        _finish(mail, number, chance, now - timedelta(minutes=count - number), seed)
        yield Written(kind=write.__name__.strip("_"), raw=mail.as_bytes())


# --- what people write


def _answer(person: Person, chance: random.Random) -> EmailMessage:
    """An answer to our request, by the reply button, with our words quoted below."""
    words = {"ro": "Vă trimit actele cerute.", "en": "Please find the papers attached."}[person.language]
    mail = _mail(person, chance, subject=f"Re: [{person.claim}]", words=words, quote=person.asked)
    del mail["To"]
    mail["To"] = person.reply_to or MAILBOX
    if person.message_id:
        mail["In-Reply-To"] = mail["References"] = f"<{person.message_id}>"
    return mail


def _first_notice(person: Person, chance: random.Random) -> EmailMessage:
    words = f"{_LOSSES[person.type][person.language]}. {'Polița' if person.language == 'ro' else 'My policy'}: "
    return _mail(person, chance, subject="dauna" if person.language == "ro" else "claim", words=words + person.policy)


def _reference(person: Person, chance: random.Random) -> EmailMessage:
    return _mail(person, chance, subject=f"dosar {person.claim}", words=_STATUS[person.language])


def _question(person: Person, chance: random.Random) -> EmailMessage:
    """Somebody nobody knows."""
    mail = _mail(person, chance, subject="întrebare", words=chance.choice(_QUESTIONS[person.language]))
    mail.replace_header("From", f"visitor-{chance.randrange(10**6)}@elsewhere.example.net")
    return mail


def _stranger(person: Person, chance: random.Random) -> EmailMessage:
    mail = _reference(person, chance)
    mail.replace_header("From", f"visitor-{chance.randrange(10**6)}@elsewhere.example.net")
    return mail


def _known(person: Person, chance: random.Random) -> EmailMessage:
    """A customer without any number in his words."""
    return _mail(person, chance, subject="documente", words=_STATUS[person.language])


def _away(person: Person, chance: random.Random) -> EmailMessage:
    mail = _mail(person, chance, subject="Automatic reply", words="I am out of the office.")
    mail["Auto-Submitted"] = "auto-replied"
    return mail


Writer = Callable[[Person, random.Random], EmailMessage]
_MIX: tuple[tuple[Writer, int], ...] = (
    (_answer, 25), (_first_notice, 20), (_reference, 15), (_known, 10), (_question, 20), (_stranger, 5), (_away, 5),
)  # fmt: skip


# --- how it looks on the wire


def _mail(person: Person, chance: random.Random, *, subject: str, words: str, quote: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = formataddr((person.name, person.address))
    mail["To"], mail["Subject"] = MAILBOX, subject
    body = [chance.choice(_FIRST[person.language]), words, *chance.choices(_FILLER[person.language], k=6), person.name]
    quoted = [f"> {line}" for line in quote.splitlines()]
    mail.set_content("\n\n".join(body) + "\n\n" + "\n".join(quoted), cte="8bit")
    mail.add_alternative(_html(body, quote, chance), subtype="html", cte="quoted-printable")
    return mail


def _html(body: Sequence[str], quote: str, chance: random.Random) -> str:
    style = range(chance.randint(*_STYLE) // 42)
    rules = " ".join(f".c{number} {{ margin: 0; font: {number}px sans-serif }}" for number in style)
    paragraphs = "".join(
        f'<p class="c{number}" style="margin:0">{escape(each)}</p>' for number, each in enumerate(body)
    )
    below = f'<div class="gmail_quote"><blockquote>{escape(quote)}</blockquote></div>' if quote else ""
    return f"<html><head><style>{rules}</style></head><body>{paragraphs}{below}</body></html>"


def _finish(mail: EmailMessage, number: int, chance: random.Random, at: datetime, seed: int) -> None:
    """Add what every mail has, and files to one in four."""
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{seed}.{number}@mail.example.net>"
    for hop in range(4):
        mail[f"X-Hop-{hop}"] = f"relay-{hop}.example.net; {chance.getrandbits(256):064x}"
    if chance.random() < WITH_FILES:
        name = chance.choice(_NAMES)
        content = _content(name, chance)
        main, sub = ("image", "jpeg") if name.endswith(".jpg") else ("application", "pdf")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    else:  # its boundaries come from the global chance otherwise, and no two runs would be equal
        mail.make_mixed()
    for place, part in enumerate(each for each in mail.walk() if each.is_multipart()):
        part.set_boundary(f"=_{seed}_{number}_{place}")


def _content(name: str, chance: random.Random) -> bytes:
    """Bytes like those of a picture or a scan: they do not compress."""
    head = b"\xff\xd8\xff\xe0" if name.endswith(".jpg") else b"%PDF-1.7\n"
    return head + chance.randbytes(chance.randint(*_FILE_BYTES))
