"""What the processes of a benchmark report. Times are wall seconds, memory is bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FirstImport:
    seconds: float
    lines: int
    idle_bytes: int
    """Resident when everything was loaded and connected, before the first byte of the books."""
    peak_bytes: int
    phases: dict[str, float]
    not_passed: dict[str, str]
    """The checks of the verification that did not pass, with what they found."""

    @property
    def lines_per_second(self) -> float:
        return self.lines / self.seconds

    @property
    def over_idle(self) -> int:
        return self.peak_bytes - self.idle_bytes

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {self.lines_per_second:,.0f} lines/s, {self.over_idle / 1e6:.0f} MB over idle"


@dataclass(frozen=True, slots=True)
class FullAgain:
    first_seconds: float
    """The first import of the same process."""
    seconds: float
    rows_written: int
    """Of the ledger: inserted, updated and deleted together."""
    phases: dict[str, float]

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s after {self.first_seconds:.2f} s, {self.rows_written} rows written"


@dataclass(frozen=True, slots=True)
class ChangesImported:
    lines: int
    """In the ledger."""
    seconds: list[float]
    """One a round; ``source_seconds`` likewise."""
    source_seconds: list[float]
    phases: dict[str, float]
    """Of the last round."""

    @property
    def own_seconds(self) -> float:
        """The median round without what the source needs for the same requests."""
        own = sorted(ours - source for ours, source in zip(self.seconds, self.source_seconds, strict=True))
        return own[len(own) // 2]

    def __str__(self) -> str:
        rounds = zip(self.seconds, self.source_seconds, strict=True)
        return ", ".join(f"{ours:.2f} s (source {source:.2f} s)" for ours, source in rounds)


@dataclass(frozen=True, slots=True)
class SlowImport:
    seconds: float
    source_seconds: float
    phases: dict[str, float]

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s (source {self.source_seconds:.2f} s)"


@dataclass(frozen=True, slots=True)
class PeerLoad:
    """dlt's."""

    seconds: float
    lines: int
    peak_bytes: int
    version: str

    @property
    def lines_per_second(self) -> float:
        return self.lines / self.seconds

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {self.lines_per_second:,.0f} lines/s, {self.peak_bytes / 1e6:.0f} MB in all"


@dataclass(frozen=True, slots=True)
class CopyTimes:
    """Of ``\\copy`` into an empty table."""

    indexed_seconds: float
    primary_key_only_seconds: float
    lines: int
    client: str
    """psql, or psycopg where psql is not found."""

    def __str__(self) -> str:
        return f"{self.indexed_seconds:.2f} s, with the primary key alone {self.primary_key_only_seconds:.2f} s"
