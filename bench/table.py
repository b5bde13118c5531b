"""The table of the benchmark: each measure with its peer, their ratio and the bar that the project has set itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.measurements import Measurements
from bench.phases import OTHER_SQL, REST

BARS_AT = 500_000
"""Lines; the bars are stated for this size, and fixed costs weigh more in a smaller one."""
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    measure: str
    ours: str
    peer: str
    ratio: str
    bar: str
    met: bool | None
    """None: for information."""

    @property
    def verdict(self) -> str:
        return {True: "met", False: "not met", None: ""}[self.met]

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.measure, self.ours, self.peer, self.ratio, self.bar, self.verdict)


HEAD = ("measure", "ours", "peer", "ratio", "bar", "")


def rows(measured: Measurements) -> list[Row]:
    return [*_throughput(measured), *_copy(measured), *_again(measured), *_memory(measured), *_slow_network(measured)]


def _throughput(measured: Measurements) -> list[Row]:
    ours = measured.first.lines_per_second
    return [
        Row(
            f"first import, against {name}",
            f"{ours:,.0f} lines/s",
            f"{peer.lines_per_second:,.0f} lines/s",
            f"{ours / peer.lines_per_second:.2f}",
            f"at least {bar}" if bar else "",
            ours / peer.lines_per_second >= bar if bar else None,
        )
        for name, peer, bar in (
            ("dlt at its best: JSON read by pyarrow, keys taken for unique", measured.dlt_pyarrow, 1.5),
            ("dlt with Arrow tables made of decoded JSON, parquet, ADBC", measured.dlt_arrow, 1.5),
            ("dlt by default: Python rows", measured.dlt_default, 6.0),
            ("what is written by hand: pyarrow, pgpq, no check", measured.by_hand, None),
            ("dlt at its best, without our indexes", measured.dlt_pyarrow_unindexed, None),
            ("dlt with Arrow tables, without our indexes", measured.dlt_arrow_unindexed, None),
            ("dlt by default, without our indexes", measured.dlt_default_unindexed, None),
        )
    ]


def _copy(measured: Measurements) -> list[Row]:
    ours, copied = measured.first.seconds, measured.copied
    return [
        Row(
            f"first import, against \\copy ({copied.client}) {name}",
            f"{ours:.2f} s",
            f"{seconds:.2f} s ({copied.lines / seconds:,.0f} lines/s)",
            f"{ours / seconds:.2f}",
            f"at most {bar}" if bar else "",
            ours / seconds <= bar if bar else None,
        )
        for name, seconds, bar in (
            ("with our indexes", copied.indexed_seconds, 1.5),
            ("with the primary key alone", copied.primary_key_only_seconds, None),
        )
    ]


def _again(measured: Measurements) -> list[Row]:
    again, many, few = measured.again, measured.changes_of_many, measured.changes_of_few
    faster = again.first_seconds / again.seconds
    dearer = many.own_seconds / few.own_seconds
    return [
        Row(
            "full import again, nothing changed, against the first",
            f"{again.seconds:.2f} s",
            f"{again.first_seconds:.2f} s",
            f"{faster:.2f}",
            "at least 1.5",
            faster >= 1.5,
        ),
        Row("rows of the ledger that it wrote", f"{again.rows_written}", "", "", "0", again.rows_written == 0),
        Row(
            f"100 changed bookings in {many.lines:,} lines, without the source's time",
            f"{many.own_seconds:.2f} s",
            "",
            "",
            "under 1 s",
            many.own_seconds < 1,
        ),
        Row(
            f"the same, against {few.lines:,} lines",
            f"{many.own_seconds:.2f} s",
            f"{few.own_seconds:.2f} s",
            f"{dearer:.2f}",
            "at most 1.3",
            dearer <= 1.3,
        ),
    ]


def _memory(measured: Measurements) -> list[Row]:
    usual, large = measured.first, measured.first_of_large
    growth = large.over_idle / usual.over_idle
    return [
        Row(
            f"peak memory over idle, {usual.lines:,} lines (dlt: in all)",
            f"{usual.over_idle / _MB:.0f} MB (in all {usual.peak_bytes / _MB:.0f} MB)",
            f"{measured.dlt_pyarrow.peak_bytes / _MB:.0f} MB",
            f"{usual.peak_bytes / measured.dlt_pyarrow.peak_bytes:.2f}",
            "at most 150 MB",
            usual.over_idle <= 150 * _MB,
        ),
        Row(
            f"peak memory over idle, {large.lines:,} lines in as few chunks",
            f"{large.over_idle / _MB:.0f} MB",
            f"{usual.over_idle / _MB:.0f} MB",
            f"{growth:.2f}",
            "at most 1.2",
            growth <= 1.2,
        ),
    ]


def _slow_network(measured: Measurements) -> list[Row]:
    slow = measured.slow
    share = slow.source_seconds / slow.seconds
    return [
        Row(
            "source with 50 ms round trip: its time alone, as a share of ours",
            f"{slow.seconds:.2f} s",
            f"{slow.source_seconds:.2f} s",
            f"{share:.0%}",
            "at least 85%",
            share >= 0.85,
        )
    ]


PHASES_HEAD = ("phase", "first import", "full again", "100 changes")
_SHOWN_FROM = 0.03
"""A statement below this share of every import is part of the other SQL."""


def phases(measured: Measurements) -> list[tuple[str, ...]]:
    """Shares of the time of each kind of import, by phase."""
    imports = (measured.first, measured.again, measured.changes_of_many)
    columns = [_shares(import_.phases) for import_ in imports]
    names = dict.fromkeys(name for column in columns for name in column)
    small = {name for name in names if all(column.get(name, 0) < _SHOWN_FROM for column in columns)} - {REST}
    shown = [name for name in names if name not in small | {OTHER_SQL, REST}]
    others = [sum(column.get(name, 0) for name in small | {OTHER_SQL}) for column in columns]
    return [
        *((name, *(_percent(column.get(name, 0)) for column in columns)) for name in shown),
        (OTHER_SQL, *map(_percent, others)),
        (REST, *(_percent(column[REST]) for column in columns)),
    ]


def _shares(seconds: dict[str, float]) -> dict[str, float]:
    total = sum(seconds.values())
    return {phase: spent / total for phase, spent in seconds.items()}


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.005 else ""


def markdown(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
