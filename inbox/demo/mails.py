"""The mail of the demo: what customers, strangers and machines write, as a mail server would hand it over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from inbox.demo.known import Asked, Known
from inbox.demo.papers import paper, photo

Enclosed = tuple[str, str, bytes]  #: Name, media type, content.

_CRISTINA = "Cristina Voicu <cristina.voicu@example.ro>"
_RETURNED = "multipart/report; report-type=delivery-status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One raw mail and the words by which the demo's table speaks of it."""

    title: str
    raw: bytes


def first_notices(known: Known) -> Iterator[Sample]:
    """New matters: home, own car, health; the first of them comes twice."""
    burst = _mail(
        known,
        "burst-pipe",
        _CRISTINA,
        subject="teava sparta",
        text=f"Bună ziua,\n\ns-a spart o țeavă în bucătărie ieri seară și s-a umflat parchetul. Polița mea este "
        f"cas 045 0012. Ce trebuie să fac?\n\nCristina Voicu\n0722 000 112\nTrimis de pe telefon, {known.day(0, 'ro')}",
    )
    yield Sample(title="New claim, home (ro): burst pipe, policy number in her own spelling", raw=burst)
    yield Sample(title="The same mail once more: her phone sent it twice", raw=burst)
    yield Sample(
        title="New claim, own car (ro), with two photos",
        raw=_mail(
            known,
            "car",
            "Dan Rusu <dan.rusu@example.ro>",
            subject="Avariere CASCO CAS-0450013",
            text=f"Bună ziua, pe {known.day(2, 'ro')} am lovit mașina de un stâlp în parcare, bara din față este "
            "spartă. Am CASCO la dumneavoastră, polița CAS-0450013, nr. GL 13 DAN. Atașez poze.\n\nDan Rusu",
            enclosed=[("avarii1.jpg", "image/jpeg", photo(1)), ("avarii2.jpg", "image/jpeg", photo(2))],
        ),
    )
    yield Sample(
        title="New claim, health (en), with an invoice",
        raw=_mail(
            known,
            "physio",
            "Laura Bennett <laura.bennett@example.com>",
            subject="Reimbursement of physiotherapy",
            text=f"Hello,\n\nI would like to claim reimbursement for physiotherapy on {known.day(6, 'en')} at a clinic "
            "in Bucharest, 420 RON. My policy is CAS-0450014. The invoice is attached.\n\nKind regards\nLaura Bennett",
            enclosed=[("invoice 2211.pdf", "application/pdf", paper("INVOICE no. 2211\nPhysiotherapy 420.00 RON"))],
        ),
    )


def answers(known: Known) -> Iterator[Sample]:
    """Answers to what Ana has asked for, each found again in another way."""
    andrei, emily = known.asked("andrei.munteanu@example.ro"), known.asked("emily.carter@example.com")
    yield Sample(
        title="Answer to a request, both papers attached (ro), by the reply button",
        raw=_mail(
            known,
            "andrei",
            "Andrei Munteanu <andrei.munteanu@example.ro>",
            subject=f"Re: {andrei.subject}",
            text=f"Bună ziua, atașez talonul și permisul.\n\nAndrei\n\n{_quoted(known, andrei)}",
            to=andrei.reply_to,
            answers=andrei,
            enclosed=[
                ("talon.pdf", "application/pdf", paper("CERTIFICAT DE ÎNMATRICULARE\nCJ 21 MUN")),
                ("permis de conducere.jpg", "image/jpeg", photo(3)),
            ],
        ),
    )
    yield Sample(
        title="Outlook answer (en): subject changed, thread ids lost, known by its reply address",
        raw=_outlook(known, emily),
    )
    yield Sample(
        title="Part 1 of 3 (ro): a new mail with a new subject brings the association's statement",
        raw=_mail(
            known,
            "maria",
            "Maria Dobrescu <maria.dobrescu@example.ro>",
            subject="adeverința de la bloc",
            text="Bună ziua, v-am atașat adeverința de la asociația de proprietari. Restul în zilele următoare.\nMaria",
            enclosed=[("adeverinta asociatie.pdf", "application/pdf", paper("ASOCIAȚIA DE PROPRIETARI\nADEVERINȚĂ"))],
        ),
    )
    yield Sample(
        title="Broken MIME (en): no last boundary, unknown charset; still read, its file answers an older request",
        raw=_broken(known),
    )


