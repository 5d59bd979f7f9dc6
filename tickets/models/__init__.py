"""The tables, by noun; importing this package makes all of them known to the mapper."""

from tickets.models.arrivals import Arrival, ArrivalState, Blob
from tickets.models.base import Model
from tickets.models.claims import SETTLED, Claim, ClaimLine, ClaimParty, ClaimState, ClaimVehicle, Invoice, Requirement
from tickets.models.clocks import Clock, ClockEvent, ClockState, Escalation, FirstReply
from tickets.models.decisions import Approval, Decision, DecisionKind, DecisionState
from tickets.models.findings import FindingRow, FindingState, Severity
from tickets.models.history import Event
from tickets.models.merges import Merge, SharedMessage
from tickets.models.office import ChannelState, Counter, Lease, Setting
from tickets.models.outbox import EarlyReport, OutboxDelivery
from tickets.models.parties import ContactPoint, ContactStatus, Party, PartyIdentifier, PartyKind
from tickets.models.payments import AccountChange, BankAccount, ChangeState, Payment, PaymentFile, PaymentState
from tickets.models.policies import Coverage, InsuredAsset, Policy, PolicyPerson, PolicyStatus, PolicyVersion
from tickets.models.readings import DocumentValue, FileReading, IntentQuality, LearnedModel, PictureKey, ReadingState
from tickets.models.requests import WAITING, HeldRequest, ReplyToken, Request, RequestItem, RequestState
from tickets.models.staff import Role, SignIn, Staff
from tickets.models.tasks import Complaint, Task, TaskState
from tickets.models.tickets import (
    Direction,
    Document,
    DocumentState,
    Link,
    LinkCount,
    LinkMove,
    LinkState,
    Message,
    MessageFile,
    TargetKind,
    Ticket,
    TicketState,
)
from tickets.models.work import DraftFile, Mention, Presence, ReplyDraft, SavedView, TicketTag

__all__ = [
    "SETTLED",
    "WAITING",
    "AccountChange",
    "Approval",
    "Arrival",
    "ArrivalState",
    "BankAccount",
    "Blob",
    "ChangeState",
    "ChannelState",
    "Claim",
    "ClaimLine",
    "ClaimParty",
    "ClaimState",
    "ClaimVehicle",
    "Clock",
    "ClockEvent",
    "ClockState",
    "Complaint",
    "ContactPoint",
    "ContactStatus",
    "Counter",
    "Coverage",
    "Decision",
    "DecisionKind",
    "DecisionState",
    "Direction",
    "Document",
    "DocumentState",
    "DocumentValue",
    "DraftFile",
    "EarlyReport",
    "Escalation",
    "Event",
    "FileReading",
    "FindingRow",
    "FindingState",
    "FirstReply",
    "HeldRequest",
    "InsuredAsset",
    "IntentQuality",
    "Invoice",
    "LearnedModel",
    "Lease",
    "Link",
    "LinkCount",
    "LinkMove",
    "LinkState",
    "Mention",
    "Merge",
    "Message",
    "MessageFile",
    "Model",
    "OutboxDelivery",
    "Party",
    "PartyIdentifier",
    "PartyKind",
    "Payment",
    "PaymentFile",
    "PaymentState",
    "PictureKey",
    "Policy",
    "PolicyPerson",
    "PolicyStatus",
    "PolicyVersion",
    "Presence",
    "ReadingState",
    "ReplyDraft",
    "ReplyToken",
    "Request",
    "RequestItem",
    "RequestState",
    "Requirement",
    "Role",
    "SavedView",
    "Setting",
    "Severity",
    "SharedMessage",
    "SignIn",
    "Staff",
    "TargetKind",
    "Task",
    "TaskState",
    "Ticket",
    "TicketState",
    "TicketTag",
]
