"""Over standard input and output: one client, which acts by the token that the process was started with."""

from dataclasses import dataclass, field
from uuid import uuid4

import structlog
from mcp.server.stdio import stdio_server

from monitr.application.bearer_tokens import ExpiredToken, InvalidToken, KeysUnavailable, MissingToken
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.graphql.execution.context import Connection, Services
from monitr.entrypoints.graphql.schema import create_schema
from monitr.entrypoints.http.admission import KEYS_UNAVAILABLE, Admission, too_often, unauthenticated
from monitr.entrypoints.mcp.server import Context, NotAdmitted, ReadTools, create_server
from monitr.settings import TOKEN

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TokenOfProcess:
    """A ``Connect``. The token is verified, and the user's rate counted, at every call."""

    services: Services
    admission: Admission
    token: str | None = field(repr=False)

    async def __call__(self, _: Context | None = None) -> Connection:
        try:
            bearer = await self.admission.verify(f"Bearer {self.token}" if self.token else None)
        except InvalidToken as invalid:
            log.info("token.refused", reason=str(invalid))
            raise NotAdmitted(ErrorCode.UNAUTHENTICATED, _complaint(invalid)) from None
        except KeysUnavailable:
            raise NotAdmitted(ErrorCode.UNAVAILABLE, KEYS_UNAVAILABLE) from None
        if (seconds := self.admission.wait(bearer.principal)) is not None:
            raise NotAdmitted(ErrorCode.RATE_LIMITED, too_often(seconds))
        return Connection(self.services, bearer, uuid4().hex)


def _complaint(invalid: InvalidToken) -> Sentence:
    match invalid:
        case MissingToken():
            key = "token.MISSING_IN"
        case ExpiredToken():
            key = "token.EXPIRED_IN"
        case _:
            key = "token.WRONG_IN"
    return unauthenticated(Sentence.of(key, setting=TOKEN))


async def serve_stdio(connect: TokenOfProcess) -> None:
    """Until standard input ends. Raises NotAdmitted, before anything is read, where the token is none."""
    await connect()
    server = create_server(ReadTools(create_schema()), connect)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())
