"""The log of requests, for tests to look at."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the API; `operation` is the operationId, or UNKNOWN for one that is not a read."""

    operation: str
    method: str
    path: str
    query: dict[str, str]
    dossier: int | None
    status: int
    at: datetime
    """When it arrived, by the sandbox's clock."""
    fault: str = ""
    """The kind of the fault that met it."""


@dataclass(slots=True)
class CallLog:
    calls: list[Call] = field(default_factory=list)

    def of(self, operation: str, dossier: int | None = None) -> list[Call]:
        return [c for c in self.calls if c.operation == operation and dossier in (None, c.dossier)]

    def clear(self) -> None:
        self.calls.clear()
