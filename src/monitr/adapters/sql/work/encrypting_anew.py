"""``monitr keys rotate``: everything encrypted anew with the first key, in the format of now, while the program runs.

Row by row: each in a transaction of its own, so that nobody waits for a row longer than one statement, and two rows are
never locked at once. A ciphertext is replaced only where it is still the one that was read: a token that was refreshed
meanwhile stands, and has its turn in the next pass if another key made it. So it can be interrupted and run again.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from sqlalchemy import LargeBinary, bindparam, func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.secrets_at_rest import SECRET_COLUMNS, Cipher, SecretColumn
from monitr.adapters.sql.database.tenancy import rows_of_all, transaction
from monitr.domain.organisation import OrganisationId

_AT_ONCE = 100
_PASSES = 3
_KEY_ID = slice(1, 5)

# All that have a row in one of the tables: no credential is without its integration.
_ORGANISATIONS = text("""
    SELECT organisation_id FROM integration
    UNION SELECT organisation_id FROM oauth_authorization
    UNION SELECT organisation_id FROM webhook_target
    ORDER BY organisation_id
""")


class RotatingCipher(Cipher, Protocol):
    """See ``adapters/security/cipher.py``."""

    @property
    def newest(self) -> bytes: ...

    @property
    def key_ids(self) -> Sequence[bytes]: ...


@dataclass(slots=True)
class ColumnAnew:
    """``anew``: secrets that were encrypted now; ``already``: that were so before. ``unreadable``: the keys of the rows
    whose secret none of the keys opens; ``left``: secrets that others wrote with another key, again and again."""

    name: str
    anew: int = 0
    already: int = 0
    left: int = 0
    unreadable: set[UUID] = field(default_factory=set[UUID])


@dataclass(frozen=True, slots=True)
class EncryptedAnew:
    """``unneeded``: the places, from 1, of keys in MONITR_ENCRYPTION_KEYS that nothing in the database needs."""

    columns: Sequence[ColumnAnew]
    unneeded: Sequence[int]


async def encrypt_anew(engine: AsyncEngine, cipher: RotatingCipher) -> EncryptedAnew:
    done = {secret: ColumnAnew(f"{secret.table.name}.{secret.column.name}") for secret in SECRET_COLUMNS}
    organisations = [OrganisationId(row.organisation_id) for row in await rows_of_all(engine, _ORGANISATIONS)]
    for _ in range(_PASSES):
        written = 0
        for organisation in organisations:
            for secret, column in done.items():
                anew = await _pass(engine, cipher, organisation, secret, column)
                column.anew += anew
                written += anew
        if not written:
            break
    return EncryptedAnew(list(done.values()), await _count(engine, cipher, organisations, done))


async def _pass(
    engine: AsyncEngine, cipher: RotatingCipher, organisation: OrganisationId, secret: SecretColumn, column: ColumnAnew
) -> int:
    written = 0
    async for row, sealed in _others(engine, cipher, organisation, secret):
        try:
            opened = secret.opened(cipher, sealed, row, organisation)
        except ValueError:
            column.unreadable.add(row)
            continue
        column.unreadable.discard(row)
        written += await _replaced(engine, cipher, organisation, secret, row, sealed, opened)
    return written


async def _others(
    engine: AsyncEngine, cipher: RotatingCipher, organisation: OrganisationId, secret: SecretColumn
) -> AsyncIterator[tuple[UUID, bytes]]:
    """Those that the first key did not encrypt in the format of now, with their rows."""
    query = (
        select(secret.key, secret.column)
        .where(
            secret.table.c.organisation_id == organisation,
            func.substring(secret.column, 1, len(cipher.newest)) != literal(cipher.newest, LargeBinary),
            secret.key > bindparam("behind"),
        )
        .order_by(secret.key)
        .limit(_AT_ONCE)
    )
    behind = UUID(int=0)
    while True:
        async with transaction(engine, organisation, read_only=True) as connection:
            rows = (await connection.execute(query, {"behind": behind})).all()
        for row, sealed in rows:
            yield row, sealed
        if len(rows) < _AT_ONCE:
            return
        behind = rows[-1][0]


async def _replaced(
    engine: AsyncEngine,
    cipher: RotatingCipher,
    organisation: OrganisationId,
    secret: SecretColumn,
    row: UUID,
    sealed: bytes,
    opened: str,
) -> int:
    """1, or 0 where it is another one by now."""
    statement = (
        update(secret.table)
        .where(secret.key == row, secret.table.c.organisation_id == organisation, secret.column == sealed)
        .values({secret.column: cipher.encrypt(opened, secret.place(row), organisation)})
    )
    async with transaction(engine, organisation) as connection:
        return (await connection.execute(statement)).rowcount


async def _count(
    engine: AsyncEngine,
    cipher: RotatingCipher,
    organisations: Sequence[OrganisationId],
    done: dict[SecretColumn, ColumnAnew],
) -> Sequence[int]:
    """Fills in what is there now, and returns the keys that nothing needs."""
    needed: set[bytes] = set()
    for secret, column in done.items():
        newest, others = 0, 0
        begins = func.substring(secret.column, 1, len(cipher.newest))
        of_each = select(begins, func.count()).where(secret.column.is_not(None)).group_by(begins)
        for organisation in organisations:
            query = of_each.where(secret.table.c.organisation_id == organisation)
            async with transaction(engine, organisation, read_only=True) as connection:
                found = {bytes(begin): int(count) for begin, count in await connection.execute(query)}
            needed |= {begin[_KEY_ID] for begin in found}
            newest += found.pop(cipher.newest, 0)
            others += sum(found.values())
        column.already = max(newest - column.anew, 0)
        column.left = max(others - len(column.unreadable), 0)
    first = cipher.key_ids[0]
    return [place for place, id in enumerate(cipher.key_ids, 1) if id not in needed and id != first]
