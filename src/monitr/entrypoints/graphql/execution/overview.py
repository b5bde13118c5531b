"""The runs of one organisation, as they are told to everybody who follows all of them."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field

from monitr.domain.import_run import ImportRun, ImportRunId


@dataclass(slots=True, eq=False)
class Follower:
    """``untold``: the newest state of each run that the follower has not been told yet."""

    untold: dict[ImportRunId, ImportRun]
    news: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: bool = False

    def tell(self, run: ImportRun) -> None:
        self.untold[run.id] = run
        self.news.set()

    def end(self) -> None:
        self.is_over = True
        self.news.set()

    async def told(self) -> AsyncGenerator[ImportRun, None]:
        """Up to ``end``. Who is slow misses states in between, never the newest."""
        while not self.is_over:
            while self.untold:
                yield self.untold.pop(next(iter(self.untold)))
            self.news.clear()
            await self.news.wait()


@dataclass(slots=True, eq=False)
class Overview:
    """``runs``: those under way, as they were told last. ``changed``: those that have changed since they were looked
    at. ``news`` is set for the watcher."""

    runs: dict[ImportRunId, ImportRun] = field(default_factory=dict[ImportRunId, ImportRun])
    ended: set[ImportRunId] = field(default_factory=set[ImportRunId])
    changed: set[ImportRunId] = field(default_factory=set[ImportRunId])
    followers: list[Follower] = field(default_factory=list[Follower])
    news: asyncio.Event = field(default_factory=asyncio.Event)
    watcher: asyncio.Task[None] | None = None

    def join(self) -> Follower:
        follower = Follower(dict(self.runs))
        self.followers.append(follower)
        return follower

    def hear(self, changed: Iterable[ImportRunId]) -> None:
        self.changed.update(changed)
        self.news.set()

    def take_changed(self) -> set[ImportRunId]:
        """What has to be looked at beside the runs under way: nothing changes about a run that has ended."""
        self.news.clear()
        taken, self.changed = (self.changed | self.runs.keys()) - self.ended, set()
        return taken

    def publish(self, found: Sequence[ImportRun]) -> None:
        for run in found:
            if run.id not in self.ended and self.runs.get(run.id) != run:
                for follower in self.followers:
                    follower.tell(run)
        self.runs = {run.id: run for run in found if not run.status.is_final}
        self.ended.update(run.id for run in found if run.status.is_final)
