"""The pictures of docs/tour.md, of a demo of its own: ``python -m tests.tour``; of another: with its address.

It needs Chromium and pngquant. Look at each picture before it goes in.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from tests.integration.http.a_browser import CHROMIUM, QUIET

FOLDER = Path(__file__).parents[1] / "docs" / "tour"
SCREEN: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
IMPORTED_WITHIN = 120_000
COLOURS = "128"


@dataclass(frozen=True)
class Picture:
    """``page`` is below an administration's address, unless it begins with a slash; ``first`` is done on it before."""

    name: str
    page: str
    language: str = "en-GB"
    theme: Literal["light", "dark"] = "light"
    of: str = "Bouwwerken Verhaegen BV"
    is_phone: bool = False
    first: Callable[[Page], Awaitable[None]] | None = None


async def to_a_booking(page: Page) -> None:
    await page.locator("main a[href*='/bookings/']").first.click()


async def to_the_mistake(page: Page) -> None:
    await page.goto("/integrations")
    card = page.locator("main li", has=page.get_by_role("link", name="Noordzee Logistics NV"))
    await card.locator("a[href*='/proof/']").first.click()


async def to_the_drawing(page: Page) -> None:
    await page.locator(".schedule").evaluate("it => scrollTo(0, it.getBoundingClientRect().top - 24)")


async def to_a_report_of_ones_own(page: Page) -> None:
    await page.get_by_role("button", name="Nieuw rapport").click()
    await page.get_by_label("Naam").fill("Directierapport")
    await page.get_by_role("button", name="Beginnen").click()


PICTURES = (
    Picture("integrations-nl", "/integrations", "nl-BE"),
    Picture("overview-en", "overview"),
    Picture("profit-and-loss-fr", "profit-and-loss", "fr-BE", "dark"),
    Picture("outstanding-nl", "outstanding", "nl-BE", "dark"),
    Picture("assets-fr", "assets", "fr-BE", first=to_the_drawing),
    Picture("ledger-en", "ledger?account=610000-619999"),
    Picture("booking-en", "ledger?account=610000-619999", first=to_a_booking),
    Picture("mapping-nl", "mapping", "nl-BE", first=to_a_report_of_ones_own),
    Picture("proof-en", "overview", first=to_the_mistake),
    Picture("phone-en", "overview", theme="dark", is_phone=True),
)


@contextmanager
def a_demo() -> Iterator[str]:
    """Its address."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-u", "-m", "monitr", "demo", "--no-browser"]
        settings = {**os.environ, "MONITR_DATA_DIR": f"{folder}/demo"}
        with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True) as program:
            try:
                assert program.stdout is not None
                for line in program.stdout:
                    if found := re.search(r"Console +(http\S+)/", line):
                        yield found[1]
                        break
            finally:
                program.send_signal(signal.SIGINT)


async def connect(page: Page) -> None:
    """What a newcomer does: Add, Authenticate, Log in, Select; until all that was selected is in."""
    await page.goto("/integrations")
    await page.get_by_role("button", name="Add Octopus").click()
    await page.get_by_role("button", name="Authenticate with Octopus").click()
    await page.get_by_role("button", name="Log in").click()
    await page.get_by_role("dialog").get_by_role("button", name=re.compile("^Select [0-9]")).click()
    proven = page.locator("main a[href*='/proof/']")
    await proven.nth(2).wait_for(timeout=IMPORTED_WITHIN)


async def take(browser: Browser, console: str, administrations: dict[str, str], picture: Picture) -> Path:
    context = await browser.new_context(
        base_url=console,
        locale=picture.language,
        color_scheme=picture.theme,
        viewport=PHONE if picture.is_phone else SCREEN,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    below = "" if picture.page.startswith("/") else f"{administrations[picture.of]}/"
    await page.goto(below + picture.page, wait_until="networkidle")
    if picture.first:
        await picture.first(page)
        await page.wait_for_load_state("networkidle")
    await page.locator(".skeleton").wait_for(state="detached")
    await page.mouse.move(0, 0)
    await page.evaluate("document.activeElement.blur()")
    await page.wait_for_timeout(500)
    file = FOLDER / f"{picture.name}.png"
    await page.screenshot(path=file)
    await context.close()
    return file


async def take_all(console: str, names: list[str]) -> list[Path]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page(base_url=console, locale="en-GB")
        await page.goto("/integrations", wait_until="networkidle")
        overviews = page.locator("main a[href$='/overview']")
        if not await overviews.count():
            await connect(page)
        administrations = {
            await link.inner_text(): str(await link.get_attribute("href")).removesuffix("/overview")
            for link in await overviews.all()
        }
        wanted = [picture for picture in PICTURES if not names or picture.name in names]
        return [await take(browser, console, administrations, picture) for picture in wanted]


def main(address: str | None = None, *names: str) -> None:
    """All pictures, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    if address:
        files = asyncio.run(take_all(address, list(names)))
    else:
        with a_demo() as console:
            files = asyncio.run(take_all(console, list(names)))
    subprocess.run(["pngquant", "--force", "--skip-if-larger", "--ext", ".png", "--strip", COLOURS, *files], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
