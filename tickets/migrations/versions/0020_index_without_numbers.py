"""Personal numbers leave the index of words. The way back is a backup, or none: the index is derived."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_SHAPE = r"[1-8][0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{6}"
_MANY = 1000
_POSTGRES = """
    update message_words w set words = to_tsvector('simple', unaccent(regexp_replace(
      left(m.subject || ' ' || m.text, 250000), cast(:shape as text), ' ', 'g')))
    from message m where m.id = w.message_id and (m.subject || ' ' || m.text) ~ cast(:shape as text)
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        op.get_bind().execute(sa.text(_POSTGRES), {"shape": rf"\m{_SHAPE}\M"})


def _sqlite() -> None:
    """Index again the messages that hold such a number: what is deleted has to be said as it was put in."""
    connection, shape = op.get_bind(), re.compile(rf"\b{_SHAPE}\b")
    page = sa.text(
        """select id, subject, text from message
           where id in (select id from message_words_docsize) and id > :last order by id limit :many"""
    )
    change = sa.text(
        "insert into message_words(message_words, rowid, subject, text) values ('delete', :id, :subject, :text)"
    )
    again = sa.text("insert into message_words(rowid, subject, text) values (:id, :subject, :text)")
    last = 0
    while rows := connection.execute(page, {"last": last, "many": _MANY}).all():
        for key, *said in rows:
            if any(shape.search(each) for each in said):
                for statement, (subject, words) in ((change, said), (again, [shape.sub(" ", each) for each in said])):
                    connection.execute(statement, {"id": key, "subject": subject, "text": words})
        last = rows[-1].id
