"""The only place that sends requests to Octopus's REST API, and all it can send are the calls of ``operations``."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
import msgspec
import structlog

from monitr.adapters.octopus.answers.elements import Elements, ElementScanner, EmptyDocument, UnfinishedDocument
from monitr.adapters.octopus.answers.json_structure import MalformedDocument
from monitr.adapters.octopus.answers.no_elements import Beginning, Meaning, meaning_of
from monitr.adapters.octopus.answers.pieces import BrokenPackage, Drips, TooLong, WronglyPacked, pieces
from monitr.adapters.octopus.answers.recognition import Recognition
from monitr.adapters.octopus.operations import Call, Operation
from monitr.adapters.octopus.refusals import Refusal
from monitr.adapters.octopus.retries import Interrupted
from monitr.adapters.octopus.retry_after import retry_after
from monitr.adapters.octopus.settings import OctopusSettings
from monitr.application.octopus import InvalidAnswer
from monitr.application.ports import Clock
from monitr.domain.words.sentence import Sentence

LONGEST_LIST = 64 * 1024 * 1024
MOST_ELEMENTS = 1_000_000
"""Of a list that is held whole. The totals of 2,000 accounts in fifteen bookyears are some 400,000."""
_LONGEST_REFUSAL = 64 * 1024
LONGEST_HEAD = timedelta(minutes=10)
"""Until status and headers are there, which may come a byte at a time too."""

OnRequest = Callable[[str, int | None, float], None]
"""Told of each finished request: operation, HTTP status (None where none arrived), seconds until the body was read."""

log = structlog.get_logger(__name__)


def http_client(settings: OctopusSettings, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Belongs to the event loop that uses it first. Redirects are not followed. Cookies are refused: Octopus has none
    (octopus.md 3.5), and the client is shared by the logins of all organisations.

    No content coding is asked for: what breaks off is then seen at the length of the body. Without a ``transport`` it
    goes over the network.
    """
    return httpx.AsyncClient(
        transport=transport,
        timeout=httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout),
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "monitr"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
    )


