"""The transactions of one run: all of one organisation, and none of them writes once the run is somebody else's."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import TextClause, text
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.sql.database import tenancy
from monitr.adapters.sql.database.statements import scoped
from monitr.adapters.sql.importing.bulk_copy import Arriving
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.application.importing.ports import LeaseLost
from monitr.application.ports import Claim
from monitr.domain.organisation import AdministrationId

_HOLD = scoped(f"""
    SELECT {tenancy.NO_PAUSE} FROM import_run
    WHERE id = :run AND fence = :fence AND organisation_id = :organisation AND administration_id = :own
    FOR UPDATE""")
_PATIENT = text(f"SELECT {tenancy.PATIENT}")


class SqlStage(Protocol):
    """Takes what arrives, on a connection of its own."""

    @property
    def arriving(self) -> Arriving: ...

    async def open(self) -> None: ...


Stage = TypeVar("Stage", bound=SqlStage)


@dataclass(frozen=True, slots=True)
class Fence:
    engine: AsyncEngine
    claim: Claim
    administration: AdministrationId

    async def rows(self, query: TextClause, **parameters: object) -> Sequence[Row[*tuple[Any, ...]]]:
        async with self.transaction() as own:
            return (await own.run(query, **parameters)).all()

    @asynccontextmanager
    async def transaction(self, *, lasting: bool = False) -> AsyncIterator[OwnTransaction]:
        """Only the end of a run has to last: its commit waits for all that went before."""
        async with tenancy.transaction(self.engine, self.claim.organisation_id, lasting=lasting) as connection:
            yield self._own(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[OwnTransaction]:
        """Raises LeaseLost."""
        async with self.transaction() as own:
            await self.hold(own)
            yield own

    def _own(self, connection: AsyncConnection) -> OwnTransaction:
        return OwnTransaction(connection, self.claim.organisation_id, self.administration)

    async def hold(self, own: OwnTransaction) -> None:
        """Nobody can claim the run until this transaction ends; LeaseLost where somebody has."""
        held = await own.run(_HOLD, run=self.claim.run_id, fence=self.claim.fence)
        if held.one_or_none() is None:
            raise LeaseLost

    @asynccontextmanager
    async def staging(self, staged_on: Callable[[OwnTransaction], Stage]) -> AsyncIterator[Stage]:
        """A transaction that stays open while something arrives: undone, unless it was committed meanwhile."""
        async with self.engine.connect() as connection:
            await tenancy.enter(connection, self.claim.organisation_id, lasting=False)
            await connection.execute(_PATIENT)
            try:
                stage = staged_on(self._own(connection))
                async with _arriving(stage):
                    yield stage
            finally:
                try:
                    await connection.rollback()
                except Exception:  # cancelled in the midst of a command: the connection does not take another one
                    await connection.invalidate()


@asynccontextmanager
async def _arriving(stage: SqlStage) -> AsyncIterator[None]:
    """The stage takes what arrives. However that ends, its connection takes commands again afterwards."""
    try:
        await stage.open()
        yield
        await stage.arriving.close()
    except BaseException as error:
        with suppress(Exception):  # cancelled in the midst of a command: the connection does not take another one
            await stage.arriving.close(error)
        raise
