"""Circumstances: every piece of evidence short of a sure one, a function each: what, where, how strong.

Starting strengths are the domain's; an installation's own confirmed links tell how right each kind is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tickets import names
from tickets.evidence import Reason
from tickets.messages import Medium
from tickets.models import SETTLED, Claim, Party, Policy
from tickets.references import POLICY_KINDS
from tickets.traces import Person, Said, invoice_key

if TYPE_CHECKING:
    from tickets.directory import Directory
    from tickets.linking import Clues

#: From here on a piece is strong: two that do not rest on the same thing make a link.
STRONG = 0.7
SENDER, ON_POLICY = 0.9, 0.95
CNP_AND_NAME, NAME_AND_BIRTH, VEHICLE_NUMBER, ACCOUNT, INVOICE = 0.95, 0.85, 0.8, 0.8, 0.8
PLATE_AND_DAY, NAME_AND_LOSS, NAME_AND_ADDRESS, PLATE, POLICY, QUOTED = 0.85, 0.8, 0.7, 0.7, 0.7, 0.7
CNP, LOSS, OLD_PLATE, NAME = 0.6, 0.5, 0.4, 0.2
#: The winner leads every other claim by this much.
MARGIN = 0.3
_MOST_CLAIMS = 50
_ADDRESS_WORDS_THERE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece of evidence: what it says, how strong it is, what it rests on, and where it leads."""

    reason: Reason
    strength: float
    rests_on: frozenset[str]  #: Two pieces are independent if they share nothing here.
    claims: tuple[Claim, ...] = ()
    party: Party | None = None
    policy: Policy | None = None


def pieces(clue: Clues, said: Said, directory: Directory, *, loss: date | None) -> list[Piece]:
    """Everything a message gives away of where it belongs, besides a sure reference."""
    found = [
        *_by_sender(clue, directory),
        *_by_policy(clue, directory),
        *_by_quoted_reference(clue, directory),
        *_by_personal_number(clue, said, directory),
        *_by_birth(said, directory),
        *_by_address(said, directory),
        *_by_name(said, directory),
        *_by_vehicle(clue, directory, loss=loss),
        *_by_account(clue, directory),
        *_by_invoice(clue, said, directory),
    ]
    return [*found, *_by_loss(found, said, loss=loss)]


def _by_sender(clue: Clues, directory: Directory) -> Iterator[Piece]:
    """The address of exactly one customer; a shared one says nothing."""
    party = directory.customer(clue.sender)
    if party is not None and clue.sender:
        evidence = "sender_phone" if clue.inbound.medium in (Medium.SMS, Medium.PHONE) else "sender_email"
        reason = Reason(evidence=evidence, where="sender", value=clue.sender)
        yield _of_party(reason, SENDER, party, directory, rests_on="sender")


def _by_policy(clue: Clues, directory: Directory) -> Iterator[Piece]:
    for each in clue.of(*POLICY_KINDS):
        policy = directory.policies.get(each.reference.value)
        if policy is not None:
            strength = ON_POLICY if directory.is_on(policy, clue.sender) else POLICY
            reason = Reason(evidence="policy_ref", where=each.where, value=policy.ref)
            yield _of_policy(reason, strength, policy, directory, rests_on="policy")


def _by_quoted_reference(clue: Clues, directory: Directory) -> Iterator[Piece]:
    """A number only in the quoted tail, or in an attachment, may be somebody else's."""
    own = {each.reference.value for each in clue.of("claim", "request")}
    for each in clue.of("claim", "request", quoted=True):
        claim = directory.claims.get(each.reference.value.partition("/")[0])
        aside = each.where in ("quote", "attachment") and each.reference.value not in own
        if claim is not None and aside and each.reference.sure:
            evidence = "claim_quoted" if each.where == "quote" else "claim_attached"
            reason = Reason(evidence=evidence, where=each.where, value=each.reference.value)
            yield Piece(
                reason=reason, strength=QUOTED, rests_on=frozenset({"reference"}), claims=(directory.current(claim),)
            )


