"""The requests to Octopus, as its adapter tells of them: counted, timed, and a span each."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from monitr.adapters.observability.metrics import WorkMetrics, status_label
from monitr.adapters.observability.traces import Attributes, Tracing
from monitr.application.octopus import AuthorizationRejected, OctopusError, OctopusUnavailable
from monitr.domain.authorization import Tokens

Refresh = Callable[[str], Awaitable[Tokens]]


@dataclass(frozen=True, slots=True)
class OctopusRequests:
    metrics: WorkMetrics
    tracing: Tracing

    def finished(self, operation: str, status: int | None, seconds: float) -> None:
        """The hook of the Octopus adapter: ``status`` is None where no answer arrived."""
        self.metrics.octopus_requests.labels(operation, status_label(status)).inc()
        self.metrics.octopus_seconds.labels(operation).observe(seconds)
        answer: Attributes = {} if status is None else {"http.response.status_code": status}
        self.tracing.past(f"octopus {operation}", seconds, kind="client", **answer)

    def refreshing(self, refresh: Refresh) -> Refresh:
        """The same, with its outcome counted."""

        async def observed(refresh_token: str) -> Tokens:
            outcome = "cancelled"
            try:
                tokens = await refresh(refresh_token)
                outcome = "refreshed" if tokens.refresh_token is None else "rotated"
            except AuthorizationRejected:
                outcome = "rejected"
                raise
            except OctopusUnavailable:
                outcome = "unavailable"
                raise
            except OctopusError:
                outcome = "invalid"
                raise
            finally:
                self.metrics.token_refreshes.labels(outcome).inc()
            return tokens

        return observed
