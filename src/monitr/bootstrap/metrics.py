"""What a process counts, and the page that tells it."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from monitr.adapters.observability.figures import AGE_BOUNDS
from monitr.adapters.observability.metrics import FOLDER, WRITER, Exposition
from monitr.adapters.octopus.operations import Operation
from monitr.adapters.sql.work.operating_figures import SqlOperatingFigures
from monitr.bootstrap.ports import Ports


@contextmanager
def shared_metrics() -> Iterator[Callable[[str], Mapping[str, str]]]:
    """While it is open, this process and the children that are started with the environment it gives for their name
    count together, and the metrics page of any of them tells all. To be entered before anything is counted."""
    if FOLDER in os.environ:  # the operator has a folder, and names from process ids
        yield lambda part: {}
        return
    with TemporaryDirectory(prefix="monitr-metrics-") as folder:
        os.environ |= {FOLDER: folder, WRITER: "api"}
        try:
            yield lambda part: {WRITER: part}
        finally:
            for name in (FOLDER, WRITER):
                os.environ.pop(name, None)


def metrics_page(of: Ports, *, with_figures: bool) -> Exposition:
    """What Prometheus reads of this process; with the figures of the database, which one process tells for all."""
    maxima = {operation.label: operation.daily_maximum for operation in Operation}
    return of.observability.exposition(
        SqlOperatingFigures(of.engine, of.clock, AGE_BOUNDS, maxima) if with_figures else None
    )
