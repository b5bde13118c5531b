"""With what the sandbox is started."""

from dataclasses import dataclass, field

from octopus_sandbox.switches import Switches


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """Settings of one sandbox. Equal settings and an equal day give equal books."""

    host: str = "127.0.0.1"
    port: int = 8090
    seed: int = 1
    lines: int = 20_000
    """About how many ledger lines each dossier has."""
    bookyears: int = 4
    """How many bookyears each dossier has; the newest contains today."""
    dossiers: int = 3
    """How many generated dossiers the demo login sees, a disabled one not counted."""
    client_id: str = "monitr-sandbox"
    client_secret: str | None = None
    """Checked where `Switches.secret_required`; without one, any secret will do."""
    showcase: bool = False
    """Books to look at (`generated.showcase`), a login that has authorised already, and no daily maxima."""
    front_end: str | None = None
    """The address of the program that reads the books, for a link to it."""
    switches: Switches = field(default_factory=Switches)
