"""The traces of OpenTelemetry's SDK, sent over OTLP/HTTP. Imported only where the environment asks for traces.

Addresses, headers, time-outs, batches, sampling and resource attributes are read by the SDK from its own variables.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Self

import structlog
from opentelemetry import trace
from opentelemetry.context import Context, attach, get_current
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from monitr.adapters.observability.traces import TRACEPARENT, Attribute, Attributes, Kind, Tracing

logger = structlog.get_logger(__name__)

CLOSE_SECONDS = 2.0
"""A worker that was told to stop has ten seconds for everything."""
TRACE_ID = "trace_id"
"""In every log line that is written while a trace is open."""

_W3C = TraceContextTextMapPropagator()


class OpenTelemetryTracing(Tracing):
    """A span is current in the task that opened it, and in the tasks that this one starts."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer: Tracer = provider.get_tracer("monitr")

    @classmethod
    def open(cls, part: str) -> Self:
        named = os.environ.get("OTEL_SERVICE_NAME") or f"monitr-{part}"
        resource = Resource.create({"service.namespace": "monitr", "service.name": named})
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(_exporter()))
        return cls(provider)

    @contextmanager
    def span(
        self, name: str, *, kind: Kind = "internal", parent: str | None = None, **attributes: Attribute
    ) -> Iterator[Attributes]:
        context = _W3C.extract({TRACEPARENT: parent}, Context()) if parent else None
        span = self._tracer.start_span(name, context, SpanKind[kind.upper()], _dotted(attributes))
        outer = get_current()
        attach(trace.set_span_in_context(span))
        comes_from_elsewhere = parent is not None or kind in ("server", "consumer")
        more: Attributes = {}
        try:
            with _logged(span) if comes_from_elsewhere else nullcontext():
                yield more
        except BaseException as error:  # its text stays out: it may hold what is nobody's business
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            if trace.get_current_span() is span:  # not where another task closes it, as an abandoned generator is by
                attach(outer)  # the event loop; `detach` would complain about that
            span.set_attributes(_dotted(more))
            span.end()

    def past(self, name: str, seconds: float, *, kind: Kind = "internal", **attributes: Attribute) -> None:
        ended = time.time_ns()
        begun = ended - int(seconds * 1e9)
        self._tracer.start_span(name, None, SpanKind[kind.upper()], _dotted(attributes), start_time=begun).end(ended)

    def traceparent(self) -> str | None:
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier.get(TRACEPARENT)

    def close(self) -> None:
        closing = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)


def _exporter() -> SpanExporter:
    wanted = os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower()
    if wanted == "console":
        return ConsoleSpanExporter()
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if wanted not in ("", "otlp") or (protocol or "http/protobuf") != "http/protobuf":
        logger.warning("traces.exporter_unknown", exporter=wanted, protocol=protocol, used="otlp over http/protobuf")
    return OTLPSpanExporter()


def _logged(span: trace.Span) -> AbstractContextManager[None]:
    trace_id = trace.format_trace_id(span.get_span_context().trace_id)
    return structlog.contextvars.bound_contextvars(**{TRACE_ID: trace_id})


def _dotted(attributes: Attributes) -> Attributes:
    """``http_route`` is written ``http.route``, as OpenTelemetry's conventions want it."""
    return {name.replace("_", ".") if "." not in name else name: value for name, value in attributes.items()}
