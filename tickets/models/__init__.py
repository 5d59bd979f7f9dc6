"""The tables, by noun; importing this package makes all of them known to the mapper."""

from tickets.models.arrivals import Arrival, ArrivalState, Blob
from tickets.models.base import Model
from tickets.models.claims import SETTLED, Claim, ClaimLine, ClaimParty, ClaimState, Requirement
from tickets.models.history import Event
from tickets.models.office import ChannelState, Counter, Lease, Setting
from tickets.models.outbox import OutboxDelivery
from tickets.models.parties import ContactPoint, ContactStatus, Party, PartyIdentifier, PartyKind
from tickets.models.policies import Coverage, InsuredAsset, Policy, PolicyPerson, PolicyStatus, PolicyVersion
from tickets.models.requests import WAITING, ReplyToken, Request, RequestItem, RequestState
from tickets.models.staff import Role, SignIn, Staff
from tickets.models.tickets import (
    Direction,
    Document,
    DocumentState,
    Link,
    LinkState,
    Message,
    MessageFile,
    TargetKind,
    Ticket,
    TicketState,
)

__all__ = [
    "SETTLED",
    "WAITING",
    "Arrival",
    "ArrivalState",
    "Blob",
    "ChannelState",
    "Claim",
    "ClaimLine",
    "ClaimParty",
    "ClaimState",
    "ContactPoint",
    "ContactStatus",
    "Counter",
    "Coverage",
    "Direction",
    "Document",
    "DocumentState",
    "Event",
    "InsuredAsset",
    "Lease",
    "Link",
    "LinkState",
    "Message",
    "MessageFile",
    "Model",
    "OutboxDelivery",
    "Party",
    "PartyIdentifier",
    "PartyKind",
    "Policy",
    "PolicyPerson",
    "PolicyStatus",
    "PolicyVersion",
    "ReplyToken",
    "Request",
    "RequestItem",
    "RequestState",
    "Requirement",
    "Role",
    "Setting",
    "SignIn",
    "Staff",
    "TargetKind",
    "Ticket",
    "TicketState",
]
