"""Linking: what a message says about where it belongs, how strong each piece of evidence is, and when we are sure.

A wrong link shows one customer's data to another, so the rule abstains: a message is linked by itself only on one sure
piece of evidence without contradiction, and even then nothing is told to an address that the claim does not know.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice

from tickets import circumstances, names, tokens
from tickets.circumstances import Piece
from tickets.claims import may_be_same_loss, parties_of, party_ids
from tickets.directory import Directory
from tickets.evidence import Reason
from tickets.gist import Found, Gist
from tickets.messages import InboundMessage, Medium, Sender, Trust
from tickets.models import SETTLED, Claim, LinkState, Party, Policy, Request, TargetKind, Ticket
from tickets.office import Office
from tickets.parties import normal_address
from tickets.references import POLICY_KINDS, NearMiss
from tickets.traces import answered_subject

SURE = 0.98
KNOWN_POLICY = 0.95
ONE_CUSTOMER = 0.9
STRONG = 0.7
WEAK = 0.4
SAME_SUBJECT = 0.3

#: An SMS answers the only request open to its number for this long.
SMS_ANSWER_DAYS = 14
#: Candidates shown to a person when we are not sure.
CANDIDATES = 5
#: Of what one message names we look up this much: a real one names a handful, an attack thousands.
TOKENS, MAILS = 20, 50
#: Where a reference may be somebody else's: it alone links nothing.
ASIDE = ("quote", "attachment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What one message says about where it belongs, before the store is asked."""

    inbound: InboundMessage
    received_at: datetime
    sender: str | None  #: The normal address; None unless it is plain and our server did not call it forged.
    reply_tokens: tuple[str, ...]
    answered: tuple[str, ...]  #: Message-IDs it answers or refers to, nearest first.
    found: tuple[Found, ...]
    near: tuple[NearMiss, ...] = ()  #: What looks like one of our numbers and fails its check digits.
    signed: tuple[str, ...] = ()  #: The folded names under which it is signed.

    def of(self, *kinds: str, quoted: bool = False) -> list[Found]:
        """The valid references of these kinds; those of quotes and attachments only if `quoted`."""
        return [
            each
            for each in self.found
            if each.reference.kind in kinds and each.reference.valid and (quoted or each.where not in ASIDE)
        ]


@dataclass(slots=True, kw_only=True)
class Candidate:
    """A target the message may belong to, with everything that speaks for it."""

    kind: TargetKind
    target: str
    score: float
    state: LinkState = LinkState.SUGGESTED
    reasons: list[Reason] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Linking:
    """The outcome: where the message goes, on what evidence, and whether its sender may be told facts."""

    links: list[Candidate] = field(default_factory=list)
    ticket: Ticket | None = None  #: The ticket it joins; None: it gets one of its own.
    claim: Claim | None = None  #: Linked, perhaps with an unverified sender.
    request: Request | None = None
    policy: Policy | None = None
    party: Party | None = None
    verified: bool = False
    notes: list[str] = field(default_factory=list)


def clues(gist: Gist, *, received_at: datetime, office: Office) -> Clues:
    """Take from a message's gist and its headers everything that may say where it belongs."""
    inbound = gist.inbound
    return Clues(
        inbound=inbound,
        received_at=received_at,
        sender=_sender(inbound, office),
        reply_tokens=tuple(islice(_reply_tokens(inbound, office), TOKENS)),
        answered=tuple(dict.fromkeys((*inbound.in_reply_to[:MAILS], *reversed(inbound.references))))[: 2 * MAILS],
        found=gist.found,
        near=gist.near,
        signed=gist.signed,
    )


def _sender(inbound: InboundMessage, office: Office) -> str | None:
    if inbound.sender_state is not Sender.PLAIN or not inbound.sender.address or inbound.trust is Trust.FAIL:
        return None
    return normal_address(inbound.medium, inbound.sender.address, country=office.country) or None


def _reply_tokens(inbound: InboundMessage, office: Office) -> Iterator[str]:
    if inbound.link_token is not None:
        yield inbound.link_token
    outlet = office.outlets.get(Medium.EMAIL)
    if inbound.medium is not Medium.EMAIL or outlet is None:
        return
    addresses = [*inbound.delivered_to, *(each.address for each in (*inbound.to, *inbound.cc) if each.address)]
    for address in dict.fromkeys(addresses):
        if token := tokens.in_address(address, outlet.address):
            yield token


