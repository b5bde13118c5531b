"""The OAuth rounds under way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.secrets_at_rest import VERIFIER, Cipher
from monitr.adapters.sql.database.tables import authorization as table
from monitr.adapters.sql.database.upsert import upsert
from monitr.adapters.sql.repositories.rows import entity_of, values_of
from monitr.domain.authorization import Authorization

_SWEPT_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class SqlAuthorizations:
    """The port ``Authorizations``. The PKCE verifier is encrypted; of the other secrets there are only digests."""

    connection: AsyncConnection
    cipher: Cipher

    async def by_ticket(self, ticket: bytes) -> Authorization | None:
        return await self._one(table.c.ticket == ticket)

    async def by_state(self, state: bytes) -> Authorization | None:
        return await self._one(table.c.state == state)

    async def _one(self, condition: ColumnElement[bool]) -> Authorization | None:
        query = select(table).where(condition).with_for_update()
        row = (await self.connection.execute(query)).mappings().one_or_none()
        return None if row is None else self._authorization_of(row)

    async def expired(self, now: datetime) -> Sequence[Authorization]:
        query = (
            select(table)
            .where(table.c.consumed_at.is_(None), table.c.expires_at <= now)
            .order_by(table.c.expires_at)
            .limit(_SWEPT_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        return [self._authorization_of(row) for row in (await self.connection.execute(query)).mappings()]

    async def save(self, authorization: Authorization) -> None:
        verifier, id, organisation = authorization.verifier, authorization.id, authorization.organisation_id
        sealed = None if verifier is None else VERIFIER.sealed(self.cipher, verifier, id, organisation)
        await upsert(self.connection, table, {**values_of(authorization), "verifier": sealed})

    def _authorization_of(self, row: RowMapping) -> Authorization:
        sealed, id, organisation = row["verifier"], row["id"], row["organisation_id"]
        verifier = None if sealed is None else VERIFIER.opened(self.cipher, sealed, id, organisation)
        return entity_of({**row, "verifier": verifier}, Authorization)
