"""The requests that an import has made, made again without it: what the source alone needs to deliver."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from monitr.adapters.octopus.client import Answer, OctopusClient
from monitr.adapters.octopus.operations import Call


@dataclass(frozen=True, slots=True)
class Request:
    client: OctopusClient
    call: Call
    header: str
    token: str


@dataclass(slots=True)
class Requests:
    """In the order in which they were made; those to the token endpoint are left out."""

    made: list[Request] = field(default_factory=list)
    _repeating: bool = False

    def watch(self) -> None:
        """From now on, for every client of this process."""
        ask = OctopusClient.ask

        @asynccontextmanager
        async def noted(client: OctopusClient, call: Call, header: str, token: str) -> AsyncIterator[Answer]:
            if not self._repeating:
                self.made.append(Request(client, call, header, token))
            async with ask(client, call, header, token) as answer:
                yield answer

        setattr(OctopusClient, "ask", noted)  # noqa: B010  # a method is replaced on purpose

    def forget(self) -> None:
        self.made.clear()

    async def again(self) -> float:
        """Seconds: one request after the other, over the same connections, the answers read and thrown away."""
        self._repeating = True
        begun = time.perf_counter()
        try:
            for request in self.made:
                async with request.client.ask(request.call, request.header, request.token) as answer:
                    async for _ in answer.chunks():
                        pass
        finally:
            self._repeating = False
        return time.perf_counter() - begun
