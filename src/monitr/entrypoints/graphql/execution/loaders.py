"""DataLoaders over the reading port: what many rows need is asked for once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from strawberry.dataloader import DataLoader

from monitr.application.reading.cards import DatasetState
from monitr.application.reading.fixed_assets import AssetCategory
from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.outstanding_items import OutstandingSummary
from monitr.application.reading.reading import Reading
from monitr.domain.accounting.account import CostCentre, Relation
from monitr.domain.accounting.outstanding_items import Bucket, OutstandingItemType
from monitr.domain.administration import Administration
from monitr.domain.import_run import ImportRun
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId

NumberInBooks = tuple[AdministrationId, int]
"""The number of an account, relation or cost centre in one administration."""
SummaryKey = tuple[AdministrationId, OutstandingItemType, date, tuple[Bucket, ...]]
AssetsKey = tuple[AdministrationId, date]


class Loaders:
    """Each caches for its own life: until the operation ends, or a mutation has changed what they hold."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.integrations: DataLoader[IntegrationId, Integration | None] = DataLoader(self._integrations)
        self.administrations: DataLoader[AdministrationId, Administration | None] = DataLoader(self._administrations)
        self.administrations_of: DataLoader[IntegrationId, Sequence[Administration]] = DataLoader(
            self._administrations_of
        )
        self.last_imports: DataLoader[AdministrationId, ImportRun | None] = DataLoader(self._last_imports)
        self.dataset_states: DataLoader[AdministrationId, Sequence[DatasetState]] = DataLoader(self._dataset_states)
        self.accounts: DataLoader[NumberInBooks, NamedAccount | None] = DataLoader(self._accounts)
        self.cost_centres: DataLoader[NumberInBooks, CostCentre | None] = DataLoader(self._cost_centres)
        self.relations: DataLoader[NumberInBooks, Relation | None] = DataLoader(self._relations)
        self.outstanding_summaries: DataLoader[SummaryKey, OutstandingSummary] = DataLoader(self._summaries)
        self.asset_categories: DataLoader[AssetsKey, Sequence[AssetCategory]] = DataLoader(self._asset_categories)

    async def _integrations(self, ids: list[IntegrationId]) -> list[Integration | None]:
        found = {row.id: row for row in await self._reading.integrations(ids)}
        return [found.get(id) for id in ids]

    async def _administrations(self, ids: list[AdministrationId]) -> list[Administration | None]:
        found = await self._reading.administrations(ids)
        return [found.get(id) for id in ids]

    async def _administrations_of(self, ids: list[IntegrationId]) -> list[Sequence[Administration]]:
        found = await self._reading.administrations_of(ids)
        return [found.get(id, ()) for id in ids]

    async def _last_imports(self, ids: list[AdministrationId]) -> list[ImportRun | None]:
        found = await self._reading.last_imports(ids)
        return [found.get(id) for id in ids]

    async def _dataset_states(self, ids: list[AdministrationId]) -> list[Sequence[DatasetState]]:
        found = await self._reading.dataset_states(ids)
        return [found.get(id, ()) for id in ids]

    async def _accounts(self, keys: list[NumberInBooks]) -> list[NamedAccount | None]:
        found = {
            (administration, row.number): row
            for administration, numbers in _by_administration(keys)
            for row in await self._reading.accounts(administration, numbers)
        }
        return [found.get(key) for key in keys]

    async def _cost_centres(self, keys: list[NumberInBooks]) -> list[CostCentre | None]:
        found = {
            (administration, row.number): row
            for administration, numbers in _by_administration(keys)
            for row in await self._reading.cost_centres(administration, numbers)
        }
        return [found.get(key) for key in keys]

    async def _relations(self, keys: list[NumberInBooks]) -> list[Relation | None]:
        found = {
            (administration, number): row
            for administration, numbers in _by_administration(keys)
            for number, row in (await self._reading.relations_by_number(administration, numbers)).items()
        }
        return [found.get(key) for key in keys]

    async def _summaries(self, keys: list[SummaryKey]) -> list[OutstandingSummary]:
        return [await self._reading.outstanding_summary(*key) for key in keys]

    async def _asset_categories(self, keys: list[AssetsKey]) -> list[Sequence[AssetCategory]]:
        return [await self._reading.asset_categories(*key) for key in keys]


def _by_administration(keys: Sequence[NumberInBooks]) -> list[tuple[AdministrationId, list[int]]]:
    numbers: defaultdict[AdministrationId, list[int]] = defaultdict(list)
    for administration, number in keys:
        numbers[administration].append(number)
    return list(numbers.items())
