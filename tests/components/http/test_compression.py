"""What is compressed on its way out, what never is, and what a browser may keep."""

import zlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from monitr.entrypoints.http.compression import COMPRESSIBLE, LARGE, MOST_PADDING, SMALLEST, Compression
from monitr.entrypoints.http.static_files import ADDRESS, EACH_TIME, FOR_EVER, StaticFiles
from tests.integration.http.a_server import a_server

Ask = Callable[..., Awaitable[httpx.Response]]
JSON = "application/json; charset=utf-8"


async def answered(
    body: bytes, media_type: str = JSON, *, free_of_secrets: bool = True, **headers: str
) -> httpx.Response:
    """By an endpoint below ``Compression``."""

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        scope[COMPRESSIBLE] = free_of_secrets
        await Response(body, media_type=media_type)(scope, receive, send)

    transport = httpx.ASGITransport(Compression(endpoint))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.get("/", headers={"accept-encoding": "gzip, br", **headers})


@pytest.mark.parametrize("size", [SMALLEST, LARGE])
async def test_a_long_answer_without_secrets_arrives_whole_and_shorter(size: int) -> None:
    answer = await answered(b"x" * size)
    assert answer.content == b"x" * size
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "accept-encoding")
    assert int(answer.headers["content-length"]) < size / 4


@pytest.mark.parametrize(
    ("changed", "headers"),
    [
        ({"body": b"x" * (SMALLEST - 1)}, {}),
        ({"free_of_secrets": False}, {}),
        ({"media_type": "text/html"}, {}),
        ({"media_type": "application/vnd.apache.parquet"}, {}),
        ({}, {"accept-encoding": "br"}),
        ({}, {"accept-encoding": "gzip;q=0"}),
    ],
)
async def test_what_is_short_secret_packed_or_not_wanted_goes_out_as_it_is(
    changed: Mapping[str, Any], headers: Mapping[str, Any]
) -> None:
    answer = await answered(**{"body": b"x" * 2 * SMALLEST, **changed}, **headers)
    assert "content-encoding" not in answer.headers


async def test_the_same_answer_has_many_lengths() -> None:
    lengths = {int((await answered(b"x" * SMALLEST)).headers["content-length"]) for _ in range(40)}
    assert len(lengths) > 10
    assert max(lengths) - min(lengths) <= MOST_PADDING


async def test_rows_of_an_export_go_out_as_they_are_made() -> None:
    rows = [f"{number};{'row' * 50}\r\n".encode() for number in range(3)]
    heard = zlib.decompressobj(zlib.MAX_WBITS | 16)
    seen: list[bytes] = []

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/csv; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for row in rows:
            await send({"type": "http.response.body", "body": row, "more_body": True})
            assert seen[-1] == row, "it is with the client before the next is made"
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            seen.append(heard.decompress(message["body"]))
        else:
            assert (b"content-encoding", b"gzip") in message["headers"]

    async def receive() -> Any:
        raise AssertionError("nothing is asked")

    scope = {"type": "http", "headers": [(b"accept-encoding", b"gzip")]}
    await Compression(endpoint)(scope, receive, send)
    assert (b"".join(seen), heard.eof) == (b"".join(rows), True)


@pytest.fixture
async def site(tmp_path: Path):
    files = StaticFiles(tmp_path)
    (tmp_path / "page.js").write_text("let page = 1;\n" * 200)
    (tmp_path.parent / "secret.txt").write_text("not below the folder")
    app = Starlette(routes=[Route(ADDRESS, files.serve)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        yield client, files, tmp_path


async def test_a_file_under_its_version_is_kept_for_ever_and_else_asked_for_again(site) -> None:
    client, files, folder = site
    before = files.versioned('<script src="/static/page.js">').split('"')[1]
    kept, other = await client.get(before), await client.get("/static/page.js")
    assert (kept.headers["cache-control"], other.headers["cache-control"]) == (FOR_EVER, EACH_TIME)
    assert kept.headers["content-encoding"] == "gzip"
    assert kept.headers["content-type"].startswith(("text/javascript", "application/javascript"))

    (folder / "page.js").write_text("let page = 2;\n" * 200)
    assert files.versioned('<script src="/static/page.js">').split('"')[1] != before
    outdated = await client.get(before)
    assert (outdated.headers["cache-control"], outdated.text[:13]) == (EACH_TIME, "let page = 2;")


async def test_a_file_that_is_the_same_is_not_sent_again(site) -> None:
    client, _, folder = site
    tags = set[str]()
    for coding in ("gzip", "identity"):
        asked = {"accept-encoding": coding}
        first = await client.get("/static/page.js", headers=asked)
        tags.add(first.headers["etag"])
        again = await client.get(
            "/static/page.js", headers={**asked, "if-none-match": f'"x", W/{first.headers["etag"]}'}
        )
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert len(tags) == 2
    (folder / "page.js").write_text("let page = 3;\n")
    changed = await client.get("/static/page.js", headers={"if-none-match": ", ".join(tags)})
    assert changed.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("%2e%2e/secret.txt", "nowhere.js", "", "/etc/passwd", "0123456789abcdef/%2e%2e/secret.txt"),
        *("%00", "0123456789abcdef/page.js%00", "n" * 300, "n/" * 3000),
    ],
    ids=lambda path: path[:30],
)
async def test_nothing_outside_of_the_folder_is_served(site, path: str) -> None:
    client, _, _ = site
    assert (await client.get(f"/static/{path}")).status_code == 404


async def test_the_program_compresses_what_is_asked_and_not_what_is_done_and_its_pages_name_kept_files() -> None:
    many = " ".join(f"{'a' * 40}{number}: __typename" for number in range(25))
    question = f"{{ integrationProviders {{ key {many} }} }}"
    deed = f"mutation {{ connectIntegration(input: {{provider: OCTOPUS}}) {{ __typename {many} }} }}"
    async with a_server() as server:
        asked, done = [await server.post({"query": query}) for query in (question, deed)]
        assert "errors" not in asked.json()
        assert "errors" not in done.json()
        page = await server.client.get("/")
        address = page.text.split('href="/static/')[1].split('"')[0]
        kept = await server.client.get(f"/static/{address}")
    assert min(len(asked.content), len(done.content)) >= SMALLEST
    assert (asked.headers.get("content-encoding"), done.headers.get("content-encoding")) == ("gzip", None)
    assert (kept.status_code, kept.headers["cache-control"]) == (200, FOR_EVER)
