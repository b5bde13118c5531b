"""``/exports``: files of the rows of the queries, over HTTP."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote
from uuid import uuid4

import duckdb
import httpx
import pytest
import pytest_asyncio
from graphql import FieldNode, FragmentSpreadNode, parse
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.reading.reader import SqlReader, SqlReaders
from monitr.application.exports import reports
from monitr.application.exports.reports import AssetRegister, OpenItems, TransactionLines, TrialBalanceRows
from monitr.application.reading.ledger import DimensionFilter, TransactionFilter, TransactionOrder, TransactionPage
from monitr.application.reading.outstanding_items import PastDateNotAvailable
from monitr.application.reading.pages import Cut
from monitr.application.reading.reports import TooManySums
from monitr.application.reading.session import TookTooLong
from monitr.domain.accounting.account import CostCentre, Names, Relation
from monitr.domain.administration import AdministrationStatus
from monitr.domain.audit import AuditAction
from monitr.domain.language import Language
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Role
from monitr.entrypoints.http.exports import seats
from monitr.entrypoints.http.exports.file_name import content_disposition, file_name
from tests.components.graphql.an_api import FRONTEND
from tests.components.graphql.fake_reader import a_line
from tests.integration.http.a_server import Server, a_server, a_token
from tests.integration.http.test_deadline import is_idle, soon
from tests.integration.reading.stored_books import NOON, Place
from tests.unit.fakes import FakeTransactions, an_administration, an_integration

INTEGRATION = an_integration()
BOOKS = an_administration(integration_id=INTEGRATION.id, name="Bakkerij Dewaele")
SPAN = {"from": "2026-01-01", "to": "2026-12-31"}
EVERY = {
    "transactions": {},
    "trial-balance": SPAN,
    "outstanding-items": {"type": "RECEIVABLE"},
    "fixed-assets": {},
}
"""Each report with what it needs."""


def world(**changes: Any) -> FakeTransactions:
    return FakeTransactions([INTEGRATION], administrations=[replace(BOOKS, **changes)])


async def fetched(
    server: Server, file: str, *roles: Role, administration: object = BOOKS.id, token: str | None = None, **query: Any
) -> httpx.Response:
    headers = {"authorization": f"Bearer {token or a_token(*roles)}"}
    return await server.client.get(f"/exports/{administration}/{file}", params=query or None, headers=headers)


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


# --- what is in them ------------------------------------------------------------------------------------------------


def selected(operation: str, *path: str) -> list[str]:
    """The fields below a path of an operation of the contract, nested ones with dots."""
    named: dict[str, Any] = {it.name.value: it for it in cast("Any", parse(FRONTEND).definitions)}

    def fields(node: Any) -> list[FieldNode]:
        below = node.selection_set.selections if node.selection_set else ()
        spread = [one for it in below if isinstance(it, FragmentSpreadNode) for one in fields(named[it.name.value])]
        return [it for it in below if isinstance(it, FieldNode)] + spread

    def flat(node: Any, prefix: str = "") -> list[str]:
        below = [(it, f"{prefix}{it.name.value}") for it in fields(node)]
        return [one for it, name in below for one in (flat(it, f"{name}.") or [name])]

    node = named[operation]
    for name in ("administration", *path):
        (node,) = [it for it in fields(node) if it.name.value == name]
    return flat(node)


@pytest.mark.parametrize(
    ("report", "operation", "path"),
    [
        (TransactionLines, "Transactions", ("transactions", "edges", "node")),
        (TrialBalanceRows, "TrialBalance", ("trialBalance", "rows")),
        (OpenItems, "OutstandingItems", ("outstandingItems", "items", "edges", "node")),
        (AssetRegister, "FixedAssets", ("fixedAssets", "assets", "edges", "node")),
    ],
    ids=["transactions", "trial-balance", "outstanding-items", "fixed-assets"],
)
def test_columns_are_named_as_the_fields_of_the_contract(report: Any, operation: str, path: tuple[str, ...]) -> None:
    assert sorted(column.name for column in report.columns) == sorted(selected(operation, *path))


def flattened(node: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """As a CSV has it."""
    cells: dict[str, str] = {}
    for name, value in node.items():
        one = value[0] if isinstance(value, list) and value else {} if value == [] else value
        if isinstance(one, dict):
            cells |= flattened(one, f"{prefix}{name}.")
        else:
            cells[f"{prefix}{name}"] = "" if one is None else str(one)
    return cells


def csv_of(answer: httpx.Response, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline=""), delimiter=delimiter))


QUERIES: dict[str, tuple[str, dict[str, Any], Any]] = {
    "transactions": ("Transactions", {}, lambda it: [edge["node"] for edge in it["transactions"]["edges"]]),
    "trial-balance": ("TrialBalance", SPAN, lambda it: it["trialBalance"]["rows"]),
    "outstanding-items": (
        "OutstandingItems",
        {"type": "RECEIVABLE"},
        lambda it: [edge["node"] for edge in it["outstandingItems"]["items"]["edges"]],
    ),
    "fixed-assets": ("FixedAssets", {}, lambda it: [edge["node"] for edge in it["fixedAssets"]["assets"]["edges"]]),
}


@pytest.mark.parametrize("report", QUERIES)
async def test_rows_are_those_of_the_query(report: str) -> None:
    operation, variables, nodes = QUERIES[report]
    async with a_server(world()) as server:
        answer = await fetched(server, f"{report}.csv", **EVERY[report])
        asked = await server.post(
            {
                "query": FRONTEND,
                "operationName": operation,
                "variables": {"administrationId": str(BOOKS.id), **variables},
            }
        )

    assert answer.status_code == 200
    rows = [flattened(node) for node in nodes(asked.json()["data"]["administration"])]
    assert rows
    empty = dict.fromkeys(csv_of(answer)[0], "")
    assert csv_of(answer) == [{name: cell for name, cell in (empty | row).items() if name in empty} for row in rows]


async def test_lines_have_commas_and_points_or_semicolons_and_decimal_commas() -> None:
    async with a_server(world()) as server:
        standard, belgian = [
            await fetched(server, "trial-balance.csv", **SPAN, **dialect) for dialect in ({}, {"dialect": "belgian"})
        ]
    assert standard.text.split("\r\n")[1] == "400000,Trade debtors,4,0.00,1210.00,0.00,1210.00"
    assert belgian.text.split("\r\n")[1] == "400000;Trade debtors;4;0,00;1210,00;0,00;1210,00"
    assert standard.headers["content-type"].startswith("text/csv; charset=utf-8")


@pytest.mark.parametrize("format", ["xlsx", "parquet"])
async def test_other_formats_have_the_same_rows_with_numbers_as_numbers(format: str, tmp_path: Path) -> None:
    async with a_server(world()) as server:
        answer = await fetched(server, f"transactions.{format}")
    file = tmp_path / f"a.{format}"
    file.write_bytes(answer.content)

    assert answer.headers["content-length"] == str(len(answer.content))
    if format == "parquet":
        relation: Any = duckdb.sql(f"SELECT amount FROM '{file}'")
        assert relation.fetchall() == [(Decimal(amount),) for amount in ("1210.00", "-1000.00", "-210.00")]
    else:
        (sheet,) = load_workbook(file).worksheets
        header, *rows = sheet.iter_rows(values_only=True)
        at = header.index("amount")
        assert [row[at] for row in rows] == [1210, -1000, -210]


async def test_names_are_in_the_language_that_the_header_prefers() -> None:
    async with a_server(world()) as server:
        server.readers.books.lines = [a_line(cost_centre=4)]
        server.readers.books.cost_centres = [CostCentre(4, Names("Winkel", "Magasin"), closed=False)]
        answers: list[httpx.Response] = []
        for language in ("fr-BE", "de", "nonsense;;q=x"):
            server.client.headers["accept-language"] = language
            answers.append(await fetched(server, "transactions.csv"))

    assert [csv_of(answer)[0]["dimensionValues.name"] for answer in answers] == ["Magasin", "Winkel", "Winkel"]


@pytest.mark.parametrize("dialect", ["standard", "belgian"])
async def test_texts_that_a_spreadsheet_would_run_are_defused_and_numbers_are_not(dialect: str) -> None:
    hostile = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", 'a "quoted"; text,\r\nwith lines', "\uff1d1"]
    async with a_server(world()) as server:
        server.readers.books.lines = [a_line(ordinal=n, description=it) for n, it in enumerate(hostile, 1)]
        server.readers.books.lines.append(a_line(ordinal=99, amount=Decimal("-5.50")))
        server.readers.books.relations = [Relation(7, "=1+1", None, None, True, False, True)]
        answer = await fetched(server, "transactions.csv", dialect=dialect)

    rows = csv_of(answer, "," if dialect == "standard" else ";")
    assert [row["description"] for row in rows[:-1]] == [it if it.startswith("a ") else f"'{it}" for it in hostile]
    assert {row["relation.name"] for row in rows} == {"'=1+1"}
    assert rows[-1]["amount"].replace(",", ".") == "-5.50"


async def test_all_pages_are_in_it_each_line_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "PAGE", 3)
    async with a_server(world()) as server:
        server.readers.books.lines = [a_line(ordinal=n, line_sequence=n) for n in range(1, 11)]
        answer = await fetched(server, "transactions.csv")
        assert [row["lineNumber"] for row in csv_of(answer)] == [str(n) for n in range(1, 11)]
        assert server.readers.calls.count("transactions") == 4
        assert server.readers.calls.count("accounts") == 1  # names are asked for once
        assert server.readers.open == 0


async def test_no_row_is_a_file_with_the_names_of_its_columns() -> None:
    async with a_server(world()) as server:
        server.readers.books.lines = []
        answer = await fetched(server, "transactions.csv")
    assert answer.text.startswith("id,bookingCode,")
    assert answer.text.count("\r\n") == 1


# --- parameters -----------------------------------------------------------------------------------------------------


async def test_parameters_are_those_of_the_filter() -> None:
    query: dict[str, Any] = {
        **SPAN,
        "bookyear": "2",
        "periods": ["202601", "202602"],
        "accounts": ["400000", "012000"],
        "accountFrom": "100000",
        "accountTo": "799999",
        "accountClasses": ["4", "7"],
        "journalKeys": ["V1"],
        "relationNumber": "7",
        "bookingRelationNumber": "8",
        "dimension": "COST_CENTRE",
        "code": "4",
        "entryTypes": ["REGULAR", "YEAR_OPENING"],
        "amountFrom": "-10.5",
        "amountTo": "100",
        "text": "invoice",
        "orderBy": "OLDEST_FIRST",
    }
    async with a_server(world()) as server:
        answer = await fetched(server, "transactions.csv", **query)
        _, filter, order, *_ = server.readers.arguments["transactions"]
    assert answer.status_code == 200
    assert order is TransactionOrder.OLDEST_FIRST
    assert filter == TransactionFilter(
        date(2026, 1, 1),
        date(2026, 12, 31),
        2,
        (202601, 202602),
        (400000, 12000),
        100000,
        799999,
        (4, 7),
        ("V1",),
        7,
        8,
        DimensionFilter("COST_CENTRE", "4"),
        tuple(type for type in filter.entry_types or ()),
        Decimal("-10.5"),
        Decimal(100),
        "invoice",
    )
    assert [type.value for type in filter.entry_types or ()] == ["REGULAR", "YEAR_OPENING"]


async def test_what_carries_no_cost_centre_is_asked_for_by_without() -> None:
    async with a_server(world()) as server:
        answer = await fetched(server, "trial-balance.csv", **SPAN, dimension="COST_CENTRE", without="true")
        assert answer.status_code == 200
        assert server.readers.arguments["trial_balance"][-1] == DimensionFilter("COST_CENTRE", None, True)


WRONG: dict[str, tuple[str, str]] = {
    "no day": ("transactions", "from=yesterday"),
    "an impossible day": ("transactions", "from=2026-02-30"),
    "an empty day": ("transactions", "to="),
    "no number": ("transactions", "bookyear=two"),
    "a number beyond all": ("transactions", "bookyear=99999999999"),
    "no account": ("transactions", "accounts=4000a"),
    "no class": ("transactions", "accountClasses=10"),
    "no entry type": ("transactions", "entryTypes=OTHER"),
    "no amount": ("transactions", "amountFrom=1e3"),
    "two of one": ("transactions", "from=2026-01-01&from=2026-02-01"),
    "an unknown one": ("transactions", "form=2026-01-01"),
    "one of another report": ("fixed-assets", "from=2026-01-01"),
    "an unknown dialect": ("transactions", "dialect=french"),
    "an unknown dimension": ("transactions", "dimension=PROJECT"),
    "a code without its dimension": ("transactions", "code=4"),
    "without and a code": ("transactions", "dimension=COST_CENTRE&code=4&without=true"),
    "neither true nor false": ("transactions", "dimension=COST_CENTRE&without=yes"),
    "a missing first day": ("trial-balance", "to=2026-12-31"),
    "a span that ends before it begins": ("trial-balance", "from=2026-12-31&to=2026-01-01"),
    "a missing type": ("outstanding-items", ""),
    "an unknown type": ("outstanding-items", "type=receivable"),
    "no relation": ("outstanding-items", "type=PAYABLE&relationNumber=x"),
    "overdue or not": ("outstanding-items", "type=PAYABLE&overdueOnly=1"),
    "buckets that do not rise": ("outstanding-items", "type=PAYABLE&bucketDays=30&bucketDays=10"),
}


async def test_a_wrong_or_missing_parameter_is_the_callers_mistake() -> None:
    async with a_server(world()) as server:
        answers = {name: await fetched(server, f"{report}.csv?{query}") for name, (report, query) in WRONG.items()}
        assert {name: (it.status_code, code_of(it)) for name, it in answers.items()} == dict.fromkeys(
            WRONG, (400, "BAD_USER_INPUT")
        )
        assert "'accounts'" in answers["no account"].json()["errors"][0]["message"]
        assert server.world.audit() == []


@pytest.mark.parametrize("file", ["ledger.csv", "transactions.pdf", "transactions", ".csv", "transactions.CSV"])
async def test_an_unknown_report_or_format_is_not_there(file: str) -> None:
    async with a_server(world()) as server:
        answer = await fetched(server, file)
    assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")


# --- who may have them ----------------------------------------------------------------------------------------------

MAY: dict[Role, set[str]] = {
    Role.ORGANISATION_ADMIN: {"transactions", "trial-balance", "fixed-assets", "RECEIVABLE", "PAYABLE"},
    Role.ENTITY_ADMIN: {"transactions", "trial-balance", "fixed-assets", "RECEIVABLE", "PAYABLE"},
    Role.REPORTS_WITH_TRANSACTIONS: {"transactions", "trial-balance", "fixed-assets", "RECEIVABLE", "PAYABLE"},
    Role.REPORTS: {"trial-balance", "fixed-assets", "RECEIVABLE", "PAYABLE"},
    Role.RECEIVABLES_ONLY: {"RECEIVABLE"},
}


@pytest.mark.parametrize("role", Role)
async def test_roles_are_those_of_the_table(role: Role) -> None:
    async with a_server(world()) as server:
        answers = {
            **{it: await fetched(server, f"{it}.csv", role, **EVERY[it]) for it in EVERY if "items" not in it},
            **{it: await fetched(server, "outstanding-items.csv", role, type=it) for it in ("RECEIVABLE", "PAYABLE")},
        }
    assert {name for name, it in answers.items() if it.status_code == 200} == MAY[role]
    refused = [it for it in answers.values() if it.status_code != 200]
    assert {(it.status_code, code_of(it)) for it in refused} <= {(403, "FORBIDDEN")}


async def test_a_role_is_asked_before_the_arguments() -> None:
    async with a_server(world()) as server:
        answer = await fetched(server, "transactions.csv", Role.REPORTS, nonsense="1")
    assert (answer.status_code, code_of(answer)) == (403, "FORBIDDEN")


@pytest.mark.parametrize("query", [{}, {"nonsense": "1"}], ids=["asked well", "asked badly"])
async def test_an_administration_that_the_caller_does_not_have_is_unknown(query: dict[str, str]) -> None:
    async with a_server(world()) as server:
        strangers = a_token(organisation=OrganisationId(uuid4()))
        answers = [
            await fetched(server, "transactions.csv", administration=uuid4(), **query),
            await fetched(server, "transactions.csv", administration="nonsense", **query),
            await fetched(server, "transactions.csv", token=strangers, **query),
        ]
        assert [(it.status_code, code_of(it)) for it in answers] == [(404, "UNKNOWN_ADMINISTRATION")] * 3
        assert server.world.audit() == []


async def test_a_removed_administration_is_unknown() -> None:
    async with a_server(world(status=AdministrationStatus.DELETED, purge_after=NOON)) as server:
        assert (await fetched(server, "transactions.csv")).status_code == 404


async def test_without_a_token_nothing_is_told() -> None:
    async with a_server(world()) as server:
        answers = [await server.client.get(f"/exports/{BOOKS.id}/{it}") for it in ("transactions.csv", "x.y")]
    assert [(it.status_code, code_of(it)) for it in answers] == [(401, "UNAUTHENTICATED")] * 2


async def test_an_export_counts_like_a_request() -> None:
    async with a_server(world(), rate_limit=2) as server:
        answers = [await fetched(server, "fixed-assets.csv"), await server.post(), await fetched(server, "x.csv")]
    assert [it.status_code for it in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


@pytest.mark.parametrize("method", ["POST", "HEAD", "DELETE"])
async def test_files_are_only_fetched(method: str) -> None:
    async with a_server(world()) as server:
        headers = {"authorization": f"Bearer {a_token()}"}
        answer = await server.client.request(method, f"/exports/{BOOKS.id}/transactions.csv", headers=headers)
        assert (answer.status_code, server.world.audit()) == (405, [])


async def test_a_front_end_of_another_origin_may_fetch_them() -> None:
    asks = {
        "origin": "https://app.monitr.test",
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization",
    }
    async with a_server(world(), frontend_origins=frozenset({"https://app.monitr.test"})) as server:
        answer = await server.client.options(f"/exports/{BOOKS.id}/transactions.csv", headers=asks)
    assert answer.status_code == 200


async def test_the_trail_tells_who_has_taken_what() -> None:
    async with a_server(world()) as server:
        await fetched(server, "trial-balance.parquet", **SPAN)
        (entry,) = server.world.audit()
    assert (entry.actor, entry.action, entry.subject) == ("anna", AuditAction.EXPORTED, BOOKS.id)
    assert entry.detail == f"Trial balance, 2026-01-01 to 2026-12-31, as PARQUET, of dossier {BOOKS.dossier}."


# --- their names ----------------------------------------------------------------------------------------------------


async def test_a_file_is_named_after_administration_report_and_span() -> None:
    async with a_server(world(name="Café René")) as server:
        answer = await fetched(server, "trial-balance.csv", **SPAN)
    assert answer.headers["content-disposition"] == (
        'attachment; filename="Cafe Rene trial-balance 2026-01-01 to 2026-12-31.csv"; '
        "filename*=UTF-8''Caf%C3%A9%20Ren%C3%A9%20trial-balance%202026-01-01%20to%202026-12-31.csv"
    )
    assert answer.headers["cache-control"] == "no-store"


HOSTILE = {
    "quotes": 'a"; filename="b.exe',
    "paths": "..\\..\\etc/passwd",
    "lines": "a\r\nset-cookie: b=c",
    "hidden": "~root\0",
    "backwards": "\u202egnp.exe",
    "percents": "%41%42",
    "chinese": "会社",
    "empty": "",
    "long": "x" * 400,
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_names_stay_names(name: str) -> None:
    async with a_server(world(name=name)) as server:
        answer = await fetched(server, "transactions.csv")

    value = answer.headers["content-disposition"]
    match = re.fullmatch(r"attachment; filename=\"([ -!#$&-:<-~]+)\"; filename\*=UTF-8''([\w.~%-]+)", value, re.ASCII)
    assert match, value
    assert "set-cookie" not in answer.headers
    for shown in (match[1], unquote(match[2])):
        assert shown.endswith("all.csv") or len(name) == 400
        assert shown.endswith(".csv")
        assert len(shown.encode()) < 255
        assert not shown.startswith(".")
        assert not re.search(r'[/\\:*?"<>|\x00-\x1f\u202e]', shown)


def test_a_name_of_wide_letters_fits_a_file_system() -> None:
    assert len(file_name("\U0001d11e" * 300, ending="csv").encode()) < 255
    assert content_disposition("a%41.csv").startswith('attachment; filename="a 41.csv"')


# --- deadline, hang-up, and what goes wrong -------------------------------------------------------------------------


async def test_what_goes_wrong_before_the_first_row_is_told_in_words() -> None:
    async with a_server(world()) as server:
        server.readers.fails_in = {"transactions": TookTooLong()}
        for format in ("csv", "xlsx", "parquet"):
            answer = await fetched(server, f"transactions.{format}")
            assert (answer.status_code, code_of(answer)) == (504, "DEADLINE_EXCEEDED")
        server.readers.fails_in = {"transactions": TooManySums()}
        answer = await fetched(server, "transactions.csv")
        assert (answer.status_code, code_of(answer)) == (400, "ANSWER_TOO_LARGE")


async def test_open_items_of_a_day_that_is_not_known_are_the_callers_mistake() -> None:
    async with a_server(world()) as server:
        server.readers.fails_in = {"outstanding_items": PastDateNotAvailable(date(2020, 1, 1), NOON.date())}
        answer = await fetched(server, "outstanding-items.csv", type="RECEIVABLE", asOf="2020-01-01")
    assert (answer.status_code, code_of(answer)) == (400, "BAD_USER_INPUT")


class Lines(SqlReader):
    """The second page takes a minute, or fails."""

    __slots__ = ("fails", "mark")

    async def transactions(
        self,
        id: AdministrationId,
        filter: TransactionFilter,
        order: TransactionOrder,
        cut: Cut,
        *,
        count: bool,
        add_up: bool,
    ) -> TransactionPage:
        if cut.after is None:
            return TransactionPage([a_line()], ["1"], has_next=True, has_previous=False)
        if self.fails:  # type: ignore[attr-defined]  # set below
            raise RuntimeError("the disk is gone")
        await self.snapshot.rows(text(f"SELECT pg_sleep(60), CAST(:organisation AS uuid) /* {self.mark} */"))  # type: ignore[attr-defined]  # as above
        raise AssertionError("it was not broken off")


class Stored:
    """An administration in PostgreSQL whose second page is ``Lines``'."""

    def __init__(self, engine: AsyncEngine, organisation: OrganisationId, administration: AdministrationId) -> None:
        self.engine, self.organisation, self.administration = engine, organisation, administration
        self.mark, self.fails = uuid4().hex, False

    @asynccontextmanager
    async def __call__(
        self, organisation: OrganisationId, language: Language | None = None
    ) -> AsyncIterator[SqlReader]:
        async with SqlReaders(self.engine, lambda: NOON)(organisation) as reader:
            lines = Lines(reader.snapshot)
            object.__setattr__(lines, "mark", self.mark)
            object.__setattr__(lines, "fails", self.fails)
            yield lines

    def get(self, server: Server, format: str) -> Any:
        headers = {"authorization": f"Bearer {a_token(organisation=self.organisation)}"}
        url = f"/exports/{self.administration}/transactions.{format}"
        return server.client.stream("GET", url, headers=headers)

    async def statements(self) -> int:
        async with self.engine.connect() as connection:
            return int(
                await connection.scalar(
                    text("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE :mark"),
                    {"mark": f"%/* {self.mark} */%"},
                )
            )


