"""Live progress for many subscribers at the cost of one: each run that somebody follows is looked at once a change, and
so are the runs of an organisation that somebody follows as a whole.

The database tells of changes (``RunChanges``: LISTEN/NOTIFY); while it cannot, there is a look once an interval.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from monitr.application.reading.progress import ChangedRun, Progress, RunChanges
from monitr.domain.import_run import ImportRun, ImportRunId
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.entrypoints.graphql.execution.overview import Overview

log = structlog.get_logger()

Key = tuple[OrganisationId, AdministrationId]
INTERVAL = timedelta(milliseconds=500)
"""Between two looks where nobody tells of changes."""
WHILE_LISTENING = 10
"""Intervals between two looks where changes are told: in case the connection is dead and does not know it."""
BREATH = timedelta(milliseconds=200)
"""After each look, so that many small changes cost one look."""
_LISTEN_AGAIN_SECONDS = 2.0


@dataclass(slots=True, eq=False)
class _Feed:
    """What is known of one run."""

    run: ImportRun
    is_over: bool = False
    subscribers: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced, for the subscribers."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set for the watcher."""
    watcher: asyncio.Task[None] | None = None

    def publish(self, run: ImportRun | None) -> None:
        """None where it is there no more."""
        self.is_over = run is None or run.status.is_final
        if self.is_over or run != self.run:
            self.run = run or self.run
            self.changed.set()
            self.changed = asyncio.Event()


class ProgressHub:
    """Belongs to one event loop. ``close`` ends all subscriptions."""

    def __init__(
        self, progress: Progress, interval: timedelta = INTERVAL, *, changes: RunChanges | None = None
    ) -> None:
        self._progress = progress
        self._changes = changes
        self._interval = interval.total_seconds()
        self._breath = min(BREATH, interval).total_seconds()
        self._feeds: dict[ImportRunId, _Feed] = {}
        self._newest: dict[Key, _Feed] = {}
        self._overviews: dict[OrganisationId, Overview] = {}
        self._looks: dict[Key, asyncio.Task[ImportRun | None]] = {}
        self._listener: asyncio.Task[None] | None = None
        self._is_listening = False
        self._closed = False

    async def follow(
        self, organisation: OrganisationId, administration: AdministrationId
    ) -> AsyncGenerator[ImportRun, None]:
        """The present state of the latest run at once, then each change; ends with that run, or where there is none."""
        key = (organisation, administration)
        run = self._newest[key].run if key in self._newest else await self._latest(key)
        if run is None:
            return
        yield run
        if run.status.is_final:
            return
        feed = self._join(key, run)
        try:
            while not self._closed:
                changed = feed.changed
                if feed.run != run:
                    run = feed.run
                    yield run
                elif feed.is_over:
                    return
                else:
                    await changed.wait()
        finally:
            self._leave(key, feed)

    async def follow_all(self, organisation: OrganisationId) -> AsyncGenerator[ImportRun, None]:
        """The runs under way at once, then each change of any run, new ones included; ends with ``close`` alone."""
        overview = self._overviews.get(organisation)
        if overview is None:
            overview = self._overviews[organisation] = Overview()
            overview.news.set()
            overview.watcher = asyncio.create_task(self._watch_all(organisation, overview))
        self._begin_to_listen()
        follower = overview.join()
        if self._closed:
            follower.end()
        try:
            async with aclosing(follower.told()) as told:
                async for run in told:
                    yield run
        finally:
            overview.followers.remove(follower)
            if not overview.followers:
                del self._overviews[organisation]
                if overview.watcher is not None:
                    overview.watcher.cancel()

    async def close(self) -> None:
        self._closed = True
        if self._listener is not None:
            self._listener.cancel()
        for feed in list(self._feeds.values()):
            if feed.watcher is not None:
                feed.watcher.cancel()
            feed.changed.set()
        for overview in self._overviews.values():
            for follower in overview.followers:
                follower.end()

    @property
    def watched(self) -> int:
        """How many runs, and organisations, somebody follows at the moment."""
        return len(self._feeds) + len(self._overviews)

    async def _latest(self, key: Key) -> ImportRun | None:
        """Who asks at the same moment shares the answer: after a restart everybody comes back at once."""
        look = self._looks.get(key)
        if look is None:
            look = self._looks[key] = asyncio.create_task(self._progress.latest(*key))
            look.add_done_callback(lambda _: self._looks.pop(key, None))
        return await asyncio.shield(look)

    def _join(self, key: Key, run: ImportRun) -> _Feed:
        feed = self._feeds.get(run.id)
        if feed is None:
            feed = self._feeds[run.id] = self._newest[key] = _Feed(run)
            feed.news.set()  # what has happened since it was read
            feed.watcher = asyncio.create_task(self._watch(key, feed))
        self._begin_to_listen()
        feed.subscribers += 1
        return feed

    def _begin_to_listen(self) -> None:
        if self._listener is None and self._changes is not None:
            self._listener = asyncio.create_task(self._listen(self._changes))

    def _leave(self, key: Key, feed: _Feed) -> None:
        feed.subscribers -= 1
        if feed.subscribers == 0:
            self._forget(key, feed)
            if feed.watcher is not None:
                feed.watcher.cancel()

    def _forget(self, key: Key, feed: _Feed) -> None:
        self._feeds.pop(feed.run.id, None)
        if self._newest.get(key) is feed:
            del self._newest[key]

    async def _watch(self, key: Key, feed: _Feed) -> None:
        """By the run's own id: that another one has begun meanwhile must not hide how this one ended."""
        while not feed.is_over:
            await self._wait_for(feed.news)
            feed.news.clear()
            try:
                feed.publish(await self._progress.run(key[0], feed.run.id))
            except Exception:
                # the database may be away for a moment: subscribers wait, and see the state after that
                log.warning("progress.look_failed", run=str(feed.run.id), exc_info=True)
                feed.news.set()
                await asyncio.sleep(self._interval)
            else:
                await asyncio.sleep(0 if feed.is_over else self._breath)
        self._forget(key, feed)

    async def _watch_all(self, organisation: OrganisationId, overview: Overview) -> None:
        """Until cancelled."""
        while True:
            await self._wait_for(overview.news)
            changed = overview.take_changed()
            try:
                overview.publish(await self._progress.under_way(organisation, changed))
            except Exception:  # as above
                log.warning("progress.look_failed", organisation=str(organisation), exc_info=True)
                overview.hear(changed)
                await asyncio.sleep(self._interval)
            else:
                await asyncio.sleep(self._breath)

    async def _wait_for(self, news: asyncio.Event) -> None:
        patience = self._interval * WHILE_LISTENING if self._is_listening else self._interval
        with suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), patience)

    async def _listen(self, changes: RunChanges) -> None:
        """Until cancelled; where it fails, the looks of the interval bridge the gap."""
        while True:
            try:
                async with aclosing(changes.listen()) as told:
                    async for change in told:
                        self._is_listening = True
                        self._tell(change)
            except Exception as error:
                log.warning("progress.listening_failed", error=type(error).__name__)
            finally:
                self._is_listening = False
            await asyncio.sleep(_LISTEN_AGAIN_SECONDS)

    def _tell(self, change: ChangedRun | None) -> None:
        """None: any may have changed."""
        for feed in self._feeds.values():
            if change is None or feed.run.id == change.run:
                feed.news.set()
        for organisation, overview in self._overviews.items():
            if change is None or organisation == change.organisation:
                overview.hear([change.run] if change else [])
