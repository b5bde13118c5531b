"""The API under uvicorn, alone or with the worker and the scheduler as child processes."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import structlog

from monitr.application.bearer_tokens import VerifyToken
from monitr.application.patience import OF_A_PERSON
from monitr.application.signing_in import FindSignIn, nobodys_sign_in
from monitr.bootstrap.exports import WRITERS
from monitr.bootstrap.metrics import metrics_page, shared_metrics
from monitr.bootstrap.ports import QUICKLY, Ports, open_ports
from monitr.bootstrap.scheduler import import_schedule
from monitr.bootstrap.tokens import form_key, sign_in, token_verifier
from monitr.bootstrap.use_cases import use_cases
from monitr.bootstrap.worker import broker_trouble
from monitr.entrypoints.cli.children import Child, children
from monitr.entrypoints.graphql.trusted_documents import UnusableDocuments, trusted_documents
from monitr.entrypoints.http.app import create_app
from monitr.entrypoints.http.dependencies import HttpDependencies, HttpSettings
from monitr.entrypoints.http.door import Server, server_config
from monitr.entrypoints.worker.health_server import listening
from monitr.entrypoints.worker.stop_signals import stop_on_signal
from monitr.installation import CannotStart, database_check
from monitr.settings import Settings

logger = structlog.get_logger(__name__)

GRACE_SECONDS = 3
"""For requests under way when the order to stop comes."""

OnReady = Callable[[], Awaitable[None]]


def serve_all(
    settings: Settings,
    database: str,
    *,
    quiet: bool,
    beside: Sequence[Child] = (),
    demo_token: str | None = None,
    on_ready: OnReady | None = None,
) -> None:
    """With a worker, a scheduler and the children ``beside`` them; none is left when it returns.

    ``on_ready`` runs beside the server once that answers.
    """
    options = ["--quiet"] if quiet else []
    with shared_metrics() as counting_as:
        parts = [Child(part, [part, *options], counting_as(part)) for part in ("worker", "scheduler")]
        run_api(serve_api(settings, database, beside, demo_token, on_ready, parts))


def run_api(api: Coroutine[Any, Any, None]) -> None:
    """On uvloop, where it is installed (Windows has none): a request takes a quarter less processor time."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        asyncio.run(api)
        return
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(api)


async def serve_api(
    settings: Settings,
    database: str,
    beside: Sequence[Child] = (),
    demo_token: str | None = None,
    on_ready: OnReady | None = None,
    later: Sequence[Child] = (),
) -> None:
    """Until SIGTERM or Ctrl-C. Raises CannotStart where the port is taken.

    The children ``beside`` start with it, those ``later`` once it answers: nobody waits for them, and all at once would
    keep the API waiting for a processor.
    """
    listener = _listener(settings.http_host, settings.http_port)
    answers = asyncio.Event()

    async def ready() -> None:
        answers.set()
        if on_ready is not None:
            await on_ready()

    with stop_on_signal() as stop:
        async with (
            children(beside),
            children(later, answers),
            http_dependencies(settings, database, "api", demo_token) as dependencies,
        ):
            app = create_app(dependencies)
            leave_out_what_stays()
            server = Server(server_config(app, grace_seconds=GRACE_SECONDS))
            async with watched(server, stop, ready):
                logger.info("api_ready", address=settings.public_url, listens=f"{settings.http_host}")
                await server.serve(sockets=[listener])


@asynccontextmanager
async def http_dependencies(
    settings: Settings, database: str, part: str, demo_token: str | None = None
) -> AsyncIterator[HttpDependencies]:
    """Open for as long as the context is. ``part`` as of ``open_ports``."""
    async with (
        open_ports(
            settings, database, part, longest_statement=QUICKLY, longest_pause=longest_pause(settings)
        ) as opened,
        token_verifier(opened) as verify_token,
        sign_in(opened) as find_sign_in,
    ):
        yield _dependencies(opened, verify_token, demo_token, find_sign_in)


def leave_out_what_stays() -> None:
    """Modules and schema are some half a million objects, for as long as the process lives. To look through all of them
    for garbage held the event loop for 130 to 290 ms, once in every few answers."""
    gc.collect()
    gc.freeze()


def longest_pause(settings: Settings) -> timedelta:
    """Within a transaction: it pauses while what was read is made an answer, up to the deadline, which is later by the
    patience of a person where Octopus is asked too."""
    return max(QUICKLY, timedelta(seconds=settings.request_deadline) + 2 * OF_A_PERSON)


@asynccontextmanager
async def watched(server: Server, stop: asyncio.Event, on_ready: OnReady | None) -> AsyncIterator[None]:
    """The server stops also for an order that came before it listened to signals itself."""

    async def obey() -> None:
        await stop.wait()
        server.should_exit = True

    async def announce() -> None:
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.05)
        if on_ready is not None:
            await on_ready()

    tasks = [asyncio.create_task(obey()), asyncio.create_task(announce())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _dependencies(
    of: Ports, verify_token: VerifyToken, demo_token: str | None, find_sign_in: FindSignIn = nobodys_sign_in
) -> HttpDependencies:
    settings = of.settings
    schedule = import_schedule(settings)

    return HttpDependencies(
        use_cases=use_cases(of),
        readers=of.readers,
        progress=of.progress,
        verify_token=verify_token,
        clock=of.clock,
        settings=HttpSettings(
            public_url=settings.public_url,
            frontend_origins=settings.frontend_origins,
            frontend_headers=settings.frontend_headers,
            rate_limit=settings.rate_limit,
            graphiql=settings.graphiql,
            trusted_documents=_trusted(settings),
            compiled_plans=settings.compiled_plans,
            demo_token=demo_token,
            embedding_origins=settings.embedding_origins,
            metrics_token=settings.metrics_bearer,
            stale_after=schedule.two_intervals(of.clock()) if schedule else None,
            form_key=form_key(settings),
            request_deadline=timedelta(seconds=settings.request_deadline),
            export_deadline=settings.export_deadline,
        ),
        next_scheduled_import=lambda it: schedule.next_import(of.clock(), it.id) if schedule else None,
        daily_maxima=of.daily_maxima,
        readiness={"database": database_check(of.engine), "broker": partial(broker_trouble, settings)},
        export_writers=WRITERS,
        sign_in=find_sign_in,
        run_changes=of.run_changes,
        metrics_page=metrics_page(of, with_figures=True),
        open_span=of.observability.tracing.span,
    )


def _trusted(settings: Settings) -> Mapping[str, str] | None:
    """Raises CannotStart."""
    if not settings.trusted_documents:
        return None
    try:
        return trusted_documents(settings.data_dir)
    except UnusableDocuments as unusable:
        raise CannotStart(str(unusable)) from None


def _listener(host: str, port: int) -> socket.socket:
    return listening(host, port, "The API cannot", "MONITR_HTTP_HOST, MONITR_HTTP_PORT")


def port_is_free(host: str, port: int) -> bool:
    with suppress(CannotStart), _listener(host, port):
        return True
    return False


def free_port(host: str) -> int:
    """One that nobody listens on at this moment."""
    with _listener(host, 0) as listener:
        return int(listener.getsockname()[1])


async def until_it_answers(address: str, at_most_seconds: float) -> None:
    """Until somebody listens there, or the time is over."""
    parts = urlsplit(address)
    with suppress(TimeoutError):
        async with asyncio.timeout(at_most_seconds):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(parts.hostname, parts.port)
                    writer.close()
                    return
                await asyncio.sleep(0.1)
