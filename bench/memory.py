"""The memory of this process, in bytes. The peak is the kernel's own on Linux, so that no moment is missed."""

import resource
import sys
from contextlib import suppress
from pathlib import Path

import psutil

_STATUS = Path("/proc/self/status")


def resident_bytes() -> int:
    return int(psutil.Process().memory_info().rss)


def forget_peak() -> None:
    """Begin a new peak at what is resident now, where the kernel can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_bytes() -> int:
    """Not ``ru_maxrss`` on Linux: a child begins with that of its parent."""
    if _STATUS.exists():
        peak = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
