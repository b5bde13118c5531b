"""``make simulate``: SEED= DAYS= DOSSIERS= EVENTS=, and for many seeds SEEDS=, MINUTES=."""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.simulation.database import a_database, a_server, a_template
from tests.simulation.house import Storage
from tests.simulation.in_memory import InMemory
from tests.simulation.in_postgres import InPostgres
from tests.simulation.shrinking import shrunk
from tests.simulation.story import DAY, Event, story_of
from tests.simulation.world import Outcome, dossiers_of, simulate

SHRINKING_SECONDS = 300


class Simulations:
    """``stored`` opens an empty storage."""

    def __init__(self, stored: Callable[[], AbstractContextManager[Storage]], days: int, dossiers: int) -> None:
        self._stored = stored
        self.days, self.dossiers = days, dossiers

    def events(self, seed: int) -> list[Event]:
        return story_of(seed, self.days, dossiers_of(self.dossiers))

    def run(self, seed: int, events: Sequence[Event]) -> Outcome:
        with self._stored() as storage:
            return simulate(storage, seed, self.days, self.dossiers, events)

    def shrink(self, seed: int, events: Sequence[Event], complaint: str) -> list[Event]:
        """As far as some minutes allow."""
        kind, until = _kind(complaint), time.monotonic() + SHRINKING_SECONDS

        def fails(some: Sequence[Event]) -> bool:
            if time.monotonic() > until:
                return False
            return any(_kind(found) == kind for found in self.run(seed, some).complaints)

        return shrunk(events, fails)


def _kind(complaint: str) -> str:
    """The sentence without its numbers."""
    return "".join(letter for letter in complaint.partition(":")[0] if not letter.isdigit())[:40]


@contextmanager
def storages(kind: str) -> Iterator[Callable[[], AbstractContextManager[Storage]]]:
    """Of the kind ``postgres`` or ``memory``."""
    if kind == "memory":
        yield lambda: nullcontext(InMemory())
        return
    with a_server() as server, a_template(server) as template:

        @contextmanager
        def in_postgres() -> Iterator[Storage]:
            with a_database(server, template) as database:
                yield InPostgres(database)

        yield in_postgres


@dataclass(frozen=True, slots=True)
class Told:
    """Of one seed: what is printed, and what is counted."""

    lines: Sequence[str]
    counts: Counter[str]
    differs: bool


def main() -> None:
    asked, total, begun = _asked(), Counter[str](), time.monotonic()
    with closing(_all_told(asked)) as all_told:
        for told in all_told:
            print("\n".join(told.lines), flush=True)
            total += told.counts
            total["seeds"] += 1
            total["seeds with differences"] += told.differs
            if asked.minutes and time.monotonic() - begun > asked.minutes * 60:
                break
    counted = ", ".join(f"{times} {name}" for name, times in sorted(total.items()))
    print(f"{time.monotonic() - begun:.0f} s: {total['days'] / 365:.1f} years; {counted}", flush=True)
    raise SystemExit(1 if total["seeds with differences"] else 0)


def _all_told(asked: argparse.Namespace) -> Generator[Told, None, None]:
    """In the order of the seeds."""
    seeds = range(asked.seed, asked.seed + asked.seeds)
    if asked.jobs > 1:
        pool = ProcessPoolExecutor(asked.jobs)
        try:
            yield from pool.map(partial(_told_alone, asked), seeds)
        finally:
            pool.shutdown(cancel_futures=True)
        return
    with storages(asked.store) as stored:
        simulations = Simulations(stored, asked.days, asked.dossiers)
        for seed in seeds:
            yield _told(asked, simulations, seed)


def _told_alone(asked: argparse.Namespace, seed: int) -> Told:
    with storages(asked.store) as stored:
        return _told(asked, Simulations(stored, asked.days, asked.dossiers), seed)


def _told(asked: argparse.Namespace, simulations: Simulations, seed: int) -> Told:
    events = _given(asked.events) if asked.events else simulations.events(seed)
    begun = time.monotonic()
    outcome = simulations.run(seed, events)
    lines = [*outcome.story] if asked.story else []
    seconds = time.monotonic() - begun
    lines.append(f"seed {seed}: {outcome.counts['days']} days in {seconds:.1f} s, {outcome.digest}")
    lines += [f"  {complaint}" for complaint in outcome.complaints]
    if outcome.complaints and asked.shrink:
        simulations.days = until = outcome.counts["days"] + 1
        kept = [event for event in events if event.at < until * DAY]
        fewest = simulations.shrink(seed, kept, outcome.complaints[0])
        simulations.days = asked.days
        script = "; ".join(map(str, fewest))
        lines.append(f"  make simulate SEED={seed} DAYS={until} DOSSIERS={asked.dossiers} EVENTS='{script}'")
    return Told(lines, outcome.counts, bool(outcome.complaints))


def _given(text: str) -> list[Event]:
    """Separated by semicolons, or in a file, one a line."""
    text = Path(text).read_text().replace("\n", ";") if text.startswith(("/", ".")) else text
    return sorted(Event.of(part) for part in text.split(";") if part.strip())


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, help="how many, beginning with --seed")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--dossiers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=0, help="no further seed after so many")
    parser.add_argument("--events", default="", help="instead of those that the seed draws")
    parser.add_argument("--store", choices=("postgres", "memory"), default="postgres")
    parser.add_argument("--jobs", type=int, default=1, help="how many seeds at once")
    parser.add_argument("--story", action="store_true", help="print everything that happens")
    parser.add_argument("--no-shrink", dest="shrink", action="store_false")
    return parser.parse_args()


if __name__ == "__main__":
    main()
