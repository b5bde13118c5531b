"""Logs on standard error: lines for people on a terminal, else one JSON object a line (``MONITR_LOG_FORMAT``).

Nothing secret is ever given to a logger; on top of that, the libraries that log whole addresses are kept quiet. What
strangers send can neither fill the log (``thinned_logs.py``) nor write lines of its own into it.
"""

import logging
import sys
from io import StringIO
from textwrap import indent
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from monitr.entrypoints.cli.thinned_logs import ThinnedHandler

_QUIET = ("alembic", "dramatiq", "httpcore", "httpx", "mcp", "pika", "sqlalchemy", "uvicorn.access", "uvicorn.error")
"""Heard from warnings on. httpx would log query strings, uvicorn those of WebSockets."""


def configure_logs(part: str, form: Literal["json", "text"] | None = None, *, quiet: bool = False) -> None:
    """``part`` (api, worker, scheduler) is in every line. Standard library loggers speak through the same form.

    ``form``: None is text on a terminal, else JSON. ``quiet``: warnings only.
    """
    on_terminal = sys.stderr.isatty()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    rendering: list[Processor] = (
        [_on_one_line, structlog.dev.ConsoleRenderer(colors=on_terminal, exception_formatter=_indented)]
        if (form or ("text" if on_terminal else "json")) == "text"
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = ThinnedHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING if quiet else logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(part=part)


def _on_one_line(_: WrappedLogger, __: str, fields: EventDict) -> EventDict:
    """Line breaks, escapes of terminals and marks that turn the direction of a text are shown and not obeyed."""
    return {name: _printable(value) if isinstance(value, str) else value for name, value in fields.items()}


def _indented(out: TextIO, error: ExcInfo) -> None:
    """No line of a traceback looks like a line of the log, whatever an error's text holds."""
    traceback = StringIO()
    structlog.dev.plain_traceback(traceback, error)
    out.write("\n" + indent("\n".join(map(_printable, traceback.getvalue().strip("\n").split("\n"))), "  "))


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
