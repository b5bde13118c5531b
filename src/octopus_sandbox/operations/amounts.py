"""accounts/amounts/modified: one figure per account and period (octopus.md 2.6)."""

from itertools import accumulate

from octopus_sandbox.answers.answer import Answer, BadParameter
from octopus_sandbox.answers.wire import Element, bookyear_key
from octopus_sandbox.books.amounts import Amount, AmountKey
from octopus_sandbox.books.openings import shown_openings
from octopus_sandbox.operations.reference import changes
from octopus_sandbox.operations.requests import DossierRequest
from octopus_sandbox.switches import AmountBalance


def modified_amounts(request: DossierRequest) -> Answer:
    if "modifiedTimeStamp" not in request.query and not request.sandbox.switches.amounts_without_timestamp:
        raise BadParameter("modifiedTimeStamp")
    span = request.span(required=False)
    figures = _amounts(request)
    modified = [_amount(k, a.cents, request) for k, a in figures.items() if a.modified in span]
    gone = [k for k, at in request.books.amounts.deleted.items() if at in span and k not in figures]
    return changes(request, modified, [_amount(k, 0, request) for k in gone], "No modified account amounts found")


def _amounts(request: DossierRequest) -> dict[AmountKey, Amount]:
    """The figures as the ledger shows them: with the openings, as movements or cumulated over the bookyear."""
    switches, listed = request.sandbox.switches, request.books.listed
    figures = {
        k: Amount(a.cents, a.lines, a.modified)
        for k, a in request.books.amounts.amounts.items()
        if k.bookyear in listed
    }
    openings = shown_openings(request.books, switches) if switches.openings_in_amounts else ()
    for opening in openings:
        if opening.key.bookyear not in listed:
            continue
        first = request.books.bookyears[opening.key.bookyear].periods[0].number
        for line in opening.lines:
            amount_key = AmountKey(opening.key.bookyear, line.account, opening.period or first)
            amount = figures.setdefault(amount_key, Amount(0, 0, 0))
            amount.cents += line.cents
            amount.modified = max(amount.modified, opening.modified)
    if switches.amount_balance is AmountBalance.CUMULATIVE:
        return _cumulated(figures)
    return figures


def _cumulated(figures: dict[AmountKey, Amount]) -> dict[AmountKey, Amount]:
    series: dict[tuple[int, int], list[AmountKey]] = {}
    for amount_key in sorted(figures):
        series.setdefault(amount_key[:2], []).append(amount_key)
    return {
        amount_key: running
        for keys in series.values()
        for amount_key, running in zip(
            keys,
            accumulate(
                (figures[k] for k in keys),
                lambda so_far, a: Amount(so_far.cents + a.cents, 0, max(so_far.modified, a.modified)),
            ),
            strict=True,
        )
    }


def _amount(amount_key: AmountKey, cents: int, request: DossierRequest) -> Element:
    year = bookyear_key(amount_key.bookyear)
    return {
        "accountAmountKey": {
            "accountKey": {"bookyearKey": year, "id": amount_key.account},
            "bookyearPeriodKey": {"bookyearKey": year, "bookyearPeriodNr": amount_key.period},
        },
        "balance": request.spelling.amount(cents),
    }
