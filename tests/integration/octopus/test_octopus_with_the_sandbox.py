"""The adapter against the sandbox: a whole round from the login page to the last ledger line."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from monitr.adapters.octopus.adapter import OctopusAdapter
from monitr.adapters.octopus.octopus import OctopusOfIntegrations
from monitr.adapters.octopus.settings import OctopusSettings
from monitr.application.octopus import (
    AuthorizationRejected,
    DossierRefused,
    OctopusUnavailable,
    QuotaSpent,
)
from monitr.domain.accounting.ledger import LedgerLine
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.administration import DossierNumber
from monitr.domain.authorization import Tokens
from monitr.domain.integration import IntegrationId
from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.switches import QuotaAnswer
from octopus_sandbox.testing import SandboxServer
from tests.integration.octopus.scripted_octopus import INTEGRATION, Counter

DOSSIER = DossierNumber(49001)


class StoredTokens:
    """The port Credentials: refreshes with the adapter's own login."""

    def __init__(self, adapter: OctopusAdapter, tokens: Tokens) -> None:
        self._adapter = adapter
        self._tokens = tokens
        self._refresh_token = tokens.refresh_token or ""

    async def access_token(self, integration: IntegrationId, rejected: str | None = None) -> str:
        if rejected == self._tokens.access_token:
            self._tokens = await self._adapter.login.refresh(self._refresh_token)
            self._refresh_token = self._tokens.refresh_token or self._refresh_token
        return self._tokens.access_token


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxSettings(lines=4000, dossiers=1, bookyears=2, switches=Switches())) as server:
        yield server


@pytest.fixture
def clean(sandbox: SandboxServer) -> SandboxServer:
    sandbox.switches = Switches()
    sandbox.faults.clear()
    sandbox.quota.reset()
    return sandbox


async def at_once(seconds: float) -> None:
    """No waiting between the attempts of a read."""


@pytest.fixture
async def octopus(clean: SandboxServer) -> AsyncIterator[OctopusOfIntegrations]:
    settings = OctopusSettings(
        redirect_uri="http://127.0.0.1/callback",
        client_id=clean.client_id,
        api_url=clean.api_url,
        authorize_url=clean.authorize_url,
        token_url=clean.token_url,
    )
    async with OctopusAdapter(settings, lambda: datetime.now(UTC), sleep=at_once) as adapter:
        verifier = adapter.login.new_verifier()
        callback = clean.authorise(adapter.login.authorize_url("state", verifier))
        answered = parse_qs(urlsplit(callback).query)
        assert answered["state"] == ["state"]
        tokens = await adapter.login.exchange(answered["code"][0], verifier)
        yield adapter.octopus(StoredTokens(adapter, tokens), Counter())


async def test_every_question_of_an_import_is_answered_without_an_odd_record(octopus: OctopusOfIntegrations) -> None:
    async with octopus.open(INTEGRATION, DOSSIER) as dossier:
        years = await dossier.bookyears()
        answers: list[Any] = [
            years,
            await dossier.journals(years.rows[0].number),
            await dossier.accounts(years.rows[0].number),
            await dossier.changed_accounts(None),
            await dossier.cost_centres(),
            await dossier.relations(),
            await dossier.changed_relations(None),
            await dossier.changed_account_amounts(None),
            *[listed async for listed in dossier.open_items(OutstandingItemType.RECEIVABLE, years.rows)],
            *[listed async for listed in dossier.open_items(OutstandingItemType.PAYABLE, years.rows)],
        ]

    assert all(answer.rows and not answer.odd for answer in answers)


async def ledger(octopus: OctopusOfIntegrations) -> list[LedgerLine]:
    lines: list[LedgerLine] = []
    async with octopus.open(INTEGRATION, DOSSIER) as dossier:
        years = (await dossier.bookyears()).rows
        for year in years:
            for journal_type in (1, 2, 3, 4):
                async for batch in dossier.ledger(years, year.number, journal_type, None):
                    assert batch.odd == []
                    lines += batch.lines
    return lines


async def test_every_booking_of_a_first_load_nets_to_zero(octopus: OctopusOfIntegrations) -> None:
    sums: dict[tuple[int, ...], Decimal] = {}
    for line in await ledger(octopus):
        sums[line[:4]] = sums.get(line[:4], Decimal(0)) + line.amount

    assert len(sums) > 100
    assert set(sums.values()) == {Decimal("0.00")}


async def test_noise_exponents_and_unknown_properties_do_not_change_a_cent(
    octopus: OctopusOfIntegrations, clean: SandboxServer
) -> None:
    plain = await ledger(octopus)
    clean.switch(binary_noise=True, exponents=True, unknown_properties=True)

    assert await ledger(octopus) == plain


async def test_tokens_that_expire_in_the_middle_are_renewed(
    octopus: OctopusOfIntegrations, clean: SandboxServer
) -> None:
    clean.faults.next("getReportModifiedBooking", kind="token-expired")
    clean.faults.next("getBookyears", kind="token-expired")

    assert await ledger(octopus)


@pytest.mark.parametrize("kind", ["truncated", "reset"])
async def test_a_first_answer_that_breaks_off_early_is_asked_for_again(
    octopus: OctopusOfIntegrations, clean: SandboxServer, kind: str
) -> None:
    whole = await ledger(octopus)
    clean.faults.next("getReportModifiedBooking", kind=kind, at=5000)

    assert await ledger(octopus) == whole


async def test_a_lasting_truncation_is_unavailable_and_never_a_short_ledger(
    octopus: OctopusOfIntegrations, clean: SandboxServer
) -> None:
    clean.faults.next("getReportModifiedBooking", times=9, kind="truncated", at=20_000)

    with pytest.raises(OctopusUnavailable):
        await ledger(octopus)


@pytest.mark.parametrize("status", list(QuotaAnswer))
async def test_every_way_of_refusing_for_quota_is_understood(
    octopus: OctopusOfIntegrations, clean: SandboxServer, status: QuotaAnswer
) -> None:
    clean.switch(quota_answer=status)
    async with octopus.open(INTEGRATION, DOSSIER) as dossier:
        await dossier.cost_centres()
        octopus.reads.quota.counter.calls.clear()  # type: ignore[attr-defined] # the counter of this test, made forgetful
        await dossier.cost_centres()
        octopus.reads.quota.counter.calls.clear()  # type: ignore[attr-defined]
        with pytest.raises(QuotaSpent):
            await dossier.cost_centres()


async def test_the_list_and_a_disabled_dossier(octopus: OctopusOfIntegrations, clean: SandboxServer) -> None:
    clean.switch(record_without_dossier_key=True)

    listed = await octopus.dossiers(INTEGRATION)

    assert DOSSIER in {dossier.number for dossier in listed.dossiers}
    assert listed.unreadable == 1
    assert await octopus.refusal(INTEGRATION, DOSSIER) is None
    with pytest.raises(DossierRefused, match="disabled"):
        async with octopus.open(INTEGRATION, DossierNumber(49900)):
            pass


async def test_a_revoked_authorisation_is_rejected(octopus: OctopusOfIntegrations, clean: SandboxServer) -> None:
    clean.faults.next("token", status=400, body='{"error":"invalid_grant"}')
    clean.faults.next("connectDossier", times=2, status=401, body='{"technicalInfo":"expired"}')

    with pytest.raises(AuthorizationRejected):
        await octopus.refusal(INTEGRATION, DOSSIER)
