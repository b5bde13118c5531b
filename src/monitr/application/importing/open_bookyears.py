"""Recognise the year openings of all complete bookyears, oldest first, since each rests on the closing before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from monitr.application.importing.ledger.ports import LedgerStore
from monitr.application.importing.ports import OpeningStore
from monitr.application.importing.session import ImportSession
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.year_opening import recognise


@dataclass(frozen=True, slots=True)
class OpenedBookyears:
    """``closing``: the balances per account of classes 0 to 5 at the end of the newest bookyear.

    ``differences``: per bookyear whose opening differs from the closing before it, by how much per account.
    """

    closing: Mapping[int, Decimal]
    differences: Mapping[int, Mapping[int, Decimal]]


async def show_complete_bookyears(session: ImportSession) -> OpenedBookyears:
    """Open them, and let the reports begin with the oldest."""
    opened = await open_bookyears(session.store.ledger, session.store.openings)
    await session.begin_with_oldest()
    return opened


async def open_bookyears(ledger: LedgerStore, store: OpeningStore) -> OpenedBookyears:
    closing: dict[int, Decimal] | None = None
    differences: dict[int, dict[int, Decimal]] = {}
    for bookyear in await ledger.complete_bookyears():
        candidates = await store.candidates(bookyear)
        openings = recognise(bookyear, candidates, await store.journal_names(bookyear.number), closing)
        await store.save(bookyear, openings)
        if closing is not None and openings:
            recognised = {opening.key for opening in openings}
            opened = [candidate.sums for candidate in candidates if candidate.key in recognised]
            difference = _difference(opened, closing)
            if difference:
                differences[bookyear.number] = difference
        closing = await store.carried_forward(bookyear, closing)
    return OpenedBookyears(closing or {}, differences)


def _difference(opened: list[Mapping[int, Decimal]], closing: Mapping[int, Decimal]) -> dict[int, Decimal]:
    accounts = {account for sums in opened for account in sums} | closing.keys()
    difference = {
        account: sum((sums.get(account, ZERO) for sums in opened), ZERO) - closing.get(account, ZERO)
        for account in accounts
    }
    return {account: amount for account, amount in difference.items() if amount}