def decide(clue: Clues, directory: Directory, *, new_matter: bool, loss_date: date | None) -> Linking:
    """Weigh the evidence of one message.

    `new_matter` says that its words report a new loss, `loss_date` the day they propose for it.
    """
    linking = Linking(party=directory.customer(clue.sender))
    evidence = list(_sure(clue, directory))
    claims = _distinct(evidence)
    if len(claims) > 1:
        _several(linking, claims, evidence)
    elif claims:
        _one(linking, clue, directory, claims[0], evidence)
    else:
        _conversation(linking, clue, directory)
    doubtful = len(claims) > 1 or _by_open_requests(linking, clue, directory)
    _by_policy(linking, clue, directory, new_matter=new_matter, loss_date=loss_date, doubtful=doubtful)
    if not claims:
        _by_circumstances(linking, clue, directory, new_matter=new_matter, loss_date=loss_date, doubtful=doubtful)
    if linking.claim is None and not doubtful:
        _by_customer(linking, clue, directory, new_matter=new_matter, loss_date=loss_date)
    _by_bare_number(linking, clue, directory)
    _by_near_policy(linking, clue, directory)
    if not claims:
        _by_near_miss(linking, clue, directory)
    if linking.ticket is None:
        _by_subject(linking, clue, directory)
    _name_customer(linking, clue)
    linking.links = _shortlist(_ranked(linking.links))
    return linking


# --- evidence: each function reports what it found, where, and what it points to


@dataclass(frozen=True, slots=True, kw_only=True)
class Sure:
    """A sure piece of evidence: it points to a claim, perhaps through a ticket or a request."""

    reason: Reason
    claim: Claim
    ticket: Ticket | None = None
    request: Request | None = None


def _sure(clue: Clues, directory: Directory) -> Iterator[Sure]:
    yield from _by_reply_token(clue, directory)
    yield from _by_answered_mail(clue, directory)
    yield from _by_own_mail(clue, directory)
    yield from _by_reference(clue, directory)
    yield from _by_open_request(clue, directory)


def _by_reply_token(clue: Clues, directory: Directory) -> Iterator[Sure]:
    for token in clue.reply_tokens:
        row = directory.tokens.get(token)
        if row is not None and row.ticket.claim is not None:
            by_link = clue.inbound.link_token == token
            evidence, where = ("upload_link", "link") if by_link else ("reply_token", "recipient")
            reason = Reason(evidence=evidence, where=where, value=row.ticket.ref)
            yield Sure(reason=reason, claim=directory.current(row.ticket.claim), ticket=row.ticket, request=row.request)


def _by_answered_mail(clue: Clues, directory: Directory) -> Iterator[Sure]:
    for message_id in clue.answered:
        delivery = directory.sent.get(message_id)
        if delivery is not None and delivery.message.ticket.claim is not None:
            ticket = delivery.message.ticket
            reason = Reason(evidence="in_reply_to", where="header", value=ticket.ref)
            yield Sure(reason=reason, claim=directory.current(ticket.claim), ticket=ticket, request=delivery.request)  # type: ignore[arg-type]  # not None, tested above
            return


def _by_own_mail(clue: Clues, directory: Directory) -> Iterator[Sure]:
    """The sender goes on with a mail of his own; somebody else's Message-ID proves nothing."""
    for message in directory.mails_answered(clue.answered):
        ticket = message.ticket
        if ticket.claim is not None and ticket.verified and directory.wrote_on(ticket, clue.sender):
            reason = Reason(evidence="same_thread", where="header", value=ticket.ref)
            yield Sure(reason=reason, claim=directory.current(ticket.claim), ticket=ticket)
            return


