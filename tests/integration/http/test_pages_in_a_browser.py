"""The pages as a person meets them: in a real browser, which must not ask any other server for anything."""

from datetime import date
from urllib.parse import urlsplit

from playwright.async_api import Browser, Route, WebSocketRoute

from monitr.application.reading.freshness import Freshness
from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.examples import examples
from tests.components.graphql.an_api import PUBLIC_URL as HOME
from tests.integration.http.a_browser import a_visit, needs_chromium
from tests.integration.http.a_server import a_server, a_token
from tests.our_page import form_on
from tests.unit.fakes import (
    NOON,
    FakeTransactions,
    a_run,
    an_administration,
    an_authorization,
    an_integration_awaiting_consent,
)
from tests.unit.fakes import an_integration as an_octopus_integration

BYTES = """performance.getEntries().reduce((sum, entry) => sum + (entry.encodedBodySize ?? 0), 0)"""
SHIFT = """new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (sum += value)))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 100);
})"""

pytestmark = needs_chromium


async def test_add_asks_on_our_page_and_its_button_leaves_for_octopus(browser: Browser) -> None:
    """The browser holds the page's ``form-action`` against the redirect too, and tells Octopus no ticket."""
    asked: list[str | None] = []

    async def login_page(route: Route) -> None:
        asked.append(await route.request.header_value("referer"))
        await route.fulfill(body="the login page of Octopus")

    async with a_server(demo_token=a_token()) as server, a_visit(browser, server) as visit:
        await visit.page.route("http://octopus.test/**", login_page)
        await visit.page.goto(server.url)
        await visit.page.get_by_role("button", name="Add").click()
        await visit.page.get_by_role("heading", name="Give Monitr access to Octopus?").wait_for()
        assert (await visit.page.context.cookies(), visit.complaints) == ([], [])

        await visit.page.get_by_role("button", name="Authenticate with Octopus").click()
        await visit.page.get_by_text("the login page of Octopus").wait_for()
        assert asked == [None]
        (round_,) = server.world.authorizations
        (cookie,) = await visit.page.context.cookies()
        assert round_.belongs_to(cookie.get("value"))


async def test_refusing_on_our_page_comes_back_and_is_told_in_words(browser: Browser) -> None:
    async with a_server(demo_token=a_token()) as server, a_visit(browser, server) as visit:
        await visit.page.route(f"{HOME}/**", lambda route: route.fulfill(body="the front end"))
        await visit.page.goto(server.url)
        await visit.page.get_by_role("button", name="Add").click()
        await visit.page.get_by_role("button", name="Refuse").click()
        await visit.page.get_by_text("the front end").wait_for()
        assert visit.page.url == f"{HOME}/integrations?error=access_denied"
        assert [integration.status for integration in server.world.integrations] == ["DELETED"]

        await visit.page.goto(f"{server.url}/?error=access_denied")
        await visit.page.get_by_text("the login was cancelled").wait_for()


async def test_the_page_of_somebody_else_cannot_click_for_its_visitor(browser: Browser) -> None:
    """It sends a form as whole as ours: whoever made the link can read our page."""
    world = FakeTransactions([an_integration_awaiting_consent()], [an_authorization()])
    async with a_server(world) as server, a_visit(browser, server) as visit:
        address, form = form_on(await server.client.get("/oauth/octopus/start?ticket=ticket"))
        fields = "".join(f'<input name="{name}" value="{value}">' for name, value in form.items())
        page = f'<form method="post" action="{address}">{fields}<button>A prize</button></form>'
        bodies = {
            "/open": page,
            "/silent": f'<meta name="referrer" content="no-referrer">{page}',
        }  # its `Origin` is null

        async def of_somebody_else(route: Route) -> None:
            await route.fulfill(body=bodies[urlsplit(route.request.url).path], content_type="text/html")

        await visit.page.route("http://evil.test/**", of_somebody_else)
        for path in bodies:
            await visit.page.goto(f"http://evil.test{path}")
            await visit.page.get_by_role("button", name="A prize").click()
            await visit.page.get_by_text("did not come from our page").wait_for()
        assert world.authorizations[0].browser is None


async def test_without_a_token_the_page_asks_for_one_and_takes_it(browser: Browser) -> None:
    async with a_server() as server, a_visit(browser, server) as visit:
        await visit.page.goto(server.url)
        await visit.page.get_by_label("Access token").fill(a_token())
        await visit.page.get_by_role("button", name="Use this token").click()
        await visit.page.get_by_role("button", name="Add").wait_for()
        assert visit.complaints == []


