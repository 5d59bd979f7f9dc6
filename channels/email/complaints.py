"""Whether a mail is a feedback report: a provider passes on that somebody called our mail unwanted (RFC 5965, 6591)."""

import re

from channels.email import reports
from channels.email.parts import Mail
from channels.email.quoting import any_of, fold
from tickets.messages import InboundMessage

_REPORT = "feedback-report"
_OTHER_REPORTS = frozenset({"delivery-status", "disposition-notification"})
_DESKS = re.compile(
    r"(?:staff@hotmail\.|abuse@|complaints?@|feedback(?:loop)?@|fbl[\w.+-]*@|scomp@|(?:spam|abuse)[\w-]*report|"
    r"[\w.+-]*(?:fbl|feedbackloop|spamreport|abuse-?report)[\w.+-]*@|report@|noreply-dmarc|dmarc)",
    re.IGNORECASE,
)
_SAYS = re.compile(any_of("server", "complaint"))
_MOST_TEXT = 4_000


def is_complaint(mail: Mail, message: InboundMessage, text: str) -> bool:
    """Whether a mail reports a complaint: by its type, by the fields of one part, or by a complaint desk's words."""
    leaves = list(mail.root.leaves())
    kind = mail.root.parameters.get("report-type", "").lower()
    if kind == _REPORT and len(leaves) > 1:
        return True
    if kind in _OTHER_REPORTS:
        return False
    if any(reports.is_feedback(mail, part) for part in leaves):
        return len(leaves) > 1 or "feedback-type" in text[:_MOST_TEXT].lower()
    returns = any(part.media_type in {"message/rfc822", "text/rfc822-headers"} for part in leaves)
    if not returns or not _DESKS.match(message.sender.address or ""):
        return False
    return "x-hmxmroriginalrecipient" in mail.root.headers or bool(
        _SAYS.search(fold(f"{message.subject}\n{text[:_MOST_TEXT]}"))
    )
