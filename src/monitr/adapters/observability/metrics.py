"""What is counted where it happens. Labels come from our own enums and lists: their values are few, whatever clients,
customers or Octopus send. What stands in the database is measured there (``figures.py``)."""

import os
from collections.abc import Sequence
from functools import cache
from http import HTTPStatus

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, process_collector, values
from prometheus_client.multiprocess import MultiProcessCollector

from monitr.adapters.observability.figures import Figures

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client's own variable: where the processes of one ``monitr serve`` leave their counts."""
WRITER = "PROMETHEUS_MULTIPROC_ID"
"""Ours: the name under which a process does so. A child that is started again goes on with its counts."""

_REQUEST_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600)
_RUN_SECONDS = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)
_PUBLISH_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_LINES_PER_SECOND = (100, 500, 1000, 2500, 5000, 7500, 10_000, 15_000, 20_000, 30_000, 50_000)


class WorkMetrics:
    """Of imports and of the requests to Octopus that they, and people who wait, make."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, help: str, *labels: str) -> Counter:
            return Counter(f"monitr_{name}", help, labels, registry=registry)

        def histogram(name: str, help: str, *labels: str, buckets: Sequence[float]) -> Histogram:
            return Histogram(f"monitr_{name}", help, labels, registry=registry, buckets=buckets)

        self.runs = counter("import_runs", "Runs that a worker has let go.", "status", "mode", "trigger")
        self.run_seconds = histogram(
            "import_run_seconds",
            "From the moment a run was first taken up to its end, waiting included.",
            *("status", "mode"),
            buckets=_RUN_SECONDS,
        )
        self.interruptions = counter("import_interruptions", "Runs that a worker had to let go.", "reason")
        self.failures = counter("import_failures", "Runs that failed or wait, by why.", "status", "code")
        self.rows = counter("import_rows", "Rows, by what became of them.", "dataset", "outcome")
        self.lines_per_second = histogram(
            "import_lines_per_second",
            "Ledger lines read in a second of work on a run, of runs that read at least a thousand.",
            "mode",
            buckets=_LINES_PER_SECOND,
        )
        self.publish_seconds = histogram(
            "import_publish_seconds",
            "Time to compare and publish what one answer of Octopus held.",
            buckets=_PUBLISH_SECONDS,
        )
        self.verifications = counter("import_verifications", "Runs that succeeded, by verification.", "status")
        self.checks = counter("import_checks", "Checks of verifications.", "check", "status")
        self.octopus_requests = counter("octopus_requests", "Requests to Octopus.", "operation", "status")
        self.octopus_seconds = histogram(
            "octopus_request_seconds",
            "Until the answer was read, which waits for the database where a ledger is streamed.",
            "operation",
            buckets=_REQUEST_SECONDS,
        )
        self.token_refreshes = counter("octopus_token_refreshes", "Refreshes of access tokens.", "outcome")
        self.messages = counter("outbox_published", "Messages of the outbox that were passed on.", "topic")


work_metrics = cache(WorkMetrics)
"""Once a registry: it refuses the same name twice."""


def status_label(status: int | None) -> str:
    """The registered status codes; others by their class, and ``none`` where no answer arrived."""
    if status is None:
        return "none"
    try:
        return str(HTTPStatus(status).value)
    except ValueError:
        return f"{status // 100}xx"


def share_metrics(part: str) -> None:
    """Where ``monitr serve`` has named a folder: count there. To be called before the first metric is made."""
    if FOLDER in os.environ:
        name = os.environ.get(WRITER) or f"{part}-{os.getpid()}"
        values.ValueClass = values.MultiProcessValue(lambda: name)  # type: ignore[no-untyped-call]  # left untyped there


class Exposition:
    """The page that Prometheus reads: this process, or all those that share its folder; with figures of the database
    where those are given."""

    def __init__(self, registry: CollectorRegistry, figures: Figures | None = None) -> None:
        self._figures = figures
        self._registries = [registry]
        if FOLDER in os.environ:
            shared = CollectorRegistry()
            MultiProcessCollector(shared, os.environ[FOLDER])  # type: ignore[no-untyped-call]  # left untyped there
            process_collector.ProcessCollector(registry=shared)
            self._registries = [shared]
        if figures is not None:
            measured = CollectorRegistry()
            measured.register(figures)
            self._registries.append(measured)

    async def __call__(self) -> bytes:
        if self._figures is not None:
            await self._figures.refresh()
        return b"".join(generate_latest(registry) for registry in self._registries)
