"""All measurements of one run, on one PostgreSQL, one after the other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeVar

from bench.databases import a_database
from bench.peers import Way, our_import, peer_load
from bench.results import ChangesImported, CopyTimes, FirstImport, FullAgain, PeerLoad, SlowImport
from bench.slow_network import a_slow_network
from bench.source import RemoteSandbox, a_source
from bench.with_copy import copy_times

Tell = Callable[[str], None]
Measured = TypeVar("Measured")


@dataclass(frozen=True, slots=True)
class Measurements:
    """Where something was measured in several rounds, it is the median one."""

    first: FirstImport
    by_hand: PeerLoad
    dlt_pyarrow: PeerLoad
    dlt_pyarrow_unindexed: PeerLoad
    dlt_arrow: PeerLoad
    dlt_arrow_unindexed: PeerLoad
    dlt_default: PeerLoad
    dlt_default_unindexed: PeerLoad
    copied: CopyTimes
    again: FullAgain
    slow: SlowImport
    changes_of_many: ChangesImported
    changes_of_few: ChangesImported
    first_of_large: FirstImport


@dataclass(frozen=True, slots=True)
class Bench:
    """``rounds`` of what decides the closest bars, so that one disturbed moment does not."""

    server: str
    lines: int
    rounds: int
    tell: Tell

    def measure(self) -> Measurements:
        with self._source(self.lines) as sandbox:
            rounds = [self._round(sandbox, number) for number in range(self.rounds)]
            first, copied, best, by_hand = zip(*rounds, strict=True)
            best_unindexed = self._peer(sandbox, "pyarrow", indexed=False)
            arrow, arrow_unindexed = (self._peer(sandbox, "arrow", indexed=indexed) for indexed in (True, False))
            default, default_unindexed = (self._peer(sandbox, "rows", indexed=indexed) for indexed in (True, False))
            again = self._ours("again", sandbox.url, FullAgain)
            with a_slow_network(sandbox.url) as far_away:
                slow = self._ours("slow", far_away, SlowImport)
        with self._source(self.lines // 5) as sandbox:
            few = self._ours("changes", sandbox.url, ChangesImported)
        with self._source(self.lines * 2) as sandbox:
            many = self._ours("changes", sandbox.url, ChangesImported)
        with self._source(self.lines * 4) as sandbox:
            large = self._ours("first", sandbox.url, FirstImport)
        return Measurements(
            first=_median(first, lambda import_: import_.seconds),
            by_hand=_median(by_hand, lambda load: load.seconds),
            dlt_pyarrow=_median(best, lambda load: load.seconds),
            dlt_pyarrow_unindexed=best_unindexed,
            dlt_arrow=arrow,
            dlt_arrow_unindexed=arrow_unindexed,
            dlt_default=default,
            dlt_default_unindexed=default_unindexed,
            copied=_median(copied, lambda times: times.indexed_seconds),
            again=again,
            slow=slow,
            changes_of_many=many,
            changes_of_few=few,
            first_of_large=large,
        )

    def _round(self, sandbox: RemoteSandbox, number: int) -> tuple[FirstImport, CopyTimes, PeerLoad, PeerLoad]:
        """One after the other, so that a slow minute of the machine is everybody's."""
        self.tell(f"round {number + 1} of {self.rounds}: our first import, \\copy of its rows, dlt, by hand")
        with a_database(self.server, migrated=True) as database:
            first = our_import("first", database, sandbox.url, FirstImport)
            copied = copy_times(database)
        self.tell(f"  ours: {first}; \\copy: {copied}")
        best = self._peer(sandbox, "pyarrow", indexed=True)
        by_hand = self._peer(sandbox, "by_hand", indexed=True)
        if len({first.lines, copied.lines, best.lines, by_hand.lines}) > 1:
            raise RuntimeError(f"not the same work: {first.lines} lines, {copied.lines}, {best.lines}, {by_hand.lines}")
        return first, copied, best, by_hand

    def _ours(self, scenario: Literal["first", "again", "changes", "slow"], url: str, kind: type[Measured]) -> Measured:
        self.tell(f"our import: {scenario}")
        with a_database(self.server, migrated=True) as database:
            result = our_import(scenario, database, url, kind)
        self.tell(f"  {result}")
        return result

    def _peer(self, sandbox: RemoteSandbox, way: Way, *, indexed: bool) -> PeerLoad:
        self.tell(f"peer: {way}, {'with' if indexed else 'without'} our indexes")
        with a_database(self.server, migrated=False) as database:
            load = peer_load(database, sandbox, way=way, indexed=indexed)
        self.tell(f"  {load}")
        return load

    @contextmanager
    def _source(self, lines: int) -> Iterator[RemoteSandbox]:
        self.tell(f"a sandbox of {lines:,} lines")
        with a_source(lines) as sandbox:
            yield sandbox


def _median(rounds: Sequence[Measured], seconds: Callable[[Measured], float]) -> Measured:
    return sorted(rounds, key=seconds)[len(rounds) // 2]
