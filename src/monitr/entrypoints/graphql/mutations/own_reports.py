"""The mutations about reports of one's own."""

from collections.abc import Sequence
from typing import TypeVar

import strawberry

from monitr.application.own_reports import DeleteReport, ReportDraft, SaveReport
from monitr.domain.accounting.statements import own_reports
from monitr.domain.accounting.statements.layout import NormalSide
from monitr.domain.accounting.statements.own_reports import ReportId
from monitr.domain.words.sentence import Sentence, quoted
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import MOST_ENTRIES, given, plain_text
from monitr.entrypoints.graphql.mutations.outcome import answer, mutation
from monitr.entrypoints.graphql.mutations.problems import Problem
from monitr.entrypoints.graphql.types.filters import account_number, dimension_code, dimension_key
from monitr.entrypoints.graphql.types.own_reports import Report

T = TypeVar("T")

LONGEST_TEXT = 200
"""Characters of a name or key."""
MOST_RULES = 2_000


@strawberry.input
class ReportLineInput:
    """A named line of a report of one's own."""

    key: str
    """Names the line for rules; unique in the report; 1 to 200 characters."""
    name: str
    """What people call it; 1 to 200 characters."""
    parent_key: str | None
    """The line that it is a part of; null: none."""
    side: NormalSide
    """In which its amounts are positive."""


@strawberry.input
class MappingRuleInput:
    """Which accounts go into a line. Two rules of equal width for the same accounts are a conflict: InvalidReport."""

    line_key: str
    """The `key` of the line that the accounts go into."""
    account_from: str
    """The first account number, included: `600000`."""
    account_to: str | None
    """The last account number, included; null: `accountFrom` alone."""
    dimension: str | None
    """`COST_CENTRE`: only what carries one of its values; null: whatever it carries."""
    dimension_code: str | None
    """Only what carries that value, with a `dimension`; null: any."""


@strawberry.input
class SaveReportInput:
    """A report of one's own, whole: what is not in it is gone."""

    id: strawberry.ID | None
    """The `id` of the report that was changed; null: a new one."""
    version: int | None
    """The version that was changed; another one in the meantime answers ReportChanged and loses nothing. Null for a new
    one."""
    name: str
    """What people call it, 1 to 200 characters."""
    lines: list[ReportLineInput]
    """Its lines, in their order; 500 at most."""
    rules: list[MappingRuleInput]
    """Its rules, 2,000 at most; their order means nothing."""


@strawberry.input
class DeleteReportInput:
    """Which report to delete."""

    id: strawberry.ID
    """The `id` of one of `Query.reports`."""


@strawberry.type
class ReportSaved:
    """The report, or its new version, is saved."""

    report: Report
    """The report as it was saved, with its new `version`."""


@strawberry.type
class ReportDeleted:
    """The report is gone, from all administrations."""

    report_id: strawberry.ID
    """The id as it was given."""


@strawberry.type
class OwnReportMutations:
    @mutation(SaveReport)
    async def save_report(self, info: Info, input: SaveReportInput) -> ReportSaved | Problem:
        """A new report of one's own, or another version of one."""
        id = given(input.id)
        draft = ReportDraft(
            None if id is None else ReportId(info.context.id(id)),
            given(input.version),
            _text(input.name, "input.name"),
            tuple(_line(line) for line in _at_most(input.lines, MOST_ENTRIES, "input.lines")),
            tuple(_rule(rule) for rule in _at_most(input.rules, MOST_RULES, "input.rules")),
        )
        save = info.context.use_cases.save_report
        return await answer(info, save(info.context.principal, draft), lambda it: ReportSaved(report=Report.of(it)))

    @mutation(DeleteReport)
    async def delete_report(self, info: Info, input: DeleteReportInput) -> ReportDeleted | Problem:
        """Takes a report of one's own away, from all administrations."""
        delete, id = info.context.use_cases.delete_report, ReportId(info.context.id(input.id))
        return await answer(
            info, delete(info.context.principal, id), lambda it: ReportDeleted(report_id=strawberry.ID(str(it)))
        )


def _line(line: ReportLineInput) -> own_reports.ReportLine:
    at = "input.lines"
    parent = given(line.parent_key)
    return own_reports.ReportLine(
        _text(line.key, f"{at}.key"),
        _text(line.name, f"{at}.name"),
        None if parent is None else _text(parent, f"{at}.parentKey"),
        line.side,
    )


def _rule(rule: MappingRuleInput) -> own_reports.MappingRule:
    at = "input.rules"
    first, last = rule.account_from, given(rule.account_to)
    dimension, code = given(rule.dimension), given(rule.dimension_code)
    if code is not None and dimension is None:
        raise BadUserInput(f"{at}.dimensionCode", Sentence.of("input.CODE_OF_NO_DIMENSION", value=quoted(code)))
    return own_reports.MappingRule(
        _text(rule.line_key, f"{at}.lineKey"),
        account_number(first, f"{at}.accountFrom"),
        account_number(first if last is None else last, f"{at}.accountTo"),
        None if dimension is None else dimension_key(dimension, f"{at}.dimension"),
        None if code is None else dimension_code(code, f"{at}.dimensionCode"),
    )


def _text(text: str, argument: str) -> str:
    plain = (plain_text(text, argument) or "").strip()
    if not 1 <= len(plain) <= LONGEST_TEXT:
        raise BadUserInput(argument, Sentence.of("input.WRONG_LENGTH", most=LONGEST_TEXT, length=len(plain)))
    return plain


def _at_most(entries: Sequence[T], most: int, argument: str) -> Sequence[T]:
    if len(entries) > most:
        raise BadUserInput(argument, Sentence.of("input.TOO_MANY_ENTRIES", most=most))
    return entries