def _by_reference(clue: Clues, directory: Directory) -> Iterator[Sure]:
    for each in clue.of("request"):
        request = directory.requests.get(each.reference.value)
        claim = directory.claims.get(each.reference.value.partition("/")[0])
        if request is None and claim is not None:  # a request we never made, of a claim we have
            yield Sure(reason=_reason("claim_ref", each), claim=directory.current(claim))
        if request is not None:
            yield Sure(
                reason=_reason("request_code" if each.where == "code" else "request_ref", each),
                claim=directory.current(request.claim),
                ticket=request.ticket,
                request=request,
            )
    for each in clue.of("claim"):
        claim = directory.claims.get(each.reference.value)
        if claim is not None and each.reference.sure:
            yield Sure(
                reason=_reason("code" if each.where == "code" else "claim_ref", each), claim=directory.current(claim)
            )
    for each in clue.of("ticket"):
        ticket = directory.tickets.get(each.reference.value)
        if ticket is not None and ticket.claim is not None and each.reference.sure:
            yield Sure(reason=_reason("ticket_ref", each), claim=directory.current(ticket.claim), ticket=ticket)


def _by_open_request(clue: Clues, directory: Directory) -> Iterator[Sure]:
    """An SMS from the number to which exactly one request is open, asked within a fortnight."""
    asked = _asked_by_text(clue, directory)
    if len(asked) == 1:
        [request] = asked
        claim = directory.current(request.claim)
        yield Sure(reason=_open_request(request), claim=claim, ticket=request.ticket, request=request)


def _asked_by_text(clue: Clues, directory: Directory) -> list[Request]:
    if clue.inbound.medium is not Medium.SMS or clue.sender is None:
        return []
    return directory.asked_of(clue.sender, since=clue.received_at, days=SMS_ANSWER_DAYS)


def _open_request(request: Request) -> Reason:
    return Reason(evidence="open_request", where="sender", value=request.code)


def _reason(evidence: str, found: Found) -> Reason:
    return Reason(evidence=evidence, where=found.where, value=found.reference.value)


def _distinct(evidence: Iterable[Sure]) -> list[Claim]:
    return list({each.claim.ref: each.claim for each in evidence}.values())


# --- decisions


def _several(linking: Linking, claims: Sequence[Claim], evidence: Sequence[Sure]) -> None:
    """Several claims in one message: each is suggested, none is linked, nothing is told."""
    linking.notes.append("several_claims")
    if not set.intersection(*(party_ids(claim) for claim in claims)):
        linking.notes.append("different_customers")
    for claim in claims:
        reasons = [each.reason for each in evidence if each.claim is claim]
        linking.links.append(Candidate(kind=TargetKind.CLAIM, target=claim.ref, score=STRONG, reasons=reasons))


def _one(linking: Linking, clue: Clues, directory: Directory, claim: Claim, evidence: Sequence[Sure]) -> None:
    """One claim, surely: linked if the sender is known to it and signs with no other name, else as unverified."""
    other = _signed_by_another(clue, directory, claim)
    if other:
        linking.notes.append("signed_by_another")
    known = not other and (directory.knows(claim, clue.sender) or _is_ours_on_paper(clue, directory, evidence))
    state = LinkState.ACTIVE if known else LinkState.UNVERIFIED
    reasons = [each.reason for each in evidence]
    if known and clue.sender:
        reasons.append(_sender_reason(clue))
    linking.claim, linking.policy = claim, claim.policy
    linking.verified = known and directory.knows(claim, clue.sender)
    linking.links.append(Candidate(kind=TargetKind.CLAIM, target=claim.ref, score=SURE, state=state, reasons=reasons))
    linking.request = directory.waiting.get(claim.ref)
    for each in evidence:
        if each.request is not None:
            linking.links.append(
                Candidate(
                    kind=TargetKind.REQUEST, target=each.request.code, score=SURE, state=state, reasons=[each.reason]
                )
            )
    if known:
        linking.ticket = next((each.ticket for each in evidence if each.ticket), None) or directory.ticket_of(claim)
    else:
        _conversation(linking, clue, directory)


def _is_ours_on_paper(clue: Clues, directory: Directory, evidence: Sequence[Sure]) -> bool:
    """A scan has no sender: our code, or the reference of a claim we have asked about, stands for the answer."""
    if clue.inbound.medium is not Medium.LETTER:
        return False
    coded = any(each.reason.where == "code" for each in evidence)
    return coded or any(each.claim.ref in directory.waiting for each in evidence)


def _signed_by_another(clue: Clues, directory: Directory, claim: Claim) -> bool:
    """Whether somebody signs who is no party of the claim: on paper anybody, elsewhere a customer we know."""
    if not clue.signed:
        return False
    ours = [party.name_folded for party in parties_of(claim)]
    strange = [name for name in clue.signed if not any(names.may_be_one(name, own) for own in ours)]
    if len(strange) < len(clue.signed):
        return False
    return clue.inbound.medium is Medium.LETTER or any(directory.traces.by_name.get(name) for name in strange)


