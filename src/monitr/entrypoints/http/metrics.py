"""What Prometheus reads of the HTTP side."""

from dataclasses import dataclass
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


@dataclass(frozen=True, slots=True)
class HttpMetrics:
    """Labels have few values: routes, methods and codes, never what a client may choose."""

    requests: Counter
    duration: Histogram
    operations: Counter
    operation_seconds: Histogram
    sockets: Gauge


@cache
def http_metrics(registry: CollectorRegistry) -> HttpMetrics:
    """Once a registry: it refuses the same name twice."""
    return HttpMetrics(
        Counter("monitr_http_requests", "HTTP requests answered.", ["route", "method", "status"], registry=registry),
        Histogram("monitr_http_request_seconds", "Time to answer an HTTP request.", ["route"], registry=registry),
        Counter("monitr_graphql_operations", "GraphQL operations executed.", ["outcome"], registry=registry),
        Histogram(
            "monitr_graphql_operation_seconds",
            "Time to execute a GraphQL operation; of a subscription, until it stands.",
            ["operation", "type"],
            registry=registry,
        ),
        Gauge("monitr_websockets", "WebSocket connections open.", registry=registry, multiprocess_mode="livesum"),
    )
