"""The program that stays beside an embedded server until its last user has gone: it stops what nobody else has stopped.

A user that is killed stops nothing, and one that was the last would leave the server behind for ever. It is started by
``embedded``, as ``python -m``, and imports nothing of ours while it waits.
"""

import fcntl
import os
import sys
from contextlib import suppress
from pathlib import Path


def watch(data_dir: Path) -> None:
    """Until the server of that folder is stopped, or the folder is gone."""
    users = os.open(data_dir / "postgres.users", os.O_RDWR)
    while True:
        fcntl.flock(users, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_UN)
        if not (data_dir / "postgres" / "postmaster.pid").exists():
            return
        from monitr.adapters.sql.database.embedded import EmbeddedServer

        if EmbeddedServer(data_dir).stop():  # False: somebody has come meanwhile
            return


if __name__ == "__main__" and os.fork() == 0:  # the one who started it does not have it among its children
    os.setsid()
    with suppress(OSError):
        watch(Path(sys.argv[1]))
