"""The figures of the database on the metrics page."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from monitr.adapters.observability.figures import AGE_BOUNDS, Figures
from monitr.application.operating_figures import OperatingFigures


@dataclass(frozen=True)
class Known(OperatingFigures):
    runs: Mapping[tuple[str, bool], int] = field(default_factory=dict)
    queue_age: float | None = None
    outbox_pending: int = 0
    outbox_lag: float | None = None
    administrations: Mapping[str, int] = field(default_factory=dict)
    ages: Sequence[int] = (0,) * (len(AGE_BOUNDS) + 1)
    ages_sum: float = 0.0
    oldest: Sequence[tuple[str, str, float]] = ()
    calls_left: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class Database:
    def __init__(self, known: OperatingFigures | None) -> None:
        self.known = known
        self.asked = 0

    async def __call__(self) -> OperatingFigures:
        self.asked += 1
        await asyncio.sleep(0)
        if self.known is None:
            raise ConnectionError("password=hunter2")
        return self.known


async def scraped(figures: Figures) -> CollectorRegistry:
    await figures.refresh()
    registry = CollectorRegistry()
    registry.register(figures)
    return registry


async def test_many_scrapes_at_once_ask_the_database_once() -> None:
    database = Database(Known())
    figures = Figures(database)

    await asyncio.gather(*(figures.refresh() for _ in range(20)))

    assert database.asked == 1


async def test_after_some_seconds_it_is_asked_again() -> None:
    database = Database(Known())
    figures = Figures(database, good_for=0.0)

    await figures.refresh()
    await figures.refresh()

    assert database.asked == 2


async def test_a_database_that_is_away_is_told_and_old_figures_are_not() -> None:
    database = Database(Known(outbox_pending=3))
    figures = Figures(database, good_for=0.0)
    await figures.refresh()
    database.known = None

    registry = await scraped(figures)

    assert registry.get_sample_value("monitr_figures_up") == 0
    assert registry.get_sample_value("monitr_outbox_pending") is None


async def test_the_buckets_of_ages_are_cumulative_as_prometheus_wants_them() -> None:
    registry = await scraped(Figures(Database(Known(ages=[5, 4, 3, 0, 0, 0, 0, 1], ages_sum=99.0))))

    def below(bound: str) -> float | None:
        return registry.get_sample_value("monitr_last_success_age_seconds_bucket", {"le": bound})

    assert [below("3600.0"), below("21600.0"), below("43200.0"), below("+Inf")] == [5, 9, 12, 13]
    assert registry.get_sample_value("monitr_last_success_age_seconds_gcount") == 13


async def test_runs_are_told_by_status_and_by_whether_somebody_works_on_them() -> None:
    registry = await scraped(Figures(Database(Known(runs={("RUNNING", True): 2, ("RUNNING", False): 1}))))

    def running(held: str) -> float | None:
        return registry.get_sample_value("monitr_import_runs_unfinished", {"status": "RUNNING", "held": held})

    assert (running("yes"), running("no")) == (2, 1)