@pytest_asyncio.fixture
async def stored(engine: AsyncEngine) -> AsyncIterator[Stored]:
    place = await Place(engine).founded()
    before = engine.pool.checkedout()  # type: ignore[attr-defined]  # of QueuePool
    stored = Stored(engine, place.organisation, await place.an_administration())
    yield stored
    assert engine.pool.checkedout() == before  # type: ignore[attr-defined]  # as above


async def test_a_csv_that_breaks_off_does_not_end_like_a_whole_one(stored: Stored) -> None:
    stored.fails = True
    async with a_server(read_from=stored) as server, stored.get(server, "csv") as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            await answer.aread()


@pytest.mark.parametrize("format", ["xlsx", "parquet"])
async def test_a_file_that_cannot_be_made_is_a_fault_in_words(stored: Stored, format: str) -> None:
    stored.fails = True
    async with a_server(read_from=stored) as server, stored.get(server, format) as answer:
        assert answer.status_code == 500


async def test_at_its_deadline_a_csv_is_cut_and_its_statement_ends(stored: Stored) -> None:
    async with a_server(read_from=stored, export_deadline=timedelta(seconds=0.4)) as server:
        async with stored.get(server, "csv") as answer:
            with pytest.raises(httpx.RemoteProtocolError):
                await answer.aread()
        assert await stored.statements() == 0


