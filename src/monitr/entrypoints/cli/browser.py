"""Opening a person's browser, where there is one to look at it."""

import asyncio
import sys
import webbrowser
from collections.abc import Mapping
from contextlib import suppress


def has_a_person(environment: Mapping[str, str], *, is_terminal: bool, platform: str = sys.platform) -> bool:
    """Whether somebody sits at a screen of this machine: not where output is kept, in CI, over SSH or without a
    display, where some text browser would take the terminal."""
    if not is_terminal or environment.get("CI") or environment.get("SSH_CONNECTION"):
        return False
    has_display = any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    return platform in ("darwin", "win32") or has_display


async def open_browser(address: str) -> None:
    """A browser that cannot be opened is no harm: the address is on the screen."""
    with suppress(webbrowser.Error, OSError):
        await asyncio.to_thread(webbrowser.open, address)
