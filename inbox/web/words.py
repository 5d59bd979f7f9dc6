"""The words and signs of the pages for every state, medium, piece of evidence and event; msgids of the catalogues."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tickets.catalogue import Stage
from tickets.deadlines.definitions import Unit
from tickets.messages import DeliveryState, Medium, MessageKind
from tickets.models import ClaimState, ContactStatus, DecisionKind, PolicyStatus, TicketState
from tickets.queue import View
from tickets.rejections import Reason
from tickets.requirements import RequirementState


def N_(words: str) -> str:  # noqa: N802 - the name by which babel finds msgids
    """Mark words for the catalogues; they are translated where they are shown."""
    return words


@dataclass(frozen=True, slots=True)
class Look:
    """Icon, words and colour of a state: always all three, so that nothing is told by colour alone."""

    icon: str
    words: str
    colour: str = ""


@dataclass(frozen=True, slots=True)
class ViewWords:
    """How a view is named, and what an empty one says."""

    icon: str
    name: str
    empty: str
    collects: str


MEDIUM: Mapping[Medium, Look] = MappingProxyType(
    {
        Medium.EMAIL: Look("mail", N_("E-mail")),
        Medium.SMS: Look("sms", N_("SMS")),
        Medium.LETTER: Look("letter", N_("Letter")),
        Medium.PHONE: Look("phone", N_("Call")),
        Medium.UPLOAD: Look("web", N_("Upload")),
    }
)

SEND: Mapping[Medium, str] = MappingProxyType(
    {Medium.EMAIL: N_("Send e-mail"), Medium.SMS: N_("Send SMS"), Medium.LETTER: N_("Send letter")}
)

#: The same as an offer, where another way has failed.
WRITE: Mapping[Medium, str] = MappingProxyType(
    {
        Medium.EMAIL: N_("Write by e-mail"),
        Medium.SMS: N_("Write by SMS"),
        Medium.LETTER: N_("Write by letter"),
    }
)

KIND: Mapping[MessageKind, str] = MappingProxyType(
    {
        MessageKind.MESSAGE: N_("Message"),
        MessageKind.AUTO_REPLY: N_("Automatic reply"),
        MessageKind.BOUNCE: N_("Delivery report"),
        MessageKind.COMPLAINT_REPORT: N_("Spam complaint report"),
        MessageKind.LIST: N_("Mailing list"),
        MessageKind.UNREADABLE: N_("Unreadable"),
    }
)

ITEM: Mapping[RequirementState, Look] = MappingProxyType(
    {
        RequirementState.MAYBE: Look("unknown", N_("Maybe needed")),
        RequirementState.NEEDED: Look("plus", N_("Needed")),
        RequirementState.ASKED: Look("wait", N_("Waiting")),
        RequirementState.RECEIVED: Look("eye", N_("Received, check it"), "amber"),
        RequirementState.ACCEPTED: Look("ok", N_("Accepted"), "green"),
        RequirementState.REJECTED: Look("no", N_("Rejected"), "red"),
        RequirementState.WAIVED: Look("check", N_("Waived")),
        RequirementState.NOT_APPLICABLE: Look("close", N_("Does not apply")),
        RequirementState.SUPERSEDED: Look("return", N_("Replaced by a better document")),
    }
)

STAGE: Mapping[Stage, str] = MappingProxyType(
    {
        Stage.FNOL: N_("Needed to open the claim"),
        Stage.DECISION: N_("Needed to decide"),
        Stage.PAYMENT: N_("Needed to pay"),
    }
)

DELIVERY: Mapping[DeliveryState, Look] = MappingProxyType(
    {
        DeliveryState.QUEUED: Look("pause", N_("Queued")),
        DeliveryState.CLAIMED: Look("pause", N_("Being sent")),
        DeliveryState.TRANSMITTING: Look("send", N_("Being sent")),
        DeliveryState.SENT: Look("send", N_("Sent")),
        DeliveryState.DELIVERED: Look("ok", N_("Delivered"), "green"),
        DeliveryState.REFUSED: Look("bounce", N_("Not reached"), "red"),
        DeliveryState.FAILED: Look("bounce", N_("Not reached"), "red"),
        DeliveryState.UNKNOWN: Look("unknown", N_("Unknown whether it arrived"), "amber"),
    }
)
TAKEN_BACK = Look("undo", N_("Taken back"))

TICKET: Mapping[TicketState, str] = MappingProxyType(
    {
        TicketState.NEW: N_("New"),
        TicketState.TRIAGED: N_("Sorted"),
        TicketState.IN_PROGRESS: N_("In progress"),
        TicketState.WAITING_CUSTOMER: N_("Waiting on customer"),
        TicketState.WAITING_THIRD_PARTY: N_("Waiting on a third party"),
        TicketState.WAITING_INTERNAL: N_("Waiting on a colleague"),
        TicketState.RESOLVED: N_("Done"),
        TicketState.CLOSED: N_("Closed"),
        TicketState.REOPENED: N_("Reopened"),
        TicketState.MERGED: N_("Merged"),
        TicketState.DISCARDED: N_("Discarded"),
    }
)

CLAIM: Mapping[ClaimState, str] = MappingProxyType(
    {
        ClaimState.DRAFT: N_("Draft"),
        ClaimState.OPEN: N_("Open"),
        ClaimState.GATHERING: N_("Gathering"),
        ClaimState.IN_REVIEW: N_("In review"),
        ClaimState.DECISION_PENDING_APPROVAL: N_("Decision waits for approval"),
        ClaimState.APPROVED: N_("Approved"),
        ClaimState.PARTIALLY_APPROVED: N_("Partially approved"),
        ClaimState.DENIED: N_("Denied"),
        ClaimState.PAYMENT_ORDERED: N_("Payment ordered"),
        ClaimState.PAID: N_("Paid"),
        ClaimState.CLOSED: N_("Closed"),
        ClaimState.REOPENED: N_("Reopened"),
        ClaimState.WITHDRAWN: N_("Withdrawn"),
        ClaimState.DUPLICATE_OF: N_("Duplicate"),
        ClaimState.SIU_HOLD: N_("On hold for investigation"),
    }
)

POLICY: Mapping[PolicyStatus, str] = MappingProxyType(
    {
        PolicyStatus.ACTIVE: N_("Active"),
        PolicyStatus.SUSPENDED: N_("Suspended"),
        PolicyStatus.LAPSED: N_("Lapsed"),
        PolicyStatus.CANCELLED: N_("Cancelled"),
        PolicyStatus.EXPIRED: N_("Expired"),
        PolicyStatus.PENDING: N_("Not begun yet"),
    }
)

#: What a contact point is called on somebody's card.
CARD: Mapping[Medium, str] = MappingProxyType(
    {
        Medium.EMAIL: N_("E-mail"),
        Medium.SMS: N_("Phone"),
        Medium.LETTER: N_("Post"),
        Medium.PHONE: N_("Phone"),
        Medium.UPLOAD: N_("Upload"),
    }
)

CONTACT: Mapping[ContactStatus, str] = MappingProxyType(
    {
        ContactStatus.OK: "",
        ContactStatus.BOUNCING: N_("does not take our messages"),
        ContactStatus.OPTED_OUT: N_("switched messages off"),
    }
)

ROLE: Mapping[str, str] = MappingProxyType(
    {
        "claimant": N_("Claimant"),
        "driver": N_("Driver"),
        "injured": N_("Injured"),
        "witness": N_("Witness"),
        "representative": N_("Speaks for the claimant"),
        "payee": N_("Is paid"),
        "garage": N_("Garage"),
        "insured": N_("Insured"),
        "reporter": N_("Reported the loss"),
        "beneficiary": N_("Beneficiary"),
        "heir": N_("Heir"),
    }
)

#: The word of a link's evidence as a sentence's beginning; where it was found stands behind it.
EVIDENCE: Mapping[str, str] = MappingProxyType(
    {
        "reply_token": N_("Signed reply address"),
        "in_reply_to": N_("Answer to our message"),
        "same_thread": N_("Same conversation"),
        "request_code": N_("Code of our request"),
        "request_ref": N_("Request number"),
        "code": N_("Barcode"),
        "claim_ref": N_("Claim number"),
        "policy_ref": N_("Policy number"),
        "ticket_ref": N_("Ticket number"),
        "open_request": N_("Only request open to this number"),
        "sender_email": N_("E-mail address on file"),
        "sender_phone": N_("Phone number on file"),
        "person": N_("Confirmed by a person"),
        "same_subject": N_("Same subject"),
        "claim_quoted": N_("Claim number, quoted"),
        "claim_attached": N_("Claim number, attached"),
        "near_miss": N_("Nearly a number of ours"),
        "cnp_name": N_("Personal number and name"),
        "cnp": N_("Personal number"),
        "name_birth": N_("Name and date of birth"),
        "name_address": N_("Name and postal address"),
        "name": N_("Name"),
        "plate": N_("Number plate"),
        "vin": N_("Vehicle number"),
        "iban": N_("Account on file"),
        "invoice": N_("Invoice"),
        "loss_date": N_("Day of loss"),
        "name_loss": N_("Name and day of loss"),
        "document_kind": N_("What was asked for"),
    }
)
#: Evidence that says all by itself; where it was found adds nothing.
PLAIN_EVIDENCE = frozenset({"open_request", "sender_email", "sender_phone", "person"})
WHERE: Mapping[str, str] = MappingProxyType(
    {
        "recipient": N_("in the address written to"),
        "header": N_("in the message's header"),
        "sender": N_("of the sender"),
        "subject": N_("in the subject"),
        "text": N_("in the text"),
        "quote": N_("in the quoted text"),
        "attachment": N_("in an attachment"),
        "code": N_("on a page"),
        "desk": N_("at the desk"),
    }
)

#: What messages are for.
INTENT: Mapping[str, str] = MappingProxyType(
    {
        "new_claim": N_("New claim"),
        "reply_to_request": N_("Reply to a request"),
        "additional_document": N_("Additional document"),
        "status_question": N_("Question about the state"),
        "payment_delay": N_("Late payment"),
        "renewal_problem": N_("Trouble with a renewal"),
        "account_change": N_("Change of what we hold"),
        "cancellation": N_("Cancellation"),
        "complaint_appeal": N_("Complaint or appeal"),
        "fraud_tip": N_("Tip about a fraud"),
        "general_question": N_("General question"),
        "wrong_address": N_("Sent to the wrong address"),
        "spam": N_("Spam"),
        "bounce": N_("Undelivered"),
        "auto_reply": N_("Automatic reply"),
        "sms_opt_out": N_("No more text messages"),
        "phone_note": N_("Call note"),
        "data_request": N_("Request about personal data"),
        "legal_notice": N_("Legal notice"),
    }
)
TARGET: Mapping[str, str] = MappingProxyType(
    {
        "claim": N_("Claim"),
        "policy": N_("Policy"),
        "customer": N_("Customer"),
        "ticket": N_("Ticket"),
        "request": N_("Request"),
    }
)

#: What the rules propose, as a person says it.
RECOMMENDATION: Mapping[str, str] = MappingProxyType(
    {
        "approve": N_("approve"),
        "partial": N_("approve in part"),
        "deny": N_("refuse"),
        "ask": N_("ask for what is missing"),
        "escalate": N_("let a supervisor decide"),
    }
)
DECISION: Mapping[str, str] = MappingProxyType(
    {
        "approve": N_("Approve"),
        "partial": N_("Approve in part"),
        "deny": N_("Refuse"),
        "close": N_("Close"),
        "withdraw": N_("Withdrawn"),
    }
)
#: Why an arrival or a file could not be read, as its reader says it; what names a number or a server's words stays.
UNREADABLE: tuple[str, ...] = (
    N_("the mail is empty: its source may hold it still"),
    N_("no kind of file that we read"),
    N_("a zip file that is neither Word nor Excel"),
    N_("the office file unpacks to more than we hold"),
    N_("the office file defines entities"),
    N_("the picture is too large"),
    N_("the picture is cut off"),
    N_("the picture is HEIC, which is not read here: ask for a JPEG"),
    N_("not a form of the upload page"),
    N_("not a JSON object"),
    N_("a text without a MessageSid"),
    N_("reading took too much memory"),
    N_("the reader died"),
    N_("unreadable"),
)

CANNOT: Mapping[DecisionKind, str] = MappingProxyType(
    {
        DecisionKind.APPROVE: N_("Cannot approve yet."),
        DecisionKind.PARTIAL: N_("Cannot approve in part yet."),
        DecisionKind.DENY: N_("Cannot refuse yet."),
    }
)

DECIDED: Mapping[str, str] = MappingProxyType(
    {
        "proposed": N_("waits for approval"),
        "in_force": N_("in force"),
        "returned": N_("returned"),
        "overturned": N_("overturned"),
        "superseded": N_("replaced"),
    }
)
#: Whom a question is handed to.
DEPARTMENT: Mapping[str, str] = MappingProxyType(
    {
        "supervisor": N_("Supervisors"),
        "payments_clerk": N_("Payments"),
        "account_services": N_("Account services"),
        "renewals": N_("Renewals"),
        "complaints": N_("Complaints"),
        "legal": N_("Legal"),
        "siu": N_("Investigations"),
        "dpo": N_("Data protection"),
        "representative": N_("Representatives"),
        "senior_representative": N_("Senior representatives"),
    }
)
#: What a caller is asked, in place of the answer.
CALLER: Mapping[str, str] = MappingProxyType(
    {
        "birth_date": N_("birth date"),
        "policy": N_("policy number"),
        "address": N_("postal address"),
        "plate": N_("plate"),
        "last_contact": N_("what we last wrote"),
        "national_id_end": N_("end of the personal number"),
    }
)
#: What of a person's record may be changed from a ticket.
HELD: Mapping[str, str] = MappingProxyType(
    {
        "postal": N_("Postal address"),
        "email": N_("E-mail address"),
        "phone": N_("Telephone number"),
        "name": N_("Name"),
        "iban": N_("Account"),
        "holder": N_("Account holder"),
    }
)
STAFF_ROLE: Mapping[str, str] = MappingProxyType(
    {
        "representative": N_("Representative"),
        "senior_representative": N_("Senior representative"),
        "supervisor": N_("Supervisor"),
        "payments_clerk": N_("Payments clerk"),
        "account_services": N_("Account services"),
        "renewals": N_("Renewals"),
        "complaints": N_("Complaints"),
        "legal": N_("Legal"),
        "siu": N_("Investigations"),
        "dpo": N_("Data protection"),
        "trainer": N_("Trainer"),
        "auditor": N_("Auditor"),
        "admin": N_("Administrator"),
    }
)
AUTHORITY: Mapping[str, str] = MappingProxyType(
    {
        "approve": N_("Approves"),
        "deny": N_("Denies"),
        "waive": N_("Does without items"),
        "reopen": N_("Reopens"),
        "pay": N_("Releases payments"),
        "override": N_("Sets findings aside"),
    }
)
#: How a claim ends without a decision, or is taken up again.
CLAIM_MOVE: Mapping[str, str] = MappingProxyType(
    {
        "C01": N_("Close: no response (C01)"),
        "C02": N_("Close: withdrawn by the customer (C02)"),
        "C03": N_("Close: below the deductible (C03)"),
        "closed": N_("Close: paid or refused, nothing is left"),
        "reopened": N_("Reopen"),
    }
)
PAYMENT: Mapping[str, Look] = MappingProxyType(
    {
        "proposed": Look("pause", N_("Proposed")),
        "released": Look("check", N_("Released")),
        "sent": Look("send", N_("With the bank")),
        "confirmed": Look("ok", N_("Paid"), "green"),
        "returned": Look("return", N_("Returned by the bank"), "red"),
        "withdrawn": Look("close", N_("Withdrawn")),
    }
)
#: The steps of what is payable.
STEP: Mapping[str, str] = MappingProxyType(
    {
        "items": N_("What was asked for"),
        "sub_limit": N_("Limit of the kind"),
        "deductible": N_("Deductible"),
        "event_limit": N_("Limit of the event"),
        "aggregate": N_("Left of the yearly limit"),
        "frequency": N_("Losses of the period already paid"),
        "not_payable": N_("Not payable"),
    }
)

#: Why a document does not do, as people choose it.
REJECTION: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.ILLEGIBLE: N_("illegible"),
        Reason.PAGE_MISSING: N_("a page is missing"),
        Reason.WRONG_PERSON: N_("wrong person"),
        Reason.WRONG_DOCUMENT: N_("wrong document"),
        Reason.WRONG_DATE: N_("wrong date"),
        Reason.UNSIGNED: N_("unsigned"),
        Reason.EXPIRED: N_("expired"),
        Reason.NOT_ITEMISED: N_("not itemised"),
        Reason.NOT_PROOF_OF_PAYMENT: N_("no proof of payment"),
        Reason.OTHER_LANGUAGE: N_("other language"),
    }
)

#: What was read from a page.
VALUE: Mapping[str, str] = MappingProxyType(
    {
        "date": N_("Date"),
        "total": N_("Total"),
        "currency": N_("Currency"),
        "issuer": N_("Issuer"),
        "issuer_tax_id": N_("Issuer's tax number"),
        "invoice_number": N_("Invoice number"),
        "person": N_("Name"),
        "iban": N_("IBAN"),
        "plate": N_("Number plate"),
    }
)

#: How a clock stands: what it says in a row is its name and the days left.
CLOCK: Mapping[str, Look] = MappingProxyType(
    {
        "running": Look("clock", N_("running")),
        "paused": Look("pause", N_("Paused")),
        "met": Look("ok", N_("Met"), "green"),
        "breached": Look("warn", N_("Late"), "red"),
        "cancelled": Look("close", N_("Cancelled")),
    }
)

#: How much time a law adds at most, in what it counts.
EXTENSION: Mapping[Unit, str] = MappingProxyType(
    {
        Unit.CALENDAR: N_("Days more, at most %(num)s"),
        Unit.WORKING: N_("Working days more, at most %(num)s"),
        Unit.WEEK: N_("Weeks more, at most %(num)s"),
        Unit.MONTH: N_("Months more, at most %(num)s"),
    }
)

#: What only a person knows has happened.
HAPPENED: Mapping[str, str] = MappingProxyType(
    {
        "answer_sent": N_("The answer was sent"),
        "appeal_received": N_("The appeal came in"),
        "file.finalised": N_("The file is final"),
        "final_judgment.received": N_("A final judgment came in"),
        "forwarded": N_("It was forwarded to the right authority"),
        "identity_check.asked": N_("Who asks must prove who he is"),
        "identity_check.passed": N_("Who asks has proved who he is"),
        "notice.received": N_("The decision reached the customer"),
        "petition.misdirected": N_("It was for another authority"),
        "reasoned_reply_sent": N_("A reasoned reply was sent"),
        "repaired": N_("The product was repaired"),
        "replaced": N_("The product was replaced"),
        "summary_resolution_sent": N_("The summary resolution was sent"),
    }
)

#: How an account to pay to has come.
ACCOUNT_SOURCE: Mapping[str, str] = MappingProxyType(
    {
        "form": N_("by our form"),
        "call": N_("by telephone"),
        "letter": N_("by letter"),
        "import": N_("from the policy system"),
    }
)

#: Why a row of a file of the bank is left out, as the import says it.
BANK_ROW = (
    N_("claim: there is no such claim"),
    N_("payment: the claim has no such payment that has left us"),
    N_("amount: the payment is of another amount"),
    N_("state: the payment has come back; it is not paid after that"),
)

#: Events that people read between the messages; the others are for audits.
EVENT: Mapping[str, Look] = MappingProxyType(
    {
        "macro.run": Look("macro", N_("%(who)s ran the macro “%(target)s”.")),
        "claim.drafted": Look("auto", N_("A draft claim was opened.")),
        "request.drafted": Look("auto", N_("%(code)s was drafted: somebody has to look at it and send it.")),
        "request.answered": Look("ok", N_("Everything that %(code)s asked for is in.")),
        "request.partial": Look("wait", N_("A part of what %(code)s asked for is in.")),
        "request.superseded": Look("return", N_("%(code)s was replaced by a newer request.")),
        "expense.added": Look("check", N_("%(who)s added an expense of %(target)s.")),
        "expense.corrected": Look("note", N_("%(who)s corrected an expense to %(target)s.")),
        "expense.struck": Look("close", N_("%(who)s struck an expense of %(target)s: “%(reason)s”.")),
        "caller.verified": Look("ok", N_("%(who)s asked who calls: the answers were right.")),
        "caller.failed": Look("no", N_("%(who)s asked who calls: the answers were wrong.")),
        "account_change.proposed": Look("user", N_("%(who)s wrote down a change of what we hold.")),
        "account_change.called_back": Look("phone", N_("%(who)s called back about a change of what we hold.")),
        "account_change.done": Look("check", N_("What we hold was changed; %(who)s had the last word.")),
        "account_change.refused": Look("no", N_("%(who)s set a change of what we hold aside.")),
        "request.taken_back": Look("undo", N_("%(who)s took %(code)s back before it left; it is a draft again.")),
        "item.accepted": Look("ok", N_("%(who)s accepted: %(item)s")),
        "item.rejected": Look("no", N_("%(who)s rejected: %(item)s (%(reason)s)")),
        "item.waived": Look("check", N_("%(who)s does without: %(item)s (%(reason)s)")),
        "ticket.taken": Look("user", N_("%(who)s took the ticket.")),
        "ticket.resolved": Look("check", N_("%(who)s marked the ticket as done.")),
        "ticket.linked": Look("link", N_("%(who)s linked the ticket to its claim.")),
        "ticket.escalated": Look("warn", N_("%(who)s escalated the ticket: “%(reason)s”.")),
        "task.opened": Look("users", N_("%(who)s asked a department: %(department)s.")),
        "task.done": Look("return", N_("%(who)s answered for the department: %(department)s.")),
        "link.undone": Look("unlink", N_("%(who)s undid the link to %(target)s.")),
        "delivery.bounced": Look("bounce", N_("A delivery report says that our message was not taken.")),
        "delivery.unknown": Look("unknown", N_("A send got no answer: nobody knows whether it arrived.")),
        "delivery.failed": Look("bounce", N_("A message was not delivered.")),
        "delivery.again": Look("send", N_("%(who)s sent a message once more.")),
    }
)

VIEW: Mapping[View, ViewWords] = MappingProxyType(
    {
        View.MINE: ViewWords(
            "user", N_("Mine"), N_("Nothing of yours waits."), N_("Tickets you own and have to act on stand here.")
        ),
        View.TEAM: ViewWords(
            "users", N_("Team"), N_("Nothing waits for us."), N_("Everything that somebody here has to act on.")
        ),
        View.WAITING: ViewWords(
            "wait",
            N_("Waiting on customer"),
            N_("We wait for no customer."),
            N_("Tickets come here when we have asked and no answer is in."),
        ),
        View.DUE: ViewWords(
            "cal", N_("Due in 3 days"), N_("Nothing is due in 3 days."), N_("Tickets with a clock that ends soon.")
        ),
        View.NOT_REACHED: ViewWords(
            "bounce",
            N_("Not reached"),
            N_("Everybody was reached."),
            N_("Tickets with a message that was refused or came back."),
        ),
        View.UNLINKED: ViewWords(
            "unlink",
            N_("Unlinked"),
            N_("Nothing is unlinked."),
            N_("Messages that fit no claim with certainty wait here."),
        ),
        View.MENTIONED: ViewWords(
            "note",
            N_("Mentions"),
            N_("Nobody has named you."),
            N_("Notes that name you, until you read them."),
        ),
        View.SNOOZED: ViewWords(
            "snooze", N_("Snoozed"), N_("Nothing is snoozed."), N_("Tickets set aside until a moment or an answer.")
        ),
        View.UNKNOWN: ViewWords(
            "unknown",
            N_("Unknown sends"),
            N_("Every send has a known result."),
            N_("Messages of which nobody knows whether they arrived."),
        ),
        View.DONE: ViewWords("check", N_("Done"), N_("Nothing is done yet."), N_("Tickets that are closed for now.")),
    }
)

#: What a refusal of the desk says, where it says nothing but itself.
GUARDS = (
    N_("the message is empty"),
    N_("the note is empty"),
    N_("something new has arrived on this ticket since you opened it: read it, then send again"),
    N_("the message has left already"),
    N_("rejecting needs a reason"),
    N_("waiving needs a reason"),
    N_("only a message that was not reached or has no known result can be sent again"),
    N_("somebody else changed this at the same moment: look at it and try again"),
    N_("tick at least one item"),
    N_("write the day as 2026-12-07, not before tomorrow"),
    N_("choose how to answer"),
    N_("there is no claim with this reference"),
    N_("discarding needs a reason"),
    N_("say until when"),
    N_("that moment has passed: choose a later one"),
    N_("a view needs a name"),
    N_("a team's view is dropped by who made it"),
    N_("skipping needs a reason"),
)
