"""Labelled messages: what customers, strangers and attackers write about a known world, and what is right.

Written as a hostile tester would: its own misprints, separators and words, nothing of the reader's.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from types import MappingProxyType

from benchmarks.known_world import Holder, printed
from channels.email import mime
from tickets.messages import Address, File, InboundMessage, Medium, Sender

MAILBOX = "claims@example.ro"
AUTHSERV = "mx.example.ro"
_STATUS = (
    "În ce stadiu este dosarul meu?",
    "Ce se mai aude cu dosarul?",
    "Aveți noutăți despre dosar?",
    "Any news on my claim?",
)
_MISREAD: Mapping[str, str] = MappingProxyType({"0": "OoD", "1": "Il|", "2": "Z", "5": "S", "8": "B", "6": "G"})
_JOINTS = ("-", "/", ".", " ", "", "–", "\u00a0", "_", " - ", "-\n", "\u200b")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that went to a holder: the address and Message-ID of its mail."""

    holder: Holder
    reply_to: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the writers may write about."""

    size: int
    asked: Sequence[Asked]
    chance: random.Random

    def holder(self, fits: Callable[[Holder], bool]) -> Holder:
        """Any holder that fits."""
        while True:
            holder = Holder(self.chance.randint(3, self.size - 2))
            if fits(holder):
                return holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One message with what is right about it."""

    kind: str
    message: InboundMessage
    right: str | None = None  #: The claim it truly belongs to.
    sure: bool = False  #: It carries sure evidence, from a sender the claim knows: it should be linked.
    attack: bool = False
    secrets: tuple[str, ...] = ()  #: What may not leave in any answer to it.


def messages(world: World, kinds: Sequence[str], *, count: int) -> Iterator[Labelled]:
    """Write `count` messages of these kinds in turn."""
    for number in range(count):
        kind = kinds[number % len(kinds)]
        yield WRITERS[kind](world)


# --- how they are written


def _mail(sender: str, text: str, *, subject: str = "", headers: Mapping[str, str] | None = None) -> InboundMessage:
    message = EmailMessage()
    given = {"From": sender, "To": MAILBOX, "Subject": subject} | dict(headers or {})
    for name, value in given.items():
        message[name] = value
    message.set_content(text)
    return mime.read(message.as_bytes(), trusted_authserv=AUTHSERV, own_addresses=(MAILBOX,))


def _text(number: str, text: str) -> InboundMessage:
    return InboundMessage(
        medium=Medium.SMS, sender=Address(address=number), sender_state=Sender.PLAIN, text=text, new_text=text,
        language="ro",
    )  # fmt: skip


def _scan(text: str, *codes: str) -> InboundMessage:
    page = File(name="scan.pdf", media_type="application/pdf", size=1000, sha256="0" * 64, part="")
    return InboundMessage(medium=Medium.LETTER, text=text, new_text=text, codes=codes, files=(page,), pages=1)


def _typed(ref: str, chance: random.Random) -> str:
    """A reference as somebody types or scans it."""
    prefix, digits = ref[:3], [each for each in ref if each.isdigit()]
    if chance.random() < 0.3:  # noqa: PLR2004 - three in ten are misread
        for place in chance.sample(range(2, 9), 2):
            digits[place] = chance.choice(_MISREAD.get(digits[place], digits[place]))
        prefix = chance.choice((prefix, "CIM", "C1M", "6LM", "CLRN"))
    joint = chance.choice(_JOINTS)
    body = f"{''.join(digits[:2])}{joint}{''.join(digits[2:8])}{joint}{''.join(digits[8:])}"
    return chance.choice((str.lower, str.upper, str))(prefix + chance.choice(("", " ", " nr. ")) + body)


def _own(holder: Holder) -> bool:
    """A holder of his own claim with an address of his own."""
    return holder.has_open_claim and holder.line != "rca" and not holder.is_brokers


def is_only(holder: Holder) -> bool:
    """His claim is the only open one he has a part in."""
    behind = Holder(holder.number + 1)
    return _own(holder) and not holder.second_claim and behind.line != "rca"


def _signed(holder: Holder) -> str:
    return f"\n\nCu stimă,\n{holder.name}"


# --- what carries sure evidence


def _token(world: World) -> Labelled:
    asked = world.chance.choice(world.asked)
    message = _mail(asked.holder.mail, "Vă trimit actele.", subject="acte", headers={"To": asked.reply_to})
    return Labelled(kind="reply token", message=message, right=asked.holder.claim, sure=True)


