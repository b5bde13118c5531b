"""What operators want to know of the database: the work that waits, and how old the data is."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OperatingFigures:
    """All of one moment; ages and lags are in seconds, and None where there is nothing."""

    runs: Mapping[tuple[str, bool], int]
    """The unfinished ones, by status and whether a living worker holds them."""
    queue_age: float | None
    """How long the run has been due that is due longest."""
    outbox_pending: int
    outbox_lag: float | None
    administrations: Mapping[str, int]
    """The live ones, by state."""
    ages: Sequence[int]
    """Administrations that the schedule imports, by the time since their last successful import (or since they were
    selected): their number below each of the bounds asked for, and in the last place above all; not cumulative."""
    ages_sum: float
    oldest: Sequence[tuple[str, str, float]]
    """Organisation, administration and age of the first hundred of them."""
    calls_left: Mapping[str, tuple[int, int]]
    """By operation: the least that any dossier or login has left today, and how many have nothing left."""


Measure = Callable[[], Awaitable[OperatingFigures]]
