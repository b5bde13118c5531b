"""Daily maxima."""

from datetime import timedelta

import pytest

from octopus_sandbox.switches import QuotaAnswer, QuotaScope
from octopus_sandbox.testing import SandboxServer
from tests.integration.sandbox.sandbox_caller import Caller


@pytest.mark.parametrize("answer", list(QuotaAnswer))
def test_the_third_list_of_accounts_of_a_day_is_refused(server: SandboxServer, answer: QuotaAnswer):
    server.switch(quota_answer=answer)
    with Caller(server, 49777) as caller:
        statuses = [caller.get("/accounts", bookyearId=1).status_code for _ in range(3)]
        refused = caller.get("/accounts", bookyearId=1)
        assert caller.get("/costcentres").status_code == 404
    assert statuses == [200, 200, int(answer)]
    assert "maximum number of calls per day" in refused.json()["technicalInfo"]


def test_the_day_ends_at_midnight_in_brussels(server: SandboxServer):
    with Caller(server, 49777) as caller:
        for _ in range(3):
            caller.get("/accounts", bookyearId=1)
        server.clock.advance(timedelta(hours=13, minutes=29))  # 23:59 in Brussels
        caller = Caller(server, 49777)
        assert caller.get("/accounts", bookyearId=1).status_code == 429
        server.clock.advance(timedelta(minutes=2))
        assert caller.get("/accounts", bookyearId=1).status_code == 200


@pytest.mark.parametrize(("scope", "status"), [(QuotaScope.DOSSIER, 200), (QuotaScope.LOGIN, 429)])
def test_the_counter_is_the_dossiers_or_the_logins(server: SandboxServer, scope: QuotaScope, status: int):
    server.switch(quota_scope=scope)
    with Caller(server, 49777) as one, Caller(server, 49001) as other:
        for _ in range(2):
            one.get("/accounts", bookyearId=1)
        assert other.get("/accounts", bookyearId=1).status_code == status


def test_a_search_for_relations_has_a_maximum_of_its_own(server: SandboxServer):
    with Caller(server, 49777) as caller:
        searches = {caller.get("/relations", relationId=1).status_code for _ in range(5)}
        lists = [caller.get("/relations").status_code for _ in range(3)]
    assert searches == {200}
    assert lists == [200, 200, 429]


def test_limits_can_be_switched_off(server: SandboxServer):
    server.switch(daily_limits=False)
    with Caller(server, 49777) as caller:
        assert {caller.get("/accounts", bookyearId=1).status_code for _ in range(5)} == {200}
    assert server.quota.used("getAccounts", dossier=49777) == 5


def test_calls_are_logged(server: SandboxServer):
    with Caller(server, 49777) as caller:
        server.calls.clear()
        caller.get("/accounts", bookyearId=1)
    (call,) = server.calls.of("getAccounts", 49777)
    assert (call.status, call.query, call.path) == (200, {"bookyearId": "1"}, "/dossiers/49777/accounts")
