"""Live progress for many subscribers at the cost of one: each administration of interest is asked for once an interval.

The seam for a push from the database (LISTEN/NOTIFY) is ``_watch``: whatever calls ``_Feed.publish`` will do.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from monitr.application.reading import Progress
from monitr.domain.import_run import ImportRun
from monitr.domain.organisation import AdministrationId, OrganisationId

log = structlog.get_logger()

Key = tuple[OrganisationId, AdministrationId]
INTERVAL = timedelta(milliseconds=500)


@dataclass(slots=True)
class _Feed:
    """What is known of one administration's runs. ``run`` is None where there is none (any more)."""

    run: ImportRun | None
    subscribers: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    watcher: asyncio.Task[None] | None = None

    def publish(self, run: ImportRun | None) -> None:
        if run != self.run:
            self.run = run
            self.changed.set()
            self.changed = asyncio.Event()


class ProgressHub:
    """Belongs to one event loop. ``close`` ends all subscriptions."""

    def __init__(self, progress: Progress, interval: timedelta = INTERVAL) -> None:
        self._progress = progress
        self._interval = interval.total_seconds()
        self._feeds: dict[Key, _Feed] = {}
        self._closed = False

    async def follow(
        self, organisation: OrganisationId, administration: AdministrationId
    ) -> AsyncGenerator[ImportRun, None]:
        """The present state of the latest run at once, then each change; ends with the run, or where there is none."""
        run = await self._progress.latest(organisation, administration)
        if run is None:
            return
        yield run
        if run.status.is_final:
            return
        feed = self._join((organisation, administration), run)
        try:
            while not self._closed:
                changed = feed.changed
                latest = feed.run
                if latest is None:
                    return
                if latest != run:
                    run = latest
                    yield run
                    if run.status.is_final:
                        return
                    continue
                await changed.wait()
        finally:
            self._leave((organisation, administration), feed)

    async def close(self) -> None:
        self._closed = True
        feeds = list(self._feeds.values())
        for feed in feeds:
            if feed.watcher is not None:
                feed.watcher.cancel()
            feed.changed.set()

    @property
    def watched(self) -> int:
        """How many administrations somebody follows at the moment."""
        return len(self._feeds)

    def _join(self, key: Key, run: ImportRun) -> _Feed:
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = _Feed(run)
            feed.watcher = asyncio.create_task(self._watch(key, feed))
        feed.publish(run)  # newer than what the last poll found
        feed.subscribers += 1
        return feed

    def _leave(self, key: Key, feed: _Feed) -> None:
        feed.subscribers -= 1
        if feed.subscribers == 0:
            self._feeds.pop(key, None)
            if feed.watcher is not None:
                feed.watcher.cancel()

    async def _watch(self, key: Key, feed: _Feed) -> None:
        while True:
            await asyncio.sleep(self._interval)
            try:
                feed.publish(await self._progress.latest(*key))
            except Exception:
                # the database may be away for a moment: subscribers wait, and see the state after that
                log.warning("progress.poll_failed", administration=str(key[1]), exc_info=True)
