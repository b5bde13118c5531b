"""``monitr sandbox``: a stand-in for Octopus."""

import errno
import socket
from importlib.util import find_spec
from typing import Annotated

import typer

from monitr.entrypoints.cli.leash import leash, leashed_option
from monitr.entrypoints.cli.outcome import refuse, refusing


def sandbox(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8090,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal books.")] = 1,
    lines: Annotated[int, typer.Option(min=1, help="About how many ledger lines each dossier has.")] = 20_000,
    bookyears: Annotated[int, typer.Option(min=1, help="How many bookyears each dossier has.")] = 4,
    dossiers: Annotated[int, typer.Option(min=1, help="How many dossiers the demo login sees.")] = 3,
    showcase: Annotated[
        bool,
        typer.Option(
            "--showcase",
            help="Books to look at: with seasons, and in one dossier a total that is out; the login has authorised"
            " already, and there are no daily maxima.",
        ),
    ] = False,
    front_end: Annotated[str | None, typer.Option(help="The address that its page links back to.")] = None,
    leashed: leashed_option = False,
) -> None:
    """Run the Octopus sandbox alone: invented books behind the API and login pages of Octopus."""
    refuse_without_sandbox()
    import octopus_sandbox
    from octopus_sandbox.settings import SandboxSettings

    leash(leashed)
    _refuse_where_taken(host, port)
    with refusing(OSError):
        octopus_sandbox.serve(
            SandboxSettings(
                host=host,
                port=port,
                seed=seed,
                lines=lines,
                bookyears=bookyears,
                dossiers=dossiers,
                showcase=showcase,
                front_end=front_end,
            )
        )


def _refuse_where_taken(host: str, port: int) -> None:
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        reason = "another program does" if error.errno == errno.EADDRINUSE else "this machine does not let it"
        refuse(
            f"The sandbox cannot listen on {host}, port {port} (--host, --port), since {reason}: stop that one, or give"
            " another address."
        )


def refuse_without_sandbox() -> None:
    """It is a wheel of its own, which no production installation has."""
    if find_spec("octopus_sandbox") is None:
        refuse(
            "The Octopus sandbox is not installed: pip install the wheel octopus_sandbox that lies beside Monitr's of"
            " the same release."
        )
