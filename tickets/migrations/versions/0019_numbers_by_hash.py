"""Personal and company numbers are kept as keyed hashes with their last four characters. The way back is a backup."""

import base64
import hashlib
import hmac

import sqlalchemy as sa
from alembic import op
from stdnum.ro import cnp, cui

from tickets.errors import ConfigurationError

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_MANY = 10_000
_UNIQUE = "uq_party_identifier_party_id_kind_value"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("pragma secure_delete = on")  # what was in clear is overwritten, not only let go of
    for name, kind in (("value_hmac", sa.String()), ("ending", sa.String()), ("valid", sa.Boolean())):
        op.add_column("party_identifier", sa.Column(name, kind, nullable=True))
    _hash_all()
    op.drop_index(op.f("ix_party_identifier_kind_value"), "party_identifier")
    with op.batch_alter_table("party_identifier") as table:
        table.drop_constraint(op.f(_UNIQUE), type_="unique")
        table.drop_column("value")
        for name, kind in (("value_hmac", sa.String()), ("ending", sa.String()), ("valid", sa.Boolean())):
            table.alter_column(name, existing_type=kind, nullable=False)
        table.create_unique_constraint(op.f(f"{_UNIQUE}_hmac"), ["party_id", "kind", "value_hmac"])
    op.create_index(op.f("ix_party_identifier_kind_value_hmac"), "party_identifier", ["kind", "value_hmac"])


def _hash_all() -> None:
    connection, last = op.get_bind(), 0
    page = sa.text("select id, kind, value from party_identifier where id > :last order by id limit :many")
    change = sa.text("update party_identifier set value_hmac = :hash, ending = :end, valid = :valid where id = :id")
    while rows := connection.execute(page, {"last": last, "many": _MANY}).all():
        connection.execute(
            change,
            [
                {"id": key, "hash": _hash(kind, value), "end": value[-4:], "valid": _is_right(kind, value)}
                for key, kind, value in rows
            ],
        )
        last = rows[-1].id


def _hash(kind: str, value: str) -> str:
    context = op.get_context()
    assert context.config is not None
    keys: tuple[bytes, ...] = context.config.attributes.get("keys", ())
    if not keys:
        raise ConfigurationError("the store keeps personal numbers in clear: migrate it with the office's secret")
    words = f"known number\x1f{kind}\x1f{value}"
    digest = hmac.new(keys[0], words.encode(), hashlib.sha256).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower()


def _is_right(kind: str, value: str) -> bool:
    digits = value.removeprefix("RO") if kind == "cui" else value
    if digits.isdigit():
        return bool((cnp if kind == "cnp" else cui).is_valid(digits))
    return any(map(str.isalpha, digits))