def questions(known: Known) -> Iterator[Sample]:
    """What else lands in the mailbox of a claims desk."""
    yield Sample(
        title="Where is my claim? (en), reference in the subject",
        raw=_mail(
            known,
            "status",
            "John Whitfield <john.whitfield@example.com>",
            subject="CLM26-000105-05 - any news?",
            text="Hello, is there any news on my claim? When will the inspector call?\nJohn",
        ),
    )
    yield Sample(
        title="A stranger quotes a valid reference and asks for the amount",
        raw=_mail(
            known,
            "stranger",
            "Gigi <gigi@stranger.example.net>",
            subject="[CLM26-000101-17] suma",
            text="Va rog sa imi spuneti ce suma se plateste in dosarul CLM26-000101-17.",
        ),
    )
    yield Sample(
        title="Reference with two digits swapped, unknown sender",
        raw=_mail(known, "swapped", "Radu P. <radu.p@stranger.example.net>", subject="CLM26-000110-78", text="Alo?"),
    )
    yield Sample(
        title="Two claims in one mail (ro)",
        raw=_mail(
            known,
            "two",
            "Ioana Pavel <ioana.pavel@example.ro>",
            subject="dosarele mele",
            text="Bună ziua, când se rezolvă dosarele CLM26-000104-08 și CLM26-000113-78? Mulțumesc, Ioana Pavel",
        ),
    )
    yield Sample(
        title="Complaint about a denial (en)",
        raw=_mail(
            known,
            "complaint",
            "Sarah Thompson <sarah.thompson@example.com>",
            subject="Complaint: claim CLM26-000114-75",
            text="I contest your decision on claim CLM26-000114-75 and want to file a formal complaint.\n\nS. Thompson",
        ),
    )
    yield Sample(
        title="Is this covered? (ro), a general question from an unknown address, in ISO 8859-2",
        raw=_mail(
            known,
            "general",
            "Nicu Barbu <nicu.barbu@example.net>",
            subject="întrebare",
            text="Buna ziua, vreau sa stiu daca asigurarea de locuinţă acoperă şi furtul bicicletei din boxă.",
            charset="iso-8859-2",
        ),
    )
    yield Sample(
        title="A broker's shared address and a policy number: suggested, not linked",
        raw=_mail(
            known,
            "broker",
            "Broker Exemplu <daune@broker.example.com>",
            subject="Client Stoica, CAS-0450006",
            text=f"Bună ziua, clienta noastră întreabă de dauna din {known.day(13, 'ro')}, furtună, polița "
            "CAS-0450006.\nBroker Exemplu",
        ),
    )
    yield Sample(
        title="Please cancel my policy (ro)",
        raw=_mail(
            known,
            "cancel",
            "Florin Iacob <florin.iacob@example.ro>",
            subject="reziliere",
            text="Bună ziua, doresc rezilierea poliței CAS-0450011 la expirare. Florin Iacob",
        ),
    )


def machines(known: Known) -> Iterator[Sample]:
    """What no person has written: never answered, never an answer."""
    yield Sample(title="Out of office (en), to one of our requests", raw=_out_of_office(known))
    yield Sample(title="Our mail came back (DSN), for one of our own Message-IDs", raw=_returned(known))
    yield Sample(
        title="A newsletter",
        raw=_mail(
            known,
            "news",
            "Oferte <news@shop.example.net>",
            subject="Reduceri de toamnă -40%",
            text="Ofertele săptămânii.\nDezabonare: https://shop.example.net/u",
            headers={
                "List-Id": "<news.shop.example.net>",
                "List-Unsubscribe": "<https://shop.example.net/u>",
                "Precedence": "bulk",
            },
        ),
    )
    yield Sample(title="Nothing but blanks: nobody can read it, so people see it", raw=b"\r\n\r\n \r\n")


def lets_a_request_leave(known: Known) -> Sample:
    """A mail from a customer on file after which everything still missing is certain."""
    return Sample(
        title='send = "auto" (ro): he brings one of two papers; the request for the other leaves by itself',
        raw=_mail(
            known,
            "auto",
            "Florin Iacob <florin.iacob@example.ro>",
            subject="CLM26-000111-84 - proces verbal",
            text="Bună ziua, atașez procesul verbal de la poliție pentru dosarul CLM26-000111-84.\nFlorin Iacob",
            enclosed=[("pv politie.pdf", "application/pdf", paper("INSPECTORATUL DE POLIȚIE\nPROCES-VERBAL"))],
        ),
    )


# --- how they are written


