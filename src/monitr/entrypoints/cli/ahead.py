"""Reading in the modules of the API while the embedded database starts."""

from importlib import import_module
from threading import Thread


def import_ahead() -> None:
    """Whoever imports them before that is done waits for the rest."""
    Thread(target=import_module, args=("monitr.entrypoints.cli.serving",), name="imports", daemon=True).start()