async def test_graphiql_opens_with_the_operations_of_the_contract_and_runs_them_with_the_preset_token(
    browser: Browser,
) -> None:
    octopus = an_octopus_integration()
    books = an_administration(integration_id=octopus.id)
    world = FakeTransactions([octopus], (), [books], [a_run(books).begin(NOON).advanced(0.25)])
    async with (
        a_server(world, graphiql=True, demo_token=a_token()) as server,
        a_visit(browser, server) as visit,
    ):
        await visit.page.goto(f"{server.url}/graphiql")
        await visit.page.get_by_role("button", name="Execute query").click()
        await visit.page.locator(".result-window").get_by_text("Belgium").wait_for()
        assert await visit.page.locator(".graphiql-tab-button").all_inner_texts() == [it.name for it in examples()]

        await visit.page.locator(".graphiql-tab-button", has_text="ImportProgress").click()
        await visit.page.locator(".graphiql-query-editor").get_by_text("importProgress", exact=True).wait_for()
        await visit.page.locator(".graphiql-editor-tool").get_by_text(str(books.id)).wait_for()
        await visit.page.get_by_role("button", name="Execute query").click()
        await visit.page.locator(".result-window").get_by_text("0.25").wait_for()
        assert visit.complaints == []


async def test_the_console_opens_at_the_figures_light_and_still_and_by_keyboard(browser: Browser) -> None:
    """In the reader's language, under 200 kB, without a shift; a link leads back; what is gone to takes the focus."""
    octopus = an_octopus_integration()
    books = an_administration(integration_id=octopus.id)
    world = FakeTransactions([octopus], (), [books])
    async with a_server(world, demo_token=a_token()) as server, a_visit(browser, server, locale="nl-BE") as visit:
        server.readers.books.freshness = Freshness(None, NOON, False, VerificationStatus.PASSED, date(2024, 1, 1), None)
        overview = f"{server.url}/a/{books.id}/overview"
        await visit.page.goto(overview)
        await visit.page.get_by_role("heading", name="Overzicht").wait_for()
        await visit.page.get_by_role("img", name="Resultaat").wait_for()
        assert await visit.page.evaluate(BYTES) < 200_000
        assert await visit.page.evaluate(SHIFT) < 0.02

        await visit.page.get_by_role("button", name="Als tabel tonen").press("Enter")
        await visit.page.get_by_role("table", name="Per maand").wait_for()
        await visit.page.get_by_role("radio", name="Kosten").check()
        assert visit.page.url == f"{overview}?show=charges"

        await visit.page.get_by_role("link", name="Integraties").press("Enter")
        await visit.page.get_by_role("button", name="Octopus toevoegen").wait_for()
        assert await visit.page.evaluate("document.activeElement.textContent") == "Integraties"
        await visit.page.go_back()
        await visit.page.get_by_role("radio", name="Kosten").wait_for()
        assert await visit.page.get_by_role("radio", name="Kosten").is_checked()

        await visit.page.get_by_label("Taal").select_option("fr")
        await visit.page.get_by_role("heading", name="Vue d'ensemble").wait_for()
        await visit.page.get_by_label("Thème").select_option("dark")
        await visit.page.reload()
        await visit.page.get_by_role("heading", name="Vue d'ensemble").wait_for()
        assert await visit.page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert visit.complaints == []


async def test_a_socket_that_drops_comes_back_and_what_was_missed_is_asked_for(browser: Browser) -> None:
    octopus = an_octopus_integration()
    books = an_administration(integration_id=octopus.id, name="Blijft BV")
    world = FakeTransactions([octopus], (), [books])
    sockets: list[WebSocketRoute] = []
    async with a_server(world, demo_token=a_token()) as server, a_visit(browser, server) as visit:

        def through(socket: WebSocketRoute) -> None:
            socket.connect_to_server()
            sockets.append(socket)

        await visit.page.route_web_socket("**/graphql", through)
        await visit.page.goto(f"{server.url}/integrations")
        await visit.page.get_by_text("Never imported.").wait_for()
        await sockets[-1].close()
        run = a_run(books).begin(NOON)
        world.committed.runs[run.id] = run.fail(
            NOON, Explanation(ExplanationCode.INTERNAL, Sentence.verbatim("Octopus was away."), None)
        )
        await visit.page.get_by_text("Octopus was away.").wait_for()
        assert len(sockets) > 1


async def test_an_address_that_is_no_text_is_no_page(browser: Browser) -> None:
    async with a_server(demo_token=a_token()) as server, a_visit(browser, server) as visit:
        await visit.page.goto(f"{server.url}/a/100%25/overview")
        await visit.page.evaluate("history.replaceState(null, '', '/a/100%/overview')")
        await visit.page.reload()
        await visit.page.get_by_role("heading", name="There is no such page").wait_for()
        assert visit.complaints == []


async def test_what_one_was_told_the_next_one_is_not(browser: Browser) -> None:
    async with a_server() as server, a_visit(browser, server) as visit:

        async def sign_in(token: str) -> None:
            await visit.page.get_by_label("Access token").fill(token)
            await visit.page.get_by_role("button", name="Use this token").click()
            await visit.page.get_by_role("button", name="Add").wait_for()

        await visit.page.goto(f"{server.url}/integrations?error=access_denied")
        await sign_in(a_token(subject="anna"))
        await visit.page.get_by_text("the login was cancelled").wait_for()
        await visit.page.get_by_role("button", name="Sign out").click()
        await sign_in(a_token(subject="bart"))
        assert await visit.page.get_by_text("the login was cancelled").count() == 0
