"""The folder that ``monitr demo`` writes into, and erases: one of its own, which a file in it says."""

from pathlib import Path

MARKER = "monitr-demo"
_SAYS = "`monitr demo` keeps its invented books in this folder, and `monitr demo --reset` erases them.\n"


class NotTheDemos(Exception):
    """One sentence for whoever started it."""


def claim(folder: Path, *, is_usual: bool) -> None:
    """Make it the demo's. Raises NotTheDemos where it may be somebody else's: it has something in it, no marker, and is
    not the usual one, which was the demo's before there was a marker."""
    marker = folder / MARKER
    if marker.is_file():
        return
    if not is_usual and folder.exists() and any(folder.iterdir()):
        raise NotTheDemos(
            f"{folder} is not the demo's: set MONITR_DATA_DIR to an empty or new folder, or unset it, so that"
            " `monitr demo` has one of its own."
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    marker.write_text(_SAYS, encoding="utf-8")
