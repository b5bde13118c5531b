"""docs/sandbox.md names everything there is."""

from dataclasses import fields
from pathlib import Path

from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.control.control import Control
from octopus_sandbox.office.accountant import WEIGHTS
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.trouble.faults import FaultKind
from octopus_sandbox.trouble.weather import Weather

TEXT = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_every_switch_fault_action_deed_and_squall_is_documented():
    sandbox = Sandbox(SandboxSettings())
    names = [field.name for field in fields(Switches)]
    names += [kind.value for kind in FaultKind]
    names += [*Control(sandbox).actions, *WEIGHTS, *Weather(sandbox).squalls]
    assert [name for name in names if f"`{name}`" not in TEXT] == []
