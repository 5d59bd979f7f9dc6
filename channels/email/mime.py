"""A raw mail as one message: what it says, who sent it, its files; every part of it can be taken out again."""

from collections.abc import Callable
from dataclasses import replace

from channels.email import addresses, body, files, headers, hypertext, language, machine, parts, replies, signed, trust
from channels.email.body import Body
from channels.email.files import Found
from channels.email.headers import Headers
from channels.email.parts import Mail
from tickets.errors import UnreadableError
from tickets.messages import Address, InboundMessage, Medium, MessageKind, Sender, Trust

_ENVELOPE = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "original-recipient")
_MOST_ENVELOPE = 50
_WINMAIL = "/winmail:"
_SIGNED = "/smime:"
_MACINTOSH = "/mac:"
_DEEPEST_SIGNED = 3
_NEW_WORDS = 0.3  #: Share of the words in winmail.dat that the mail's own text lacks; above it both are shown.


def read(
    raw: bytes,
    *,
    trusted_authserv: str | None = None,
    own_addresses: tuple[str, ...] = (),
    find_record: Callable[[str], bytes | None] | None = None,
) -> InboundMessage:
    """Say what a raw mail means (RFC 5322, 2045 to 2047, 2231).

    `trusted_authserv` is the id under which our own server writes Authentication-Results; `own_addresses` are those
    we send from; with `find_record`, which gives a name's TXT record, DKIM is checked again. Raises `UnreadableError`
    for bytes that hold nothing; any other bytes give a message.
    """
    if not raw.strip(b" \t\r\n\f\v\0"):
        raise UnreadableError("the mail is empty: its source may hold it still")
    mail = parts.parse(raw)
    content = body.gather(mail)
    found = _files(mail, content)
    words = body.words(content)
    message = _addressed(mail.root.headers, words.text)
    verdict = machine.classify(mail, message, words.text, own_addresses=own_addresses)
    return replace(
        message,
        kind=verdict.kind,
        acknowledge=verdict.acknowledge,
        bounced=verdict.bounced,
        original_message_id=verdict.original_message_id,
        trust=_trust(raw, mail, message.sender.address, authserv=trusted_authserv, find_record=find_record),
        new_text=_new_text(message, content, html=words.html, kind=verdict.kind),
        html=words.html,
        language=language.guess(words.text),
        files=tuple(one.file for one in found),
        notes=tuple(dict.fromkeys((*mail.notes, *content.notes))),
    )


def _trust(
    raw: bytes,
    mail: Mail,
    address: str | None,
    *,
    authserv: str | None,
    find_record: Callable[[str], bytes | None] | None,
) -> Trust:
    found = trust.judge(mail.root.headers, address, authserv)
    if find_record is None or "dkim-signature" not in mail.root.headers:
        return found
    from channels.email import domain_keys

    return trust.stricter(found, domain_keys.judge(raw, mail.root.headers, address, find_record))


def extract(raw: bytes, part: str) -> bytes:
    """Give the decoded bytes of one `File.part`; "" is the raw mail. Raises `UnreadableError` for an unknown part."""
    if part == "":
        return raw
    mail = parts.parse(raw)
    path, mark, rest = part.partition("/")
    outer = mail.find(path)
    if outer is not None and not mark:
        return mail.content(outer)
    content = _inside(mail, outer, mark + rest) if outer is not None else None
    if content is None:
        raise UnreadableError(f"the mail has no part {part[:40]!r}")
    return content


def _inside(mail: Mail, outer: parts.Part, rest: str) -> bytes | None:
    """Give the bytes of a file inside a leaf."""
    if rest.startswith("/uu:") and rest[4:].isdecimal():
        return files.uuencoded(mail, outer, int(rest[4:8]))
    if rest.startswith(_WINMAIL):
        from channels.email.tnef import content as unpacked

        return unpacked(mail.content(outer), rest.removeprefix(_WINMAIL))
    if rest == _MACINTOSH:
        unwrapped = files.macintosh(mail.content(outer))
        return unwrapped and unwrapped[1]
    if rest.startswith(_SIGNED) and (content := signed.content(mail.content(outer))) is not None:
        return extract(content, rest.removeprefix(_SIGNED))
    return None


def _files(mail: Mail, content: Body, depth: int = 0) -> list[Found]:
    """List the files, winmail.dat and signed wrappers opened; words found inside join the body."""
    found: list[Found] = []
    for one in files.list_files(mail, content):
        if files.is_tnef(one.file, one.content):
            found += _unpacked(content, one)
        elif files.is_signed(one.file) and depth < _DEEPEST_SIGNED:
            found += [*_opened(content, one, depth), one]
        else:
            found.append(_unwrapped(one))
    return found


