"""The one search box: references, numbers in any spelling, names with typing errors, words inside messages and scans.

The index of words is derived from the messages and follows them by `catch_up`; it can be dropped and made anew.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, TextClause, func, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from tickets import known_numbers, references
from tickets.messages import Medium
from tickets.models import (
    Claim,
    ContactPoint,
    InsuredAsset,
    Message,
    Party,
    PartyIdentifier,
    Policy,
    Request,
    Ticket,
)
from tickets.office import Office
from tickets.parties import fold, folded_name, normal_mail, normal_phone

#: Messages taken into the index at once.
PAGE = 500
#: How like a name must be, of 100, to count in spite of typing errors.
LIKE_ENOUGH = 78
_SHORTEST_NUMBER, _LONGEST_QUERY, _CANDIDATES = 6, 200, 200
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_SNIPPET = 90
_SHORTEST_WORD = 3  #: One or two letters begin a word of nearly every message.
_INFLECTED = 6  #: Shorter words are looked for as they stand.
_WALK = 4_000  #: Messages among which a frequent word is looked for, the newest.
_WORDED_SQLITE = text(
    "select rowid from message_words where message_words match :words order by rowid desc limit :most"
)
_WORDED_NEWEST = text(
    "select message_id from message_words where words @@ to_tsquery('simple', :words) "
    "and message_id > (select max(message_id) from message_words) - :walk order by message_id desc limit :most"
)
_WORDED_RARELY = text(
    "select message_id from message_words where words @@ to_tsquery('simple', :words) "
    "order by message_id + 0 desc limit :most"  # no index is in this order
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One hit: what people read, its reference, and where it leads."""

    words: str
    ref: str
    path: str
    medium: Medium | None = None
    inside: bool = False  #: Found by words inside a message or scan.


def find(session: Session, office: Office, typed: str, *, limit: int = 8) -> list[Found]:
    """What fits, the surest first: numbers, then names, then words; each place once, `limit` of each sort."""
    typed = " ".join(typed.split())[:_LONGEST_QUERY]
    if not typed:
        return []
    claims = _unique(
        [*_by_reference(session, office, typed), *_by_number(session, office, typed), *_by_name(session, typed)], limit
    )
    hits = [*_shown(session, claims), *_by_words(session, typed, limit=limit)]
    return list({(hit.path, hit.inside): hit for hit in hits}.values())


def _unique(claims: Iterable[Claim], limit: int) -> list[Claim]:
    return list({claim.id: claim for claim in claims}.values())[:limit]


def _shown(session: Session, claims: Sequence[Claim]) -> list[Found]:
    """Each claim with the way to its newest ticket."""
    newest = select(func.max(Ticket.id)).where(Ticket.claim_id.in_([claim.id for claim in claims]), Ticket.verified)
    rows = session.scalars(select(Ticket).where(Ticket.id.in_(newest.group_by(Ticket.claim_id))))
    tickets = {ticket.claim_id: ticket.ref for ticket in rows}
    return [
        Found(
            words=claim.claimant.name if claim.claimant else claim.ref,
            ref=claim.ref,
            path=f"/tickets/{tickets[claim.id]}" if claim.id in tickets else f"/claims/{claim.ref}/file",
        )
        for claim in claims
    ]


def _claims(session: Session, column: InstrumentedAttribute[Any], keys: Iterable[Any], limit: int = 20) -> list[Claim]:
    """The claims with one of these keys, the newest first.

    Keys, not a query for them: PostgreSQL would walk all claims from the newest on until enough had turned up.
    """
    query = select(Claim).where(column.in_(list(keys))).order_by(Claim.id.desc()).limit(limit)
    return list(session.scalars(query.options(joinedload(Claim.claimant))))


def _keys(session: Session, column: InstrumentedAttribute[Any], *where: ColumnElement[bool]) -> list[Any]:
    return list(session.scalars(select(column).where(*where).limit(_CANDIDATES)))