@pytest.mark.parametrize("format", ["xlsx", "parquet"])
async def test_at_its_deadline_a_file_is_answered_in_words_and_its_statement_ends(stored: Stored, format: str) -> None:
    async with a_server(read_from=stored, export_deadline=timedelta(seconds=0.4)) as server:
        async with stored.get(server, format) as answer:
            await answer.aread()
        assert (answer.status_code, code_of(answer)) == (504, "DEADLINE_EXCEEDED")
        assert await stored.statements() == 0


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet"])
async def test_a_client_that_hangs_up_ends_its_statement(stored: Stored, format: str) -> None:
    async def ask() -> None:
        async with stored.get(server, format) as answer:
            await answer.aread()

    async with a_server(read_from=stored) as server:
        asking = asyncio.create_task(ask())
        assert await soon(lambda: is_at_work(stored))
        asking.cancel()
        assert await soon(lambda: is_idle(stored))  # type: ignore[arg-type]  # it has the same method


async def is_at_work(stored: Stored) -> bool:
    return await stored.statements() == 1


async def test_a_user_who_takes_many_at_once_keeps_nobody_else_from_theirs(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "MOST_OF_A_USER", 1)

    async def ask(subject: str) -> None:
        headers = {"authorization": f"Bearer {a_token(organisation=stored.organisation, subject=subject)}"}
        await server.client.get(f"/exports/{stored.administration}/transactions.csv", headers=headers, timeout=30)

    async with a_server(read_from=stored) as server:
        asking = [asyncio.create_task(ask(subject)) for subject in ("anna", "anna", "bert")]

        async def two_at_work() -> bool:
            return await stored.statements() == 2

        assert await soon(two_at_work)
        await asyncio.sleep(0.2)
        assert await two_at_work()
        for task in asking:
            task.cancel()
        assert await soon(lambda: is_idle(stored))  # type: ignore[arg-type]  # it has the same method
