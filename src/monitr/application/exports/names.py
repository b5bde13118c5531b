"""The names beside the numbers of a row, each asked for once."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.reading import Reading
from monitr.domain.accounting.account import account_text
from monitr.domain.organisation import AdministrationId

V = TypeVar("V")

MOST_KNOWN = 20_000
"""Of a kind, kept at a time."""


class Names:
    """Of one administration, in one reading. What nothing was imported of is called by its number, as in GraphQL."""

    def __init__(self, reading: Reading, id: AdministrationId) -> None:
        async def accounts(numbers: Sequence[int]) -> Mapping[int, NamedAccount]:
            return {row.number: row for row in await reading.accounts(id, numbers)}

        async def cost_centres(numbers: Sequence[int]) -> Mapping[int, str]:
            return {
                row.number: row.names.in_language(reading.language, str(row.number))
                for row in await reading.cost_centres(id, numbers)
            }

        async def relations(numbers: Sequence[int]) -> Mapping[int, str]:
            return {number: row.name for number, row in (await reading.relations_by_number(id, numbers)).items()}

        self._accounts = _Known(accounts)
        self._cost_centres = _Known(cost_centres)
        self._relations = _Known(relations)

    async def learn(
        self,
        *,
        accounts: Iterable[int] = (),
        cost_centres: Iterable[int | None] = (),
        relations: Iterable[int | None] = (),
    ) -> None:
        """Those that the next rows hold."""
        await self._accounts.learn(accounts)
        await self._cost_centres.learn(cost_centres)
        await self._relations.learn(relations)

    def account(self, number: int, bookyear: int) -> str:
        account = self._accounts.get(number)
        return account.as_in(bookyear).name if account else account_text(number)

    def cost_centre(self, number: int) -> str:
        return self._cost_centres.get(number) or str(number)

    def relation(self, number: int | None) -> str | None:
        return None if number is None else self._relations.get(number) or str(number)


class _Known(Generic[V]):
    def __init__(self, read: Callable[[Sequence[int]], Awaitable[Mapping[int, V]]]) -> None:
        self._read = read
        self._found: dict[int, V | None] = {}

    async def learn(self, numbers: Iterable[int | None]) -> None:
        wanted = {number for number in numbers if number is not None}
        if len(self._found) > MOST_KNOWN:
            self._found = {}
        if new := sorted(wanted - self._found.keys()):
            found = await self._read(new)
            self._found |= {number: found.get(number) for number in new}

    def get(self, number: int) -> V | None:
        return self._found.get(number)
