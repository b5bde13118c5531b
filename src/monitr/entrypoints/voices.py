"""The voice in which a reader is answered: English as in the domain, Dutch and French as in Belgium."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal

from monitr.domain.brussels import BRUSSELS
from monitr.domain.language import Language
from monitr.domain.words.sentence import Sentence
from monitr.domain.words.voice import ENGLISH, Voice, said

_AMOUNT = "#,##0.00"


class _Belgian:
    """Times are those of Belgium."""

    def __init__(self, language: Language, moment: str, time: str) -> None:
        """``moment`` and ``time`` are patterns (Unicode TR 35)."""
        self.language = language
        self._locale = Locale.parse(f"{language}_BE")
        self._moment, self._time = moment, time

    def amount(self, amount: Decimal) -> str:
        return format_decimal(amount, format=_AMOUNT, locale=self._locale)

    def number(self, number: int) -> str:
        return format_decimal(number, locale=self._locale)

    def day(self, day: date) -> str:
        return format_date(day, "long", locale=self._locale)

    def moment(self, instant: datetime) -> str:
        return format_datetime(instant, self._moment, tzinfo=BRUSSELS, locale=self._locale)

    def time(self, instant: datetime) -> str:
        return format_time(instant, self._time, tzinfo=BRUSSELS, locale=self._locale)

    clock = time

    def plural(self, number: int) -> str:
        return self._locale.plural_form(number)


@cache
def voice_of(language: Language | None) -> Voice:
    """English for whom no sentences are written (``tests/contract/rules.md``, 28)."""
    match language:
        case Language.NL:
            return _Belgian(language, "d MMMM y 'om' HH:mm", "HH:mm")
        case Language.FR:
            return _Belgian(language, "d MMMM y 'à' HH'h'mm", "HH'h'mm")
        case Language.EN | Language.DE | None:
            return ENGLISH


def in_words(sentence: Sentence, voice: Voice) -> str:
    return said(sentence.key, sentence.parameters, voice)
