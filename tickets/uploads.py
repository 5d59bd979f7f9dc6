"""The upload page of one request: whom a link lets in, what it shows, and what it takes a second proof for."""

import hmac
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tickets import history, tokens
from tickets.catalogue import Fact, FactKind, Item, ItemKind
from tickets.claim_types import load
from tickets.directory import token_facts
from tickets.messages import Medium
from tickets.models import (
    SETTLED,
    WAITING,
    Claim,
    Document,
    Message,
    MessageFile,
    ReplyToken,
    Request,
    RequestItem,
    RequestState,
    Requirement,
    Ticket,
)
from tickets.office import Office
from tickets.requirements import RequirementState

#: A link ends so long after it was sent, whatever became of the request.
LIFE = timedelta(days=120)
#: Wrong second proofs after which a link takes no more.
MOST_PROOFS = 5
#: Fields that take a second proof, because they say where money goes.
GUARDED = frozenset({"bank_account"})


class Way(StrEnum):
    """How the customer answers one line of the page."""

    FILE = "file"
    VALUE = "value"
    FACT = "fact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing asked for, as the page shows it. Nothing here is about a person."""

    way: Way
    key: str  #: The item, or the fact a question is about.
    label: str
    hint: str
    item: str
    state: RequirementState
    arrived: int  #: Files that came through this page.
    fact: Fact | None = None  #: With its choices, for a question.
    guarded: bool = False

    @property
    def name(self) -> str:
        """The name of its field in the form."""
        return f"{self.way}.{self.key}"

    @property
    def is_open(self) -> bool:
        """Whether we still wait for it."""
        return self.state in (
            RequirementState.MAYBE,
            RequirementState.NEEDED,
            RequirementState.ASKED,
            RequirementState.REJECTED,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that lets somebody in, and the request it shows."""

    row: ReplyToken
    request: Request

    @property
    def claim(self) -> Claim:
        """The claim the request is about."""
        return self.request.claim


def url(office: Office, token: str) -> str:
    """The address of the page that a token opens."""
    return f"{office.public_url}/u/{tokens.for_link(token)}"


def find(session: Session, office: Office, printed: str, *, now: datetime) -> Link | None:
    """The request a link opens; None for a link that was never made, has ended or was revoked: all look alike."""
    token = tokens.in_link(printed)
    row = session.scalar(_links().where(ReplyToken.token == token)) if token else None
    if row is None or row.request is None or row.revoked_at is not None or now - row.made_at > LIFE:
        return None
    if not tokens.is_ours(row.token, office.keys, *token_facts(row)):
        return None
    request = _current(session, row.request)
    return Link(row=row, request=request) if request is not None and _is_open(request) else None


def _links() -> Select[ReplyToken]:
    return select(ReplyToken).options(
        joinedload(ReplyToken.ticket).joinedload(Ticket.claim),
        joinedload(ReplyToken.request).joinedload(Request.claim).joinedload(Claim.claimant),
    )


def _current(session: Session, request: Request) -> Request | None:
    """A superseded request's link goes on showing what the claim is asked for now."""
    query = (
        select(Request)
        .where(Request.claim_id == request.claim_id)
        .options(
            joinedload(Request.claim).joinedload(Claim.claimant),
            joinedload(Request.claim).joinedload(Claim.policy),
            selectinload(Request.items).joinedload(RequestItem.requirement),
        )
    )
    wanted = (
        query.where(Request.state.in_(WAITING))
        if request.state is RequestState.SUPERSEDED
        else query.where(Request.id == request.id)
    )
    return session.scalar(wanted)


def _is_open(request: Request) -> bool:
    shows = request.state in (*WAITING, RequestState.ANSWERED)
    return shows and request.claim.state not in SETTLED


def lines(session: Session, link: Link, language: str) -> list[Line]:
    """What the page shows, in the order of the request; a question that several items depend on stands once."""
    arrived = _arrived(session, link.request)
    found = [_line(item, language, arrived) for item in link.request.items]
    return [line for position, line in enumerate(found) if line.name not in {each.name for each in found[:position]}]


def _arrived(session: Session, request: Request) -> Counter[str]:
    """How many files came through the page for each item of the request."""
    query = (
        select(Requirement.item, func.count(Document.id).label("number"))
        .join(Document, Document.requirement_id == Requirement.id)
        .join(MessageFile, MessageFile.id == Document.file_id)
        .join(Message, Message.id == MessageFile.message_id)
        .where(Requirement.claim_id == request.claim_id, Message.medium == Medium.UPLOAD)
        .group_by(Requirement.item)
    )
    return Counter({row.item: row.number for row in session.execute(query)})


def _line(item: RequestItem, language: str, arrived: Counter[str]) -> Line:
    catalogue, key = load(), item.requirement.item
    entry = catalogue.items[key]
    if item.question is not None:
        fact = catalogue.facts[item.question]
        known = (item.request.claim.facts or {}).get(fact.key) is not None
        return Line(
            way=Way.FACT, key=fact.key, label=fact.question(language), hint="", item=key, fact=fact, arrived=0,
            state=RequirementState.RECEIVED if known else item.requirement.state,
        )  # fmt: skip
    way = Way.VALUE if entry.kind is ItemKind.FIELD else Way.FILE
    return Line(
        way=way, key=key, label=entry.label(language), hint=_hint(entry, language), item=key,
        state=item.requirement.state, arrived=arrived[key], guarded=key in GUARDED,
        fact=_choice(entry) if way is Way.VALUE else None,
    )  # fmt: skip


def _hint(item: Item, language: str) -> str:
    return item.counts.in_language(language) or item.why.in_language(language)


def _choice(item: Item) -> Fact | None:
    """A field that is a fact as well is answered with the fact's choices."""
    fact = load().facts.get(item.key)
    return fact if fact is not None and fact.kind is not FactKind.NUMBER else None


# --- the second proof


class Proof(StrEnum):
    """What the customer is asked, before the page takes an account: something we hold and the link does not say."""

    BIRTH_DATE = "birth_date"
    POLICY = "policy"


def proof(link: Link) -> Proof | None:
    """What to ask; None where we hold nothing to compare with, or too many answers were wrong."""
    claimant, policy = link.claim.claimant, link.claim.policy
    if link.row.proofs_failed >= MOST_PROOFS or claimant is None or link.row.party_id != claimant.id:
        return None
    if claimant.birth_date is not None:
        return Proof.BIRTH_DATE
    return Proof.POLICY if policy is not None and policy.holder_id == claimant.id else None


def prove(session: Session, link: Link, answer: str, *, now: datetime) -> bool:
    """Compare an answer with what we hold; a wrong one is counted on the link."""
    wanted = _wanted(link)
    given = "".join(character for character in answer if character.isalnum()).casefold()
    if wanted is not None and hmac.compare_digest(given.encode(), wanted.encode()):
        return True
    link.row.proofs_failed += 1
    history.record(session, "upload.proof_failed", actor="upload", at=now, ticket=link.row.ticket, claim=link.claim)
    return False


def _wanted(link: Link) -> str | None:
    """A birth date as its digits, year first; of a policy's number the last four characters."""
    asked, claimant, policy = proof(link), link.claim.claimant, link.claim.policy
    if asked is Proof.BIRTH_DATE and claimant is not None and isinstance(claimant.birth_date, date):
        return claimant.birth_date.strftime("%Y%m%d")
    if asked is Proof.POLICY and policy is not None:
        return policy.ref_norm[-4:].casefold()
    return None


def revoke(session: Session, request: Request, *, actor: str, now: datetime) -> None:
    """End every link and reply address of a request at once."""
    for row in session.scalars(
        select(ReplyToken).where(ReplyToken.request == request, ReplyToken.revoked_at.is_(None))
    ):
        row.revoked_at = now
    history.record(session, "upload.revoked", actor=actor, at=now, ticket=request.ticket, claim=request.claim,
                   code=request.code)  # fmt: skip


def link_of(session: Session, office: Office, requests: Sequence[Request]) -> dict[int, str]:
    """The page's address for each request that still shows one, by the request's key: that of its first recipient."""
    shown = [each.id for each in requests if _is_open(each)]
    rows = session.scalars(
        select(ReplyToken)
        .where(ReplyToken.request_id.in_(shown), ReplyToken.revoked_at.is_(None))
        .order_by(ReplyToken.made_at.desc(), ReplyToken.token.desc())
    )
    return {row.request_id: url(office, row.token) for row in rows if row.request_id is not None}
