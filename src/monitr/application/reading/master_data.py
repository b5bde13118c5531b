"""What the lines of the ledger refer to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from monitr.application.reading.pages import Page
from monitr.domain.accounting.account import CostCentre, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.organisation import AdministrationId

COST_CENTRE = "COST_CENTRE"
"""The one dimension that Octopus has."""


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """An account number over all bookyears that have it, named as in the newest; ``bookyears`` ascend.

    ``names`` are those of the bookyears, in their order, where it may have been renamed (octopus.md 3.8).
    ``first_seen_at``: when the import began that saw it first, in whatever bookyear (UTC); None where none has.
    """

    number: int
    name: str
    bookyears: tuple[int, ...]
    names: tuple[str, ...] = field(default=(), compare=False)
    first_seen_at: datetime | None = field(default=None, compare=False)

    def as_in(self, bookyear: int) -> "NamedAccount":
        """Named as in that bookyear, where it has a chart of its own."""
        name = dict(zip(self.bookyears, self.names, strict=False)).get(bookyear, self.name)
        return replace(self, name=name)


@dataclass(frozen=True, slots=True)
class Dimension:
    key: str


class MasterDataReader(Protocol):
    """Of the administrations of one organisation."""

    async def bookyears(self, id: AdministrationId) -> Sequence[Bookyear]:
        """Oldest first."""
        ...

    async def journals(self, id: AdministrationId) -> Sequence[Journal]:
        """By bookyear, then key."""
        ...

    async def accounts(self, id: AdministrationId, numbers: Sequence[int] | None = None) -> Sequence[NamedAccount]:
        """By number; with ``numbers``, those (a number that no chart holds is left out)."""
        ...

    async def cost_centres(
        self, id: AdministrationId, numbers: Sequence[int] | None = None
    ) -> Sequence[CostCentre]: ...

    async def relations_by_number(self, id: AdministrationId, numbers: Sequence[int]) -> Mapping[int, Relation]: ...

    async def relations(self, id: AdministrationId, first: int, after: str | None) -> Page[Relation]:
        """By number, with the total."""
        ...
