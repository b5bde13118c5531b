"""For every test: property tests take the same examples each time, but in a soak, which looks for new ones; a mutant is
noticed by its first failure, without looking for the smallest; and what runs beside what (``make test`` runs three at a
time)."""

import os
from pathlib import Path, PurePath

import pytest
from hypothesis import Phase, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("seeded", derandomize=True, deadline=None, max_examples=40)
settings.register_profile("covered", settings.get_profile("seeded"), max_examples=10)  # lines are reached early
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=400)
settings.register_profile(
    "mutants", settings.get_profile("seeded"), max_examples=100, phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("soak" if os.environ.get("MONITR_SOAK") == "1" else "seeded")

ONE_AFTER_THE_OTHER = ("cli", "jobs", "observability")
"""Folders of ``integration`` whose tests start processes, share brokers and wait for leases to end."""
BY_THEMSELVES = ("test_agents.py", "test_audit_export.py", "test_backup.py", "test_words.py")
"""Files of them whose processes have all to themselves."""
LONGEST = ("processes", "acceptance")


class ByGroup(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """A group of tests runs in one worker. pytest-xdist's own ``loadgroup`` does nothing beside pytest 9."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(PurePath(nodeid.partition("::")[0]).relative_to("tests"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup:
    config.option.loadscopereorder = False
    return ByGroup(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest groups begin, so that no worker is left with one of them at the end."""
    if config.pluginmanager.hasplugin("xdist"):
        items.sort(key=lambda item: _group(item.path.relative_to(Path(__file__).parent)) not in LONGEST)


def _group(path: PurePath) -> str:
    """The acceptance tests share a served program; otherwise the tests of a file stay together."""
    match path.parts:
        case ("integration", folder, *_, file) if folder in ONE_AFTER_THE_OTHER and file not in BY_THEMSELVES:
            return "processes"
        case ("acceptance", *_):
            return "acceptance"
        case _:
            return str(path)