def _unwrapped(one: Found) -> Found:
    """Give the file inside a Macintosh's wrapper instead of the wrapper."""
    inside = files.macintosh(one.content)
    if inside is None:
        return one
    name = files.name_of(inside[0]) or one.file.name
    return files.found(name, files.type_by_name(name), inside[1], f"{one.file.part}{_MACINTOSH}")


def _unpacked(content: Body, winmail: Found) -> list[Found]:
    """Open winmail.dat; it stays a file itself if nothing can be read in it."""
    from channels.email.tnef import unpack

    opened = unpack(winmail.content)
    if opened is None:
        content.note("winmail.dat could not be opened")
        return [winmail]
    if opened.is_damaged:
        content.note("winmail.dat is damaged; some of it may be missing")
    block = body.Block(plain=opened.text, html=opened.html)
    if body.lacks(content, block, more_than=_NEW_WORDS):
        content.blocks.append(block)
    path = winmail.file.part
    return [
        files.found(
            files.name_of(one.name) or f"file-{one.key}{files.known_extension(one.media_type)}",
            one.media_type,
            one.content,
            f"{path}{_WINMAIL}{one.key}",
        )
        for one in opened.files
    ] or ([] if opened.text or opened.html else [winmail])


def _opened(content: Body, wrapper: Found, depth: int) -> list[Found]:
    """Show what an opaque S/MIME signature encloses (RFC 8551 section 3.5.2); the wrapper stays a file beside it."""
    inner = signed.content(wrapper.content)
    if inner is None:
        content.note("the mail is encrypted or its signature cannot be opened")
        return []
    mail = parts.parse(inner)
    inside = body.gather(mail)
    listed = _files(mail, inside, depth + 1)
    content.blocks += inside.blocks
    content.notes += [note for note in (*mail.notes, *inside.notes) if note not in content.notes]
    path = f"{wrapper.file.part}{_SIGNED}"
    return [Found(replace(one.file, part=path + one.file.part), one.content) for one in listed]


def _addressed(known: Headers, text: str) -> InboundMessage:
    """Read the header: who, to whom, when, about what."""
    sender, state = addresses.read_sender(known.all("from"), () if _is_list(known) else known.all("sender"))
    return InboundMessage(
        medium=Medium.EMAIL,
        sender=sender if state is Sender.PLAIN else Address(name=sender.name),
        sender_state=state,
        to=addresses.read_list(known.all("to")),
        cc=addresses.read_list(known.all("cc")),
        reply_to=addresses.read_list(known.all("reply-to")),
        delivered_to=_delivered_to(known),
        subject=known.text("subject"),
        text=text,
        sent_at=headers.moment(known.first("date")),
        message_id=next(iter(headers.ids(known.first("message-id"))), None),
        in_reply_to=tuple(headers.ids(known.first("in-reply-to"))[: headers.MOST_REFERENCES]),
        references=_references(known),
    )


def _is_list(known: Headers) -> bool:
    """A list's Sender is the list itself."""
    return "list-id" in known or "list-post" in known


def _references(known: Headers) -> tuple[str, ...]:
    """Keep the first, which began the thread, and the newest."""
    found = headers.ids(" ".join(known.all("references")))
    if len(found) > headers.MOST_REFERENCES:
        found = [found[0], *found[1 - headers.MOST_REFERENCES :]]
    return tuple(found)


def _delivered_to(known: Headers) -> tuple[str, ...]:
    values = (value for name in _ENVELOPE for value in known.all(name)[:_MOST_ENVELOPE])
    found = (addresses.bare(value.rpartition(";")[2] if ";" in value else value) for value in values)
    return tuple(dict.fromkeys(one for one in found if one))


def _new_text(message: InboundMessage, content: Body, *, html: str | None, kind: MessageKind) -> str:
    """Give the writer's own words; a report has no quotation of ours to cut."""
    text = message.text
    if kind in {MessageKind.BOUNCE, MessageKind.COMPLAINT_REPORT}:
        return text
    is_answer = bool(message.in_reply_to or message.references)
    new = replies.new_text(text, subject=message.subject, is_answer=is_answer)
    least = len(text.strip()) - 1  #: So much of it is all of it.
    if len(new) >= least and (marked := body.marked(content, text)) is not None:
        new = replies.new_text(marked, subject=message.subject, is_answer=is_answer)
    is_cut = len(new) < least
    return _with_coloured(new, html) if html and is_cut and replies.answers_in_place(new) else new


def _with_coloured(new: str, html: str) -> str:
    """Add the answers that stand in a colour inside the quotation."""
    added = [line for line in dict.fromkeys(hypertext.coloured(html)) if line not in new]
    return "\n\n".join((new, *added))
