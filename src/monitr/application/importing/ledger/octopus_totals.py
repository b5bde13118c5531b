"""Octopus's own totals per account and period, which the ledger is held against."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from monitr.application.importing.absence import Contradiction, bookyears_left_out, totals_gone
from monitr.application.importing.session import ImportSession
from monitr.application.octopus import AccountAmount, Changed, InvalidAnswer, OpenDossier, QuotaSpent
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.words.sentence import Sentence


@dataclass(slots=True)
class OctopusTotals:
    """Read whole at every run, so that they do not share the blind spot of a time stamp (decision 19)."""

    session: ImportSession
    dossier: OpenDossier
    bookyears: Sequence[Bookyear]
    are_read: bool = False
    """By this run. Older ones would prove nothing."""
    of_bookyears: frozenset[int] = frozenset()
    """Those that they hold an amount of, other than zero."""

    async def read(self) -> None:
        """Where they cannot be read, verification goes without. Raises Contradiction where they came with nothing in
        them, though there were some before."""
        try:
            changed = await self.session.patiently(self._all, Contradiction)
        except QuotaSpent:
            return
        except InvalidAnswer as error:
            await self.session.store.record.note([error.said])
            return
        await self._keep(changed)

    async def read_again(self) -> None:
        """Where they cannot be read, those that are stored stand."""
        with suppress(QuotaSpent, InvalidAnswer, Contradiction):
            await self._keep(await self._all())

    async def _all(self) -> Changed[AccountAmount]:
        changed = await self.dossier.changed_account_amounts(None)
        if not changed.rows and not changed.odd and await self.session.store.reference.knows(AccountAmount):
            raise totals_gone()
        return changed

    async def _keep(self, changed: Changed[AccountAmount]) -> None:
        await self.session.report(changed.odd)
        await self.session.store.reference.replace(AccountAmount, changed.rows)
        self.are_read = bool(changed.rows)
        self.of_bookyears = frozenset(amount.bookyear for amount in changed.rows if amount.balance)
        listed = {bookyear.number for bookyear in self.bookyears}
        if self.of_bookyears and not listed:
            raise bookyears_left_out(self.of_bookyears)
        if unlisted := sorted({amount.bookyear for amount in changed.rows} - listed):
            await self.session.store.record.note(
                [Sentence.of("note.TOTALS_OF_UNLISTED_BOOKYEAR", bookyear=number) for number in unlisted]
            )
