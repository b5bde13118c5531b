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
        """The number of administrations that were behind and are not any more. Raises ExceptionGroup with what went
        wrong, once all have had their turn."""
        caught_up, failed = 0, list[Exception]()
        for organisation, id in await self.index.behind():
            try:
                caught_up += await self.index.catch_up(organisation, id)
            except Exception as error:  # it is no matter of the others
                failed.append(error)
        if failed:
            raise ExceptionGroup("the texts of some administrations are not indexed", failed)
        return caught_up
