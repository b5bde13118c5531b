"""Reading a dossier: one call, with its count, its turn, its tokens and its retries."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from monitr.adapters.octopus.answers.elements import Elements, ElementScanner, EmptyDocument
from monitr.adapters.octopus.answers.recognition import Recognition
from monitr.adapters.octopus.client import LONGEST_LIST, Answer, AnsweredWithError, OctopusClient
from monitr.adapters.octopus.dossier_tokens import DossierTokens
from monitr.adapters.octopus.octopus_time import FirstDate
from monitr.adapters.octopus.operations import Call
from monitr.adapters.octopus.quota import OperationQuota
from monitr.adapters.octopus.refusals import Refusal
from monitr.adapters.octopus.retries import Interrupted, Retries
from monitr.adapters.octopus.turns import Turns
from monitr.application.octopus import InvalidAnswer, OctopusUnavailable, ReadRefused
from monitr.domain.administration import DossierNumber
from monitr.domain.integration import IntegrationId

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reads:
    """What every read of every dossier shares."""

    client: OctopusClient
    tokens: DossierTokens
    quota: OperationQuota
    turns: Turns
    retries: Retries

    def of(self, integration: IntegrationId, dossier: DossierNumber) -> "DossierReads":
        return DossierReads(self, integration, dossier)


@dataclass(frozen=True, slots=True)
class DossierReads:
    """Raises OctopusUnavailable, InvalidAnswer, QuotaSpent, AuthorizationRejected, DossierNotFound, DossierRefused."""

    shared: Reads
    integration: IntegrationId
    dossier: DossierNumber
    first_date: FirstDate = field(default_factory=FirstDate)

    async def connect(self, *, anew: bool = False) -> None:
        """Make sure that the dossier is open: without a call while its token is good, unless ``anew``."""
        token = self.shared.tokens.connect if anew else self.shared.tokens.token

        async def connected() -> str:
            async with self.shared.turns.turn(self.integration):
                return await token(self.integration, self.dossier)

        await self.shared.retries(connected)

    async def collect(
        self, call: Call, arrays: frozenset[str], new: Callable[[bool], Result], add: Callable[[Result, Elements], None]
    ) -> Result:
        """All elements of an answer that fits into memory, put into a fresh ``new(is_silent)`` by each attempt.

        It is silent where no document came: 404, 204, an empty body.
        """

        async def read() -> Result:
            result = new(False)
            async with self._answer(call) as answer:
                if answer is None:
                    return new(True)
                try:
                    async for block in answer.elements(ElementScanner(arrays), LONGEST_LIST):
                        add(result, block)
                except EmptyDocument:
                    return new(True)
            return result

        return await self.shared.retries(read)

    async def stream(
        self, call: Call, arrays: frozenset[str], recognition: Recognition | None = None
    ) -> AsyncGenerator[Elements | None, None]:
        """The elements while they arrive. Once some were given away, an interruption is not repaired here.

        None, and nothing else, where no document came: 404, 204, an empty body.
        """
        async for is_last in self.shared.retries.tries():
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
            except Interrupted:
                if has_begun or is_last:
                    raise

    @asynccontextmanager
    async def _answer(self, call: Call) -> AsyncIterator[Answer | None]:
        """A 2xx answer in our turn, with tokens renewed as needed; None for 404: no rows (octopus.md 3.2)."""
        tokens, operation = self.shared.tokens, call.operation
        async with self.shared.turns.turn(self.integration):
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
        raise OctopusUnavailable(f"Octopus refuses tokens for {operation.label} that it has just given.")

    async def _meaning(self, refusal: Refusal, call: Call) -> Exception:
        label = call.operation.label
        if refusal.is_transient:
            return Interrupted(
                f"Octopus answered {label} with {refusal.summary}.", refusal.status, is_empty=refusal.is_empty
            )
        if refusal.is_quota:
            return await self.shared.quota.spent(self.integration, self.dossier, call.operation)
        return refused(call, refusal)


def refused(call: Call, refusal: Refusal) -> InvalidAnswer:
    """A refusal that has no other meaning, in words."""
    if 300 <= refusal.status < 400 or (refusal.is_under_200 and refusal.says_nothing):
        label = call.operation.label
        return InvalidAnswer(f"Octopus answered {label} with {refusal.summary} and not with what was asked for.")
    refuses = "does not let this user read" if refusal.is_no_access else "refuses to give"
    return ReadRefused(f"Octopus {refuses} {call.subject} ({refusal.summary}).", refusal.status, call.subject)
