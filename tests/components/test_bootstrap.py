"""What the composition root hands out: that a setting reaches whoever asks the rule it belongs to."""

import subprocess
import sys
from base64 import urlsafe_b64encode
from datetime import timedelta

from monitr.adapters.sql.work.observed_runs import SqlObservedRuns
from monitr.application.ports import never_make_way
from monitr.bootstrap.scheduler import scheduled_imports
from monitr.bootstrap.tokens import form_key
from monitr.bootstrap.use_cases import start_imports_at_once, use_cases
from monitr.bootstrap.worker import import_dossier
from monitr.domain.import_run import ImportTrigger
from tests.integration.jobs.queued_runs import opened

NOBODY = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"


async def test_whoever_decides_between_incremental_and_full_knows_how_long_octopus_remembers() -> None:
    async with opened(NOBODY, CHANGES_REMEMBERED_DAYS="7", SCHEDULE="0 3 * * *") as of:
        offered = use_cases(of)
        observed = of.observability.imports(SqlObservedRuns(of.engine))
        scheduled = scheduled_imports(of, of.settings.schedule, ImportTrigger.SCHEDULE)
        assert scheduled is not None
        remembered = {
            "selection": offered.select_administrations.changes_remembered,
            "Sync now": offered.start_imports.changes_remembered,
            "operators": start_imports_at_once(of).changes_remembered,
            "schedule": scheduled.start_imports.changes_remembered,
            "workers": import_dossier(of, never_make_way, observed).changes_remembered,
        }

    assert remembered == dict.fromkeys(remembered, timedelta(days=7))


def test_the_program_can_be_started_on_windows() -> None:
    """Of the embedded database nothing is imported before it is wanted: Windows has none of these modules."""
    code = "import sys; sys.modules.update(fcntl=None, pwd=None, grp=None); import monitr.entrypoints.cli.main"
    subprocess.run([sys.executable, "-c", code], check=True)


ENCRYPTION = (bytes(range(32)), bytes(range(32, 64)))


async def test_every_process_proves_its_forms_with_one_key_and_it_is_not_the_encryption_key() -> None:
    key, other = (urlsafe_b64encode(one).decode() for one in ENCRYPTION)
    keys = []
    for named in (key, key, f"{other},{key}"):
        async with opened(NOBODY, ENCRYPTION_KEYS=named) as of:
            keys.append(form_key(of.settings))

    assert keys[0] == keys[1]
    assert len({*keys, *ENCRYPTION}) == 4
