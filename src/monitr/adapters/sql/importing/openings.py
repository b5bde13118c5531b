"""What the recognition of year openings reads and writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.domain.accounting.account import account_class, is_carried_forward
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.closing_carried import is_transfer
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.year_opening import OPENING_ACCOUNT, Candidate, YearOpening

_SQL = statements(__file__)


@dataclass(frozen=True, slots=True)
class SqlOpenings:
    fence: Fence

    async def candidates(self, bookyear: Bookyear) -> list[Candidate]:
        """The bookings, all of classes 0 to 5, that might open the bookyear (``domain.year_opening`` judges them)."""
        place = {"bookyear": bookyear.number, "types": list(FIRST_LOAD_TYPES)}
        first = min(bookyear.periods, key=lambda period: period.start, default=None)
        async with self.fence.transaction() as own:
            booked = (await own.run(_SQL["booked"], **place)).one()
            found = await own.run(
                _SQL["candidates"],
                **place,
                divers=int(JournalType.DIVERS),
                financial=int(JournalType.FINANCIAL),
                opening_account=OPENING_ACCOUNT,
                transfers=[account for account in booked.accounts if is_transfer(account)],
                no_banks=[account for account in booked.accounts if account_class(account) != 5],
                start=bookyear.start,
                first_period_start=first.start if first else bookyear.start,
                first_period_end=first.end if first else bookyear.start,
                unusual=booked.unusual_types,
                not_carried=[account for account in booked.accounts if not is_carried_forward(account)],
            )
            rows = found.all()
        candidates: dict[BookingKey, Candidate] = {}
        for row in rows:
            key = BookingKey(bookyear.number, *row[:3])
            periods = frozenset(None if period == -1 else period for period in row.periods)
            known = candidates.get(key, Candidate(key, row.date, frozenset(), {}))
            candidates[key] = Candidate(
                key, min(known.date, row.date), known.periods | periods, {**known.sums, row.account: row.amount}
            )
        return list(candidates.values())

    async def journal_names(self, bookyear: int) -> Mapping[int, str]:
        return {row.number: row.name for row in await self.fence.rows(_SQL["divers_journals"], bookyear=bookyear)}

    async def carried_forward(self, bookyear: Bookyear, start: Mapping[int, Decimal] | None) -> dict[int, Decimal]:
        """What the bookyear closes with: its openings, or else ``start``, and all its movements."""
        async with self.fence.transaction() as own:
            has_opening = (await own.run(_SQL["stored_openings"], bookyear=bookyear.number)).first() is not None
            moved = (await own.run(_SQL["moved"], bookyear=bookyear.number)).all()
        balances = {} if has_opening else dict(start or {})
        for account, amount in moved:
            if is_carried_forward(account):
                balances[account] = balances.get(account, ZERO) + amount
        return {account: amount for account, amount in balances.items() if amount}

    async def save(self, bookyear: Bookyear, openings: Sequence[YearOpening]) -> bool:
        """Put the openings and what they carry in place of the bookyear's; nothing is written where they are the
        same."""
        wanted = sorted((*opening.key[1:], str(opening.evidence)) for opening in openings)
        async with self.fence.writing() as own:
            stored = (await own.run(_SQL["stored_openings"], bookyear=bookyear.number)).all()
            differs = list(map(tuple, stored)) != wanted
            if differs:
                names = ("bookyear", *BookingKey._fields[1:], "evidence")
                await own.run(_SQL["forget_openings"], bookyear=bookyear.number)
                rows = [dict(zip(names, (bookyear.number, *row), strict=True)) for row in wanted]
                await own.run_for_each(_SQL["add_opening"], rows)
            return await _save_balances(own, bookyear.number) or differs


async def _save_balances(own: OwnTransaction, bookyear: int) -> bool:
    wanted = (await own.run(_SQL["carried"], bookyear=bookyear)).all()
    if (await own.run(_SQL["stored_balances"], bookyear=bookyear)).all() == wanted:
        return False
    await own.run(_SQL["forget_balances"], bookyear=bookyear)
    await own.run_for_each(_SQL["add_balance"], [{"bookyear": bookyear, **row._mapping} for row in wanted])
    return True
