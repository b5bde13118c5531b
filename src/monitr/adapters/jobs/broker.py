"""The broker: it only wakes workers up. What there is to do stands in the database (decision 3)."""

# redis and dramatiq leave some of their parameters untyped:
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

import dramatiq
import pika  # type: ignore[import-untyped]  # it has no stubs
import redis
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit, Middleware, Retries, ShutdownNotifications, TimeLimit

QUEUE = "monitr-imports"
ACTOR = "work_on_imports"
TIME_LIMIT = timedelta(seconds=30)
"""Of one wake-up, which takes milliseconds or waits some seconds for a free hand."""
MAX_AGE = timedelta(minutes=10)
"""An older wake-up has nothing to say: the sweep has found its run long ago."""
_REDIS_TIMEOUTS = {"socket_connect_timeout": 5, "socket_timeout": 15, "health_check_interval": 30}
_PING_TIMEOUT_SECONDS = 3.0


def make_broker(url: str | None, *, queue: str = QUEUE) -> dramatiq.Broker:
    """A broker for ``redis://``, ``rediss://``, ``amqp://`` or ``amqps://``; without an address, one in this process.

    Nothing is connected yet. A wake-up is neither retried nor kept for long: losing one costs seconds.
    """
    broker: dramatiq.Broker
    match urlsplit(url or "").scheme:
        case "redis" | "rediss":
            client = redis.Redis.from_url(url or "", **_REDIS_TIMEOUTS)
            broker = RedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq leaves this constructor untyped
                client=client, namespace="monitr", middleware=_middleware()
            )
        case "amqp" | "amqps":
            broker = RabbitmqBroker(url=url, confirm_delivery=True, middleware=_middleware())
        case _:
            broker = StubBroker(middleware=_middleware())
    broker.declare_queue(queue)
    return broker


def _middleware() -> list[Middleware]:
    return [
        AgeLimit(max_age=int(MAX_AGE / timedelta(milliseconds=1))),
        TimeLimit(time_limit=int(TIME_LIMIT / timedelta(milliseconds=1))),
        ShutdownNotifications(),
        Retries(max_retries=0),
    ]


class WakeUps:
    """Publishes wake-ups. All from one thread: a RabbitMQ connection of pika belongs to the thread that opened it."""

    def __init__(self, broker: dramatiq.Broker, *, queue: str = QUEUE) -> None:
        self._broker = broker
        self._queue = queue
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="wake-ups")

    async def publish(self, run: str, origin: Mapping[str, str] | None = None) -> None:
        """The broker has taken it, or an exception says why not. ``origin`` names the request behind it, for logs."""
        more = {"origin": dict(origin)} if origin else {}
        message: dramatiq.Message[None] = dramatiq.Message(
            queue_name=self._queue, actor_name=ACTOR, args=(run,), kwargs=more, options={}
        )
        await asyncio.get_running_loop().run_in_executor(self._thread, self._broker.enqueue, message)

    def close(self) -> None:
        self._thread.submit(self._broker.close)
        self._thread.shutdown()


async def broker_trouble(url: str | None) -> str | None:
    """None where the broker answers (in-process: always), else one sentence without the address or its password."""
    return None if url is None or await no_answer(url) is None else "The broker does not answer."


async def no_answer(url: str) -> str | None:
    """None where it answers, else why not: half a sentence without the address."""
    try:
        await asyncio.wait_for(asyncio.to_thread(_ping, url), _PING_TIMEOUT_SECONDS + 1)
    except Exception as error:  # whatever a client library raises, it means that the broker does not answer
        return _reason(error)
    return None


def _reason(error: BaseException) -> str:
    text = f"{error!r} {error} {error.__cause__!r} {error.__context__!r}"
    for pattern, reason in (
        ("refused", "nobody listens there"),
        ("Name or service|getaddrinfo|gaierror|nodename", "the name of its host is not known here"),
        ("Authentication|ACCESS_REFUSED|WRONGPASS|NOAUTH|invalid username|not permitted", "it refuses the login"),
        ("[Tt]ime", "it was silent for three seconds"),
    ):
        if re.search(pattern, text):
            return reason
    return "it refuses the connection"


def _ping(url: str) -> None:
    if urlsplit(url).scheme in ("redis", "rediss"):
        timeout = _PING_TIMEOUT_SECONDS
        with redis.Redis.from_url(url, socket_connect_timeout=timeout, socket_timeout=timeout) as client:
            client.ping()
        return
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = parameters.stack_timeout = _PING_TIMEOUT_SECONDS
    parameters.connection_attempts = 1
    pika.BlockingConnection(parameters).close()
