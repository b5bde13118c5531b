"""What Prometheus reads of the HTTP side."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class HttpMetrics:
    """Labels have few values: routes, methods and codes, never what a client may choose."""

    def __init__(self, to: CollectorRegistry) -> None:
        self.requests = Counter(
            "monitr_http_requests", "HTTP requests answered.", ["route", "method", "status"], registry=to
        )
        self.duration = Histogram(
            "monitr_http_request_seconds", "Time to answer an HTTP request.", ["route"], registry=to
        )
        self.operations = Counter("monitr_graphql_operations", "GraphQL operations executed.", ["outcome"], registry=to)
        self.operation_seconds = Histogram(
            "monitr_graphql_operation_seconds",
            "Time to execute a GraphQL operation; of a subscription, until it stands.",
            ["operation", "type"],
            registry=to,
        )
        self.sockets = Gauge(
            "monitr_websockets", "WebSocket connections open.", registry=to, multiprocess_mode="livesum"
        )


http_metrics = cache(HttpMetrics)
"""Once a registry: it refuses the same name twice."""
