"""Integrations, imports, proof sheet and audit, as an administrator walks them in a real browser."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from playwright.async_api import Browser, Route, expect

from monitr.domain.accounting.verification import Check, CheckCode, Difference, Verification, VerificationStatus
from monitr.domain.administration import Dossier, DossierNumber
from monitr.domain.audit import AuditAction, AuditEntry
from monitr.domain.authorization import REFRESH_TOKEN_LIFETIME
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus
from monitr.domain.roles import Role
from monitr.domain.words.sentence import Sentence
from tests.integration.http.a_browser import a_visit, needs_chromium
from tests.integration.http.a_server import a_server, a_token
from tests.unit.fakes import MINE, NOON, FakeOctopus, FakeTransactions, a_run, an_administration
from tests.unit.fakes import an_integration as a_login

pytestmark = needs_chromium

PHONE = {"width": 390, "height": 844}
BROKEN = Explanation(ExplanationCode.INTERNAL, Sentence.verbatim("Octopus was away."), Sentence.verbatim("Try again."))


async def test_a_person_comes_back_from_octopus_selects_and_sees_the_import_end(browser: Browser) -> None:
    """Found, all at once, with why one cannot be had and which one moves; what was told goes with its cause."""
    mine, other = a_login(), a_login()
    elsewhere = an_administration(integration_id=other.id, dossier=DossierNumber(1), name="Verhuist BV")
    names = {1: "Verhuist BV", 2: "Bakkerij Één", 3: "Bakkerij Twee", 4: "Dicht NV", 5: "Vijf", 6: "Zes", 7: "Zeven"}
    listed = tuple(Dossier(DossierNumber(number), name, None) for number, name in names.items())
    octopus = FakeOctopus(listed=listed, refusals={DossierNumber(4): "It is closed."})
    world = FakeTransactions([mine, other], (), [elsewhere])
    async with a_server(world, octopus, demo_token=a_token()) as server, a_visit(browser, server) as visit:
        await visit.page.goto(f"{server.url}/?integrationId={mine.id}")
        dialog = visit.page.get_by_role("dialog", name="Select administrations")
        await expect(dialog.get_by_label("Verhuist BV")).not_to_be_checked()
        await expect(dialog.get_by_text("Moves here from another login (1 dossier: Verhuist BV)")).to_be_visible()
        await expect(dialog.get_by_label("Dicht NV")).to_be_disabled()
        await expect(dialog.get_by_text("It is closed.")).to_be_visible()
        await dialog.get_by_label("Name, dossier number or VAT number").fill("bakkerij een")
        await expect(dialog.get_by_role("status")).to_have_text("1 dossier")
        await dialog.get_by_label("Name, dossier number or VAT number").fill("bakkerij")
        await dialog.get_by_label("Select all (2)").check()
        await dialog.get_by_role("button", name="Select 2").click()
        await expect(visit.page.get_by_text("2 administrations selected")).to_be_visible()
        assert urlsplit(visit.page.url).query == ""

        await expect(visit.page.get_by_role("progressbar")).to_have_count(2)
        for run in world.runs:
            world.committed.runs[run.id] = run.begin(NOON).fail(NOON, BROKEN)
        await expect(visit.page.get_by_text("Octopus was away. Try again.")).to_have_count(2)
        await expect(visit.page.get_by_text("2 administrations selected")).to_have_count(0)
        assert visit.complaints == []


async def test_what_is_taken_away_is_said_before_and_erasing_has_to_be_typed(browser: Browser) -> None:
    login = a_login()
    kept, removed, erased = (
        an_administration(integration_id=login.id, dossier=DossierNumber(number), name=name)
        for number, name in ((1, "Blijft BV"), (2, "Weg BV"), (3, "Gewist BV"))
    )
    world = FakeTransactions([login], (), [kept, removed, erased])
    async with a_server(world, demo_token=a_token()) as server, a_visit(browser, server) as visit:
        await visit.page.goto(f"{server.url}/integrations")
        await visit.page.get_by_role("button", name="More for Weg BV").press("Enter")
        await expect(visit.page.get_by_role("menuitem", name="Read everything again")).to_be_focused()
        await visit.page.keyboard.press("ArrowUp")
        await visit.page.keyboard.press("Enter")
        dialog = visit.page.get_by_role("dialog", name="Remove an administration")
        await expect(dialog.get_by_text("Select the dossier again within 30 days")).to_be_visible()
        await dialog.get_by_role("button", name="Remove").click()
        await expect(visit.page.get_by_text("Weg BV was removed. Its data is kept until")).to_be_visible()

        await visit.page.get_by_role("button", name="Settings of").click()
        await visit.page.get_by_role("menuitem", name="Remove an administration").click()
        await dialog.get_by_label("Administration").select_option("Gewist BV (3)")
        await dialog.get_by_role("radio", name="Erase now").check()
        await expect(dialog.get_by_role("button", name="Erase now")).to_be_disabled()
        await dialog.get_by_label("Type 3 to confirm").fill("3")
        await dialog.get_by_role("button", name="Erase now").click()
        await expect(visit.page.get_by_text("Gewist BV was removed, and its data is being erased.")).to_be_visible()
        purges = [world.administration(each.id).purge_after for each in (erased, removed)]
        assert purges[0] is not None
        assert purges[1] is not None
        assert purges[1] - purges[0] > timedelta(days=29)

        await visit.page.get_by_role("button", name="Sync now: Blijft BV").click()
        await expect(visit.page.get_by_text("Queued")).to_be_visible()
        await visit.page.get_by_role("button", name="Settings of").click()
        await visit.page.get_by_role("menuitem", name="Delete all").click()
        await visit.page.get_by_role("dialog").get_by_role("button", name="Delete all").click()
        await expect(visit.page.get_by_text("Octopus offers no way to withdraw the authorisation")).to_be_visible()
        await expect(visit.page.get_by_role("link", name="Blijft BV")).to_have_count(0)
        assert visit.complaints == []
    assert not any(each.is_alive for each in world.integrations)
    assert not any(each.is_alive for each in world.administrations)


async def test_a_link_is_made_for_whoever_has_the_login_and_the_page_goes_on_once_it_is_used(browser: Browser) -> None:
    octopus = FakeOctopus(listed=(Dossier(DossierNumber(1), "Bakkerij", None),))
    async with a_server(octopus=octopus, demo_token=a_token()) as server, a_visit(browser, server) as visit:
        await visit.page.clock.set_fixed_time(NOON)
        await visit.page.goto(f"{server.url}/integrations")
        await visit.page.get_by_role("button", name="More about Octopus").click()
        await visit.page.get_by_role("menuitem", name="Link for whoever has the login").click()
        address = await visit.page.get_by_label("Address").input_value()
        assert (await server.client.get(address)).status_code == 200

        (begun,) = server.world.integrations
        server.world.committed.integrations[begun.id] = begun.authorized(NOON, NOON + REFRESH_TOKEN_LIFETIME)
        dialog = visit.page.get_by_role("dialog", name="Select administrations")
        await expect(dialog.get_by_label("Bakkerij")).to_be_checked()
        await expect(visit.page.get_by_text("the link has been used")).to_be_visible()
        assert visit.complaints == []


async def test_another_login_that_comes_back_is_asked_about_with_what_it_does_not_open(browser: Browser) -> None:
    login = a_login()
    books = an_administration(integration_id=login.id, name="Blijft BV")
    world = FakeTransactions([login], (), [books])
    async with a_server(world, demo_token=a_token()) as server, a_visit(browser, server) as visit:
        await visit.page.goto(f"{server.url}/integrations?error=different_account&lost={books.id}")
        dialog = visit.page.get_by_role("dialog", name="This is another Octopus login")
        await expect(dialog.get_by_text("It does not open: Blijft BV.")).to_be_visible()
        await dialog.get_by_role("button", name="Go on with this login").click()
        await visit.page.get_by_role("button", name="Authenticate with Octopus").wait_for()
        assert [round_.accept_different_account for round_ in world.authorizations] == [True]


async def test_roles_decide_what_there_is_and_a_server_that_is_away_has_its_words(browser: Browser) -> None:
    """On a phone, with ten administrations in one card; nothing is wider than the page."""
    login = a_login()
    all_of_them = [
        an_administration(integration_id=login.id, dossier=DossierNumber(number), name=f"Bedrijf {number} BV")
        for number in range(1, 11)
    ]
    world = FakeTransactions([login], (), all_of_them)
    async with (
        a_server(world, demo_token=a_token(Role.ENTITY_ADMIN)) as server,
        a_visit(browser, server, viewport=PHONE) as visit,
    ):
        await visit.page.goto(f"{server.url}/integrations")
        await visit.page.get_by_role("button", name="More for Bedrijf 10 BV").click()
        items = visit.page.get_by_role("menuitem")
        assert await items.all_inner_texts() == ["Sync now", "Read everything again", "Import history"]
        await expect(visit.page.get_by_role("button", name="Add")).to_have_count(0)
        assert await visit.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert await visit.page.evaluate("document.documentElement.scrollHeight") < 2.5 * PHONE["height"]

        async def away(route: Route) -> None:
            await route.abort()

        await visit.page.route("**/graphql", away)
        await items.first.click()
        await expect(visit.page.get_by_text("Look below whether it was done, then try again.")).to_be_visible()
        await visit.page.unroute("**/graphql", away)
        await visit.page.get_by_role("button", name="More for Bedrijf 10 BV").click()
        await items.first.click()
        await expect(visit.page.get_by_text("Queued")).to_be_visible()
        await expect(visit.page.get_by_text("Look below whether it was done")).to_have_count(0)


async def test_the_history_leads_to_the_proof_and_the_proof_to_the_cent(browser: Browser) -> None:
    login = a_login()
    books = an_administration(integration_id=login.id, name="Verschilt BV")
    difference = Difference(2, 202601, 400000, Decimal("1210.00"), Decimal("1210.01"))
    checks = (
        Check(CheckCode.BOOKINGS_BALANCE, VerificationStatus.PASSED),
        Check.of(
            CheckCode.ACCOUNT_AMOUNTS,
            VerificationStatus.FAILED,
            reading=Sentence.of("reading.MOVEMENTS"),
            findings=[difference.named],
            more=Sentence.of("ALSO_MORE_ACCOUNTS", count=3),
        ),
    )
    now = datetime.now(UTC)
    run = (
        a_run(books, queued_at=now)
        .begin(now)
        .dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.SUCCEEDED, Counts(3, 3))
    )
    ended = run.succeed(now + timedelta(seconds=65), Verification(checks))
    world = FakeTransactions([login], (), [books], [ended])
    async with a_server(world, demo_token=a_token()) as server, a_visit(browser, server) as visit:
        await visit.page.goto(f"{server.url}/a/{books.id}/imports")
        since = visit.page.get_by_role("region", name="Since yesterday")
        await expect(since.get_by_role("table", name="3 bookings touched")).to_be_visible()
        await expect(since.get_by_text("New accounts: 012000, 400000")).to_be_visible()
        await visit.page.get_by_text("1 min 5 secs").click()
        await visit.page.get_by_role("link", name="Proof sheet").click()

        await expect(visit.page.get_by_role("heading", name="The books here differ from Octopus")).to_be_visible()
        row = visit.page.get_by_role("table", name="Findings").get_by_role("row").last
        assert await row.locator("th, td").all_inner_texts() == [
            "400000",
            "202601",
            "1,210.00",
            "1,210.01",
            "\N{MINUS SIGN}0.01",
        ]
        await expect(visit.page.get_by_text("There are 3 more.")).to_be_visible()
        first = visit.page.get_by_role("table", name="What was compared").get_by_role("row").nth(1)
        await expect(first).to_contain_text("Octopus's own total of that account and period")
        await expect(first).to_contain_text("Differs")
        assert visit.complaints == []


async def test_the_trail_is_told_in_words_page_by_page_and_of_one_thing_alone(browser: Browser) -> None:
    login = a_login()
    books = an_administration(integration_id=login.id, name="Blijft BV")
    world = FakeTransactions([login], (), [books])
    started = AuditEntry("monitr", AuditAction.IMPORT_STARTED, books.id, "Blijft BV", "The schedule.")
    asked = AuditEntry("anna", AuditAction.CONNECT_ASKED, login.id, "Octopus")
    world.committed.audit += [(MINE, asked), *[(MINE, started)] * 50]
    async with a_server(world, demo_token=a_token()) as server, a_visit(browser, server, locale="nl-BE") as visit:
        await visit.page.goto(f"{server.url}/audit")
        await expect(visit.page.get_by_role("rowheader", name="Import gestart").first).to_be_visible()
        await expect(visit.page.get_by_text("Monitr, uit zichzelf").first).to_be_visible()
        await visit.page.get_by_role("button", name="Ouder").click()
        await visit.page.get_by_role("link", name="Alleen regels over Octopus").click()
        await expect(visit.page.get_by_role("row")).to_have_count(2)
        await visit.page.get_by_label("Over", exact=True).select_option(str(books.id))
        await expect(visit.page.get_by_role("row")).to_have_count(51)
        assert visit.complaints == []