def _by_reference(session: Session, office: Office, typed: str) -> Iterator[Claim]:
    """Our own references, whole or their beginning, and policy numbers in any spelling."""
    found = references.find(typed, own=office.formats)
    values = {kind: [each.value for each in found if each.kind == kind] for kind in ("claim", "ticket", "request")}
    if values["claim"]:
        yield from _claims(session, Claim.ref, values["claim"])
    if values["ticket"]:
        yield from _claims(session, Claim.id, _keys(session, Ticket.claim_id, Ticket.ref.in_(values["ticket"])))
    if values["request"]:
        yield from _claims(session, Claim.id, _keys(session, Request.claim_id, Request.code.in_(values["request"])))
    policies = [each.value for each in found if each.kind.startswith("policy.")]
    if policies:
        yield from _claims(session, Claim.policy_id, _keys(session, Policy.id, Policy.ref_norm.in_(policies)))
    beginning = typed.upper()
    if re.fullmatch(r"CLM\d{2}(-\d*)?(-\d*)?", beginning):
        yield from _beginning(session, beginning)


def _beginning(session: Session, typed: str) -> list[Claim]:
    """The claims whose reference begins so, the highest number first, which is the order of their index."""
    query = select(Claim).where(Claim.ref >= typed, Claim.ref < typed + "~").order_by(Claim.ref.desc()).limit(20)
    return list(session.scalars(query.options(joinedload(Claim.claimant))))


def _by_number(session: Session, office: Office, typed: str) -> Iterator[Claim]:
    """Phones and addresses as they are on file, personal numbers, plates and chassis numbers."""
    digits = sum(map(str.isdigit, typed))
    norms = []
    if "@" in typed:
        norms.append(normal_mail(typed))
    elif digits >= _SHORTEST_NUMBER and re.fullmatch(r"[\d\s+().,/-]+", typed):
        norms.append(normal_phone(typed, country=office.country))
    if norms:
        parties = _keys(session, ContactPoint.party_id, ContactPoint.value_norm.in_(norms))
        yield from _claims(session, Claim.claimant_id, parties)
    found = references.find(typed, own=office.formats)
    persons = known_numbers.by_hash(office, "cnp", [each.value for each in found if each.kind == "cnp"])
    if persons:
        theirs = (PartyIdentifier.kind == "cnp", PartyIdentifier.value_hmac.in_(list(persons)))
        yield from _claims(session, Claim.claimant_id, _keys(session, PartyIdentifier.party_id, *theirs))
    vehicles = {each.value for each in found if each.kind in ("plate", "vin")}
    if vehicles:
        plates = {value.replace(" ", "") for value in vehicles} | vehicles
        insured = or_(InsuredAsset.plate_norm.in_(plates), InsuredAsset.vin.in_(vehicles))
        yield from _claims(session, Claim.policy_id, _keys(session, InsuredAsset.policy_id, insured))


# --- names


def _by_name(session: Session, typed: str) -> Iterator[Claim]:
    """The claims of the people whose names begin with the words typed; if there are none, of those most like them."""
    if any(map(str.isdigit, typed)) or "@" in typed:
        return
    parties = _begins(session, typed) or _alike(session, typed)
    if parties:
        order = {party_id: place for place, party_id in enumerate(parties)}
        claims = _claims(session, Claim.claimant_id, parties, limit=50)
        yield from sorted(claims, key=lambda claim: order[claim.claimant_id or 0])


def _begins(session: Session, typed: str) -> list[int]:
    words = _WORD.findall(fold(typed))
    if not words:
        return []
    if _is_sqlite(session):
        query = " ".join(f'"{word}"*' for word in words)
        statement = text("select rowid from party_words where party_words match :words limit :most")
    else:
        query = " & ".join(f"{word.replace('-', '')}:*" for word in words)
        statement = text(
            "select id from party where to_tsvector('simple', name_folded) @@ to_tsquery('simple', :words) limit :most"
        )
    return list(session.scalars(statement, {"words": query, "most": _CANDIDATES}))


def _alike(session: Session, typed: str) -> list[int]:
    """Those whose names are most like what was typed, the likest first."""
    wanted = folded_name(typed)
    if len(wanted) < 3:  # noqa: PLR2004 - a trigram
        return []
    if not _is_sqlite(session):  # swapped letters leave few trigrams alike; what is unlike is left out below
        session.execute(text("select set_config('pg_trgm.word_similarity_threshold', '0.25', true)"))
    ids = list(session.scalars(_trigrams(session), {"words": _trigram_query(session, wanted), "most": _CANDIDATES}))
    parties = session.scalars(select(Party).where(Party.id.in_(ids)))
    scored = sorted(((_likeness(wanted, party.name_folded), party.id) for party in parties), reverse=True)
    return [party_id for score, party_id in scored if score >= LIKE_ENOUGH][:20]


