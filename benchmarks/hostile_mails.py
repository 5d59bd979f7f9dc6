"""Mail made to keep a reader busy: one kind for each place where a careless one takes more than linear time."""

from collections.abc import Callable, Iterable


def html(body: bytes) -> bytes:
    """Write an HTML mail."""
    return b"From: a@example.org\nContent-Type: text/html\n\n" + body


#: Each makes a mail of a size, in steps; twice the size may take little more than twice the time.
HOSTILE: dict[str, Callable[[int], bytes]] = {
    "punycode": lambda size: b"Content-Type: text/plain; charset=punycode\n\n" + b"a-b\xc3" * (size * 10),
    "encoded words": lambda size: b"Subject: " + b"=?utf-8?q??= " * size + b"\n\nx",
    "unfinished words": lambda size: b"Subject: " + b"=?utf-8?q?" * size + b"\n\nx",
    "recipients": lambda size: b"To: " + b"a@example.org, " * size + b"\n\nx",
    "fields": lambda size: b"X-A: b\n" * (size * 5) + b"\nx",
    "folded lines": lambda size: b"X-A: b\n" + b" c\n" * (size * 5) + b"\nx",
    "parts": lambda size: b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * (size * 5),
    "nested parts": lambda size: b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(size)
    ),
    "boundary in a line": lambda size: b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a" * (size * 20),
    "parameters": lambda size: b"Content-Type: text/plain" + b"; a=b" * size + b"\n\nx",
    "quotes in parameters": lambda size: b"Content-Type: text/plain" + b'; a="\\' * size + b"\n\nx",
    "parentheses": lambda size: b"From: " + b"(" * (size * 3) + b"\n\nx",
    "angles": lambda size: b"From: " + b"<" * (size * 3) + b"\n\nx",
    "ids": lambda size: b"References: " + b"a@" * size + b"\n\nx",
    "padded base64": lambda size: (
        b"Content-Transfer-Encoding: base64\nContent-Type: image/png\n\n" + b"YQ==\n" * (size * 10)
    ),
    "soft breaks": lambda size: b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=  " * (size * 20),
    "uuencode": lambda size: b"X: y\n\n" + b"begin 644 a\n" * (size * 3),
    "tags": lambda size: html(b"<div><p style='color:red'>x" * size),
    "signs": lambda size: html(b"< " * (size * 10)),
    "quotes in tags": lambda size: html(b"<a '\">" * (size * 5)),
    "style rules": lambda size: html(b"".join(b"<style>.a%d{display:none}</style>" % n for n in range(size))),
    "unclosed elements": lambda size: html(b"<b>" * (size * 5) + b"</i>" * (size * 5)),
    "list items": lambda size: html(b"<ul><li>x" * size),
    "quoted blanks": lambda size: b"X: y\n\n" + b"> > >\n" * (size * 10),
    "blank lines": lambda size: b"X: y\n\n" + b" \n" * (size * 30),
    "attributions": lambda size: b"Subject: Re: x\n\n" + b"On Mon 23 Nov 2026 wrote:\n" * (size * 2),
    "heads": lambda size: b"X: y\n\n" + b"From: a\n" * (size * 5),
    "signatures": lambda size: b"X: y\n\n" + b"-- \n" * (size * 10),
    "one long line": lambda size: b"X: y\n\n" + b"On a@b wrote " * (size * 5),
    "reports": lambda size: b"From: MAILER-DAEMON@x.ro\nSubject: Undelivered\n\n" + b"a@" * (size * 20),
    "winmail": lambda size: (
        b'Content-Type: application/ms-tnef\n\nx\x9f>"\0\0' + b"\x02\x02\x90\x06\0\0\0\0\0\0\0" * (size * 5)
    ),
    "open signature": lambda size: b"Content-Type: application/pkcs7-mime\n\n" + b"0\x80" * (size * 10),
    "recipients of a report": lambda size: report(b"  unknown user a@b%d.ro\n" % n for n in range(size)),
    "reasons of a report": lambda size: report(b"could not be host unknown to quota the\n" for _ in range(size)),
    "groups of a report": lambda size: (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nx\n--b\n"
        b"Content-Type: message/delivery-status\n\n" + b"Final-Recipient: rfc822; a@b.ro\nAction: failed\n\n" * size
    ),
    "sentences of an absence": lambda size: b"Subject: Re: x\n\n" + b"I am out of the office until on leave. " * size,
    "notes heads": lambda size: b"Subject: Re: x\n\n" + b"a@b.ro\n10:00\n\nTo\n" * size,
    "words in winmail": lambda size: (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n"
        + b"cuvinte multe " * size
        + b'\n--b\nContent-Type: application/ms-tnef\n\nx\x9f>"\0\0\x01\x0c\x80\x02\0'
        + (size * 6).to_bytes(4, "little")
        + b"altele" * size
    ),
}


def report(lines: Iterable[bytes]) -> bytes:
    """Write a server's report in words."""
    return b"Return-Path: <>\nFrom: MAILER-DAEMON@x.ro\nSubject: Undelivered\n\n" + b"".join(lines)
