"""DataLoaders over the reading port: what many rows need is asked for once."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from strawberry.dataloader import DataLoader

from monitr.application.reading.fixed_assets import AssetCategory
from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.outstanding_items import OutstandingSummary
from monitr.application.reading.reading import Reading
from monitr.domain.accounting.account import CostCentre
from monitr.domain.accounting.outstanding_items import Bucket, OutstandingItemType
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId

D = TypeVar("D")
K = TypeVar("K")
V = TypeVar("V")
NumberInBooks = tuple[AdministrationId, int]
"""The number of an account, relation or cost centre in one administration."""
SummaryKey = tuple[AdministrationId, OutstandingItemType, date, tuple[Bucket, ...]]
AssetsKey = tuple[AdministrationId, date]


class Loaders:
    """Each caches for its own life: until the operation ends, or a mutation has changed what they hold."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.integrations = _loader(self._integrations, None)
        self.administrations = _loader(reading.administrations, None)
        self.administrations_of = _loader(reading.administrations_of, ())
        self.last_imports = _loader(reading.last_imports, None)
        self.dataset_states = _loader(reading.dataset_states, ())
        self.accounts = _loader(_in_books(self._accounts), None)
        self.cost_centres = _loader(_in_books(self._cost_centres), None)
        self.relations = _loader(_in_books(reading.relations_by_number), None)
        self.freshness = _loader(reading.freshness, None)
        self.outstanding_summaries: DataLoader[SummaryKey, OutstandingSummary] = DataLoader(self._summaries)
        self.asset_categories: DataLoader[AssetsKey, Sequence[AssetCategory]] = DataLoader(self._asset_categories)

    async def _integrations(self, ids: Sequence[IntegrationId]) -> Mapping[IntegrationId, Integration]:
        return {row.id: row for row in await self._reading.integrations(ids)}

    async def _accounts(self, id: AdministrationId, numbers: Sequence[int]) -> Mapping[int, NamedAccount]:
        return {row.number: row for row in await self._reading.accounts(id, numbers)}

    async def _cost_centres(self, id: AdministrationId, numbers: Sequence[int]) -> Mapping[int, CostCentre]:
        return {row.number: row for row in await self._reading.cost_centres(id, numbers)}

    async def _summaries(self, keys: list[SummaryKey]) -> list[OutstandingSummary]:
        return [await self._reading.outstanding_summary(*key) for key in keys]

    async def _asset_categories(self, keys: list[AssetsKey]) -> list[Sequence[AssetCategory]]:
        return [await self._reading.asset_categories(*key) for key in keys]


def _loader(read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], missing: D) -> DataLoader[K, V | D]:
    async def load(keys: list[K]) -> list[V | D]:
        found = await read(keys)
        return [found.get(key, missing) for key in keys]

    return DataLoader(load)


def _in_books(
    read: Callable[[AdministrationId, Sequence[int]], Awaitable[Mapping[int, V]]],
) -> Callable[[Sequence[NumberInBooks]], Awaitable[Mapping[NumberInBooks, V]]]:
    """Asks each administration once for all its numbers."""

    async def read_all(keys: Sequence[NumberInBooks]) -> Mapping[NumberInBooks, V]:
        wanted: defaultdict[AdministrationId, list[int]] = defaultdict(list)
        for administration, number in keys:
            wanted[administration].append(number)
        return {
            (administration, number): row
            for administration, numbers in wanted.items()
            for number, row in (await read(administration, numbers)).items()
        }

    return read_all