class AnsweredWithError(Exception):
    """An error object came under a status that promises something else."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.summary)
        self.refusal = refusal


@dataclass(slots=True)
class Answer:
    """What Octopus sent: whole it is only when ``chunks`` has ended."""

    operation: Operation
    status: int
    _response: httpx.Response
    _clock: Clock

    @property
    def wait(self) -> timedelta | None:
        """What Octopus asks for."""
        headers = self._response.headers
        return retry_after(headers.get("retry-after"), headers.get("date"), self._clock())

    @property
    def date(self) -> str | None:
        """As the answer's header has it."""
        date: str | None = self._response.headers.get("date")
        return date

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body as it arrives. Raises Interrupted where it breaks off (Content-Length and chunks are checked) or
        drips, and InvalidAnswer where there is more of it than can be right."""
        label = self.operation.label
        try:
            async with aclosing(pieces(self._response)) as arriving:
                async for piece in arriving:
                    yield piece
        except httpx.HTTPError as error:
            raise _interrupted(self.operation, error) from None
        except Drips:
            raise Interrupted(Sentence.of("octopus.ANSWER_DRIPS", operation=label), is_hang=True) from None
        except BrokenPackage:
            raise Interrupted(Sentence.of("octopus.ANSWER_BROKE_OFF", operation=label), self.status) from None
        except TooLong:
            raise _too_long(self.operation) from None
        except WronglyPacked:
            raise InvalidAnswer(Sentence.of("octopus.ANSWER_WRONGLY_PACKED", operation=label)) from None

    async def body(self, longest: int) -> bytes:
        whole = bytearray()
        async with aclosing(self.chunks()) as chunks:
            async for chunk in chunks:
                whole += chunk
                if len(whole) > longest:
                    raise _too_long(self.operation)
        return bytes(whole)

    async def refusal(self) -> Refusal:
        """What an answer other than 2xx says."""
        try:
            return self.refusal_in(await self.body(_LONGEST_REFUSAL))
        except (InvalidAnswer, Interrupted):  # the status is what counts
            return Refusal(self.status, None, "", is_empty=False, wait=self.wait)

    def refusal_in(self, body: bytes) -> Refusal:
        return replace(Refusal.of(self.status, body), wait=self.wait)

    async def elements(
        self, scanner: ElementScanner, longest: int | None = None, recognition: Recognition | None = None
    ) -> AsyncIterator[Elements]:
        """The elements as they become whole; none where the answer is recognised. Ends normally only where the document
        and the body are complete. ``longest``, in bytes, where they are held whole.

        Raises Interrupted, InvalidAnswer, EmptyDocument where there is no document at all, or one that says no more,
        and AnsweredWithError.
        """
        received, counted, beginning = 0, 0, Beginning()
        try:
            body = self.chunks() if recognition is None else recognition.passed_on(self.chunks())
            async with aclosing(body) as chunks:
                async for chunk in chunks:
                    received += len(chunk)
                    if longest is not None and received > longest:
                        raise _too_long(self.operation)
                    beginning.add(chunk)
                    for block in scanner.feed(chunk):
                        beginning.forget()
                        counted += block.count
                        if longest is not None and counted > MOST_ELEMENTS:
                            raise _too_long(self.operation)
                        yield block
            if recognition is not None and recognition.is_known:
                return
            for block in scanner.close():
                beginning.forget()
                yield block
            self._judge(beginning, scanner)
        except EmptyDocument:
            raise
        except UnfinishedDocument:
            broke_off = Sentence.of("octopus.ANSWER_BROKE_OFF", operation=self.operation.label)
            raise Interrupted(broke_off, self.status) from None
        except MalformedDocument as error:
            self._judge(beginning, scanner)
            label, status = self.operation.label, self.status
            unreadable = Sentence.of("octopus.ANSWERED_UNREADABLY", operation=label, status=status, error=str(error))
            raise InvalidAnswer(unreadable) from None

    def _judge(self, beginning: Beginning, scanner: ElementScanner) -> None:
        """What a document that held no element says."""
        if (document := beginning.whole) is None:
            return
        match meaning_of(document, scanner.arrays):
            case Meaning.NOTHING:
                raise EmptyDocument("the answer says nothing")
            case Meaning.ERROR:
                raise AnsweredWithError(self.refusal_in(document))
            case Meaning.EMPTY | Meaning.OTHER:
                return


class OctopusClient:
    """Sends calls, one attempt each: quota, tokens and retries are the business of ``reads``."""

    def __init__(self, http: httpx.AsyncClient, api_url: str, clock: Clock, on_request: OnRequest) -> None:
        self._http = http
        self._clock = clock
        self._api_url = api_url.rstrip("/")
        self._on_request = on_request

    @asynccontextmanager
    async def ask(self, call: Call, header: str, token: str) -> AsyncIterator[Answer]:
        """The answer's status and headers have arrived, its body is on the way. Raises Interrupted.

        ``header`` is ``Token`` for the access token, ``dossierToken`` for the dossier's (octopus.md 1.3).
        """
        operation = call.operation
        content = msgspec.json.encode(call.question) if call.question is not None else None
        headers = {header: token} | ({"Content-Type": "application/json"} if content is not None else {})
        request = self._http.build_request(
            operation.method, f"{self._api_url}{call.path}", headers=headers, content=content
        )
        started, status, limit = time.perf_counter(), None, asyncio.timeout(LONGEST_HEAD.total_seconds())
        try:
            try:
                async with limit:
                    response = await self._http.send(request, stream=True)
            except httpx.HTTPError as error:
                raise _interrupted(operation, error) from None
            except TimeoutError as error:
                if not limit.expired():
                    raise
                drips = Sentence.of("octopus.ANSWER_DRIPS", operation=operation.label)
                raise Interrupted(drips, is_hang=True) from error
            try:
                status = response.status_code
                answer = Answer(operation, status, response, self._clock)
                if _is_page(response) and status != 429 and not (status == 404 and operation.may_be_absent):
                    # of something in between, or of a service that is being maintained: it passes
                    page = Sentence.of("octopus.ANSWERED_PAGE", operation=operation.label, status=status)
                    raise Interrupted(page, status, wait=answer.wait)
                yield answer
            finally:
                await response.aclose()
        finally:
            seconds = time.perf_counter() - started
            log.debug("octopus.request", operation=operation.label, status=status, seconds=round(seconds, 3))
            self._on_request(operation.label, status, seconds)


def _interrupted(operation: Operation, error: httpx.HTTPError) -> Interrupted:
    """The error's own text and request stay out: they can hold addresses and headers."""
    return Interrupted(
        Sentence.of("octopus.ANSWERED_INCOMPLETELY", operation=operation.label, error=type(error).__name__),
        is_hang=isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout),
    )


def _too_long(operation: Operation) -> InvalidAnswer:
    return InvalidAnswer(Sentence.of("octopus.ANSWER_TOO_LONG", operation=operation.label))


def _is_page(response: httpx.Response) -> bool:
    """A web page, with something on it."""
    headers = response.headers
    is_empty = response.status_code == 204 or headers.get("content-length") == "0"
    return headers.get("content-type", "").startswith("text/html") and not is_empty
