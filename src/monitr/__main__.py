"""``python -m monitr``: the same as the command ``monitr``."""

from monitr.entrypoints.cli.main import app

if __name__ == "__main__":
    app(prog_name="monitr")