def _mail(
    known: Known,
    name: str,
    sender: str,
    *,
    subject: str,
    text: str,
    to: str = "",
    answers: Asked | None = None,
    enclosed: Sequence[Enclosed] = (),
    headers: dict[str, str] | None = None,
    charset: str = "utf-8",
) -> bytes:
    """Write one ordinary mail; `name` makes its Message-ID."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to or known.mailbox, subject
    mail["Date"] = format_datetime(known.now)
    mail["Message-ID"] = f"<{name}.{known.now:%Y%m%d%H%M%S}@mail.example.net>"
    if answers is not None:
        mail["In-Reply-To"] = mail["References"] = answers.message_id
    for field, value in (headers or {}).items():
        mail[field] = value
    mail.set_content(text, charset=charset)
    for file, media_type, content in enclosed:
        main, _, sub = media_type.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=file)
    return mail.as_bytes()


def _quoted(known: Known, asked: Asked) -> str:
    """Our own words as the reply button puts them below an answer."""
    lines = "\n".join(f"> {line}" for line in asked.text.splitlines())
    return f"În {known.day(0, 'ro')}, Exemplu Asigurări <{known.mailbox}> a scris:\n{lines}"


def _outlook(known: Known, asked: Asked) -> bytes:
    """HTML only, headers of the answered mail as a table of words, no In-Reply-To, another subject."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Emily Carter <emily.carter@example.com>", asked.reply_to
    mail["Subject"], mail["Date"] = "papers for my reimbursement", format_datetime(known.now)
    mail["Message-ID"] = f"<emily.{known.now:%Y%m%d%H%M%S}@mail.example.net>"
    mail["Thread-Index"] = "AdpZ0Q1xv0b3Q2mQTHWZ5l0A3l1c3A=="
    mail.set_content(
        '<html><body><p class="MsoNormal">Hello Ana, please find the doctor\'s report and the receipt attached.</p>'
        '<p class="MsoNormal">Emily</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal">'
        f"<b>From:</b> Exemplu Asigur&#259;ri &lt;{escape(known.mailbox)}&gt;<br><b>Sent:</b> {known.day(0, 'en')}<br>"
        f"<b>To:</b> Emily Carter<br><b>Subject:</b> {escape(asked.subject)}</p></div>"
        f"<p>{escape(asked.text[:400])}</p></body></html>",
        subtype="html",
    )
    report = paper("MEDICAL REPORT\nDiagnosis: ankle sprain\nDr. A. Example")
    mail.add_attachment(report, maintype="application", subtype="pdf", filename="medical report.pdf")
    mail.add_attachment(photo(4), maintype="image", subtype="jpeg", filename="receipt clinic.jpg")
    return mail.as_bytes()


def _broken(known: Known) -> bytes:
    """A mail whose end was cut off, whose charset nobody knows, whose header has raw bytes in it."""
    from base64 import encodebytes

    head = (
        "From: John Whitfield <john.whitfield@example.com>\n"
        f"To: {known.mailbox}\nDate: {format_datetime(known.now)}\n"
        "Subject: police report for my car \u2013 CLM26-000105-05\nMessage-ID: <broken.1@mail.example.net\n"
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=_x\n\n'
        "--=_x\nContent-Type: text/plain; charset=x-unknown-8\n\nHere is the police report \u2013 John\n\n"
        "--=_x\nContent-Type: application/pdf; name=police report.pdf\nContent-Transfer-Encoding: base64\n"
        "Content-Disposition: attachment; filename=police report.pdf\n\n"
    )
    return head.encode() + encodebytes(paper("POLICE REPORT\nVandalism, TM 05 JHN"))[:-3]


def _out_of_office(known: Known) -> bytes:
    asked = known.asked("sarah.thompson@example.com")
    return _mail(
        known, "away", "Sarah Thompson <sarah.thompson@example.com>", subject=f"Automatic reply: {asked.subject}",
        text="I am out of the office until Monday and will answer when I am back.", to=asked.reply_to, answers=asked,
        headers={"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
    )  # fmt: skip


def _returned(known: Known) -> bytes:
    """A delivery status notification (RFC 3464) with the headers of the mail it speaks of."""
    asked, address = known.asked("elena.stoica@example.ro"), "elena.stoica@example.ro"
    head = (
        f"From: Mail Delivery System <mailer-daemon@mx.example.ro>\nTo: {known.mailbox}\n"
        f"Date: {format_datetime(known.now)}\nSubject: Undelivered Mail Returned to Sender\n"
        "Auto-Submitted: auto-replied\nMessage-ID: <dsn.1@mx.example.ro>\nMIME-Version: 1.0\nReturn-Path: <>\n"
        f'Content-Type: {_RETURNED}; boundary="dsn"\n\n'
    )
    words = "--dsn\nContent-Type: text/plain; charset=us-ascii\n\nYour message could not be delivered.\n\n"
    status = (
        "--dsn\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.ro\n\n"
        f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 user unknown\n\n"
    )
    ours = f"--dsn\nContent-Type: text/rfc822-headers\n\nMessage-ID: {asked.message_id}\nTo: {address}\n\n--dsn--\n"
    return (head + words + status + ours).encode()
