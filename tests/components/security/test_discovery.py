"""What the issuer says of where one signs in: it reaches a Content-Security-Policy and a person's browser."""

from datetime import timedelta

import httpx
import pytest

from monitr.adapters.security.discovery import FRESH_FOR, RETRY_AFTER, Discovery
from monitr.application.signing_in import IssuerUnavailable
from tests.unit.fakes import NOON

ISSUER = "https://login.example/realms/firm"
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "end_session_endpoint": f"{ISSUER}/logout",
}


class World:
    """An issuer and a clock. ``answers`` are given in turn, the last one again and again."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers, self.asked, self.now = list(answers), list[str](), NOON
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        self.discovery = Discovery(ISSUER, "console", "openid", None, client, lambda: self.now, may_be_plain=False)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def told(**changes: object) -> httpx.Response:
    return httpx.Response(200, json=DOCUMENT | changes)


async def test_the_document_is_fetched_once_an_hour_and_the_last_one_stays_where_there_is_no_other() -> None:
    world = World(told(), httpx.Response(500))
    found = await world.discovery()
    assert (found.token_endpoint, found.revocation_endpoint, found.fetched) == (
        f"{ISSUER}/token",
        None,
        [f"{ISSUER}/token"],
    )
    assert (await world.discovery(), world.asked) == (found, [f"{ISSUER}/.well-known/openid-configuration"])
    world.now += FRESH_FOR + timedelta(seconds=1)
    assert (await world.discovery(), await world.discovery(), len(world.asked)) == (found, found, 2)
    world.now += RETRY_AFTER
    assert (await world.discovery(), len(world.asked)) == (found, 3)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404),
        httpx.Response(302, headers={"location": "https://evil.example"}),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json=[]),
        told(issuer=f"{ISSUER}/"),
        told(authorization_endpoint=None),
        told(authorization_endpoint="javascript:alert(1)"),
        told(token_endpoint="http://login.example/token"),
        told(token_endpoint="https://login.example/token; script-src *"),
        told(token_endpoint="https://login.example/ https://evil.example"),
    ],
    ids=str,
)
async def test_what_is_no_document_of_this_issuer_signs_nobody_in(answer: httpx.Response) -> None:
    with pytest.raises(IssuerUnavailable, match="does not say how one signs in"):
        await World(answer).discovery()
