"""Full text: words of messages, words and trigrams of names. Derived: it can be made anew at any time."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_WORDS = "tokenize=\"unicode61 remove_diacritics 2 tokenchars '-'\""
_SQLITE = (
    f"create virtual table message_words using fts5(subject, text, content='message', content_rowid='id', {_WORDS})",
    f"create virtual table party_words using fts5(name, content='party', content_rowid='id', prefix='2 3', {_WORDS})",
    """create virtual table party_trigrams using fts5(name_folded, content='party', content_rowid='id',
         tokenize='trigram')""",
    "insert into party_words(party_words) values('rebuild')",
    "insert into party_trigrams(party_trigrams) values('rebuild')",
    """create trigger party_named after insert on party begin
         insert into party_words(rowid, name) values (new.id, new.name);
         insert into party_trigrams(rowid, name_folded) values (new.id, new.name_folded);
       end""",
    """create trigger party_renamed after update of name, name_folded on party begin
         insert into party_words(party_words, rowid, name) values ('delete', old.id, old.name);
         insert into party_trigrams(party_trigrams, rowid, name_folded) values ('delete', old.id, old.name_folded);
         insert into party_words(rowid, name) values (new.id, new.name);
         insert into party_trigrams(rowid, name_folded) values (new.id, new.name_folded);
       end""",
    """create trigger party_forgotten after delete on party begin
         insert into party_words(party_words, rowid, name) values ('delete', old.id, old.name);
         insert into party_trigrams(party_trigrams, rowid, name_folded) values ('delete', old.id, old.name_folded);
       end""",
)
_POSTGRES = (
    "create extension if not exists pg_trgm",
    "create extension if not exists unaccent",
    """create table message_words (message_id bigint primary key references message(id) on delete cascade,
         words tsvector not null)""",
    "create index ix_message_words_words on message_words using gin (words)",
    "create index ix_party_name_words on party using gin (to_tsvector('simple', name_folded))",
    "create index ix_party_name_trigrams on party using gin (name_folded gin_trgm_ops)",
)


def upgrade() -> None:
    statements = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES
    for statement in statements:
        op.execute(statement)
