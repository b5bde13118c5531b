"""How far the figures of a report can be trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.import_run import ImportRunId
from monitr.domain.organisation import AdministrationId


@dataclass(frozen=True, slots=True)
class Freshness:
    """``import_run_id``, ``imported_at`` (UTC) and ``verification`` are those of the last run that succeeded; None and
    NOT_AVAILABLE before the first. ``import_running``: one is queued, running or waiting.

    ``complete_from``: the first day of the oldest bookyear that is read completely; ``closed_until``: the last day up
    to which bookyears are closed. None: there is no such day.
    """

    import_run_id: ImportRunId | None
    imported_at: datetime | None
    import_running: bool
    verification: VerificationStatus
    complete_from: date | None
    closed_until: date | None


class FreshnessReader(Protocol):
    """Of the administrations of one organisation."""

    async def freshness(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Freshness]:
        """Of those that there are. Figures that the same reader tells are of the same moment."""
        ...
