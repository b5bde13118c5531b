"""Import a dossier: one run, from the claim of a worker to SUCCEEDED, WAITING or FAILED (decisions.md, section 5)."""

from asyncio import sleep
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitr.application.follow_dossiers import FollowDossiers
from monitr.application.importing.ledger.general_ledger import import_ledger
from monitr.application.importing.ledger.octopus_totals import OctopusTotals
from monitr.application.importing.ledger.read_chunks import ReadChunks
from monitr.application.importing.ledger.reconcile_ledger import ReconcileLedger
from monitr.application.importing.open_items import open_items_ahead
from monitr.application.importing.ports import OpenStore
from monitr.application.importing.reference_data import ImportReferenceData, believe_lists
from monitr.application.importing.session import CancellationRequested, HandOverRequested, ImportSession
from monitr.application.importing.verify_import import verify_import
from monitr.application.octopus import (
    AuthorizationRejected,
    DossierNotFound,
    DossierRefused,
    InvalidAnswer,
    NotConfiguredError,
    Octopus,
    OctopusAsksToWait,
    OctopusUnavailable,
    Pause,
    QuotaSpent,
    ReadRefused,
)
from monitr.application.ports import Claim, Clock, MakeWay, Transactions, never_make_way
from monitr.domain.accounting.verification import CheckCode, VerificationStatus
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.brussels import brussels_day
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import (
    CHANGES_REMEMBERED,
    Dataset,
    DatasetImportStatus,
    ImportRun,
    ImportStatus,
    mode_of,
)
from monitr.domain.integration import RECONNECT, Integration
from monitr.domain.words.sentence import Sentence

QUOTA = Explanation.of(ExplanationCode.QUOTA_SPENT)
NOT_FOUND = Explanation.of(ExplanationCode.DOSSIER_NOT_FOUND)
WORN_OUT = Explanation.of(ExplanationCode.IMPORT_BROKE_OFF)
MOST_ATTEMPTS = 50
"""A worker that is killed is followed by the next one; an import that kills every worker must not go on for ever."""


