"""The pages of the statements and of the outstanding items: by keyboard, and down to the ledger."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, expect

from monitr.application.reading.freshness import Freshness
from monitr.application.reading.ledger import DimensionFilter
from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.roles import Role
from tests.components.graphql.fake_reader import FakeReaders, an_item
from tests.integration.http.a_browser import Visit, a_visit, needs_chromium
from tests.integration.http.a_server import a_server, a_token
from tests.unit.fakes import NOON, FakeTransactions, a_report, an_administration
from tests.unit.fakes import an_integration as an_octopus_integration

pytestmark = needs_chromium


@dataclass
class Opened:
    visit: Visit
    readers: FakeReaders
    address: str

    @property
    def page(self) -> Page:
        return self.visit.page

    async def go(self, path: str) -> None:
        await self.page.goto(f"{self.address}/{path}")


@asynccontextmanager
async def the_books(browser: Browser, *roles: Role, **settings: Any) -> AsyncIterator[Opened]:
    """Of 2026, with one account that no rubric takes, and with a report of one's own."""
    octopus = an_octopus_integration()
    books = an_administration(integration_id=octopus.id, name="Bakkerij Peeters BV")
    world = FakeTransactions([octopus], (), [books])
    report = a_report()
    world.committed.reports[report.id] = report
    async with a_server(world, demo_token=a_token(*roles)) as server, a_visit(browser, server, **settings) as visit:
        server.readers.books.freshness = Freshness(None, NOON, False, VerificationStatus.PASSED, date(2026, 1, 1), None)
        yield Opened(visit, server.readers, f"{server.url}/a/{books.id}")
        assert visit.complaints == []


async def test_a_statement_opens_down_to_its_accounts_and_each_amount_leads_to_the_ledger(browser: Browser) -> None:
    async with the_books(browser) as opened:
        await opened.go("profit-and-loss")
        page = opened.page
        income = page.get_by_role("row", name="Operating income").first
        turnover = page.get_by_role("button", name="Turnover")
        await turnover.press("ArrowRight")
        sales = page.get_by_role("row", name="700000")
        await expect(sales.get_by_role("cell").nth(1)).to_have_text("1,000")
        assert "open=" in page.url
        await sales.get_by_role("link").nth(1).click()
        await page.get_by_role("heading", name="Ledger", exact=True).wait_for()
        assert page.url.endswith("/ledger?account=700000&from=2026-01-01&to=2026-01-31")

        await page.go_back()
        await expect(turnover).to_have_attribute("aria-expanded", "true")
        await turnover.press("ArrowLeft")
        await expect(sales).to_have_count(0)
        await page.get_by_role("button", name="Cents").click()
        await expect(income.get_by_role("cell").nth(1)).to_have_text("1,000.00")
        await expect(page.get_by_text("Complete: it ends at the ledger's result")).to_be_visible()

        await page.get_by_label("Report").select_option("Margin")
        await page.get_by_role("rowheader", name="Sales").wait_for()
        await page.get_by_label("Cost centre").select_option("3 Gent")
        await page.get_by_label("Compare with").select_option("The year before")
        await page.get_by_role("columnheader", name="Jan 2025").wait_for()
        question = opened.readers.arguments["statement"][1]
        assert question.dimension == DimensionFilter("COST_CENTRE", "3")


async def test_what_no_line_takes_stands_first_and_the_balance_sheet_says_that_it_is_not_complete(
    browser: Browser, tmp_path: Path
) -> None:
    async with the_books(browser, locale="nl-BE") as opened:
        await opened.go("balance-sheet")
        page = opened.page
        await page.get_by_text("Onvolledig: 1 rekening staat in geen enkele rubriek").wait_for()
        rows = page.get_by_role("row")
        await expect(rows.nth(1)).to_contain_text("1 rekening in geen enkele rubriek")
        await expect(rows.nth(2)).to_contain_text("495000")

        async with page.expect_download() as coming:
            await page.get_by_role("button", name="Balans, 1 jan 2026").click()
        file = tmp_path / "statement.csv"
        await (await coming.value).save_as(file)
        head, unmapped, *_ = file.read_text("utf-8-sig").splitlines()
        assert head.startswith(';"Rubriek";"jan 2026"')
        assert unmapped.startswith('"495000";"495000";1,00;')


async def test_open_items_are_followed_from_the_day_to_the_customer_and_the_document(browser: Browser) -> None:
    async with the_books(browser) as opened:
        opened.readers.books.items.append(
            an_item(id="2", amount=Decimal("-50.00"), amount_outstanding=Decimal("-50.00"))
        )
        await opened.go("outstanding?type=PAYABLE")
        page = opened.page
        await page.get_by_role("radio", name="Receivables").check()
        await page.get_by_role("button", name="Klant NV").press("ArrowRight")
        items = page.get_by_role("table", name="Open items of Klant NV")
        await expect(items.get_by_role("row")).to_have_count(3)
        await expect(items.get_by_text("Credit note")).to_be_visible()
        await expect(items.get_by_role("link").first).to_have_attribute("href", re.compile("/bookings/"))
        await page.get_by_label("Name or number").fill("nobody")
        await page.get_by_text("Nothing is open here").wait_for()
        await page.get_by_label("Name or number").fill("7")
        await items.wait_for()

        await page.get_by_label("Day", exact=True).fill("2026-03-31")
        await page.get_by_text("Rebuilt from documents and matchings").wait_for()
        assert "on=2026-03-31" in page.url
        await page.get_by_label("End of month").press("ArrowLeft")
        await expect(page.get_by_label("Day", exact=True)).to_have_value("2026-02-28")

        async with page.expect_download() as coming:
            await page.get_by_role("button", name="Outstanding items as CSV").click()
        assert (await coming.value).suggested_filename.endswith(".csv")


async def test_who_sees_receivables_alone_is_not_offered_what_is_owed(browser: Browser) -> None:
    async with the_books(browser, Role.RECEIVABLES_ONLY, viewport={"width": 390, "height": 844}) as opened:
        await opened.go("outstanding?type=PAYABLE")
        await opened.page.get_by_text("What customers still owe").wait_for()
        await expect(opened.page.get_by_role("radio", name="Payables")).to_have_count(0)
        assert await opened.page.evaluate("document.documentElement.scrollWidth") <= 390
