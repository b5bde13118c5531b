"""What the HTTP app needs, put together by the composition root and handed to ``create_app``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from prometheus_client import REGISTRY, CollectorRegistry

from monitr.application.bearer_tokens import VerifyToken
from monitr.application.ports import Clock
from monitr.application.reading.progress import Progress, RunChanges
from monitr.application.reading.reader import Readers
from monitr.application.use_cases import UseCases
from monitr.entrypoints.graphql.execution.context import NextScheduledImport
from monitr.entrypoints.graphql.execution.observation import OpenSpan, untraced
from monitr.entrypoints.http.health import MetricsPage, ReadinessCheck


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Values of the settings of the same names (``tests/contract/operations.md``).

    ``public_url`` without a slash at its end. ``stale_after``: the age at which data is older than two scheduled
    imports; None where the schedule is off, then nothing turns stale. ``rate_limit``: requests a minute and user,
    None for off. ``demo_token`` is preset in the console and in GraphiQL; only ``monitr demo`` sets it.
    """

    public_url: str
    frontend_origins: frozenset[str] = frozenset()
    rate_limit: int | None = 6000
    graphiql: bool = False
    demo_token: str | None = field(default=None, repr=False)
    stale_after: timedelta | None = timedelta(hours=48)
    request_deadline: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class HttpDependencies:
    """``readiness`` maps the name of each part (``database``, ``broker``) to its check. All run in one event loop."""

    use_cases: UseCases
    readers: Readers
    progress: Progress
    verify_token: VerifyToken
    clock: Clock
    settings: HttpSettings
    next_scheduled_import: NextScheduledImport
    readiness: Mapping[str, ReadinessCheck] = field(default_factory=dict[str, ReadinessCheck])
    registry: CollectorRegistry = REGISTRY
    metrics_page: MetricsPage | None = None
    """None: what is in the registry."""
    open_span: OpenSpan = untraced
    run_changes: RunChanges | None = None
    """None: live progress looks for changes twice a second."""
