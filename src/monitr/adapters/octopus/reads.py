"""Reading a dossier: one call, with its count, its turn, its tokens and its retries."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from monitr.adapters.octopus.answers.elements import Elements, ElementScanner, EmptyDocument
from monitr.adapters.octopus.answers.recognition import Recognition
from monitr.adapters.octopus.client import LONGEST_LIST, Answer, AnsweredWithError, OctopusClient
from monitr.adapters.octopus.dossier_tokens import DossierTokens
from monitr.adapters.octopus.octopus_time import FirstDate
from monitr.adapters.octopus.operations import Call, Operation
from monitr.adapters.octopus.quota import OperationQuota
from monitr.adapters.octopus.refusals import Refusal
from monitr.adapters.octopus.retries import Attempts, Interrupted, Retries, Throttled, interruption
from monitr.adapters.octopus.turns import Turns
from monitr.application.octopus import (
    AnswerBrokeOff,
    InvalidAnswer,
    OctopusAsksToWait,
    OctopusUnavailable,
    Pause,
    ReadRefused,
)
from monitr.domain.administration import DossierNumber
from monitr.domain.integration import IntegrationId
from monitr.domain.words.sentence import Sentence

Result = TypeVar("Result")

LONGEST_READ = timedelta(minutes=10)
"""For an answer that fits into memory, once it is our turn, the tokens included."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What every read of every dossier shares."""

    client: OctopusClient
    tokens: DossierTokens
    quota: OperationQuota
    turns: Turns
    retries: Retries

    def of(self, integration: IntegrationId, dossier: DossierNumber, pause: Pause | None = None) -> "DossierReads":
        return DossierReads(self, integration, dossier, pause)