@dataclass(frozen=True, slots=True)
class ImportDossier:
    """Works on a run for as long as it takes. What can go wrong at Octopus becomes the state of the run; LeaseLost and
    faults of the database go up to the worker, whose transaction is undone."""

    transactions: Transactions
    octopus: Octopus
    open_store: OpenStore
    clock: Clock
    make_way: MakeWay = never_make_way
    pause: Pause = sleep
    changes_remembered: timedelta = CHANGES_REMEMBERED

    async def __call__(self, claim: Claim) -> None:
        session = await self._begin(claim)
        if session is None:
            return
        try:
            await self._import(session)
        except HandOverRequested:
            return  # the worker gives the run back, and it queues up again with all that it has published
        except CancellationRequested:
            await session.cancel()
        except QuotaSpent as spent:
            await session.wait(spent.until, QUOTA)
        except AuthorizationRejected:
            await session.fail(RECONNECT)
        except DossierNotFound:
            await session.fail(NOT_FOUND, AdministrationStatus.NOT_FOUND)
        except DossierRefused as refused:
            failure = Explanation.of(ExplanationCode.ACCESS_LOST, reason=refused.reason)
            await session.fail(failure, AdministrationStatus.ACCESS_LOST)
        except NotConfiguredError as error:
            await session.fail(Explanation.of(ExplanationCode.OCTOPUS_NOT_CONFIGURED, cause=error.said))
        except OctopusUnavailable as error:
            at_least = error.wait if isinstance(error, OctopusAsksToWait) else timedelta()
            await session.wait_for_octopus(_unavailable(error), at_least)
        except ReadRefused as refused:
            await session.fail(Explanation.of(ExplanationCode.READ_REFUSED, refusal=refused.said))
        except InvalidAnswer as error:
            await session.fail(Explanation.of(ExplanationCode.OCTOPUS_INVALID_ANSWER, cause=error.said))

    async def _import(self, session: ImportSession) -> None:
        administration = session.administration
        octopus, pause = self.octopus, session.rest
        async with octopus.open(administration.integration_id, administration.dossier, pause) as dossier:
            session.administration = administration.reached()
            await FollowDossiers(self.transactions, self.octopus, self.clock)(
                administration.integration_id, session.run
            )
            bookyears = await ImportReferenceData(session, dossier)()
            known = await session.store.ledger.chunks_read()
            chunks = ReadChunks(session, dossier, bookyears, known)
            totals = OctopusTotals(session, dossier, bookyears)
            await import_ledger(session, chunks, totals)
            await believe_lists(session)
            async with open_items_ahead(session, dossier, bookyears) as open_items:
                reconciliation = await ReconcileLedger(session, chunks, totals)()
                await session.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.SUCCEEDED)
                await open_items.renew(reconciliation.opened.closing)
                await open_items.judge_matchings()
                await self._derive(session)
                verification = await verify_import(
                    session.store, reconciliation, open_items.control_totals, session.unread
                )
        await session.finish(verification)

    async def _begin(self, claim: Claim) -> ImportSession | None:
        """The run as RUNNING; None where there is nothing to do any more."""
        async with self.transactions(claim.organisation_id) as work:
            of = await work.imports.administration_of(claim.organisation_id, claim.run_id)
            if of is None:
                return None
            found = await work.administrations.with_integration(claim.organisation_id, [of])
            run = await work.imports.find(claim.organisation_id, claim.run_id)
            if run is None or run.status.is_final or of not in found:
                return None
            administration, integration = found[of]
            begun = self._begun(run, administration, integration, claim.attempt)
            await work.imports.save(begun)
            before = await work.imports.last_ended(administration.id)
            await work.commit()
        if begun.status.is_final:
            return None
        store = self.open_store(claim, administration)
        last_reads = await store.record.last_reads()
        return ImportSession(
            begun,
            administration,
            store,
            self.clock,
            _known_differences(before, self.clock()),
            _did_items_agree(before),
            last_reads,
            pause=self.pause,
            make_way=lambda: self.make_way(claim),
            is_resumed=run.started_at is not None and run.status is not ImportStatus.WAITING,
        )

    def _begun(
        self, run: ImportRun, administration: Administration, integration: Integration | None, attempt: int
    ) -> ImportRun:
        """Ended, where it cannot begin."""
        now = self.clock()
        if not administration.is_alive or run.cancel_requested:
            return run.cancelled(now)
        if integration is None or not integration.is_authorized:
            return run.fail(now, RECONNECT)
        if attempt > MOST_ATTEMPTS:
            return run.fail(now, WORN_OUT)
        if run.started_at is not None:  # taken up again, in the mode that it began with
            return run.begin(now)
        return replace(run.begin(now), mode=mode_of(administration, run.mode, now, self.changes_remembered))

    async def _derive(self, session: ImportSession) -> None:
        counts = await session.store.verification.derive_fixed_assets()
        await session.dataset(Dataset.FIXED_ASSETS, DatasetImportStatus.SUCCEEDED, counts)
        await session.save(session.run)  # the last moment at which it can be cancelled


def _unavailable(error: OctopusUnavailable) -> Explanation:
    said = Sentence.of("ASKS_TO_WAIT" if isinstance(error, OctopusAsksToWait) else "NO_ANSWER")
    return Explanation.of(ExplanationCode.OCTOPUS_UNAVAILABLE, said=said, cause=error.said)


def _known_differences(run: ImportRun | None, now: datetime) -> str | None:
    """What the run before could not reconcile, though it read it again: to read it once more on the same day would
    change nothing."""
    if run is None or run.verification is None or brussels_day(run.finished_at or run.queued_at) != brussels_day(now):
        return None
    return next((check.detail for check in run.verification.checks if check.code is CheckCode.ACCOUNT_AMOUNTS), None)


def _did_items_agree(run: ImportRun | None) -> bool:
    checks = run.verification.checks if run is not None and run.verification is not None else ()
    return all(
        check.status is VerificationStatus.PASSED for check in checks if check.code is CheckCode.OUTSTANDING_ITEMS
    )
