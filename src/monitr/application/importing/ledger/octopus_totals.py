"""Octopus's own totals per account and period, which the ledger is held against."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from monitr.application.importing.session import ImportSession
from monitr.application.octopus import AccountAmount, Changed, InvalidAnswer, OpenDossier, QuotaSpent
from monitr.domain.accounting.bookyear import Bookyear


@dataclass(frozen=True, slots=True)
class OctopusTotals:
    session: ImportSession
    dossier: OpenDossier
    bookyears: Sequence[Bookyear]

    async def read(self, since: datetime | None) -> None:
        """Where they cannot be read, verification goes without: old ones would prove nothing, and the next run reads
        all of them."""
        store = self.session.store.reference
        if not await store.knows(AccountAmount):
            since = None
        try:
            changed = await self.dossier.changed_account_amounts(since)
        except QuotaSpent:
            await store.replace(AccountAmount, [])
            return
        except InvalidAnswer as error:
            await store.replace(AccountAmount, [])
            await self.session.store.record.note([str(error)])
            return
        if since is None:
            await self._keep_all(changed)
        else:
            await self.session.report(changed.odd)
            await store.merge(AccountAmount, changed.rows, changed.deleted)

    async def read_again(self) -> None:
        """All of them. Where they cannot be read, those that are stored stand."""
        with suppress(QuotaSpent, InvalidAnswer):
            await self._keep_all(await self.dossier.changed_account_amounts(None))

    async def _keep_all(self, changed: Changed[AccountAmount]) -> None:
        await self.session.report(changed.odd)
        await self.session.store.reference.replace(AccountAmount, changed.rows)
        listed = {bookyear.number for bookyear in self.bookyears}
        if unlisted := sorted({amount.bookyear for amount in changed.rows} - listed):
            await self.session.store.record.note(
                [
                    f"Octopus has totals for bookyear {number}, which its list of bookyears leaves out"
                    for number in unlisted
                ]
            )