def _by_personal_number(clue: Clues, said: Said, directory: Directory) -> Iterator[Piece]:
    """A personal number with its owner's name; without the name it may be a relative's. Its digits are not repeated."""
    for each in clue.of("cnp"):
        for person in directory.traces.by_cnp.get(each.reference.value, ()):
            named = names.has(said.words, person.name)
            reason = Reason(
                evidence="cnp_name" if named else "cnp", where=each.where, value=_last(each.reference.value)
            )
            yield from _of_person(reason, CNP_AND_NAME if named else CNP, person, directory)


def _by_birth(said: Said, directory: Directory) -> Iterator[Piece]:
    for day in said.born:
        for person in directory.traces.by_birth.get(day, ()):
            if names.has(said.words, person.name):
                reason = Reason(evidence="name_birth", where="text", value=day.isoformat())
                yield from _of_person(reason, NAME_AND_BIRTH, person, directory)


def _by_address(said: Said, directory: Directory) -> Iterator[Piece]:
    """A name with the postal address on file: the line as we keep it, or a namesake's whose words are all there."""
    lines = (person for line in said.postal for person in directory.traces.by_postal.get(line, ()))
    exact = {person.id: person for person in lines if names.has(said.words, person.name)}
    namesakes = (person for name in said.names for person in directory.traces.by_name.get(name, ()))
    near = {person.id: person for person in namesakes if _lives_there(directory.traces.parties.get(person.id), said)}
    for person in (near | exact).values():
        reason = Reason(evidence="name_address", where="text", value="")
        yield from _of_person(reason, NAME_AND_ADDRESS, person, directory)


def _lives_there(party: Party | None, said: Said) -> bool:
    postal = (point.value_norm.split() for point in party.contacts if point.medium is Medium.LETTER) if party else ()
    return any(
        len(words) > 2  # noqa: PLR2004 - a town alone is no address
        and all(word in said.words for word in words if word.isdigit())
        and sum(word in said.words for word in words) >= _ADDRESS_WORDS_THERE * len(words)
        for words in postal
    )


def _by_name(said: Said, directory: Directory) -> Iterator[Piece]:
    """A name alone, where few bear it: a hint, never more."""
    for name in said.names:
        for person in directory.traces.by_name.get(name, ()):
            yield from _of_person(Reason(evidence="name", where="text", value=""), NAME, person, directory)


def _by_vehicle(clue: Clues, directory: Directory, *, loss: date | None) -> Iterator[Piece]:
    """A vehicle on a policy or a claim. Plates are sold and given out again: what the policy covers no more is weak."""
    for each in clue.of("plate", "vin"):
        value = each.reference.value
        reason = Reason(evidence=str(each.reference.kind), where=each.where, value=value)
        day = loss or clue.received_at.date()
        for policy_id in {insured.policy_id for insured in directory.traces.by_vehicle.get(value, ())}:
            periods = [one for one in directory.traces.by_vehicle[value] if one.policy_id == policy_id]
            covered = any(one.since <= day <= one.until for one in periods)
            policy = directory.traces.policies.get(policy_id)
            if policy is not None:
                strength = _vehicle_strength(each.reference.kind, covered=covered, day_given=loss is not None)
                yield _of_policy(reason, strength, policy, directory, rests_on="vehicle")
        told = [directory.by_id[claim] for claim in directory.traces.claims_of_vehicle.get(value, ())]
        if told:
            strength = VEHICLE_NUMBER if each.reference.kind == "vin" else PLATE
            yield Piece(
                reason=reason, strength=strength, rests_on=frozenset({"vehicle"}), claims=_current(told, directory)
            )


def _vehicle_strength(kind: str, *, covered: bool, day_given: bool) -> float:
    if not covered:
        return OLD_PLATE
    if kind == "vin":
        return VEHICLE_NUMBER
    return PLATE_AND_DAY if day_given else PLATE


def _by_account(clue: Clues, directory: Directory) -> Iterator[Piece]:
    for each in clue.of("iban"):
        for party_id, claim_id in directory.traces.by_account.get(each.reference.value, ()):
            reason = Reason(evidence="iban", where=each.where, value=_last(each.reference.value))
            party = directory.traces.parties.get(party_id)
            if claim_id is not None and claim_id in directory.by_id:
                claims = _current([directory.by_id[claim_id]], directory)
                yield Piece(
                    reason=reason, strength=ACCOUNT, rests_on=frozenset({"account"}), claims=claims, party=party
                )
            elif party is not None:
                yield _of_party(reason, ACCOUNT, party, directory, rests_on="account")


