"""docs/sandbox.md names everything there is."""

from dataclasses import fields
from pathlib import Path

from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.control.control import Control
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.trouble.faults import FaultKind

TEXT = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_every_switch_fault_and_action_is_documented():
    names = [field.name for field in fields(Switches)]
    names += [kind.value for kind in FaultKind]
    names += Control(Sandbox(SandboxSettings())).actions
    assert [name for name in names if f"`{name}`" not in TEXT] == []
