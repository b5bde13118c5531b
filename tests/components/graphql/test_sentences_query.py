"""Sentences with their codes and parameters, in each language, where the API gives them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from monitr.domain.accounting.account import CostCentre, Names
from monitr.domain.accounting.verification import Check, CheckCode, Verification, VerificationStatus
from monitr.domain.administration import Dossier, DossierNumber
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.language import Language
from monitr.domain.roles import Role
from monitr.domain.words.sentence import Sentence
from tests.components.graphql.an_api import Api, an_api
from tests.components.graphql.fake_reader import FakeBooks
from tests.unit.fakes import NOON, FakeOctopus, FakeTransactions, a_run, an_administration, an_integration

LANGUAGES = (None, Language.NL, Language.FR, Language.DE)
SAID_WITH = "parameters { name value }"


async def in_each_language(api: Api, query: str, **variables: Any) -> list[Any]:
    """The answers without a language, in Dutch, in French and in German."""
    answers: list[Any] = []
    for language in LANGUAGES:
        api.connection.language = language
        answer = await api.run(query, variables)
        assert answer["errors"] == []
        answers.append(answer["data"])
    return answers


def of_last_import(id: object, selected: str) -> str:
    return f'{{ administration(id: "{id}") {{ lastImport {{ {selected} }} }} }}'


def parameters(**values: str) -> list[dict[str, str]]:
    return [{"name": name, "value": values[name]} for name in sorted(values)]


async def test_a_failure_is_told_in_the_readers_language_and_its_code_and_parameters_stay() -> None:
    books = an_administration()
    until = Sentence.of("TRY_AGAIN", at=NOON)
    failure = Explanation.of(
        ExplanationCode.OCTOPUS_UNAVAILABLE,
        said=Sentence.of("NO_ANSWER"),
        cause=Sentence.of("octopus.ANSWERED", operation="accounts", answer=503),
        again=until,
    )
    api = an_api(FakeTransactions((), (), [books], [a_run(books).begin(NOON).fail(NOON, failure)]))
    told = of_last_import(books.id, f"error {{ code message action {SAID_WITH} }}")

    answers = [answer["administration"]["lastImport"]["error"] for answer in await in_each_language(api, told)]

    english, dutch, french, german = answers
    assert english["message"].startswith("Octopus did not answer, or broke off its answer. (Octopus answered accounts")
    assert dutch["message"] == (
        "Octopus antwoordde niet, of brak zijn antwoord af. (Octopus antwoordde op accounts met 503.) "
        "We proberen het opnieuw om 13:00."
    )
    assert french["action"].startswith("Rien n'est perdu")
    assert german == english
    assert {answer["code"] for answer in answers} == {"OCTOPUS_UNAVAILABLE"}
    assert (
        dutch["parameters"]
        == english["parameters"]
        == [
            {"name": "again", "value": "TRY_AGAIN"},
            {"name": "again.at", "value": "2026-11-22T12:00:00Z"},
            {"name": "cause", "value": "octopus.ANSWERED"},
            {"name": "cause.answer", "value": "503"},
            {"name": "cause.operation", "value": "accounts"},
            {"name": "said", "value": "NO_ANSWER"},
        ]
    )


async def test_what_an_old_program_has_stored_stays_as_it_was() -> None:
    books = an_administration()
    old = Explanation(ExplanationCode.QUOTA_SPENT, Sentence.verbatim("Used up."))
    api = an_api(FakeTransactions((), (), [books], [a_run(books).begin(NOON).fail(NOON, old)]))

    answers = await in_each_language(api, of_last_import(books.id, "error { message }"))

    assert {answer["administration"]["lastImport"]["error"]["message"] for answer in answers} == {"Used up."}


async def test_a_check_names_its_figures_as_the_reader_writes_them() -> None:
    books = an_administration()
    finding = Sentence.of("BOOKING_OUT", booking="2-V1-9", net=Decimal("-1234.50"))
    checks = (Check.of(CheckCode.BOOKINGS_BALANCE, VerificationStatus.FAILED, findings=[finding]),)
    run = (
        a_run(books)
        .begin(NOON)
        .succeed(NOON, Verification((*checks, Check(CheckCode.ACCOUNTS_KNOWN, VerificationStatus.PASSED))))
    )
    query = of_last_import(books.id, f"verification {{ checks {{ code detail {SAID_WITH} }} }}")

    answers = await in_each_language(an_api(FakeTransactions((), (), [books], [run])), query)

    found = [answer["administration"]["lastImport"]["verification"]["checks"] for answer in answers]
    assert [checks[0]["detail"] for checks in found[:3]] == [
        "Bookings whose lines do not add up to zero: 2-V1-9 is out by -1234.50.",
        "Boekingen waarvan de lijnen samen niet nul zijn: 2-V1-9 wijkt -1.234,50 af.",
        "Écritures dont la somme des lignes n'est pas nulle : 2-V1-9 s'écarte de -1\u202f234,50.",
    ]
    assert found[1][0]["parameters"][-1] == {"name": "findings.0.net", "value": "-1234.50"}
    assert found[1][1] == {"code": "ACCOUNTS_KNOWN", "detail": None, "parameters": []}


async def test_a_notice_says_when_in_the_readers_words() -> None:
    expires_at = NOON + timedelta(days=5)
    mine = an_integration(authorization_expires_at=expires_at)
    query = f'{{ integration(id: "{mine.id}") {{ notices {{ code message action days {SAID_WITH} }} }} }}'

    english, dutch, french, _ = await in_each_language(an_api(FakeTransactions([mine])), query)

    assert "within a week: on 2026-11-27 12:00 UTC" in english["integration"]["notices"][0]["message"]
    assert "binnen een week: op 27 november 2026 om 13:00" in dutch["integration"]["notices"][0]["message"]
    (notice,) = french["integration"]["notices"]
    assert notice["action"] == "Reconnectez l'intégration avant ce jour."
    assert notice["parameters"] == parameters(expiresAt="2026-11-27T12:00:00Z", urgency="WITHIN_A_WEEK")


async def test_a_dossier_that_cannot_be_selected_has_a_reason_with_a_code() -> None:
    mine = an_integration()
    octopus = FakeOctopus(listed=(Dossier(DossierNumber(49555), "Demo", None),))
    books = an_administration(integration_id=mine.id, dossier=49555)
    query = f'{{ integration(id: "{mine.id}") {{ dossiers {{ reason reasonCode {SAID_WITH} }} }} }}'

    answers = await in_each_language(an_api(FakeTransactions([mine], (), [books]), octopus=octopus), query)

    reasons = [answer["integration"]["dossiers"][0] for answer in answers]
    assert [reason["reason"] for reason in reasons[:3]] == [
        "It is an administration already.",
        "Het is al een administratie.",
        "C'est déjà une administration.",
    ]
    assert {reason["reasonCode"] for reason in reasons} == {"ALREADY_SELECTED"}
    assert reasons[0]["parameters"] == []


async def test_a_problem_has_parameters_and_speaks_the_readers_language() -> None:
    mutation = f"""mutation {{ cancelImport(input: {{importId: "no-such"}}) {{
        ... on Problem {{ code message {SAID_WITH} }} }} }}"""

    english, dutch, _, _ = await in_each_language(an_api(FakeTransactions()), mutation)

    assert english["cancelImport"] == {
        "code": "UNKNOWN_IMPORT",
        "message": "There is no import no-such here.",
        "parameters": parameters(importId="no-such"),
    }
    assert dutch["cancelImport"]["message"] == "Er is hier geen import no-such."


async def test_buckets_and_datasets_have_labels_with_codes() -> None:
    books = an_administration()
    query = f"""{{
        administration(id: "{books.id}") {{
            outstandingItems(type: RECEIVABLE, bucketDays: [1, 30]) {{ buckets {{ label labelCode }} }} }}
        integrationProviders {{ datasets {{ dataset usedFor usedForCode }} }} }}"""

    english, dutch, french, _ = await in_each_language(an_api(FakeTransactions((), (), [books])), query)

    buckets = dutch["administration"]["outstandingItems"]["buckets"]
    assert [(it["label"], it["labelCode"]) for it in buckets] == [
        ("niet vervallen", "NOT_DUE"),
        ("1", "DAY"),
        ("2-30", "DAYS"),
        (">30", "MORE_DAYS"),
    ]
    assert english["administration"]["outstandingItems"]["buckets"][0]["label"] == "not due"
    datasets = french["integrationProviders"][0]["datasets"]
    assert [it["usedForCode"] for it in datasets] == [it["dataset"] for it in datasets]
    assert datasets[2]["usedFor"] == "Rapports par centre de coûts"


async def test_an_error_is_told_in_the_readers_language_with_its_parameters() -> None:
    books = an_administration()
    api = an_api(FakeTransactions((), (), [books]))
    api.connection.language = Language.NL

    answer = await api.run(f'{{ administration(id: "{books.id}") {{ relations(first: 1000) {{ totalCount }} }} }}')

    (error,) = answer["errors"]
    assert error["message"] == "Argument ‘first’: het moet tussen 1 en 500 liggen, niet 1000 zijn."
    assert error["path"] == ["administration", "relations"]
    assert error["extensions"] == {
        "code": "BAD_USER_INPUT",
        "argument": "first",
        "path": ["administration", "relations"],
        "parameters": {
            "argument": "first",
            "why": "input.OUT_OF_BOUNDS",
            "why.least": "1",
            "why.most": "500",
            "why.number": "1000",
        },
    }


async def test_whoever_may_not_is_told_so_in_the_own_language() -> None:
    books = an_administration()
    api = an_api(FakeTransactions((), (), [books]), Role.RECEIVABLES_ONLY)
    api.connection.language = Language.FR

    answer = await api.run(f'{{ administration(id: "{books.id}") {{ accounts {{ number }} }} }}')

    assert answer["errors"][0]["message"].startswith("Votre rôle ne le permet pas.")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_cost_centres_are_named_in_the_readers_language() -> None:
    books = an_administration()
    query = f'{{ administration(id: "{books.id}") {{ dimensions {{ name values {{ code name }} }} }} }}'
    shops = [CostCentre(4, Names("Winkel", "Magasin"), closed=False)]
    api = an_api(FakeTransactions((), (), [books]), books=FakeBooks(cost_centres=shops))

    named = [answer["administration"]["dimensions"][0] for answer in await in_each_language(api, query)]

    assert [each["name"] for each in named] == ["Cost centre", "Kostenplaats", "Centre de coûts", "Cost centre"]
    assert [each["values"][0]["name"] for each in named] == ["Winkel", "Winkel", "Magasin", "Winkel"]
