"""The observation of one process, put together for the composition root."""

from dataclasses import dataclass

from prometheus_client import REGISTRY

from monitr.adapters.observability.figures import Figures
from monitr.adapters.observability.imports import Look, ObservedImports
from monitr.adapters.observability.metrics import Exposition, WorkMetrics, share_metrics, work_metrics
from monitr.adapters.observability.traces import Tracing, open_tracing
from monitr.application.operating_figures import Measure


@dataclass(frozen=True, slots=True)
class Observability:
    """Close ``tracing`` last: what is recorded is sent then."""

    tracing: Tracing
    metrics: WorkMetrics

    @classmethod
    def open(cls, part: str) -> "Observability":
        share_metrics(part)
        return cls(open_tracing(part), work_metrics(REGISTRY))

    def imports(self, look: Look) -> ObservedImports:
        return ObservedImports(look, self.metrics, self.tracing)

    def exposition(self, measure: Measure | None = None) -> Exposition:
        """What Prometheus reads; with the figures of the database where ``measure`` is given."""
        return Exposition(REGISTRY, Figures(measure) if measure else None)
