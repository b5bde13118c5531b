"""Why PostgreSQL cannot be reached, in words for an operator. libpq tells it as a text alone, in English."""

import re
from collections.abc import Sequence

from monitr.adapters.sql.database.engine import sqlalchemy_url

_REASONS: Sequence[tuple[str, str, str]] = (
    ("Connection refused", "nobody listens there", "start PostgreSQL there, or correct host and port"),
    ("resolve host|translate host", "the name of its host is not known here", "correct the host"),
    (
        "timeout expired|timed out",
        "it was silent for ten seconds",
        "correct the host, or let this machine through to it",
    ),
    ("No such file", "there is no socket in that folder", "start PostgreSQL there, or correct the folder"),
    ("No route to host|unreachable", "no way leads there", "correct the host, or let this machine through to it"),
    ("password|authentication", "it refuses the login or its password", "correct the login and its password"),
    ("role .* does not exist", "it knows no such login", "create the login, or correct its name"),
    ("database .* does not exist", "it has no such database", "create it (createdb), or correct its name"),
    ("pg_hba", "it lets this login in from elsewhere only", "add a line for it to pg_hba.conf of the server"),
    (
        "too many|connection slots",
        "it takes no more connections",
        "raise max_connections there, or stop what uses them",
    ),
    ("SSL|certificate", "no encrypted connection comes about", "correct sslmode and the certificates"),
    ("starting up|shutting down|recovery", "it is starting or stopping", "try again in a minute"),
)
_ELSE = ("it refuses the connection", "read the log of that server, and correct the address")


def reason_and_repair(error: BaseException) -> tuple[str, str]:
    """Half a sentence each, which go behind "since" and behind a colon."""
    text = str(error)
    for pattern, reason, repair in _REASONS:
        if re.search(pattern, text):
            return reason, repair
    return _ELSE


def without_secrets(url: str) -> str:
    """The address as it may be shown: who, where and what, and neither password nor options."""
    shown = sqlalchemy_url(url).set(drivername="postgresql", password=None)
    folder = shown.query.get("host")
    return shown.set(query={"host": folder} if folder else {}).render_as_string()
