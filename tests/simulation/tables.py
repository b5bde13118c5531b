"""What the observer and the people see of what is stored: plain rows, read without the program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

Row = tuple[Any, ...]
Booking = tuple[int, int, int, int]
"""Bookyear, journal type, journal number, document number."""
Line = tuple[Any, ...]
"""Account, amount, date, period, effective date, relation, cost centre, description, reference: 0 or nothing where
there is none."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """``checks``: code and status of each. ``error``: its code and message."""

    id: UUID
    administration: UUID
    dossier: int
    status: str
    trigger: str
    mode: str
    queued_at: datetime
    resume_at: datetime | None
    lease_until: datetime | None
    checks: tuple[tuple[str, str], ...]
    error: str
    read: frozenset[str]
    """Its datasets that were read."""

    @property
    def due(self) -> datetime:
        """When somebody has to look after it, where it has not ended."""
        waits = self.resume_at if self.status == "WAITING" else None
        return self.lease_until or waits or self.queued_at

    @property
    def worst(self) -> str:
        states = {status for _, status in self.checks}
        return next((state for state in ("FAILED", "WARNING", "NOT_AVAILABLE") if state in states), "PASSED")

    @property
    def unpassed(self) -> str:
        return " ".join(f"{code}:{status}" for code, status in self.checks if status != "PASSED")


@dataclass(frozen=True, slots=True)
class AdministrationRow:
    id: UUID
    dossier: int
    name: str
    status: str
    integration: UUID
    watermark: datetime | None
    last_successful_import_at: datetime | None


@dataclass(frozen=True, slots=True)
class IntegrationRow:
    id: UUID
    status: str


class Tables(Protocol):
    def run(self, id: UUID) -> RunRow: ...

    def unfinished(self) -> Sequence[RunRow]:
        """Of administrations that are not removed."""
        ...

    def last_run(self, administration: UUID) -> RunRow | None: ...

    def administrations(self) -> Sequence[AdministrationRow]:
        """Not removed, by dossier."""
        ...

    def integrations(self) -> Sequence[IntegrationRow]:
        """On a card, the configured first."""
        ...

    def bookings(self, administration: UUID) -> Mapping[Booking, Sequence[Line]]:
        """Each with its lines, sorted."""
        ...

    def items(self, administration: UUID) -> Sequence[Row]:
        """Type, bookyear, journal key, document number, relation, outstanding amount."""
        ...

    def matchings(self, administration: UUID) -> Sequence[Row]:
        """Those that count: bookyear, journal key and document number of the debit and of the credit side, amount."""
        ...

    def notes(self, run: UUID) -> Sequence[str]: ...

    def names(self, kind: str, administration: UUID) -> dict[Any, str]:
        """Of ``relation`` and ``cost_centre`` by number, of ``account`` by bookyear and number."""
        ...

    def refresh_token(self, integration: UUID) -> str | None:
        """As it is held; None where that is kept from us."""
        ...

    def timeline(self, id: UUID) -> Sequence[str]:
        """The states to which an integration or administration has come, in their order."""
        ...

    def different_balances(self, administration: UUID) -> int:
        """Balances that are kept and are not the sums of lines."""
        ...
