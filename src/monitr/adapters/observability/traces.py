"""Traces, switched on by OpenTelemetry's own environment variables; without any, nothing of it is even imported."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

Attribute = str | int | float | bool
Attributes = dict[str, Attribute]
Kind = Literal["internal", "server", "client", "producer", "consumer"]

TRACEPARENT = "traceparent"
"""The header of W3C Trace Context, and the key under which messages and runs carry it."""

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Tracing:
    """Where nobody looks, and what ``open_telemetry.py`` does where somebody does.

    Spans never carry texts of exceptions, addresses or parameters: those could hold secrets.
    """

    def span(
        self, name: str, *, kind: Kind = "internal", parent: str | None = None, **attributes: Attribute
    ) -> AbstractContextManager[Attributes]:
        """A span for as long as the context is open; what is put into the dictionary becomes its attributes.

        ``parent`` is a traceparent from elsewhere; one that is malformed counts as none. Without it the span belongs to
        the one that is open.
        """
        return nullcontext({})

    def past(self, name: str, seconds: float, *, kind: Kind = "internal", **attributes: Attribute) -> None:
        """A span that has just ended, and took so long."""

    def traceparent(self) -> str | None:
        """Of the span that is open; None where none is."""
        return None

    def close(self) -> None:
        """What is recorded has been sent, or given up after two seconds."""


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether the variables ask for traces: an exporter by name, or an address to send them to."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    if exporter:
        return exporter != "none"
    return any(environment.get(name) for name in _ENDPOINTS)


def open_tracing(part: str) -> Tracing:
    """For this process; ``part`` (api, worker, scheduler) ends its service name."""
    if not is_wanted(os.environ):
        return Tracing()
    from monitr.adapters.observability.open_telemetry import OpenTelemetryTracing  # a tenth of a second: only if wanted

    return OpenTelemetryTracing.open(part)
