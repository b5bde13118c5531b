"""``/exports/{administrationId}/{report}.{format}``: GET with the bearer token.

CSV is sent while it is read. XLSX and Parquet end with their tables of contents: they are written to a temporary file
first, and sent when they are complete, so that what goes wrong before is told in words. Where a CSV breaks off in the
middle the connection is cut without the last chunk, so that nobody takes a part for the whole.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import uuid4

import structlog
from returns.pipeline import is_successful
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from monitr.application.exports.export_report import Export, ExportReport
from monitr.application.exports.reports import EASIEST, Report
from monitr.application.exports.table import FileFormat, Row, WriteTable
from monitr.application.ports import Clock
from monitr.application.problems import UnknownAdministration
from monitr.application.reading.outstanding_items import PastDateNotAvailable
from monitr.application.reading.reports import TooManySums
from monitr.application.reading.session import TookTooLong
from monitr.domain.brussels import brussels_day
from monitr.domain.language import Language
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Forbidden, Principal
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.csv_rows import Dialect, csv_rows
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.graphql.execution.context import parsed_id
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.turns import SLICE, Turns
from monitr.entrypoints.http.admission import Admission
from monitr.entrypoints.http.exports.file_name import content_disposition, file_name
from monitr.entrypoints.http.exports.parameters import Asked, asked_for
from monitr.entrypoints.http.exports.seats import Seats
from monitr.entrypoints.http.hanging_up import while_connected
from monitr.entrypoints.http.json_errors import not_allowed, refusal
from monitr.entrypoints.http.reader import language_of

log = structlog.get_logger()

PATH = "/exports/{administration}/{file}"

MEDIA_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8; header=present",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
}
XLSX_SLICE = SLICE // 4
"""A cell of XLSX takes some eight microseconds, and a line of the ledger has twenty-five."""
_PORTION = 256 * 1024
"""Bytes of a finished file, read and sent at a time."""


class BrokenOff(Exception):
    """A part of the file is out already: the server has to cut the connection."""


class ExportEndpoint:
    """``writers``: of the formats that are no streams of rows. ``deadline``: for all that is read, whoever waits."""

    def __init__(
        self,
        export_report: ExportReport,
        writers: Mapping[FileFormat, WriteTable],
        admission: Admission,
        clock: Clock,
        turns: Turns,
        deadline: timedelta,
    ) -> None:
        self._export_report = export_report
        self._writers = writers
        self._admission = admission
        self._clock = clock
        self._turns = turns
        self._deadline = deadline
        self._seats = Seats()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        admitted = await self._admission.admit(request)
        if isinstance(admitted, Response):
            await admitted(scope, receive, send)
            return
        await while_connected(self._serve(request, admitted.principal, send), receive)

    async def _serve(self, request: Request, principal: Principal, send: Send) -> None:
        answer = _Answer(request, send)
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                refused = await self._answer(request, principal, answer)
            if refused is None:
                await answer.complete()
        except (TimeoutError, TookTooLong):
            log.warning("export.deadline", seconds=self._deadline.total_seconds())
            if answer.has_begun:
                raise BrokenOff from None
            refused = _took_too_long(self._deadline, language_of(request.scope))
        finally:
            answer.close()
        if refused is not None:
            await refused(request.scope, request.receive, send)

    async def _answer(self, request: Request, principal: Principal, answer: "_Answer") -> Response | None:
        """What is answered instead of a file."""
        if request.method != "GET":
            return not_allowed(request, "GET", "OPTIONS")
        language = language_of(request.scope)
        found = _report_and_format(request.path_params["file"])
        if found is None:
            return refusal(404, ErrorCode.NOT_FOUND, Sentence.of("error.NO_SUCH_EXPORT"), language)
        report, format = found
        id = AdministrationId(parsed_id(request.path_params["administration"]) or uuid4())  # one that nothing has
        try:
            asked = asked_for(report, request.query_params, brussels_day(self._clock()))
        except BadUserInput as wrong:
            permitted = await self._export_report.administration(principal, id, EASIEST[report])
            return _wrong(wrong, language) if is_successful(permitted) else _refused(permitted.failure(), language)
        outcome = await self._export_report(principal, id, asked.what, format, language)
        if not is_successful(outcome):
            return _refused(outcome.failure(), language)
        try:
            async with self._seats.taken(principal):
                await self._write(outcome.unwrap(), asked, format, answer)
        except PastDateNotAvailable as unknown:
            return _wrong(BadUserInput("asOf", unknown.sentence), language)
        except TooManySums as report:
            sentence = Sentence.of("error.EXPORT_TOO_LARGE", limit=report.most)
            return refusal(400, ErrorCode.ANSWER_TOO_LARGE, sentence, language)
        return None

    async def _write(self, export: Export, asked: Asked, format: FileFormat, answer: "_Answer") -> None:
        answer.of(export, format)
        async with aclosing(export.rows()) as pages, aclosing(self._in_turns(pages, format)) as slices:
            if format is FileFormat.CSV:
                async for text in _csv(export, slices, asked.dialect):
                    await answer.send(text)
            else:
                await self._writers[format](export.of.columns, slices, answer.file())

    async def _in_turns(
        self, pages: AsyncIterator[Sequence[Row]], format: FileFormat
    ) -> AsyncGenerator[Sequence[Row], None]:
        """In slices, between which the event loop is everybody's."""
        size = XLSX_SLICE if format is FileFormat.XLSX else SLICE
        async for rows in pages:
            for start in range(0, len(rows) or 1, size):
                await self._turns.next()
                yield rows[start : start + size]