def _likeness(wanted: str, name: str) -> float:
    """How like a name is to the words typed, of 100; one word alone is compared with each word of the name."""
    words = [name] if " " in wanted else [name, *name.split()]
    return max(fuzz.token_sort_ratio(wanted, each) for each in words)


def _trigrams(session: Session) -> TextClause:
    if _is_sqlite(session):
        return text(
            "select rowid from party_trigrams where party_trigrams match :words "
            "order by bm25(party_trigrams) limit :most"
        )
    return text("select id from party where name_folded %> :words order by name_folded <->> :words limit :most")


def _trigram_query(session: Session, wanted: str) -> str:
    if not _is_sqlite(session):
        return wanted
    letters = wanted.replace('"', "")
    return " OR ".join(f'"{letters[at : at + 3]}"' for at in range(max(len(letters) - 2, 1)))


# --- words


def _by_words(session: Session, typed: str, *, limit: int) -> list[Found]:
    """The tickets with a message that holds every word but the shortest, the newest first."""
    stems = (_stem(word) for word in _WORD.findall(fold(typed)) if len(word) >= _SHORTEST_WORD)
    words = list(dict.fromkeys(stems))
    if not words:
        return []
    messages = session.scalars(
        select(Message)
        .where(Message.id.in_(_worded(session, words, limit)))
        .order_by(Message.id.desc())
        .options(joinedload(Message.ticket).joinedload(Ticket.claim))
    )
    return [
        Found(
            words=_around(each, words[0]),
            ref=each.ticket.claim.ref if each.ticket.claim and each.ticket.verified else each.ticket.ref,
            path=f"/tickets/{each.ticket.ref}",
            medium=each.medium,
            inside=True,
        )
        for each in messages
        if not each.ticket.restricted
    ]


def _worded(session: Session, words: Sequence[str], limit: int) -> list[int]:
    """The newest messages that hold words beginning so.

    PostgreSQL would walk back through every message for a word that is in few: it walks so far that what is frequent
    is found, and takes the index for the rest.
    """
    if _is_sqlite(session):
        values = {"words": " ".join(f'"{word}"*' for word in words), "most": limit}
        return list(session.scalars(_WORDED_SQLITE, values))
    query = " & ".join(f"{part}:*" for word in words for part in word.split("-"))
    found = list(session.scalars(_WORDED_NEWEST, {"words": query, "most": limit, "walk": _WALK}))
    if len(found) < limit:
        found = list(session.scalars(_WORDED_RARELY, {"words": query, "most": limit}))
    return found


def _stem(word: str) -> str:
    """A word without the letters by which its forms differ: `infiltrație` finds `infiltrația`, `claims` `claim`."""
    if any(map(str.isdigit, word)):
        return word
    return word[: max(len(word) - 2, 5)] if len(word) >= _INFLECTED else word


def _around(message: Message, word: str) -> str:
    """The words around the first place where a message holds one of those typed."""
    for said in (message.subject, message.text):
        at = fold(said).find(word)
        if at >= 0:
            start = max(at - _SNIPPET // 3, 0)
            return ("…" if start else "") + " ".join(said[start : start + _SNIPPET].split())
    return message.subject or " ".join(message.text[:_SNIPPET].split())


# --- the index


def catch_up(session: Session, *, limit: int = PAGE) -> int:
    """Take messages that are not in the index yet into it; gives how many."""
    if _is_sqlite(session):
        statement = text(_SQLITE_CATCH_UP).bindparams(most=limit)
    else:
        statement = text(_POSTGRES_CATCH_UP).bindparams(most=limit, shape=rf"\m{known_numbers.SHAPE}\M")
    return session.execute(statement).rowcount  # type: ignore[attr-defined,no-any-return]  # a cursor's result


_SQLITE_CATCH_UP = """
    insert into message_words(rowid, subject, text)
    select id, without_numbers(subject), without_numbers(text) from message
    where id > (select coalesce(max(id), 0) from message_words_docsize) order by id limit :most
"""
#: Numbers are given out before they are committed: those just behind the newest are looked at again.
_POSTGRES_CATCH_UP = """
    insert into message_words(message_id, words)
    select m.id, to_tsvector('simple', unaccent(regexp_replace(
      left(m.subject || ' ' || m.text, 250000), cast(:shape as text), ' ', 'g'))) from message m
    where m.id > (select coalesce(max(message_id), 0) - 1000 from message_words)
      and not exists (select 1 from message_words w where w.message_id = m.id)
    order by m.id limit :most on conflict do nothing
"""


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
