"""For everybody: axe-core finds nothing on the pages, none is wider than a phone, and the keyboard alone walks them."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from monitr.application.reading.freshness import Freshness
from monitr.domain.accounting.verification import VerificationStatus
from tests.components.graphql.fake_reader import SALE
from tests.integration.http.a_browser import a_visit, needs_chromium
from tests.integration.http.a_server import a_server, a_token
from tests.unit.fakes import NOON, FakeTransactions, a_report, a_run, an_administration, an_integration

AXE = Path(__file__).parents[3] / "clients" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ["overview", "profit-and-loss", "outstanding", "assets", "ledger", "mapping", "imports"]
Screen = tuple[Literal["light", "dark"], int]
SCREENS: list[Screen] = [("dark", 390)]
OTHER_SCREENS: list[Screen] = [("light", 390), ("dark", 1280), ("light", 1280)]
if os.environ.get("MONITR_SOAK") == "1":
    SCREENS += OTHER_SCREENS
    PAGES += ["balance-sheet"]
FINDINGS = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}"""
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
FOCUSED = """() => {
  const { outlineStyle } = getComputedStyle(document.activeElement);
  const isSeen = document.activeElement.matches("h1") || outlineStyle !== "none";
  const name = document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText;
  return [name.trim(), document.activeElement !== document.body && isSeen];
}"""
MOST_STOPS = 60

pytestmark = needs_chromium


@asynccontextmanager
async def the_console(browser: Browser) -> AsyncIterator[tuple[Page, str, str]]:
    """The page, the address of the console, and that of an administration in it."""
    octopus = an_integration()
    books = an_administration(integration_id=octopus.id, name="Bakkerij Peeters BV")
    run = a_run(books).begin(NOON).advanced(0.25)
    world = FakeTransactions([octopus], (), [books], [run])
    report = a_report()
    world.committed.reports[report.id] = report
    async with (
        a_server(world, demo_token=a_token()) as server,
        a_visit(browser, server, reduced_motion="reduce") as visit,
    ):
        server.readers.books.freshness = Freshness(None, NOON, False, VerificationStatus.PASSED, date(2026, 1, 1), None)
        yield visit.page, server.url, f"{server.url}/a/{books.id}"
        assert visit.complaints == []


async def test_axe_finds_nothing_on_the_pages_and_none_is_wider_than_a_phone(browser: Browser) -> None:
    """On a dark phone; in a soak on a light one and on both wide screens too."""
    if not AXE.exists():
        reason = "axe-core is not installed: make clients"
        pytest.fail(reason) if os.environ.get("MONITR_REQUIRE_NODE") == "1" else pytest.skip(reason)
    async with the_console(browser) as (page, console, books):
        await page.add_init_script(AXE.read_text())
        addresses = [f"{console}/integrations", f"{console}/audit", *(f"{books}/{name}" for name in PAGES)]
        for address in [*addresses, f"{books}/bookings/{SALE.code}"]:
            await page.goto(address)
            await page.get_by_role("heading", level=1).wait_for()
            await expect(page.get_by_text("Loading…")).to_have_count(0)
            for theme, width in SCREENS:
                await page.emulate_media(color_scheme=theme)
                await page.set_viewport_size({"width": width, "height": 844})
                assert (address, await page.evaluate(FINDINGS)) == (address, [])
                assert (address, await page.evaluate(TOO_WIDE)) == (address, 0)


async def test_the_keyboard_walks_from_a_figure_to_its_booking_and_back_and_its_place_is_never_lost(
    browser: Browser,
) -> None:
    """Back leads to the link that was gone by; Escape gives the focus back; what is gone leaves it to the title."""
    async with the_console(browser) as (page, console, _):
        await page.goto(f"{console}/integrations")
        await page.get_by_role("link", name="Bakkerij Peeters BV").wait_for()
        for menu in ("More about Octopus", "Settings of"):
            await _tab_to(page, menu)
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("menuitem").first).to_be_focused()
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("button", name=menu)).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("End")
        await page.keyboard.press("Enter")
        await page.get_by_role("dialog", name="Delete").wait_for()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Settings of")).to_be_focused()
        await page.evaluate("document.activeElement.remove()")
        await expect(page.get_by_role("heading", level=1)).to_be_focused()

        for link, title in (
            ("Bakkerij Peeters BV", "Overview"),
            ("Result", "Profit and loss"),
            ("1,000", "Ledger"),
            ("V1 17", "Booking V1 17"),
        ):
            await _tab_to(page, link)
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("heading", name=title, level=1)).to_be_focused()
        for link in ("V1 17", "1,000", "Result"):
            await page.go_back()
            await expect(page.get_by_role("link", name=link).first).to_be_focused()


async def _tab_to(page: Page, name: str) -> None:
    """To what begins with ``name``, by as many stops as it takes, each of them to be seen."""
    await expect(page.get_by_text("Loading…")).to_have_count(0)
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        focused, is_seen = await page.evaluate(FOCUSED)
        assert is_seen, focused
        if focused.startswith(name):
            return
    pytest.fail(f"{name} is not reached")
