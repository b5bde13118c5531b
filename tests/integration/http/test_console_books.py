"""Ledger, booking, fixed assets and mapping in a browser: from a figure down to the booking, and what is changed there."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Browser, Page

from monitr.application.reading.freshness import Freshness
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.administration import Administration
from tests.components.graphql.fake_reader import SALE, a_line
from tests.integration.http.a_browser import a_visit, needs_chromium
from tests.integration.http.a_server import a_server, a_token
from tests.unit.fakes import NOON, FakeTransactions, a_report, an_administration, an_integration

pytestmark = needs_chromium

OTHER_SALE = BookingKey(2, 2, 1, 18)
FRESH = Freshness(None, NOON, False, VerificationStatus.PASSED, date(2024, 1, 1), None)


def a_world() -> tuple[FakeTransactions, Administration]:
    octopus = an_integration()
    books = an_administration(integration_id=octopus.id)
    return FakeTransactions([octopus], (), [books]), books


def asked_in(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


async def test_the_ledger_is_narrowed_paged_taken_along_and_leads_to_the_booking(browser: Browser) -> None:
    """Filters stand in the address, back brings a page back, and no more than a page is ever asked for."""
    world, books = a_world()
    async with a_server(world, demo_token=a_token()) as server, a_visit(browser, server) as visit:
        page = visit.page
        server.readers.books.freshness = FRESH
        server.readers.books.lines += [a_line(booking=OTHER_SALE, ordinal=number) for number in range(1, 148)]
        await page.goto(f"{server.url}/a/{books.id}/ledger?account=40-45")
        await page.get_by_role("status").get_by_text("100 of 150 lines").wait_for()
        await page.get_by_role("button", name="Next").click()
        await page.get_by_role("status").get_by_text("50 of 150 lines").wait_for()
        assert server.readers.arguments["transactions"][3].size <= 100
        await page.go_back()
        await page.get_by_role("status").get_by_text("100 of 150 lines").wait_for()

        await page.get_by_role("textbox", name="Relation").fill("7")
        await page.get_by_role("textbox", name="Relation").press("Enter")
        await page.get_by_role("heading", name="Klant NV").wait_for()
        assert asked_in(page) == {"account": ["40-45"], "relation": ["7"]}
        narrowed = server.readers.arguments["transactions"][1]
        assert (narrowed.account_from, narrowed.account_to, narrowed.relation_number) == (400000, 459999, 7)

        async with page.expect_download() as started:
            await page.get_by_role("button", name="Ledger as CSV").click()
        rows = Path(await (await started.value).path()).read_text().splitlines()
        assert len(rows) == 1 + 150

        await page.get_by_role("link", name="V1 17").first.press("Enter")
        await page.get_by_role("heading", name="Booking V1 17").wait_for()
        assert page.url == f"{server.url}/a/{books.id}/bookings/{SALE.code}"
        await page.get_by_role("row", name="Total 1,210.00 1,210.00").wait_for()
        await page.get_by_text("210.00").first.wait_for()
        await page.get_by_role("link", name="700000").click()
        await page.get_by_role("heading", name="700000 Sales").wait_for()
        assert asked_in(page) == {"account": ["700000"], "from": ["2026-01-01"], "to": ["2026-12-31"]}
        assert visit.complaints == []


async def test_assets_that_need_a_role_or_a_plan_come_first_and_are_settled_in_a_dialog(browser: Browser) -> None:
    world, books = a_world()
    async with a_server(world, demo_token=a_token()) as server, a_visit(browser, server) as visit:
        page = visit.page
        server.readers.books.freshness = FRESH
        await page.goto(f"{server.url}/a/{books.id}/assets")
        first = page.get_by_role("region", name="To be settled first")
        await first.get_by_text("Class 63 books on it.").wait_for()
        await first.get_by_role("button", name="Set the role: 230900 Wear").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Role", exact=True).select_option("ACQUISITION")
        await dialog.get_by_role("button", name="Save").click()
        await page.get_by_text("The role of 230900 Wear is saved.").wait_for()
        assert world.committed.asset_roles == {(books.id, 230900): AssetRole.ACQUISITION}

        await first.get_by_role("button", name="Set a plan: 230 Plant").click()
        await dialog.get_by_label("Method").select_option("LINEAR")
        await dialog.get_by_role("button", name="Save").click()
        await dialog.get_by_role("alert").get_by_text("from 1 to 1200").wait_for()
        await dialog.get_by_label("Useful life in months").fill("60")
        await dialog.get_by_role("button", name="Save").click()
        await page.get_by_text("The depreciation plan of 230 Plant is saved.").wait_for()

        await page.get_by_role("searchbox", name="Find an asset").fill("nothing like it")
        await page.get_by_text("0 of 1 assets").wait_for()
        assert visit.complaints == []


async def test_accounts_are_put_into_lines_by_keyboard_and_a_conflict_loses_nothing(browser: Browser) -> None:
    """What is not saved outlives a change of page; somebody else's version in between is told, and can be replaced."""
    world, books = a_world()
    report = a_report()
    world.committed.reports[report.id] = report
    async with a_server(world, demo_token=a_token()) as server, a_visit(browser, server) as visit:
        page = visit.page
        server.readers.books.freshness = FRESH
        await page.goto(f"{server.url}/a/{books.id}/mapping")
        await page.get_by_role("radio", name="All accounts").check()
        unmapped = page.get_by_role("region", name="Not in any line")
        await unmapped.get_by_role("link", name="1,210.00").wait_for()
        await unmapped.get_by_role("checkbox", name="400000").press("Space")
        bar = page.get_by_role("group", name="Put accounts into a line")
        await bar.get_by_label("Line", exact=True).select_option("costs")
        await bar.get_by_role("button", name="Put there").press("Enter")
        await page.get_by_role("status").get_by_text("1 account put into “Costs”").wait_for()

        await page.get_by_role("link", name="Overview").click()
        await page.get_by_role("heading", name="Overview").wait_for()
        await page.go_back()
        await page.locator(".badge", has_text="Not saved").wait_for()

        world.committed.reports[report.id] = replace(report, version=2, changed_by="bert")
        await page.get_by_role("button", name="Save", exact=True).click()
        await page.get_by_role("alert").get_by_text("was changed by bert in the meantime").wait_for()
        await page.get_by_role("button", name="Save mine in its place").click()
        await page.get_by_text("“Margin” is saved.").wait_for()
        (saved,) = world.reports
        assert saved.version == 3
        assert {(rule.account_from, rule.account_to) for rule in saved.rules if rule.line_key == "costs"} == {
            (400000, 400000),
            (600000, 699999),
        }

        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await page.get_by_text("There is no report of your own yet").wait_for()
        assert (world.reports, visit.complaints) == ([], [])
