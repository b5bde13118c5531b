"""The messages of the outbox on their way: passed on to the broker, and taken from it by a worker."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from monitr.adapters.observability.context import carried, log_context
from monitr.adapters.observability.metrics import WorkMetrics
from monitr.adapters.observability.traces import TRACEPARENT, Tracing

logger = structlog.get_logger(__name__)

Handler = Callable[[Mapping[str, str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Messages:
    metrics: WorkMetrics
    tracing: Tracing

    def passing_on(self, topic: str, handler: Handler) -> Handler:
        """The relay's handler of a topic, observed. What is carried on names the passing on as its cause."""

        async def observed(payload: Mapping[str, str]) -> None:
            span = self.tracing.span(
                f"outbox publish {topic}", kind="producer", parent=payload.get(TRACEPARENT), topic=topic
            )
            with log_context(payload, **_ids(payload)), span:
                await handler({**payload, **carried(self.tracing)})
                self.metrics.messages.labels(topic).inc()
                logger.info("outbox.published", topic=topic)

        return observed

    @contextmanager
    def taken(self, run: str, origin: Mapping[str, str]) -> Iterator[None]:
        """A wake-up that the broker has brought."""
        span = self.tracing.span("wake-up", kind="consumer", parent=origin.get(TRACEPARENT), run=run)
        with log_context(origin, run=run), span:
            logger.info("wake_up.taken")
            yield


def _ids(payload: Mapping[str, str]) -> dict[str, str]:
    """``run_id`` is ``run`` in log lines, and so on."""
    return {name.removesuffix("_id"): payload[name] for name in ("run_id", "administration_id") if name in payload}
