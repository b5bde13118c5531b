"""What an agent is answered: figures, with how far they are proven; or in words why not."""

from typing import Any

import pytest
from mcp.shared.exceptions import MCPError
from structlog.testing import capture_logs

from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.language import Language
from monitr.domain.roles import Role
from monitr.entrypoints.mcp import answers
from tests.components.graphql.an_api import an_api
from tests.components.mcp.an_agent import ID, SPAN, THEIRS, an_agent, answer, complaint, proven, said, the_api
from tests.unit.fakes import FakeTransactions, an_administration, an_integration


async def test_a_proven_figure_is_told_with_its_freshness_and_without_notice() -> None:
    told = await answer("TrialBalance", **SPAN)
    assert told["data"]["administration"]["trialBalance"]["rows"]
    assert told["data"]["administration"]["freshness"] == {
        "importedAt": "2026-11-22T12:00:00.000Z",
        "importRunning": False,
        "verification": "PASSED",
        "completeFrom": "2026-01-01",
        "closedUntil": None,
    }
    assert told["notices"] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"verification": VerificationStatus.FAILED}, f"Administration Demo BV ({ID}): verification is FAILED"),
        ({"verification": VerificationStatus.WARNING}, f"Administration Demo BV ({ID}): verification is WARNING"),
        ({"verification": VerificationStatus.NOT_AVAILABLE}, "no figure is proven"),
        ({"imported_at": None, "verification": VerificationStatus.NOT_AVAILABLE}, "no import has succeeded yet"),
        ({"import_running": True}, "an import is running"),
    ],
    ids=["failed", "warning", "not available", "never imported", "running"],
)
async def test_what_is_not_proven_is_said_in_words(changes: dict[str, Any], words: str) -> None:
    (notice,) = (await answer("ImportHistory", the_api(proven(**changes)), administrationId=ID))["notices"]
    assert words in notice


async def test_of_many_administrations_the_first_are_named_and_the_others_counted() -> None:
    integration = an_integration()
    world = FakeTransactions([integration], (), [an_administration(integration_id=integration.id) for _ in range(23)])
    told = await answer("IntegrationCards", an_api(world, books=proven(import_running=True)))
    assert [notice.startswith("Administration Demo BV (") for notice in told["notices"]] == [True] * 20 + [False]
    assert told["notices"][-1] == "There are 3 notices more."


async def test_an_administration_without_a_name_in_the_answer_is_called_by_its_id() -> None:
    books = proven(import_running=True)
    (notice,) = (await answer("TrialBalance", the_api(books), **SPAN))["notices"]
    assert notice.startswith(f"Administration {ID}: an import is running")


async def test_the_text_of_an_answer_says_what_its_structure_says() -> None:
    async with an_agent(the_api(proven(import_running=True))) as agent:
        result = await agent.call_tool("TrialBalance", SPAN)
    text = said(result)
    assert text.startswith('{"notices":["Administration')
    assert "resultBroughtForward" in text


async def test_an_unknown_administration_is_not_a_figure_of_nothing() -> None:
    told = await answer("TrialBalance", the_api(organisation=THEIRS), **SPAN)
    assert told["data"] == {"administration": None}
    assert told["notices"] == ["administration: there is none of that id that this token may see."]


async def test_a_page_says_that_there_is_more_and_how_to_ask_for_it() -> None:
    arguments: dict[str, Any] = {"administrationId": ID, "first": 2}
    told = await answer("Transactions", **arguments)
    (more,) = told["more"]
    cursor = told["data"]["administration"]["transactions"]["pageInfo"]["endCursor"]
    assert more == (f"transactions: this answer holds 2 of 3. Ask again with after = {cursor} for the next ones.")
    rest = await answer("Transactions", **arguments, after=cursor)
    assert rest["more"] == []


async def test_an_agent_is_told_in_the_language_of_its_user() -> None:
    api = the_api(proven(import_running=True))
    api.connection.language = Language.NL
    told = await answer("Transactions", api, administrationId=ID, first=2)
    assert told["notices"][0].endswith("er loopt een import, zodat cijfers nog kunnen wijzigen tot hij eindigt.")
    assert told["more"][0].startswith("transactions: dit antwoord bevat er 2 van de 3. Vraag opnieuw met after = ")
    words, extensions = await complaint("IntegrationCards", api, form="x")
    assert words == "BAD_USER_INPUT: Argument ‘form’: dit hulpmiddel heeft dat argument niet; het heeft er geen."
    assert extensions["parameters"] == {"argument": "form", "why": "input.TOOL_WITHOUT_ARGUMENTS"}


async def test_an_answer_that_no_agent_can_read_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "LARGEST_ANSWER", 500)
    words, extensions = await complaint("TrialBalance", **SPAN)
    assert words.startswith("ANSWER_TOO_LARGE: The answer would have more than 500 bytes: ask for smaller pages")
    assert (extensions["code"], extensions["limit"]) == ("ANSWER_TOO_LARGE", 500)


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({**SPAN, "from": "yesterday"}, "from"),
        ({**SPAN, "from": "2027-01-01"}, "to"),
        ({"administrationId": ID, "from": "2026-01-01"}, "to"),
        ({**SPAN, "form": "2026-01-01"}, "form"),
    ],
    ids=["no day", "ends before it begins", "missing", "misspelt"],
)
async def test_a_wrong_argument_is_named(arguments: dict[str, Any], argument: str) -> None:
    words, extensions = await complaint("TrialBalance", **arguments)
    assert words.startswith("BAD_USER_INPUT: ")
    assert (extensions["code"], extensions["argument"]) == ("BAD_USER_INPUT", argument)


async def test_the_roles_are_those_of_the_token() -> None:
    api = the_api(roles=[Role.REPORTS])
    words, extensions = await complaint("Transactions", api, administrationId=ID)
    assert words.startswith("FORBIDDEN: ")
    assert extensions["path"] == ["administration", "transactions"]
    assert (await answer("TrialBalance", api, **SPAN))["data"]["administration"]["trialBalance"]


async def test_whoever_sees_receivables_alone_is_told_how_far_they_are_proven() -> None:
    api = the_api(roles=[Role.RECEIVABLES_ONLY])
    told = await answer("OutstandingItems", api, administrationId=ID, type="RECEIVABLE")
    assert told["data"]["administration"]["freshness"]["verification"] == "PASSED"


async def test_a_fault_tells_its_number_and_nothing_else() -> None:
    api = the_api()
    api.readers.fails = ConnectionError("password=hunter2 at 10.0.0.1")
    with capture_logs() as logs:
        words, extensions = await complaint("TrialBalance", api, **SPAN)
    assert [entry["event"] for entry in logs] == ["graphql.fault"]
    assert "hunter2" not in words
    assert extensions["code"] == "INTERNAL"
    assert extensions["requestId"] == "request-1"


async def test_a_tool_that_is_none_is_a_mistake_of_the_client() -> None:
    async with an_agent() as agent:
        for name in ("SaveReport", "ImportProgress", "Nonsense"):
            with pytest.raises(MCPError, match="There is no tool"):
                await agent.call_tool(name, {})


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_clients_of_both_generations_of_the_protocol_are_served(mode: str) -> None:
    async with an_agent(mode=mode) as agent:
        result = await agent.call_tool("IntegrationCards", {})
    assert result.structured_content["data"]["integrationProviders"]
