"""The sandbox, with an ear at its door: every code, token and verifier that passes is noted as a secret."""

import json
from urllib.parse import parse_qs

from starlette.types import Message, Receive, Scope, Send

from octopus_sandbox.settings import SandboxSettings
from octopus_sandbox.testing import SandboxServer

_SECRET_HEADERS = (b"token", b"dossiertoken")
_SECRET_FIELDS = ("code", "code_verifier", "refresh_token", "client_secret")
_SECRET_MEMBERS = ("access_token", "refresh_token", "token")


class OverheardSandbox(SandboxServer):
    def __init__(self, settings: SandboxSettings) -> None:
        super().__init__(settings)
        self.secrets: dict[str, str] = {}
        """Each with what it is."""

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super()._serve(scope, receive, send)
            return
        for name, value in scope["headers"]:
            if name in _SECRET_HEADERS:
                self._note(name.decode(), value.decode())
        asked, answered = bytearray(), bytearray()
        gives_tokens = scope["path"].endswith(("/token", "/dossiers"))

        async def hearing() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            if gives_tokens:
                answered.extend(message.get("body", b""))
            await send(message)

        await super()._serve(scope, hearing, sending)
        if gives_tokens:
            self._hear(asked.decode(), answered.decode())

    def _hear(self, asked: str, answered: str) -> None:
        for name, values in parse_qs(asked).items():
            if name in _SECRET_FIELDS:
                self._note(name, values[0])
        answer = json.loads(answered or "{}")
        for name in _SECRET_MEMBERS:
            if isinstance(answer, dict) and isinstance(value := answer.get(name), str):
                self._note(name, value)

    def _note(self, what: str, value: str) -> None:
        self.secrets.setdefault(value, what)