def _conversation(linking: Linking, clue: Clues, directory: Directory) -> None:
    """Without a known claim: the ticket this same sender has written on before, by token, answer or reference."""
    for ticket, how, where in _tickets_meant(clue, directory):
        if directory.wrote_on(ticket, clue.sender):
            linking.ticket = ticket
            reason = Reason(evidence=how, where=where, value=ticket.ref)
            linking.links.append(
                Candidate(
                    kind=TargetKind.TICKET, target=ticket.ref, score=SURE, state=LinkState.ACTIVE, reasons=[reason]
                )
            )
            return


def _tickets_meant(clue: Clues, directory: Directory) -> Iterator[tuple[Ticket, str, str]]:
    for token in clue.reply_tokens:
        if token in directory.tokens:
            yield directory.tokens[token].ticket, "reply_token", "recipient"
    for message_id in clue.answered:
        if message_id in directory.sent:
            yield directory.sent[message_id].message.ticket, "in_reply_to", "header"
    for message in directory.mails_answered(clue.answered):
        yield message.ticket, "same_thread", "header"
    for each in clue.of("ticket"):
        if each.reference.value in directory.tickets:
            yield directory.tickets[each.reference.value], "ticket_ref", each.where


def _by_open_requests(linking: Linking, clue: Clues, directory: Directory) -> bool:
    """A text that may answer any of several requests: each is suggested. Whether it was so."""
    asked = _asked_by_text(clue, directory) if linking.claim is None else []
    if len(asked) < 2:  # noqa: PLR2004 - the only one is sure
        return False
    for request in asked:
        targets = {TargetKind.CLAIM: directory.current(request.claim).ref, TargetKind.REQUEST: request.code}
        for kind, target in targets.items():
            linking.links.append(Candidate(kind=kind, target=target, score=STRONG, reasons=[_open_request(request)]))
    return True


def _by_policy(
    linking: Linking,
    clue: Clues,
    directory: Directory,
    *,
    new_matter: bool,
    loss_date: date | None,
    doubtful: bool,
) -> None:
    """Policies that exist: linked if the sender is on them; a claim is linked only through the only one named."""
    found = clue.of(*POLICY_KINDS)
    named = {policy.ref: (each, policy) for each in found if (policy := directory.policies.get(each.reference.value))}
    open_question = linking.claim is None
    for each, policy in named.values():
        known = directory.is_on(policy, clue.sender)
        reasons = [_reason("policy_ref", each)] + ([_sender_reason(clue)] if known else [])
        state = LinkState.ACTIVE if known else LinkState.SUGGESTED
        score = KNOWN_POLICY if known else STRONG
        linking.links.append(
            Candidate(kind=TargetKind.POLICY, target=policy.ref, score=score, state=state, reasons=reasons)
        )
        if known:
            linking.policy = linking.policy or policy
        if open_question:
            sure = known and len(named) == 1 and not doubtful
            candidates = directory.claims_on(policy)
            _settle(
                linking, clue, directory, candidates, reasons, sure=sure, new_matter=new_matter, loss_date=loss_date
            )


def _by_circumstances(
    linking: Linking,
    clue: Clues,
    directory: Directory,
    *,
    new_matter: bool,
    loss_date: date | None,
    doubtful: bool,
) -> None:
    """Two independent strong pieces link where nothing speaks against it; the others are suggested."""
    found = circumstances.pieces(clue, directory.said_of(clue), directory, loss=loss_date)
    winner = circumstances.winner(found) if linking.claim is None and not doubtful else None
    claim = directory.claims.get(winner) if winner else None
    if claim is not None and not _speaks_against(claim, clue, directory, new_matter=new_matter, loss_date=loss_date):
        _agreed(linking, clue, directory, claim, circumstances.weigh(found)[claim.ref])
    for piece in found:
        if piece.rests_on.isdisjoint({"sender", "policy"}):  # those say so themselves
            linking.links += _suggested(piece, new_matter=new_matter, loss_date=loss_date)


