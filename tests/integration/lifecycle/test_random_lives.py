"""Random sequences of what users, imports, chores and Octopus do, compared with the reference model of the states."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from returns.methods import unwrap_or_failure
from returns.pipeline import is_successful
from sqlalchemy import text

from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.database.tables import metadata
from monitr.application.start_authorization import RoundRefused
from monitr.domain.import_run import ImportMode, ImportRun
from monitr.domain.organisation import AdministrationId
from tests.integration.importing.soak import examples, phases
from tests.integration.lifecycle.consistency import broken
from tests.integration.lifecycle.life import Life, a_life
from tests.integration.lifecycle.model import Model

T = TypeVar("T")
LOGINS = st.sampled_from(["demo", "demo", "other"])
DOSSIERS = st.sampled_from([49001, 49002, 49003])
QUARTER_OF_AN_HOUR = timedelta(minutes=15)


class Lives(RuleBasedStateMachine):
    """Between two actions all access and dossier tokens run out, so that Octopus is asked each time."""

    url: str
    integrations = Bundle("integrations")
    administrations = Bundle("administrations")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.model = Model()
        self.ids: dict[str, UUID] = {}
        self.kept: dict[int, Any] = {}
        self.life = self.run(self._open())

    def run(self, action: Awaitable[T]) -> T:
        async def bounded() -> T:
            async with asyncio.timeout(60):
                return await action

        return self.loop.run_until_complete(bounded())

    async def _open(self) -> Life:
        engine = create_engine(self.url, application_name="monitr-tests", pool_size=5)
        self.stack.push_async_callback(engine.dispose)
        async with engine.begin() as connection:
            erased = metadata.tables.keys() - {"audit_entry"}  # which nobody empties
            await connection.execute(text(f"TRUNCATE {', '.join(sorted(erased))}"))
        return await self.stack.enter_async_context(a_life(engine))

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()

    def pass_by(self, time: timedelta = QUARTER_OF_AN_HOUR) -> None:
        self.life.pass_by(time)
        self.model.now += time / timedelta(days=1)

    # --- users ------------------------------------------------------------------------------------------------------

    @initialize(target=integrations)
    def begin(self) -> str:
        return self._first()

    @initialize(target=administrations)
    def begin_with_two_dossiers(self) -> Any:
        """Imported once."""
        begun = [str(self.select(self._first(), dossier)) for dossier in (49001, 49002)]
        for administration in begun:
            self.sync(administration, ImportMode.INCREMENTAL)
        return multiple(*begun)

    def _first(self) -> str:
        return next(iter(self.model.integrations), None) or self._connect("demo")

    @rule(target=integrations, login=LOGINS)
    def connect(self, login: str) -> str:
        return self._connect(login)

    def _connect(self, login: str) -> str:
        self.pass_by()
        name = f"integration {len(self.ids)}"
        self.model.connect(name, login)
        self.ids[name] = self.run(self.life.connected(login))
        return name

    @rule(target=administrations, integration=integrations, dossier=DOSSIERS)
    def select(self, integration: str, dossier: int) -> str:
        self.pass_by()
        new_name = f"administration {len(self.ids)}"
        expected = self.model.select(integration, dossier, new_name)
        outcome = self.run(self.life.select_administrations(self.life.principal, self._id(integration), [dossier]))
        if not is_successful(outcome):
            assert getattr(outcome.failure(), "code", None) == expected
            return new_name  # stands for an administration that never was
        (selected,) = outcome.unwrap()
        assert selected.id == self.ids.setdefault(expected, selected.id)
        return expected

    def _id(self, name: str) -> Any:
        return self.ids.get(name, UUID(int=len(name)))

    @rule(administration=administrations, purge=st.sampled_from([False, False, True]))
    def remove(self, administration: str, purge: bool) -> None:
        self.pass_by()
        expected = self.model.remove(administration, purge=purge)
        removing = self.life.remove_administration(self.life.principal, self._id(administration), purge=purge)
        assert is_successful(self.run(removing)) == expected

    @rule(integration=integrations)
    def remove_all(self, integration: str) -> None:
        """The last of them takes an integration along that has no valid token."""
        for name, it in list(self.model.administrations.items()):
            if it.is_alive and it.integration == integration:
                self.remove(name, purge=False)

    @rule(integration=consumes(integrations))
    def delete(self, integration: str) -> None:
        self.pass_by()
        expected = self.model.delete(integration)
        deleting = self.life.delete_integration(self.life.principal, self._id(integration))
        assert is_successful(self.run(deleting)) == expected

    @rule(integration=integrations, login=LOGINS, accept=st.booleans())
    def reconnect(self, integration: str, login: str, accept: bool) -> None:
        self.pass_by()
        expected = self.model.reconnect(integration, login, accept=accept)
        if expected == "UNKNOWN_INTEGRATION":
            asked = self.run(self.life.reconnect(self.life.principal, self._id(integration), None))
            assert getattr(asked.failure(), "code", None) == expected
            return
        reconnecting = self.life.reconnected(self._id(integration), login, accept_different_account=accept)
        match unwrap_or_failure(self.run(reconnecting)):
            case RoundRefused(error=error):
                assert error.value == expected
            case _:
                assert expected == "connected"

    @rule(administration=administrations, mode=st.sampled_from(ImportMode))
    def sync(self, administration: str, mode: ImportMode) -> None:
        self.pass_by()
        expected = self.model.sync(administration)
        id = self._id(administration)
        started = self.run(self.life.start_imports(self.life.principal, [id], mode))
        if not is_successful(started):
            assert getattr(started.failure(), "code", None) == expected
        elif refused := started.unwrap().refused:
            assert refused[0].code == expected
        else:  # refused only where nothing waits already: a run that was waiting fails when it is worked on
            run = self._worked(id)
            assert run.status.value == ("FAILED" if expected == "RECONNECT_REQUIRED" else expected)

    def _worked(self, id: AdministrationId) -> ImportRun:
        return self.run(self.life.world.work(id))

    # --- Octopus ----------------------------------------------------------------------------------------------------

    @rule(login=LOGINS, found_out_by=administrations)
    def revoke(self, login: str, found_out_by: str) -> None:
        self.pass_by()
        self.model.revoked[login] = self.model.now
        self.life.octopus.sandbox.revoke(login)
        self.sync(found_out_by, ImportMode.INCREMENTAL)

    @rule(dossier=DOSSIERS, what=st.sampled_from(["access", "ability", "existence"]))
    def take_or_give(self, dossier: int, what: str) -> None:
        """The login's access to the dossier, its being enabled, the dossier itself."""
        sandbox, model = self.life.octopus.sandbox, self.model
        if what == "access":
            for seen in (model.sees["demo"], sandbox.logins["demo"].dossiers):
                (seen.discard if dossier in seen else seen.add)(dossier)
        elif dossier in model.gone:
            model.gone.discard(dossier)
            sandbox._dossiers[dossier] = self.kept.pop(dossier)
        elif what == "existence":
            model.gone.add(dossier)
            self.kept[dossier] = sandbox._dossiers[dossier]
            sandbox.remove(dossier)
        else:
            disabled = dossier not in model.disabled
            (model.disabled.add if disabled else model.disabled.discard)(dossier)
            sandbox.disable(dossier, disabled=disabled)

    # --- time -------------------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([2, 2, 12, 31]))
    def days_pass(self, days: int) -> None:
        """And the scheduler does its chores."""
        self.pass_by(timedelta(days=days))
        self.model.tend()
        chores: list[Callable[[], Awaitable[int]]] = [
            self.life.keep_alive, self.life.reach_again, self.life.dismiss, self.life.purge
        ]  # fmt: skip
        for chore in chores:
            self.run(chore())

    # --- what has to hold -------------------------------------------------------------------------------------------

    @invariant()
    def every_state_is_the_models(self) -> None:
        expected = {self.ids[name]: link.status for name, link in self.model.integrations.items()}
        expected |= {self.ids[name]: it.status for name, it in self.model.administrations.items()}
        assert self.run(self._states()) == expected

    async def _states(self) -> dict[UUID, str]:
        async with self.life.world.engine.connect() as connection:
            rows = await connection.execute(
                text("SELECT id, status FROM integration UNION ALL SELECT id, status FROM administration")
            )
            return {row.id: row.status for row in rows}

    @invariant()
    def nothing_contradicts_itself(self) -> None:
        assert self.run(broken(self.life.world.engine)) == {}


def test_the_states_are_those_of_the_model_whatever_happens(fresh_database: str) -> None:
    machine = type("LivesInADatabase", (Lives,), {"url": fresh_database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples(ordinarily=3, in_a_soak=300),
            stateful_step_count=examples(ordinarily=30, in_a_soak=60),
            deadline=None,
            phases=phases(),
            suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]  # its __iter__ is untyped
        ),
    )
