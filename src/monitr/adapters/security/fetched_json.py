"""A JSON document of the token issuer: small, soon, and from the address that was asked."""

import asyncio
from datetime import timedelta

import httpx
import msgspec

LONGEST_FETCH = timedelta(seconds=5)
LARGEST_DOCUMENT = 256 * 1024
"""Bytes."""


class NoDocument(ValueError):
    """What the address answers is none. The rest of a sentence that names the address."""


async def fetched_json(client: httpx.AsyncClient, url: str) -> object:
    """Raises NoDocument, TimeoutError, httpx.HTTPError.

    A redirect is no answer: whoever may send one could send us anywhere. Nothing is unpacked, since a few packed bytes
    can be gigabytes.
    """
    headers = {"accept": "application/json", "accept-encoding": "identity"}
    async with asyncio.timeout(LONGEST_FETCH.total_seconds()):
        async with client.stream("GET", url, headers=headers, follow_redirects=False) as response:
            if response.status_code != httpx.codes.OK:
                raise NoDocument(f"it answers with HTTP status {response.status_code}")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise NoDocument("its answer is packed")
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > LARGEST_DOCUMENT:
                    raise NoDocument("its answer is too large")
    try:
        document: object = msgspec.json.decode(bytes(content))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NoDocument("its answer is no JSON") from error
    return document
