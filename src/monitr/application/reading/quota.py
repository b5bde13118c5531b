"""What Octopus was asked today for a dossier, and how much is left of its daily maxima."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitr.domain.brussels import next_midnight
from monitr.domain.organisation import AdministrationId


@dataclass(frozen=True, slots=True)
class DailyMaximum:
    """Of an operation of a dossier: ``counted_as`` is its name where calls are counted, ``path`` its path without the
    dossier."""

    counted_as: str
    path: str
    limit: int


@dataclass(frozen=True, slots=True)
class CallsToday:
    """``is_stopped``: Octopus has refused to answer more of them today."""

    calls: int
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """``resets_at``: the next midnight in Brussels, in UTC."""

    operation: str
    used: int
    limit: int
    resets_at: datetime


class QuotaReader(Protocol):
    """Of the administrations of one organisation."""

    async def calls_today(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Mapping[str, CallsToday]]:
        """By the name of the operation, for what was asked of the dossier of each on this day in Brussels, by whichever
        organisation: Octopus counts them together."""
        ...


def quota_uses(maxima: Sequence[DailyMaximum], today: Mapping[str, CallsToday], now: datetime) -> list[QuotaUse]:
    """One for each maximum, also where nothing was asked."""
    resets_at = next_midnight(now)
    return [
        QuotaUse(maximum.path, _used(maximum, today.get(maximum.counted_as)), maximum.limit, resets_at)
        for maximum in maxima
    ]


def _used(maximum: DailyMaximum, today: CallsToday | None) -> int:
    if today is None:
        return 0
    return maximum.limit if today.is_stopped else today.calls
