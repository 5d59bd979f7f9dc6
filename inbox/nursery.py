"""What reading children know from birth: the process they are forked from has read a mail, so none learns it anew."""

import gc
from datetime import date

from channels.base import kind
from tickets import gist

#: Words in both languages and a page: every table that reading a mail needs is built by using it.
_MAIL = (
    b"From: a@example.com\r\nSubject: CLM26-004711-58\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>Buna ziua, va rog sa imi spuneti in ce stadiu este dosarul. Voi trimite factura maine.</p>"
    b"<p>Good morning, please tell me whether my claim is covered.</p>\r\n"
)

gist.of(kind("email").read(_MAIL, None), day=date(2026, 1, 1), formats=())
gc.freeze()  # what is shared stays so: no collection writes into it
