"""The figures that stand in the database, measured when Prometheus asks, and then good for some seconds.

Every API process tells the same ones: look at ``max by (…)`` over them. One series per administration would grow with
the customers, so only the hundred oldest are told by name; the histogram counts all.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence

import structlog
from prometheus_client import Metric
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from monitr.application.operating_figures import Measure, OperatingFigures

logger = structlog.get_logger(__name__)

GOOD_FOR_SECONDS = 5.0
PATIENCE_SECONDS = 5.0
AGE_BOUNDS = (3600, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000)
"""Seconds: an hour, 6 hours, 12, a day, two, a week, thirty days. What is older is in the last bucket."""


class Figures(Collector):
    """``refresh`` before each scrape; many at once ask the database once."""

    def __init__(self, measure: Measure, *, good_for: float = GOOD_FOR_SECONDS) -> None:
        self._measure = measure
        self._good_for = good_for
        self._measured_at = -good_for
        self._known: OperatingFigures | None = None
        self._alone = asyncio.Lock()

    async def refresh(self) -> None:
        async with self._alone:
            if time.monotonic() - self._measured_at < self._good_for:
                return
            try:
                self._known = await asyncio.wait_for(self._measure(), PATIENCE_SECONDS)
            except Exception as error:  # the database is away: old figures would look like good ones
                logger.warning("figures.not_measured", error=type(error).__name__)
                self._known = None
            self._measured_at = time.monotonic()

    def collect(self) -> Iterable[Metric]:
        yield _gauge(
            "monitr_figures_up", "1 where the figures of the database could be measured.", self._known is not None
        )
        if self._known is not None:
            yield from _families(self._known)


def _families(known: OperatingFigures) -> Iterable[Metric]:
    held = (((status, "yes" if held else "no"), count) for (status, held), count in known.runs.items())
    yield _gauges("monitr_import_runs_unfinished", "Unfinished runs.", "status held", held)
    yield _gauge(
        "monitr_import_queue_age_seconds", "How long the run that waits longest has been due.", known.queue_age or 0
    )
    yield _gauge("monitr_outbox_pending", "Messages of the outbox that are due.", known.outbox_pending)
    yield _gauge("monitr_outbox_lag_seconds", "How long the oldest of them has been due.", known.outbox_lag or 0)
    states = (((state,), count) for state, count in known.administrations.items())
    yield _gauges("monitr_administrations", "Selected administrations.", "state", states)

    ages = GaugeHistogramMetricFamily(
        "monitr_last_success_age_seconds", "Time since the last successful import of what the schedule imports."
    )
    ages.add_metric([], _cumulative(known.ages), known.ages_sum)
    yield ages
    yield _gauges(
        "monitr_oldest_last_success_age_seconds",
        "The same of the hundred that are oldest.",
        "organisation administration",
        (((organisation, administration), age) for organisation, administration, age in known.oldest),
    )

    left = (((operation,), least) for operation, (least, _) in known.calls_left.items())
    yield _gauges("monitr_octopus_quota_left", "The least calls that any dossier has left today.", "operation", left)
    spent = (((operation,), without) for operation, (_, without) in known.calls_left.items())
    yield _gauges("monitr_octopus_quota_spent", "Dossiers that have no call left today.", "operation", spent)


def _gauges(name: str, help: str, labels: str, values: Iterable[tuple[tuple[str, ...], float]]) -> GaugeMetricFamily:
    gauges = GaugeMetricFamily(name, help, labels=labels.split())
    for labelled, value in sorted(values):
        gauges.add_metric(labelled, value)
    return gauges


def _gauge(name: str, help: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help, value=float(value))


def _cumulative(counts: Sequence[int]) -> list[tuple[str, float]]:
    bounds = [*map(str, map(float, AGE_BOUNDS)), "+Inf"]
    return [(bound, float(sum(counts[: position + 1]))) for position, bound in enumerate(bounds)]
