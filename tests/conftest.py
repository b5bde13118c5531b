"""For every test: property tests take the same examples each time, but in a soak, which looks for new ones; a mutant is
noticed by its first failure, without looking for the smallest; and what runs beside what (``make test`` runs two at a
time)."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import Phase, settings

settings.register_profile("seeded", derandomize=True, deadline=None, max_examples=40)
settings.register_profile("covered", settings.get_profile("seeded"), max_examples=10)  # lines are reached early
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=400)
settings.register_profile(
    "mutants", settings.get_profile("seeded"), max_examples=100, phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("soak" if os.environ.get("MONITR_SOAK") == "1" else "seeded")

ONE_AFTER_THE_OTHER = ("cli", "jobs", "observability")
"""Folders of ``integration`` whose tests start processes, share brokers and wait for leases to end."""


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in a hook of its own
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item.path.relative_to(Path(__file__).parent))))


def _group(path: Path) -> str:
    """The acceptance tests share a served program; otherwise the tests of a file stay together."""
    match path.parts:
        case ("integration", folder, *_) if folder in ONE_AFTER_THE_OTHER:
            return "processes"
        case ("acceptance", *_):
            return "acceptance"
        case _:
            return str(path)
