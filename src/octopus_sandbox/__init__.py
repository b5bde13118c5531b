"""A faithful stand-in for Octopus, to try, demonstrate and test with. It knows nothing of `monitr`."""

from octopus_sandbox.app import create_app
from octopus_sandbox.serving import serve
from octopus_sandbox.settings import SandboxSettings
from octopus_sandbox.switches import Switches

__all__ = ["SandboxSettings", "Switches", "create_app", "serve"]