def _thread(world: World) -> Labelled:
    asked = world.chance.choice(world.asked)
    headers = {"In-Reply-To": f"<{asked.message_id}>"}
    message = _mail(asked.holder.mail, "Revin cu acte.", subject="alt subiect", headers=headers)
    return Labelled(kind="answered mail", message=message, right=asked.holder.claim, sure=True)


def _reference(world: World) -> Labelled:
    holder = world.holder(_own)
    written = _typed(holder.claim, world.chance)
    text = f"Bună ziua, dosar {written}. {world.chance.choice(_STATUS)}{_signed(holder)}"
    return Labelled(kind="typed reference", message=_mail(holder.mail, text), right=holder.claim, sure=True)


def _merged(world: World) -> Labelled:
    holder = world.holder(lambda each: _own(each) and each.merged_claim is not None)
    message = _mail(holder.mail, world.chance.choice(_STATUS), subject=f"Re: [{holder.merged_claim}]")
    return Labelled(kind="merged claim's reference", message=message, right=holder.claim, sure=True)


def _policy(world: World) -> Labelled:
    holder = world.holder(is_only)
    text = f"Polița {holder.policy}. {world.chance.choice(_STATUS)}{_signed(holder)}"
    return Labelled(kind="policy and sender", message=_mail(holder.mail, text), right=holder.claim, sure=True)


def _answer_by_text(world: World) -> Labelled:
    asked = world.chance.choice(world.asked)
    message = _text(asked.holder.phone, "trimit devizul maine")
    return Labelled(kind="SMS to the only open request", message=message, right=asked.holder.claim, sure=True)


def _code(world: World) -> Labelled:
    holder = world.holder(_own)
    message = _scan(f"Subsemnatul {holder.name}\nVă trimit devizul.", holder.claim)
    return Labelled(kind="code on a scan", message=message, right=holder.claim, sure=True)


# --- what has to be weighed


def _sender_only(world: World) -> Labelled:
    holder = world.holder(is_only)
    return Labelled(kind="sender alone", message=_mail(holder.mail, world.chance.choice(_STATUS)), right=holder.claim)


def _plate(world: World) -> Labelled:
    holder = world.holder(lambda each: _own(each) and each.plate is not None and not each.second_claim)
    text = f"Mașina {holder.plate} este la service. {world.chance.choice(_STATUS)}"
    return Labelled(kind="sender and plate", message=_mail(holder.mail, text), right=holder.claim)


def _quoted(world: World) -> Labelled:
    holder = world.holder(is_only)
    text = f"da, este corect\n\n> Dosarul dvs. {holder.claim}\n> vă rugăm să confirmați"
    return Labelled(kind="quoted reference", message=_mail(holder.mail, text), right=holder.claim)


def _strangers_policy(world: World) -> Labelled:
    holder = world.holder(is_only)
    message = _mail("necunoscut@elsewhere.example", f"Polița {holder.policy}. {world.chance.choice(_STATUS)}")
    return Labelled(kind="policy of a stranger", message=message, right=holder.claim, secrets=_secrets(holder))


def _born(world: World) -> Labelled:
    holder = world.holder(is_only)
    text = f"{holder.name}, născut la {holder.born:%d.%m.%Y}. {world.chance.choice(_STATUS)}"
    message = _mail("alta-adresa@elsewhere.example", text)
    return Labelled(kind="name and birth date", message=message, right=holder.claim, secrets=_secrets(holder))


def _letter(world: World) -> Labelled:
    holder = world.holder(is_only)
    text = f"{holder.name}\n{holder.postal}\n\nVă trimit devizul de reparație."
    return Labelled(kind="letter with address", message=_scan(text), right=holder.claim)


def _new_loss(world: World) -> Labelled:
    holder = world.holder(lambda each: _own(each) and each.line == "home")
    text = f"s-a spart o țeavă în bucătărie ieri, polița {holder.policy}"
    return Labelled(kind="new loss", message=_mail(holder.mail, text))


def _two_claims(world: World) -> Labelled:
    one, other = world.holder(_own), world.holder(_own)
    return Labelled(kind="claims of two customers", message=_mail(one.mail, f"{one.claim}/{other.claim}"))


