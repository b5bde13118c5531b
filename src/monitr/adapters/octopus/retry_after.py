"""How long Octopus asks to wait, by the ``Retry-After`` of an answer (RFC 9110, section 10.2.3)."""

from datetime import datetime, timedelta

from monitr.adapters.octopus.octopus_time import moment_of

LONGEST = timedelta(minutes=15)
"""Whoever asks for more is asked again after this (decision 20)."""
_MOST_DIGITS = 10


def retry_after(header: str | None, sent_at: str | None, now: datetime) -> timedelta | None:
    """``sent_at`` is the answer's own ``Date``, by which a moment is understood where there is one: its clock and ours
    may differ. None for nonsense, and for what is not to come."""
    asked = header.strip() if header is not None else ""
    if asked.isascii() and asked.isdigit():
        wait = timedelta(seconds=int(asked)) if len(asked) <= _MOST_DIGITS else LONGEST
    elif (moment := moment_of(asked)) is not None:
        wait = moment - ((sent_at is not None and moment_of(sent_at)) or now)
    else:
        return None
    return min(wait, LONGEST) if wait > timedelta() else None