@dataclass(frozen=True, slots=True)
class DossierReads:
    """Raises OctopusUnavailable, InvalidAnswer, QuotaSpent, AuthorizationRejected, DossierNotFound, DossierRefused."""

    shared: Reads
    integration: IntegrationId
    dossier: DossierNumber
    pause: Pause | None
    """How the run waits whose dossier it is."""
    first_date: FirstDate = field(default_factory=FirstDate)

    async def connect(self) -> None:
        """Make sure that the dossier is open: without a call while its token is good."""
        await self._patiently(Operation.CONNECT, self._opened)

    async def try_to_open(self, *, anew: bool) -> None:
        """As ``connect``, with the patience of a person; ``anew`` calls in any case."""
        await self.shared.retries.of_a_person()(lambda: self._opened(anew=anew))

    async def collect(
        self, call: Call, arrays: frozenset[str], new: Callable[[bool], Result], add: Callable[[Result, Elements], None]
    ) -> Result:
        """All elements of an answer that fits into memory, put into a fresh ``new(is_silent)`` by each attempt.

        It is silent where no document came: 404, 204, an empty body.
        """

        async def read() -> Result:
            result = new(False)
            async with self._answer(call, LONGEST_READ) as answer:
                if answer is None:
                    return new(True)
                try:
                    async for block in answer.elements(ElementScanner(arrays), LONGEST_LIST):
                        add(result, block)
                except EmptyDocument:
                    return new(True)
            return result

        return await self._patiently(call.operation, read)

    async def stream(
        self, call: Call, arrays: frozenset[str], recognition: Recognition | None = None
    ) -> AsyncGenerator[Elements | None, None]:
        """The elements while they arrive. Once some were given away, an interruption is not repaired here.

        None, and nothing else, where no document came: 404, 204, an empty body.
        """
        attempts = self._attempts(call.operation)
        while True:
            has_begun = False
            try:
                async with self._answer(call) as answer:
                    if answer is None:
                        raise EmptyDocument
                    async for block in answer.elements(ElementScanner(arrays), recognition=recognition):
                        has_begun = True
                        yield block
                return
            except EmptyDocument:
                yield None
                return
            except Interrupted as interrupted:
                if has_begun:
                    raise AnswerBrokeOff(interrupted.said) from None
                await self._rest(attempts, call.operation, interrupted)

    async def _opened(self, *, anew: bool = False) -> None:
        token = self.shared.tokens.connect if anew else self.shared.tokens.token
        async with self.shared.turns.turn(self.integration), _no_longer_than(LONGEST_READ, Operation.CONNECT):
            await token(self.integration, self.dossier)

    def _attempts(self, operation: Operation) -> Attempts:
        return self.shared.retries.of_a_run(operation, self.pause)

    async def _patiently(self, operation: Operation, read: Callable[[], Awaitable[Result]]) -> Result:
        attempts = self._attempts(operation)
        while True:
            try:
                return await read()
            except Interrupted as interrupted:
                await self._rest(attempts, operation, interrupted)

    async def _rest(self, attempts: Attempts, operation: Operation, interrupted: Interrupted) -> None:
        """Until the next attempt, where the day has a call left for it. A refusal that does not pass closes its
        operation for the day."""
        quota = self.shared.quota
        if not await quota.left(self.integration, self.dossier, operation):
            raise quota.used_up(operation) from interrupted
        try:
            await attempts.rest(interrupted)
        except (Throttled, OctopusAsksToWait) as given_up:
            if not isinstance(interrupted, Throttled):
                raise
            raise await quota.not_passing(self.integration, self.dossier, interrupted, given_up) from None

    @asynccontextmanager
    async def _answer(self, call: Call, longest: timedelta | None = None) -> AsyncIterator[Answer | None]:
        """A 2xx answer in our turn, with tokens renewed as needed; None for 404: no rows (octopus.md 3.2).

        Raises Interrupted where it takes longer than the ``longest``."""
        tokens, operation = self.shared.tokens, call.operation
        async with self.shared.turns.turn(self.integration), _no_longer_than(longest, operation):
            token = await tokens.token(self.integration, self.dossier)
            for renewal in ("connect", "refresh", None):
                await self.shared.quota.count(self.integration, self.dossier, operation)
                async with self.shared.client.ask(call, "dossierToken", token) as answer:
                    self.first_date.hear(answer.date)
                    if answer.is_ok:
                        try:
                            yield answer
                        except AnsweredWithError as error:
                            raise await self._meaning(error.refusal, call) from None
                        return
                    refusal = await answer.refusal()
                if refusal.status == 404:
                    yield None
                    return
                if refusal.status != 401:
                    raise await self._meaning(refusal, call)
                if renewal is not None:
                    token = await tokens.connect(self.integration, self.dossier, with_new_access=renewal == "refresh")
        raise OctopusUnavailable(Sentence.of("octopus.FRESH_TOKENS_REFUSED", operation=operation.label))

    async def _meaning(self, refusal: Refusal, call: Call) -> Exception:
        if (passing := interruption(call.operation, refusal)) is not None:
            return passing
        if refusal.is_quota:
            return await self.shared.quota.spent(self.integration, self.dossier, call.operation)
        return refused(call, refusal)


@asynccontextmanager
async def _no_longer_than(longest: timedelta | None, operation: Operation) -> AsyncIterator[None]:
    """Against an answer that drips: each piece comes before the time is over that a piece may take."""
    limit = asyncio.timeout(None if longest is None else longest.total_seconds())
    try:
        async with limit:
            yield
    except TimeoutError as error:
        if limit.expired():
            drips = Sentence.of("octopus.ANSWER_DRIPS", operation=operation.label)
            raise Interrupted(drips, is_hang=True) from error
        raise


def refused(call: Call, refusal: Refusal) -> InvalidAnswer:
    """A refusal that has no other meaning, in words."""
    if 300 <= refusal.status < 400 or (refusal.is_under_200 and refusal.says_nothing):
        label, answer = call.operation.label, refusal.summary
        return InvalidAnswer(Sentence.of("octopus.ANSWERED_SOMETHING_ELSE", operation=label, answer=answer))
    key = "octopus.MAY_NOT_READ" if refusal.is_no_access else "octopus.REFUSES_TO_GIVE"
    said = Sentence.of(key, subject=call.subject, answer=refusal.summary)
    return ReadRefused(said, refusal.status, str(call.subject))
