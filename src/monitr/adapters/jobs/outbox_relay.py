"""The relay: what transactions have left in the outbox is passed on after their commit, at least once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Protocol

import structlog

logger = structlog.get_logger(__name__)

POLL_EVERY = timedelta(seconds=5)
"""The bell rings sooner; the poll is for what becomes due by itself, and for a bell that nobody heard."""
_AFTER_TROUBLE_SECONDS = 2.0


class Message(Protocol):
    @property
    def topic(self) -> str: ...

    @property
    def payload(self) -> Mapping[str, str]: ...


class Outbox(Protocol):
    async def publish_pending(self, publish: Callable[[Message], Awaitable[None]]) -> int:
        """Publish some of what is due, oldest first, and return how much that was. Several relays never hold the same
        message. Where ``publish`` raises, that message stays for the next time, and the error goes on."""
        ...


class Bell(Protocol):
    async def listen(self) -> None:
        """From here on nothing is missed."""
        ...

    async def wait(self, at_most: timedelta) -> bool:
        """True as soon as a commit has left something to publish since the last wait, False after ``at_most``."""
        ...

    async def close(self) -> None: ...


Handler = Callable[[Mapping[str, str]], Awaitable[None]]
"""Passes the payload of one message on."""


class OutboxRelay:
    """``handlers`` by topic. A topic that nobody handles is a newer program's: it is passed over."""

    def __init__(
        self, outbox: Outbox, bell: Bell, handlers: Mapping[str, Handler], *, poll_every: timedelta = POLL_EVERY
    ) -> None:
        self._outbox = outbox
        self._bell = bell
        self._handlers = handlers
        self._poll_every = poll_every

    async def run(self) -> None:
        """Until cancelled. What fails is tried again: the messages are still there."""
        try:
            while True:
                try:
                    await self._bell.listen()  # before looking, so that nothing falls between the two
                    while await self._outbox.publish_pending(self._pass_on):
                        pass
                    await self._bell.wait(self._poll_every)
                except Exception as error:  # the database or the broker is away
                    logger.warning("outbox_not_relayed", error=type(error).__name__)
                    await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
        finally:
            await self._bell.close()

    async def _pass_on(self, message: Message) -> None:
        if handler := self._handlers.get(message.topic):
            await handler(message.payload)
        else:
            logger.warning("outbox_topic_unknown", topic=message.topic)
