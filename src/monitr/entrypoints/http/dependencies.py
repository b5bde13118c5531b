"""What the HTTP app needs, put together by the composition root and handed to ``create_app``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_bytes

from prometheus_client import REGISTRY, CollectorRegistry

from monitr.application.bearer_tokens import VerifyToken
from monitr.application.exports.table import FileFormat, WriteTable
from monitr.application.ports import Clock
from monitr.application.reading.progress import Progress, RunChanges
from monitr.application.reading.quota import DailyMaximum
from monitr.application.reading.reader import Readers
from monitr.application.signing_in import FindSignIn, nobodys_sign_in
from monitr.application.use_cases import UseCases
from monitr.entrypoints.graphql.execution.context import NextScheduledImport
from monitr.entrypoints.graphql.execution.observation import OpenSpan, untraced
from monitr.entrypoints.http.health import MetricsPage, ReadinessCheck


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Values of the settings of the same names (``tests/contract/operations.md``).

    ``public_url`` without a slash at its end. ``stale_after``: the age at which data is older than two scheduled
    imports; None where the schedule is off, then nothing turns stale. ``rate_limit``: requests a minute and user,
    None for off. ``trusted_documents``: the texts of the only documents that may run, by their hashes; None: all may.
    ``frontend_headers``: what pages of other origins may send besides what is known of clients, in lower case.
    ``embedding_origins``: whose pages may frame the console, and hand it a token.
    ``demo_token`` is preset in the console and in GraphiQL; only ``monitr demo`` sets it. ``form_key`` proves our
    forms: the same in every process that serves them.
    """

    public_url: str
    frontend_origins: frozenset[str] = frozenset()
    frontend_headers: frozenset[str] = frozenset()
    rate_limit: int | None = 6000
    graphiql: bool = False
    trusted_documents: Mapping[str, str] | None = field(default=None, repr=False)
    compiled_plans: bool = True
    demo_token: str | None = field(default=None, repr=False)
    embedding_origins: frozenset[str] = frozenset()
    stale_after: timedelta | None = timedelta(hours=48)
    form_key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    metrics_token: str | None = field(default=None, repr=False)
    request_deadline: timedelta = timedelta(seconds=10)
    export_deadline: timedelta = timedelta(seconds=100)


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
    daily_maxima: Sequence[DailyMaximum]
    readiness: Mapping[str, ReadinessCheck] = field(default_factory=dict[str, ReadinessCheck])
    registry: CollectorRegistry = REGISTRY
    metrics_page: MetricsPage | None = None
    """None: what is in the registry."""
    open_span: OpenSpan = untraced
    export_writers: Mapping[FileFormat, WriteTable] = field(default_factory=dict[FileFormat, WriteTable])
    sign_in: FindSignIn = nobodys_sign_in
    run_changes: RunChanges | None = None
    """None: live progress looks for changes twice a second."""