def _speaks_against(
    claim: Claim, clue: Clues, directory: Directory, *, new_matter: bool, loss_date: date | None
) -> bool:
    """Another claim or policy named, another person signing, or a new loss on another day."""
    policies = {each.reference.value for each in clue.of(*POLICY_KINDS)}
    other_policy = policies and (claim.policy is None or claim.policy.ref_norm not in policies)
    return bool(
        other_policy
        or claim.state in SETTLED
        or _names_another(clue, claim, directory)
        or _signed_by_another(clue, directory, claim)
        or (new_matter and not _fits(claim, loss_date))
    )


def _agreed(linking: Linking, clue: Clues, directory: Directory, claim: Claim, pieces: Sequence[Piece]) -> None:
    known = directory.knows(claim, clue.sender)
    linking.claim, linking.policy, linking.verified = claim, linking.policy or claim.policy, known
    linking.request = directory.waiting.get(claim.ref)
    if known:
        linking.ticket = linking.ticket or directory.ticket_of(claim)
    linking.links.append(
        Candidate(
            kind=TargetKind.CLAIM,
            target=claim.ref,
            score=KNOWN_POLICY,
            state=LinkState.ACTIVE if known else LinkState.UNVERIFIED,
            reasons=[piece.reason for piece in pieces],
        )
    )


def _suggested(piece: Piece, *, new_matter: bool, loss_date: date | None) -> Iterator[Candidate]:
    """Where a piece leads: claims unless a new loss is told, and the customer and policy it names."""
    targets = [(TargetKind.CLAIM, claim.ref) for claim in piece.claims if not new_matter or _fits(claim, loss_date)]
    if piece.party is not None:
        targets.append((TargetKind.CUSTOMER, piece.party.external_id or str(piece.party.id)))
    if piece.policy is not None:
        targets.append((TargetKind.POLICY, piece.policy.ref))
    for kind, target in targets:
        yield Candidate(kind=kind, target=target, score=piece.strength, reasons=[piece.reason])


def _by_customer(
    linking: Linking, clue: Clues, directory: Directory, *, new_matter: bool, loss_date: date | None
) -> None:
    """One customer's address says who is writing; his claim is linked only if it is the one open and is asked about.

    Who names a policy of his means that one: claims on another are not his matter now.
    """
    if linking.party is None:
        return
    reasons = [_sender_reason(clue)]
    claims = directory.claims_by(linking.party)
    candidates = [each for each in claims if linking.policy is None or each.policy in (None, linking.policy)]
    sure = not new_matter and linking.policy is None
    _settle(linking, clue, directory, candidates, reasons, sure=sure, new_matter=new_matter, loss_date=loss_date)


def _by_bare_number(linking: Linking, clue: Clues, directory: Directory) -> None:
    """Digits that read as an existing claim's number without its letters are suggested."""
    for each in clue.of("claim"):
        claim = directory.claims.get(each.reference.value)
        if claim is not None and not each.reference.sure:
            ref = directory.current(claim).ref
            linking.links.append(
                Candidate(kind=TargetKind.CLAIM, target=ref, score=STRONG, reasons=[_reason("claim_ref", each)])
            )


def _by_near_miss(linking: Linking, clue: Clues, directory: Directory) -> None:
    """A number one slip away from an existing claim's is suggested, never linked: a person may have meant it."""
    for miss in clue.near:
        known = next((ref for ref in miss.candidates if ref in directory.claims or ref in directory.tickets), None)
        if known is not None:
            linking.notes.append(f"near_miss:{miss.value}")
            where = "subject" if miss.end <= len(clue.inbound.subject) else "text"
            reason = Reason(evidence="near_miss", where=where, value=miss.value)
            kind = TargetKind.CLAIM if known in directory.claims else TargetKind.TICKET
            linking.links.append(Candidate(kind=kind, target=known, score=WEAK, reasons=[reason]))


def _by_near_policy(linking: Linking, clue: Clues, directory: Directory) -> None:
    """The only policy one slip away from the one written, or the sender's only one of them, is suggested."""
    for each in clue.of(*POLICY_KINDS):
        near = directory.near_policies.get(each.reference.value, [])
        meant = [policy for policy in near if directory.is_on(policy, clue.sender)] or near
        if len(meant) == 1:
            reasons = [_reason("near_miss", each)]
            linking.links.append(Candidate(kind=TargetKind.POLICY, target=meant[0].ref, score=WEAK, reasons=reasons))


