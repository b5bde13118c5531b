"""What ties the log lines and spans of one request together, from process to process: its id and its trace."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog

from monitr.adapters.observability.traces import TRACEPARENT, Tracing

REQUEST_ID = "request_id"


def carried(tracing: Tracing) -> dict[str, str]:
    """To go with a message, or to be kept with a run: only what is known of these two."""
    known = {REQUEST_ID: structlog.contextvars.get_contextvars().get(REQUEST_ID), TRACEPARENT: tracing.traceparent()}
    return {name: str(value) for name, value in known.items() if value}


def queued(tracing: Tracing) -> dict[str, str]:
    """The same for something that begins here and is done elsewhere, with a span that says so.

    Outside a request (the scheduler) the span is a trace of its own, so that each run has one.
    """
    with tracing.span("outbox write", kind="producer"):
        return carried(tracing)


def carried_by(message: Mapping[str, str]) -> dict[str, str]:
    """The part of a message that ``carried`` has written."""
    return {name: message[name] for name in (REQUEST_ID, TRACEPARENT) if name in message}


@contextmanager
def log_context(origin: Mapping[str, str], **ids: object) -> Iterator[None]:
    """Every log line inside tells the ids, and the request that all began with."""
    request = {REQUEST_ID: origin[REQUEST_ID]} if REQUEST_ID in origin else {}
    with structlog.contextvars.bound_contextvars(**request, **{name: str(id) for name, id in ids.items()}):
        yield
