"""What a run changed, over GraphQL."""

from monitr.domain.roles import Role
from tests.components.graphql.an_api import an_api
from tests.unit.fakes import FakeTransactions, a_run, an_administration, an_integration

CHANGES = """
query Changes($id: ID!, $first: Int, $after: String) {
  administration(id: $id) {
    lastImport {
      newAccounts
      newDimensionValues
      importChanges(first: $first, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        edges { node { kind bookingCode bookyear journalKey documentNumber } }
      }
    }
  }
}
"""


async def test_a_run_tells_its_changes_page_by_page_and_what_it_saw_first() -> None:
    integration = an_integration()
    mine = an_administration(integration_id=integration.id)
    api = an_api(FakeTransactions([integration], (), [mine], [a_run(mine)]))

    answer = await api.run(CHANGES, {"id": str(mine.id), "first": 2})

    assert answer["errors"] == []
    run = answer["data"]["administration"]["lastImport"]
    assert (run["newAccounts"], run["newDimensionValues"]) == (["012000", "400000"], ["3"])
    assert run["importChanges"]["totalCount"] == 3
    assert run["importChanges"]["pageInfo"]["hasNextPage"] is True
    assert [edge["node"]["bookingCode"] for edge in run["importChanges"]["edges"]] == ["2-V1-1", "2-V1-2"]


async def test_what_many_runs_changed_is_asked_in_sets() -> None:
    integration = an_integration()
    mine = an_administration(integration_id=integration.id)
    api = an_api(FakeTransactions([integration], (), [mine], [a_run(mine) for _ in range(30)]))
    query = """query ($id: ID!) { administration(id: $id) { imports(first: 30) { edges { node {
        newAccounts newDimensionValues importChanges(first: 2) { totalCount edges { node { bookingCode } } }
    } } } } }"""

    answer = await api.run(query, {"id": str(mine.id)})

    assert answer["errors"] == []
    assert len(answer["data"]["administration"]["imports"]["edges"]) == 30
    assert sorted(api.readers.calls) == ["administrations", "first_seen", "import_changes", "imports"]


async def test_a_role_without_ledger_lines_does_not_see_which_bookings_changed() -> None:
    integration = an_integration()
    mine = an_administration(integration_id=integration.id)
    api = an_api(FakeTransactions([integration], (), [mine], [a_run(mine)]), Role.REPORTS)

    answer = await api.run(CHANGES, {"id": str(mine.id)})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