def _by_subject(linking: Linking, clue: Clues, directory: Directory) -> None:
    """An answer whose thread was lost bears the subject of the same sender's ticket: a hint for a person."""
    subject = answered_subject(clue.inbound.subject)
    ref = directory.traces.by_subject.get((clue.sender or "", subject)) if subject else None
    if ref is not None:
        reason = Reason(evidence="same_subject", where="subject", value=ref)
        linking.links.append(Candidate(kind=TargetKind.TICKET, target=ref, score=SAME_SUBJECT, reasons=[reason]))


def _settle(
    linking: Linking,
    clue: Clues,
    directory: Directory,
    candidates: Sequence[Claim],
    reasons: list[Reason],
    *,
    sure: bool,
    new_matter: bool,
    loss_date: date | None,
) -> None:
    """Link the only open claim if nothing contradicts it, else suggest what could be meant."""
    running = [claim for claim in candidates if claim.state not in SETTLED]
    fitting = [claim for claim in running if not new_matter or _fits(claim, loss_date)]
    sure = sure and len(running) == 1 and fitting == running and not _names_another(clue, running[0], directory)
    if sure and directory.knows(running[0], clue.sender):
        [claim] = running
        linking.claim, linking.verified = claim, True
        linking.policy = linking.policy or claim.policy
        linking.ticket = linking.ticket or directory.ticket_of(claim)
        linking.request = directory.waiting.get(claim.ref)
        score, state = KNOWN_POLICY, LinkState.ACTIVE
    else:
        score, state = WEAK, LinkState.SUGGESTED
    for claim in (fitting or ([] if new_matter else candidates))[:CANDIDATES]:
        linking.links.append(
            Candidate(kind=TargetKind.CLAIM, target=claim.ref, score=score, state=state, reasons=list(reasons))
        )


def _names_another(clue: Clues, claim: Claim, directory: Directory) -> bool:
    """Whether the message names a claim, rightly or misspelt, that is not this one."""
    named = {each.reference.value for each in clue.of("claim")}
    meant = {directory.current(directory.claims[ref]).ref if ref in directory.claims else ref for ref in named}
    misspelt = (miss for miss in clue.near if miss.value.startswith("CLM"))
    return bool(meant - {claim.ref}) or any(claim.ref not in miss.candidates for miss in misspelt)


def _fits(claim: Claim, loss_date: date | None) -> bool:
    """Words that report a new loss fit an open claim only if they name its day."""
    return loss_date is not None and claim.loss_date is not None and may_be_same_loss(claim, loss_date)


def _name_customer(linking: Linking, clue: Clues) -> None:
    if linking.party is not None:
        linking.links.append(
            Candidate(
                kind=TargetKind.CUSTOMER,
                target=linking.party.external_id or str(linking.party.id),
                score=ONE_CUSTOMER,
                state=LinkState.ACTIVE,
                reasons=[_sender_reason(clue)],
            )
        )


def _sender_reason(clue: Clues) -> Reason:
    evidence = "sender_phone" if clue.inbound.medium in (Medium.SMS, Medium.PHONE) else "sender_email"
    return Reason(evidence=evidence, where="sender", value=clue.sender or "")


def _shortlist(links: Iterable[Candidate]) -> list[Candidate]:
    """What is linked, and of what is only suggested the best five of each kind."""
    kept: list[Candidate] = []
    for link in links:
        alike = sum(each.kind is link.kind and each.state is LinkState.SUGGESTED for each in kept)
        if link.state is not LinkState.SUGGESTED or alike < CANDIDATES:
            kept.append(link)
    return kept


def _ranked(links: Iterable[Candidate]) -> list[Candidate]:
    """Each target once, with all its reasons; the surest first."""
    merged: dict[tuple[TargetKind, str], Candidate] = {}
    rank = [LinkState.ACTIVE, LinkState.UNVERIFIED, LinkState.SUGGESTED]
    for link in links:
        held = merged.setdefault((link.kind, link.target), link)
        if held is not link:
            held.reasons += [reason for reason in link.reasons if reason not in held.reasons]
            held.score = max(held.score, link.score)
            held.state = min(held.state, link.state, key=rank.index)
    return sorted(merged.values(), key=lambda link: (rank.index(link.state), -link.score))
