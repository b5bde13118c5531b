from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from tests.integration.http.a_browser import a_browser


@pytest_asyncio.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One for the tests of a module; each visit has a profile of its own."""
    async with a_browser() as started:
        yield started
