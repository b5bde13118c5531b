"""``docs/observability.md`` names every metric, and none that there is not."""

import re
from pathlib import Path

from prometheus_client import CollectorRegistry

from monitr.adapters.observability.figures import Figures
from monitr.adapters.observability.metrics import work_metrics
from monitr.application.operating_figures import OperatingFigures
from monitr.entrypoints.http.metrics import http_metrics
from tests.components.observability.test_figures import Known

DOCUMENT = Path(__file__).parents[3] / "docs" / "observability.md"


async def existing_metrics() -> set[str]:
    """The names of all families that the program can tell."""

    async def measure() -> OperatingFigures:
        return Known()

    registry = CollectorRegistry()
    work_metrics(registry)
    http_metrics(registry)
    figures = Figures(measure)
    await figures.refresh()
    registry.register(figures)
    families = list(registry.collect())
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}


async def test_every_metric_is_documented_and_nothing_else() -> None:
    documented = set(re.findall(r"\bmonitr_\w+", DOCUMENT.read_text(encoding="utf-8")))

    assert {re.sub(r"_(gcount|bucket)$", "", name) for name in documented} == await existing_metrics()