def _by_invoice(clue: Clues, said: Said, directory: Directory) -> Iterator[Piece]:
    """An invoice a claim lists already, by its number and its issuer's."""
    for each in clue.of("invoice"):
        for issuer in said.tax_ids:
            claims = [
                directory.by_id[claim]
                for claim in directory.traces.by_invoice.get((issuer, invoice_key(each.reference.value)), ())
            ]
            if claims:
                reason = Reason(evidence="invoice", where=each.where, value=each.reference.value)
                current = _current(claims, directory)
                yield Piece(reason=reason, strength=INVOICE, rests_on=frozenset({"invoice"}), claims=current)


def _by_loss(found: Sequence[Piece], said: Said, *, loss: date | None) -> Iterator[Piece]:
    """The day of loss of a claim that something else leads to; with its claimant's name it is strong."""
    if loss is None:
        return
    claims = {claim.ref: claim for piece in found for claim in piece.claims if claim.loss_date == loss}
    for claim in claims.values():
        named = claim.claimant is not None and names.has(said.words, claim.claimant.name_folded)
        reason = Reason(evidence="name_loss" if named else "loss_date", where="text", value=loss.isoformat())
        rests_on = frozenset({"loss", "person"} if named else {"loss"})
        yield Piece(reason=reason, strength=NAME_AND_LOSS if named else LOSS, rests_on=rests_on, claims=(claim,))


# --- where a piece leads


def _of_person(reason: Reason, strength: float, person: Person, directory: Directory) -> Iterator[Piece]:
    party = directory.traces.parties.get(person.id)
    if party is not None:
        yield _of_party(reason, strength, party, directory, rests_on="person")


def _of_party(reason: Reason, strength: float, party: Party, directory: Directory, *, rests_on: str) -> Piece:
    claims = _running(directory.claims_by(party), directory)
    return Piece(reason=reason, strength=strength, rests_on=frozenset({rests_on}), claims=claims, party=party)


def _of_policy(reason: Reason, strength: float, policy: Policy, directory: Directory, *, rests_on: str) -> Piece:
    claims = _running(directory.claims_on(policy), directory)
    return Piece(reason=reason, strength=strength, rests_on=frozenset({rests_on}), claims=claims, policy=policy)


def _running(claims: Iterable[Claim], directory: Directory) -> tuple[Claim, ...]:
    return _current([claim for claim in claims if claim.state not in SETTLED][:_MOST_CLAIMS], directory)


def _current(claims: Iterable[Claim], directory: Directory) -> tuple[Claim, ...]:
    """Each claim once, merged ones as what they were merged into."""
    return tuple({current.ref: current for claim in claims if (current := directory.current(claim))}.values())


def _last(value: str) -> str:
    """Enough of a personal number or account to see which is meant: reasons are shown and stored."""
    return f"…{value[-4:]}"


# --- what they come to together


def weigh(found: Iterable[Piece]) -> dict[str, list[Piece]]:
    """The pieces of each claim, by its reference, the strongest first."""
    weighed: dict[str, list[Piece]] = {}
    for piece in sorted(found, key=lambda each: -each.strength):
        for claim in piece.claims:
            weighed.setdefault(claim.ref, []).append(piece)
    return weighed


def independent(found: Iterable[Piece]) -> list[Piece]:
    """Of a claim's pieces, strongest first, those that share nothing they rest on."""
    kept: list[Piece] = []
    for piece in found:
        if all(piece.rests_on.isdisjoint(other.rests_on) for other in kept):
            kept.append(piece)
    return kept


def winner(found: Iterable[Piece]) -> str | None:
    """The one claim on which two independent strong pieces agree, if no other claim comes near it."""
    totals = {
        ref: (sum(piece.strength >= STRONG for piece in kept), sum(piece.strength for piece in kept))
        for ref, listed in weigh(found).items()
        if (kept := independent(listed))
    }
    ranked = sorted(totals, key=lambda ref: totals[ref], reverse=True)
    if not ranked or totals[ranked[0]][0] < 2:  # noqa: PLR2004 - two strong pieces
        return None
    rivals = [ref for ref in ranked[1:] if totals[ranked[0]][1] - totals[ref][1] < MARGIN or totals[ref][0] > 1]
    return None if rivals else ranked[0]
