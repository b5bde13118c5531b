"""What imports have changed is entered in the index of texts, behind them: no import waits for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from monitr.domain.organisation import AdministrationId, OrganisationId


class TextIndex(Protocol):
    """Of the ledger lines of all organisations."""

    async def behind(self) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        """The administrations with runs that are over and have changes that are not in it yet."""
        ...

    async def catch_up(self, organisation: OrganisationId, id: AdministrationId) -> bool:
        """Enter what those runs have changed. What breaks off begins anew with the next call. False where somebody
        else does so, or it is gone."""
        ...


@dataclass(frozen=True, slots=True)
class IndexTexts:
    index: TextIndex

    async def __call__(self) -> int:
        """The number of administrations that were behind and are not any more."""
        return sum([await self.index.catch_up(organisation, id) for organisation, id in await self.index.behind()])
