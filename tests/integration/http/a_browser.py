"""A real browser, for tests of pages: it must not ask any other server for anything."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.integration.http.a_server import Server

CHROMIUM = os.environ.get("MONITR_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-dev-shm-usage",
]

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")


@dataclass
class Visit:
    """``complaints`` are what the browser refused or did not understand: errors, and requests to anywhere else."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@asynccontextmanager
async def a_visit(browser: Browser, server: Server, **settings: Any) -> AsyncIterator[Visit]:
    """In a profile of its own, which speaks English unless ``settings`` say otherwise."""
    context = await browser.new_context(**{"locale": "en-GB", **settings})
    try:
        page = await context.new_page()
        page.set_default_timeout(15_000)
        visit = Visit(page)
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on("console", lambda line: visit.complaints.append(line.text) if line.type == "error" else None)

        def notice(address: str) -> None:
            if not address.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:")):
                visit.complaints.append(f"a request to {address}")

        page.on("request", lambda request: notice(request.url))
        page.on("websocket", lambda websocket: notice(websocket.url))
        yield visit
    finally:
        await context.close()
