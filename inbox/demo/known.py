"""What customers of the demo know when they answer: the codes and reply addresses that our own messages gave them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import parseaddr

from inbox.demo.sink import Sink
from templates import dates


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One mail of ours, as the customer who got it sees it."""

    message_id: str  #: With its angle brackets.
    reply_to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything the customers' messages are written from."""

    now: datetime  #: Aware, in the office's zone.
    sink: Sink
    mailbox: str  #: Our address.

    @property
    def today(self) -> date:
        """The office's calendar day."""
        return self.now.date()

    def day(self, ago: int, language: str) -> str:
        """A day some days ago, as people write it: 14 November; 14 noiembrie."""
        return dates.day_month(self.today - timedelta(days=ago), language)

    def asked(self, address: str) -> Asked:
        """The last mail we sent to an address; LookupError if there is none."""
        mail = message_from_bytes(self.sink.last_to(address).raw, policy=policy.default)
        plain = mail.get_body(("plain",))
        return Asked(
            message_id=str(mail["Message-ID"]),
            reply_to=parseaddr(str(mail["Reply-To"] or mail["From"]))[1],
            subject=str(mail["Subject"]),
            text=str(plain.get_content()) if plain else "",
        )
