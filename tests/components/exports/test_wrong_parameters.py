"""What is wrong with a parameter of an export: said of it by its name, in the reader's language."""

from datetime import date

import pytest
from starlette.datastructures import QueryParams

from monitr.application.exports.reports import Report
from monitr.domain.language import Language
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.http.exports.parameters import asked_for
from monitr.entrypoints.voices import in_words, voice_of


@pytest.mark.parametrize(
    ("report", "query", "argument", "words"),
    [
        (Report.TRANSACTIONS, "amountFrom=1e3", "amountFrom", "‘1e3’ is geen bedrag: "),
        (Report.TRANSACTIONS, "from=2026-02-30", "from", "‘2026-02-30’ is geen dag: "),
        (Report.TRANSACTIONS, "periods=x", "periods", "‘x’ is geen geheel getal."),
        (Report.TRANSACTIONS, "dialect=french", "dialect", "‘french’ is geen van standard, belgian."),
        (Report.TRANSACTIONS, "from=2026-01-01&from=2026-02-01", "from", "het staat er meer dan één keer."),
        (Report.TRANSACTIONS, "form=2026-01-01", "form", "die parameter bestaat niet."),
        (Report.TRANSACTIONS, "code=4", "dimension", "het ontbreekt: code en without horen bij een dimensie."),
        (Report.TRIAL_BALANCE, "to=2026-12-31", "from", "het ontbreekt."),
        (Report.OUTSTANDING_ITEMS, "type=PAYABLE&bucketDays=30&bucketDays=10", "bucketDays", "niet [30, 10]."),
    ],
    ids=["amount", "day", "number", "word", "twice", "unknown", "no dimension", "missing", "buckets"],
)
def test_a_mistake_is_told_in_the_language_of_its_reader(report: Report, query: str, argument: str, words: str) -> None:
    with pytest.raises(BadUserInput) as wrong:
        asked_for(report, QueryParams(query), date(2026, 11, 22))
    said = in_words(wrong.value.sentence, voice_of(Language.NL))
    assert said.startswith(f"Argument ‘{argument}’: ")
    assert words in said
