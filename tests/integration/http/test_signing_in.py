"""Signing in to the console at an issuer, and by the page around it: a real browser, a certified OpenID provider."""

import asyncio
import json
import os
import shutil
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.async_api import Browser, Page, Route

from monitr.adapters.security.bearer_tokens import BearerTokens
from monitr.adapters.security.discovery import Discovery
from monitr.adapters.security.jwks import Jwks
from monitr.application.bearer_tokens import Bearer
from monitr.application.signing_in import SignIn
from tests.integration.http.a_browser import a_visit, needs_chromium
from tests.integration.http.a_server import Server, a_server, a_token, now
from tests.unit.fakes import MINE

CLIENTS = Path(__file__).parents[3] / "clients"
API = "https://monitr.test/api"
TOKEN_SECONDS = 6

pytestmark = needs_chromium


class Issuer:
    """What the API asks of the provider, which is there once the API's address is known."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.url = ""

    def set_up(self, url: str) -> None:
        self.url = url
        self.discovery = Discovery(url, "monitr-console", "openid", API, self.client, now, may_be_plain=True)
        self.verifier = BearerTokens(now, None, Jwks(f"{url}/jwks", self.client, now), url, API)

    async def sign_in(self) -> SignIn | None:
        return await self.discovery()

    async def verify(self, token: str) -> Bearer:
        return await self.verifier(token)


@asynccontextmanager
async def an_issuer_and_a_server() -> AsyncIterator[tuple[Issuer, Server]]:
    if shutil.which("node") is None or not (CLIENTS / "node_modules" / "oidc-provider").exists():
        reason = "the provider is not installed: make clients"
        pytest.fail(reason) if os.environ.get("MONITR_REQUIRE_NODE") == "1" else pytest.skip(reason)
    async with httpx.AsyncClient() as client:
        issuer = Issuer(client)
        async with a_server(verify_token=issuer.verify, sign_in=issuer.sign_in) as server:
            provider = await asyncio.create_subprocess_exec(
                *("node", "openid-provider.mjs", server.url, str(MINE), str(TOKEN_SECONDS)),
                cwd=CLIENTS,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                assert provider.stdout is not None
                async for line in provider.stdout:
                    if line.startswith(b"http"):
                        issuer.set_up(line.decode().strip())
                        break
                yield issuer, server
            finally:
                provider.kill()
                await provider.wait()


async def sign_in_as(name: str, page: Page) -> None:
    await page.get_by_role("button", name="Sign in with your organisation").click()
    await page.locator("input[name=login]").fill(name)
    await page.locator("input[name=password]").fill("whatever")
    await page.locator("button[type=submit]").click()
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="Sign out").wait_for()


async def token_of(page: Page) -> str:
    return str(await page.evaluate("sessionStorage.getItem('monitr.token')"))


async def another_token(page: Page, before: str) -> str:
    await page.wait_for_function(
        "before => ![before, null].includes(sessionStorage.getItem('monitr.token'))", arg=before
    )
    return await token_of(page)


async def test_a_person_signs_in_at_the_issuer_stays_signed_in_and_signs_out(browser: Browser) -> None:
    async with an_issuer_and_a_server() as (issuer, server), a_visit(browser, server) as visit:
        page = visit.page
        await page.route("https://**", lambda route: route.abort())  # the provider's pages want a font of elsewhere
        await page.goto(f"{server.url}/signed-in?code=of-somebody-else&state=made-up")
        await page.get_by_text("This tab did not ask for a sign-in.").wait_for()
        assert (page.url, await token_of(page)) == (f"{server.url}/", "None")

        opened = await page.goto(f"{server.url}/integrations?from=a-link")
        assert opened is not None
        (connected,) = (
            part for part in opened.headers["content-security-policy"].split("; ") if part.startswith("connect-src")
        )
        websocket = server.url.replace("http", "ws")
        assert connected == f"connect-src 'self' {websocket} {issuer.url}/token {issuer.url}/token/revocation"

        await sign_in_as("renewable", page)
        assert page.url == f"{server.url}/integrations?from=a-link"
        await page.evaluate("window.isTheSamePage = true")
        first = await token_of(page)
        assert await another_token(page, first) != first
        assert await page.evaluate("window.isTheSamePage")

        await page.get_by_role("button", name="Sign out").click()
        await page.locator("button[name=logout]").click()
        await sign_in_as("anna", page)
        await page.evaluate("window.isTheSamePage = true")
        await another_token(page, await token_of(page))
        await page.wait_for_function("window.isTheSamePage === undefined")
        await page.get_by_role("button", name="Sign out").wait_for()
        assert [each for each in visit.complaints if "Content Security Policy" in each] == []


FAKE_ISSUER = SignIn(
    "http://issuer.test", "monitr-console", "openid", None, "http://issuer.test/ask", "http://issuer.test/token"
)


def of_the_issuer(nonce: str) -> str:
    """An ID token, whose signature the page leaves to TLS."""
    claims = {
        "iss": FAKE_ISSUER.issuer,
        "aud": FAKE_ISSUER.client_id,
        "sub": "x",
        "exp": 2**31,
        "iat": 0,
        "nonce": nonce,
    }
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256"}, claims))
    return ".".join([*(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), "AA"])


async def test_a_silent_renewal_makes_nobody_somebody_else(browser: Browser) -> None:
    """Another person has signed in at the issuer meanwhile, in another tab."""
    asked: list[dict[str, list[str]]] = []
    grants = [a_token(subject="anna", life=timedelta(seconds=6)), a_token(subject="bart")]

    async def at_once(route: Route) -> None:
        asked.append(query := parse_qs(urlsplit(route.request.url).query))
        back = f"{query['redirect_uri'][0]}?code=c&state={query['state'][0]}"
        await route.fulfill(content_type="text/html", body=f"<script>location.replace({json.dumps(back)})</script>")

    async def grant(route: Route) -> None:
        token = {"access_token": grants[len(asked) - 1], "token_type": "Bearer"}
        token["id_token"] = of_the_issuer(asked[-1]["nonce"][0])
        await route.fulfill(json=token, headers={"access-control-allow-origin": "*"})

    async def known() -> SignIn:
        return FAKE_ISSUER

    async with a_server(sign_in=known) as server, a_visit(browser, server) as visit:
        page = visit.page
        await page.route("http://issuer.test/ask?*", at_once)
        await page.route("http://issuer.test/token", grant)
        await page.goto(f"{server.url}/integrations")
        await page.get_by_role("button", name="Sign in with your organisation").click()
        await page.get_by_text("Your session has ended").wait_for()
        assert [each.get("prompt") for each in asked] == [None, ["none"]]
        assert await token_of(page) == "None"


@asynccontextmanager
async def a_site() -> AsyncIterator[tuple[str, dict[str, str]]]:
    """An origin of somebody, and its pages by their paths, to be filled."""
    pages: dict[str, str] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        body = pages.get(path, "").encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", pages


def host_page(server: Server, token: str) -> str:
    """As docs/security.md shows it."""
    return f"""<script>
      addEventListener("message", ({{ source, origin, data }}) => {{
        if (origin === "{server.url}" && data.type === "monitr:token-wanted")
          source.postMessage({{ type: "monitr:token", token: "{token}" }}, origin);
      }});
    </script><iframe src="{server.url}/integrations"></iframe>"""


INTRUDER = """<script>
  setInterval(() => parent.frames[0].postMessage({ type: "monitr:token", token: "of.an.intruder" }, "*"), 20);
</script>"""


async def test_a_front_end_hands_its_token_to_the_console_in_its_frame_and_no_other_page_can(
    browser: Browser,
) -> None:
    async with (
        a_site() as (front, of_front),
        a_site() as (stranger, of_stranger),
        a_server(embedding_origins=frozenset({front})) as server,
        a_visit(browser, server) as visit,
    ):
        of_stranger |= {"/": host_page(server, a_token()), "/intruder": INTRUDER}
        token = a_token(subject="bart")
        of_front["/"] = host_page(server, token) + f'<iframe src="{stranger}/intruder"></iframe>'
        await visit.page.goto(f"{front}/")
        console = visit.page.frame_locator("iframe").first
        await console.get_by_role("button", name="Add").wait_for()
        (frame,) = (each for each in visit.page.frames if each.url.startswith(server.url))
        assert await frame.evaluate("sessionStorage.getItem('monitr.token')") == token

        visit.complaints.clear()
        await visit.page.goto(f"{stranger}/")
        (frame,) = visit.page.frames[1:]
        await frame.wait_for_load_state()
        assert any("frame-ancestors" in each for each in visit.complaints)
        assert await console.locator("#console").count() == 0
