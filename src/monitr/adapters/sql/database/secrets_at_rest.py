"""What is encrypted in the database, and what each ciphertext is bound to: its table, column and row, and, in the
format of now, its organisation. Nothing else asks the cipher, so that a new encrypted column cannot be forgotten when
keys are rotated (a test holds this list against the tables).

The program of before reads the first format only, and in a rolling upgrade it reads what the new one writes. So which
format is written is said by the database: a comment beside its revision, there from the start in a database that this
program has made, and otherwise set by ``monitr keys rotate``, which an operator runs when no old process is left.
"""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, Table, case, literal, literal_column, text

from monitr.adapters.sql.database.tables import authorization, credential, webhook_target
from monitr.domain.organisation import OrganisationId

_BOUND = "secrets are bound to their organisation"
_ASK_BOUND = f"coalesce(obj_description(to_regclass('alembic_version'), 'pg_class') = '{_BOUND}', false)"
_IS_BOUND: ColumnElement[bool] = literal_column(_ASK_BOUND)
_SAY_BOUND = text(f"COMMENT ON TABLE alembic_version IS '{_BOUND}'")


class Cipher(Protocol):
    """See ``adapters/security/cipher.py``. ``decrypt`` raises ValueError, which tells nothing of the secret."""

    def encrypt(self, secret: str, place: str, organisation: UUID | None) -> bytes: ...

    def decrypt(self, sealed: bytes, place: str, organisation: UUID) -> str: ...


@dataclass(frozen=True, slots=True)
class SecretColumn:
    """``named``: as what it is bound, where that is not the column's own name."""

    column: Column[Any]
    named: str

    @property
    def table(self) -> Table:
        return self.column.table

    @property
    def key(self) -> Column[Any]:
        (key,) = self.table.primary_key
        return key

    def place(self, row: UUID) -> str:
        return f"{self.table.name}|{self.named}|{row}"

    def sealed(self, cipher: Cipher, secret: str, row: UUID, organisation: OrganisationId) -> ColumnElement[bytes]:
        """The value to store, in the format that everybody understands who works on this database."""
        bound, unbound = (cipher.encrypt(secret, self.place(row), whose) for whose in (organisation, None))
        return case((_IS_BOUND, literal(bound, LargeBinary)), else_=literal(unbound, LargeBinary))

    def opened(self, cipher: Cipher, sealed: bytes, row: UUID, organisation: UUID) -> str:
        return cipher.decrypt(sealed, self.place(row), organisation)


REFRESH_TOKEN = SecretColumn(credential.c.refresh_token, "refresh_token")
ACCESS_TOKEN = SecretColumn(credential.c.access_token, "access_token")
VERIFIER = SecretColumn(authorization.c.verifier, "verifier")
WEBHOOK_SECRET = SecretColumn(webhook_target.c.secret, "secret")
# Not bound to its column, since a rotation of the webhook's secret moves it from the other one.
PREVIOUS_WEBHOOK_SECRET = SecretColumn(webhook_target.c.previous_secret, "secret")

SECRET_COLUMNS = (REFRESH_TOKEN, ACCESS_TOKEN, VERIFIER, WEBHOOK_SECRET, PREVIOUS_WEBHOOK_SECRET)


def are_bound(connection: Connection) -> bool:
    return bool(connection.execute(text(f"SELECT {_ASK_BOUND}")).scalar_one())


def bind_from_now_on(connection: Connection) -> None:
    """For the login that owns the tables."""
    connection.execute(_SAY_BOUND)
