"""What is worked out once in a simulation, and anew each time where time is real: the answers are the same.

A simulated year is some twenty thousand calls. Half of their time went into addresses that httpx takes apart, cookies
that it looks for, routes that Starlette tries in turn, and ticks that croniter counts up to.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from unittest.mock import patch

import httpx
from starlette.applications import Starlette
from starlette.routing import Match, Router
from starlette.types import Receive, Scope, Send

from monitr.adapters.jobs.schedule import ImportSchedule
from octopus_sandbox.answers.answer import Answer
from octopus_sandbox.operations.requests import DossierRequest

_ADDRESSES = 4_096


@contextmanager
def addresses_remembered() -> Iterator[None]:
    """By httpx; and cookies are looked for only in answers that set one."""
    parse = httpx._urls.urlparse  # type: ignore[attr-defined]  # what httpx calls
    remembered = lru_cache(_ADDRESSES)(parse)
    extract = httpx.Cookies.extract_cookies

    def taken_apart(url: str = "", **parts: Any) -> Any:
        return parse(url, **parts) if parts else remembered(url)

    def cookies(of: httpx.Cookies, response: httpx.Response) -> None:
        if "set-cookie" in response.headers:
            extract(of, response)

    with patch("httpx._urls.urlparse", taken_apart), patch.object(httpx.Cookies, "extract_cookies", cookies):
        yield


class Answers:
    """Of Octopus, as long as nothing changes what it would say: ``forget`` has to be told."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Answer] = {}

    def __call__(self, handler: Callable[[DossierRequest], Answer], request: DossierRequest) -> Answer:
        asked = (
            request.operation,
            request.books.card.id,
            request.locale,
            *request.path.values(),
            *request.query.items(),
            request.body,
        )
        if asked not in self._known:
            self._known[asked] = handler(request)
        return self._known[asked]

    def forget(self) -> None:
        self._known.clear()


def remember_routes(app: Starlette) -> None:
    """Of each address and method, the route and what it takes from the address."""
    app.router = _Remembering(app.router)


class _Remembering(Router):
    def __init__(self, router: Router) -> None:
        super().__init__(routes=router.routes)
        self._known: dict[tuple[str, str], tuple[Any, Scope]] = {}

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        asked = scope["method"], scope["path"]
        if asked not in self._known:
            found = next((taken for taken in map(self._full(scope), self.routes) if taken), None)
            if found is None:
                await super().app(scope, receive, send)
                return
            if len(self._known) >= _ADDRESSES:
                self._known.clear()
            self._known[asked] = found
        route, taken = self._known[asked]
        scope.update({"router": self, "route": route, **taken, "path_params": dict(taken["path_params"])})
        await route.handle(scope, receive, send)

    @staticmethod
    def _full(scope: Scope) -> Any:
        def taken(route: Any) -> tuple[Any, Scope] | None:
            match, child = route.matches(scope)
            return (route, child) if match is Match.FULL else None

        return taken


@dataclass(frozen=True, slots=True)
class RememberedSchedule(ImportSchedule):
    """A schedule that does not count up again to the ticks around a moment between them."""

    def last_tick(self, now: datetime) -> datetime:
        last, _ = self._around(now)
        return last

    def ticks_after(self, now: datetime) -> Iterator[datetime]:
        _, following = self._around(now)
        yield following
        yield from super(RememberedSchedule, self).ticks_after(following)

    def _around(self, now: datetime) -> tuple[datetime, datetime]:
        known = _TICKS.setdefault(self.cron, [])
        for last, following in known:
            if last <= now < following:
                return last, following
        last = super(RememberedSchedule, self).last_tick(now)
        following = next(super(RememberedSchedule, self).ticks_after(now))
        known[:] = [(last, following), *known[:2]]
        return last, following


_TICKS: dict[str, list[tuple[datetime, datetime]]] = {}
"""By expression: the ticks around the moments asked about last."""
