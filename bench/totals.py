"""An incremental import of a dossier with very many totals (accounts times periods), read whole each time, against one
that asks for those that changed since the watermark, as the program did before (decision 19).

    python -m bench.totals [--accounts 1000] [--rounds 5]

The sandbox runs in a process of its own. Both ways take turns in one database, a booking changed before each.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from statistics import median
from unittest.mock import patch

import structlog
import uvicorn

from bench.background import background, free_port
from bench.databases import a_database, a_server
from bench.our_import import Import, an_import, clocked
from bench.source import DOSSIER
from monitr.application.importing.ledger.octopus_totals import OctopusTotals
from monitr.application.octopus import AccountAmount, Changed
from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.app import create_app
from octopus_sandbox.books import Books
from octopus_sandbox.books.entries import Line
from octopus_sandbox.serving import configuration

FIRST_YEAR, YEARS, MONTHS = 2021, 5, 12
_FIRST_ACCOUNT, _LINES_OF_A_BOOKING = 610_000, 20
_PHASES_SHOWN = 6


def books_of(accounts: int) -> Books:
    """A line on every account in every month of five years."""
    books = Books.empty(DOSSIER, "Very many totals BV")
    numbers = [_FIRST_ACCOUNT + number for number in range(accounts)]
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        books.add_bookyear(date(year, 1, 1))
    for number in numbers:
        books.add_account(number, f"Rekening {number}", f"Compte {number}")
    books.add_journal("D1", "Diverse")
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        for month in range(1, MONTHS + 1):
            for at in range(0, accounts, _LINES_OF_A_BOOKING):
                pairs = enumerate(numbers[at : at + _LINES_OF_A_BOOKING])
                lines = tuple(Line(number, cents, cents) for odd, number in pairs for cents in [(-1) ** odd * 12_345])
                books.book(journal="D1", date=date(year, month, 15), lines=lines)
    return books


def serve(port: int, accounts: int) -> None:
    app = create_app(SandboxSettings(port=port, lines=10, dossiers=1, switches=Switches(daily_limits=False)))
    app.state.sandbox.set_books(books_of(accounts))
    uvicorn.Server(configuration(app, "127.0.0.1", port)).run()


async def _only_changed(totals: OctopusTotals) -> Changed[AccountAmount]:
    return await totals.dossier.changed_account_amounts(totals.session.administration.watermark)


async def _merged(totals: OctopusTotals, changed: Changed[AccountAmount]) -> None:
    await totals.session.store.reference.merge(AccountAmount, changed.rows, [])
    totals.are_read = True


@asynccontextmanager
async def only_changed_totals() -> AsyncIterator[None]:
    with patch.object(OctopusTotals, "_all", _only_changed), patch.object(OctopusTotals, "_keep", _merged):
        yield


@asynccontextmanager
async def whole_totals() -> AsyncIterator[None]:
    yield


async def measure(import_: Import, rounds: int) -> dict[str, list[float]]:
    """Seconds of an incremental import, and on the way the phases of the last. Of each round the second way finds what
    the first left in the caches, so they take turns in going first."""
    await import_.first()
    ways = {"whole": whole_totals, "only changed": only_changed_totals}
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds):
        for way in sorted(ways, reverse=bool(number % 2)):
            import_.clock.ahead += timedelta(hours=4)
            import_.sandbox.control(action="advance-clock", seconds=4 * 3600)
            async with ways[way]():
                await import_.world.sync(import_.administration)
                import_.sandbox.control(
                    action="change", dossier=DOSSIER, bookyear=YEARS, journal="D1", number=1 + number, amount="1.00"
                )
                import_.phases.start()
                taken, _ = await clocked(lambda: import_.world.sync(import_.administration))
                longest = sorted(import_.phases.stop().items(), key=lambda phase: -phase[1])[:_PHASES_SHOWN]
            seconds[way].append(taken)
            shown = ", ".join(f"{name} {its:.2f} s" for name, its in longest)
            print(f"{way}: {taken:.2f} s; {shown}", flush=True)  # the result
    return seconds


async def main(accounts: int, rounds: int, database: str) -> None:
    port = free_port()
    with background("bench.totals", "--serve", str(port), "--accounts", str(accounts), listening=port):
        async with an_import(database, f"http://127.0.0.1:{port}") as import_:
            seconds = await measure(import_, rounds)
            [(totals,)] = await import_.world.rows("SELECT count(*) FROM account_amount")
    medians = {way: median(taken) for way, taken in seconds.items()}
    for way, taken in seconds.items():
        print(f"{way}: median {medians[way]:.2f} s of {[round(each, 2) for each in taken]}")  # the result
    print(f"{totals} totals: {medians['whole'] / medians['only changed']:.2f} times")  # the result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.totals")
    parser.add_argument("--accounts", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", type=int, default=0, help="be the sandbox, on this port")
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve, asked.accounts)
        sys.exit()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with a_server() as server, a_database(server, migrated=True) as url:
        asyncio.run(main(asked.accounts, asked.rounds, url))
