"""Logs: one JSON object a line on standard error, or coloured lines for people in ``monitr demo``.

Nothing secret is ever given to a logger; on top of that, the libraries that log whole addresses are kept quiet.
"""

import logging
import sys

import structlog
from structlog.typing import Processor

_QUIET = ("alembic", "dramatiq", "httpcore", "httpx", "pika", "sqlalchemy", "uvicorn.access")
"""Heard from warnings on. httpx would log query strings, uvicorn the OAuth callback's code and state."""


def configure_logs(part: str, *, quiet: bool = False) -> None:
    """``part`` (api, worker, scheduler) is in every line. Standard library loggers speak through the same form.

    ``quiet``: warnings only, and for people.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    rendering: list[Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if quiet
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
    handler = logging.StreamHandler(sys.stderr)
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