async def _csv(export: Export, slices: AsyncIterator[Sequence[Row]], dialect: Dialect) -> AsyncIterator[bytes]:
    """The columns' names come with the first rows: what these cannot be read for is still told in words."""
    header = csv_rows([[column.name for column in export.of.columns]], dialect)
    async for rows in slices:
        yield header + csv_rows(rows, dialect)
        header = b""


class _Answer:
    """The file, as far as it is out."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request = request
        self._send = send
        self._headers: dict[str, str] = {}
        self._file: BinaryIO | None = None
        self.has_begun = False

    def of(self, export: Export, format: FileFormat) -> None:
        what = export.of
        name = file_name(export.administration.name, what.report, what.span, ending=format)
        self._headers = {
            "content-type": MEDIA_TYPES[format],
            "content-disposition": content_disposition(name),
            "cache-control": "no-store",
        }

    def file(self) -> BinaryIO:
        """On disk; it has no name there, and is gone when it is closed."""
        self._file = TemporaryFile(prefix="monitr-export-")  # noqa: SIM115  # closed by ``close``
        return self._file

    async def send(self, body: bytes, *, more: bool = True) -> None:
        if not self.has_begun:
            self.has_begun = True
            headers = [(name.encode(), value.encode("latin-1")) for name, value in self._headers.items()]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def complete(self) -> None:
        if (file := self._file) is not None:
            self._headers["content-length"] = str(await asyncio.to_thread(file.seek, 0, 2))
            await asyncio.to_thread(file.seek, 0)
            while portion := await asyncio.to_thread(file.read, _PORTION):
                await self.send(portion)
        await self.send(b"", more=False)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _report_and_format(file: str) -> tuple[Report, FileFormat] | None:
    report, _, format = file.rpartition(".")
    known = report in set(Report) and format in set(FileFormat)
    return (Report(report), FileFormat(format)) if known else None


def _refused(problem: UnknownAdministration | Forbidden, language: Language | None) -> Response:
    return refusal(403 if isinstance(problem, Forbidden) else 404, problem.code, problem.sentence, language)


def _wrong(wrong: BadUserInput, language: Language | None) -> Response:
    """Its parameters are not those of a filter."""
    argument = wrong.argument.removeprefix("filter.")
    sentence = wrong.sentence.with_(argument=argument)
    return refusal(400, ErrorCode.BAD_USER_INPUT, sentence, language, argument=argument)


def _took_too_long(deadline: timedelta, language: Language | None) -> Response:
    sentence = Sentence.of("error.EXPORT_TOOK_TOO_LONG", seconds=f"{deadline.total_seconds():g}")
    return refusal(504, ErrorCode.DEADLINE_EXCEEDED, sentence, language)
