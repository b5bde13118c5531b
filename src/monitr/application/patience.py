"""Where a person waits for Octopus: ten seconds in all, whatever it does (decision 20)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from monitr.application.octopus import OctopusUnavailable
from monitr.domain.words.sentence import Sentence

OF_A_PERSON = timedelta(seconds=10)


def _ten_seconds_from_now() -> float:
    return asyncio.get_running_loop().time() + OF_A_PERSON.total_seconds()


@dataclass(frozen=True, slots=True)
class PersonsPatience:
    """It begins when it is made, and is shared by all that is asked for the person."""

    ends_at: float = field(default_factory=_ten_seconds_from_now)
    """By the clock of the event loop."""

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        """Raises OctopusUnavailable at its end, whatever is under way then. Only questions belong inside: what has been
        answered is stored outside, whole."""
        patience = asyncio.timeout_at(self.ends_at)
        try:
            async with patience:
                yield
        except TimeoutError as error:
            if patience.expired():
                raise OctopusUnavailable(Sentence.of("octopus.TOO_LATE_FOR_A_PERSON")) from error
            raise
