"""Every error claimdesk raises on purpose, as one tree.

ClaimdeskError
├── ConfigurationError           the configuration names something wrong: table, key, what to do
├── ChannelError                 one channel, one delivery or one pickup
│   ├── ChannelUnavailableError  cannot be reached or answers "later": try again, others go on
│   ├── ChannelRefusedError      reached, but refuses us (password, certificate, permission)
│   ├── MessageRefusedError      this message will never be taken: stop, tell the ticket
│   └── DeliveryUnknownError     we began to transmit and no answer came: never resent by itself
├── SignatureError               a webhook whose signature does not fit: 403
├── UnreadableError              these bytes will never become a message: quarantined at once
├── UnknownReferenceError        no such ticket, claim, policy or request
├── ImportFileError              the whole file is wrong: nothing was stored
├── ImportRowError               one row is wrong: it was left out
├── ToldError                    a person reads why, in his language
│   ├── GuardError               the move is not allowed now: says which guard
│   └── DisclosureError          the address is not on file for this claim: nothing leaves
└── ConditionError               a rule's condition is not in our grammar: says what is wrong with it

`templates.TemplateError` stands outside the tree, because templates import nothing of ours.
"""


class ClaimdeskError(Exception):
    """Base of everything we raise on purpose; its text is for people and holds no customer data."""


class ConfigurationError(ClaimdeskError):
    """The configuration names something wrong."""


class ChannelError(ClaimdeskError):
    """One channel could not do what it was asked."""


class ChannelUnavailableError(ChannelError):
    """The other side cannot be reached or says "later"; nothing was taken."""


class ChannelRefusedError(ChannelError):
    """The other side was reached and refuses us: a person has to change something."""


class MessageRefusedError(ChannelError):
    """The other side will never take this message."""


class DeliveryUnknownError(ChannelError):
    """Transmission began and no answer came; the message may have been delivered."""


class SignatureError(ClaimdeskError):
    """A webhook request is not signed by the carrier."""


class UnreadableError(ClaimdeskError):
    """These bytes will never become a message."""


class UnknownReferenceError(ClaimdeskError):
    """Nothing is stored under this reference."""


class ImportFileError(ClaimdeskError):
    """The file as a whole cannot be imported; nothing was stored."""


class ImportRowError(ClaimdeskError):
    """One row cannot be imported; the others can."""


class ToldError(ClaimdeskError):
    """Says why something was not done; `ro` says the same to Romanian readers where it is given."""

    def __init__(self, text: str, *, ro: str = "", guard: str = "") -> None:
        """Keep both languages; `guard` names the guard that spoke: `PRO-02`, `no open ticket`."""
        super().__init__(text)
        self.ro, self.guard = ro or text, guard

    def said(self, language: str) -> str:
        """Give the words in a language."""
        return self.ro if language == "ro" else str(self)


class GuardError(ToldError):
    """The move is not allowed now; says which guard stands in its way and what would lift it."""


class DisclosureError(ToldError):
    """The address is not on file for this claim, so nothing about it may leave."""


class ConditionError(ClaimdeskError):
    """The text of a condition is not in our grammar."""