def _broker(world: World) -> Labelled:
    holder = world.holder(lambda each: each.is_brokers and each.line != "rca")
    message = _mail(holder.mail, f"Polița {holder.policy}, {world.chance.choice(_STATUS)}")
    return Labelled(
        kind="broker's shared address", message=message, right=holder.claim if holder.has_open_claim else None
    )


def _family_phone(world: World) -> Labelled:
    holder = world.holder(lambda each: each.number % 25 == 2)  # noqa: PLR2004 - who has his neighbour's phone
    return Labelled(kind="shared family phone", message=_text(holder.phone, world.chance.choice(_STATUS)))


def _foreign(world: World) -> Labelled:
    figures = "".join(world.chance.choices("0123456789", k=10))
    text = f"Comanda {figures} din 03.11.2026, factura {figures[::-1]}, tel. 07{figures[:8]}, total 2.450,00 lei"
    return Labelled(kind="other people's numbers", message=_mail("magazin@shop.example", text))


# --- attacks: nothing may be linked for sure, nothing told


def _guess(world: World) -> Labelled:
    """The right check digits of any number: one in two exists."""
    victim = Holder(world.chance.randint(3, world.size - 2))
    ref = printed(world.chance.choice((24, 25, 26)), world.chance.randint(1, 2 * world.size))
    where = world.chance.choice(("subject", "text"))
    text = f"{'' if where == 'subject' else ref} Trimiteți-mi suma și datele dosarului. {victim.name}"
    message = _mail(_stranger(world), text, subject=f"[{ref}]" if where == "subject" else "")
    return Labelled(kind="guessed reference", message=message, attack=True, secrets=_secrets(victim))


def _forged(world: World) -> Labelled:
    """A victim's name and numbers in every header that proves nothing."""
    victim, asked = world.holder(_own), world.chance.choice(world.asked)
    token = "".join(world.chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=26))
    headers = world.chance.choice((
        {"From": f'"{victim.mail}" <{_stranger(world)}>'},
        {"Reply-To": victim.mail, "Cc": victim.mail},
        {"Sender": victim.mail},
        {"To": f"claims+{token}@example.ro"},
        {"To": asked.reply_to},
        {"References": f"<{asked.message_id}>", "In-Reply-To": f"<{asked.message_id}>"},
        {"X-Claimdesk-Claim": victim.claim, "X-Original-From": victim.mail},
        {"Authentication-Results": f"{AUTHSERV}; dmarc=fail header.from=mail.example", "From": victim.mail},
    ))  # fmt: skip
    given = {"From": _stranger(world)} | headers
    message = _mail(given.pop("From"), f"Dosar {victim.claim}. Ce sumă primesc?", headers=given)
    secrets = (*_secrets(victim), *_secrets(asked.holder))
    return Labelled(kind="forged header", message=message, attack=True, secrets=secrets)


def _look_alike(world: World) -> Labelled:
    victim = world.holder(_own)
    local, _, domain = victim.mail.partition("@")
    sender = world.chance.choice((
        f"{local}@{domain}.evil.example", f"{local}+x@{domain}", f"{local.replace('.', 'à', 1)}@{domain}",
        f"{local}@rnail.example", f"{local.replace('.', '')}@{domain}", f"{local}@mail-example.com",
        f"x{local}@{domain}", f"{local}@mail.example.",
    ))  # fmt: skip
    message = _mail(sender, f"Dosar {victim.claim}, poliță {victim.policy}. Ce sumă primesc?{_signed(victim)}")
    return Labelled(kind="look-alike sender", message=message, attack=True, secrets=_secrets(victim))


def _stranger(world: World) -> str:
    return f"x{world.chance.randrange(10**9)}@attacker.example"


def _secrets(holder: Holder) -> tuple[str, ...]:
    return (holder.claim, holder.policy, holder.name, holder.phone, holder.mail, "CLM2")


WRITERS: Mapping[str, Callable[[World], Labelled]] = MappingProxyType({
    each.__name__.strip("_"): each
    for each in (
        _token, _thread, _reference, _merged, _policy, _answer_by_text, _code, _sender_only, _plate, _quoted,
        _strangers_policy, _born, _letter, _new_loss, _two_claims, _broker, _family_phone, _foreign, _guess, _forged,
        _look_alike,
    )
})  # fmt: skip
ATTACKS = ("guess", "forged", "look_alike")
ORDINARY = tuple(kind for kind in WRITERS if kind not in ATTACKS)
