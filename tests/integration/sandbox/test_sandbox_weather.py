"""Trouble drawn from a seed."""

from datetime import timedelta

import pytest

from octopus_sandbox import SandboxSettings
from octopus_sandbox.clock import Clock
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.trouble.weather import Squall, Weather
from tests.integration.sandbox.conftest import NOW

DOSSIER = 49001
SQUALLS = Weather(Sandbox(SandboxSettings())).squalls


def a_sandbox() -> Sandbox:
    return Sandbox(SandboxSettings(lines=300, bookyears=2, dossiers=1), Clock(NOW))


def season(sandbox: Sandbox) -> list[Squall]:
    weather = Weather(sandbox)
    squalls: list[Squall] = []
    for draw in range(60):
        sandbox.clock.advance(timedelta(hours=5))
        squalls.append(weather.strike(draw, DOSSIER))
    return squalls


def test_equal_draws_bring_the_same_season():
    one, other = a_sandbox(), a_sandbox()
    assert season(one) == season(other)
    assert one.switches == other.switches


@pytest.mark.parametrize("name", SQUALLS)
def test_each_squall_can_be_named_and_ends(name: str):
    sandbox = a_sandbox()
    squall = Weather(sandbox).strike(7, DOSSIER, name)
    assert squall.name == name
    if squall.until is not None:
        assert sandbox.faults.waiting == 1
        sandbox.clock.set(squall.until)
        assert sandbox.faults.waiting == 0


def test_a_season_draws_most_of_them():
    assert len({squall.name for squall in season(a_sandbox())}) > len(SQUALLS) * 3 // 4
