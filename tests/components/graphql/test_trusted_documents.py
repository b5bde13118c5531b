"""Documents by their hashes, and a schema that runs trusted ones only."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, print_ast, validate
from graphql.utilities import separate_operations

from monitr.entrypoints.graphql import trusted_documents as trusted
from monitr.entrypoints.graphql.execution import documents
from monitr.entrypoints.graphql.schema import create_schema
from tests.components.graphql.an_api import FRONTEND, Api, an_api
from tests.unit.fakes import FakeTransactions, an_administration

ROOT = Path(__file__).parents[3]
BOOKS = an_administration()
NAMES = "query Names { integrationProviders { key } }"
SCHEMA = create_schema()._schema


def the_api(texts: dict[str, str] | None = None) -> Api:
    api = an_api(FakeTransactions((), (), [BOOKS]))
    api.schema = create_schema(trusted=texts)
    return api


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


async def ask(api: Api, text: str | None, hash: str | None = None, version: int = 1, **named: Any) -> tuple[Any, Any]:
    """The data, and the code of the first error."""
    extensions = {"persistedQuery": {"version": version, "sha256Hash": hash}} if hash else None
    result = await api.schema.execute(text, {}, api.connection, operation_extensions=extensions, **named)
    return result.data, result.errors[0].extensions["code"] if result.errors else None


# --- automatic persisted queries -----------------------------------------------------------------------------------


async def test_a_hash_stands_for_a_text_that_was_sent_with_it() -> None:
    api = the_api()
    assert await ask(api, None, hash_of(NAMES)) == (None, "PERSISTED_QUERY_NOT_FOUND")
    sent = await ask(api, NAMES, hash_of(NAMES))
    assert sent == ({"integrationProviders": [{"key": "OCTOPUS"}]}, None)
    assert await ask(api, None, hash_of(NAMES)) == sent


async def test_the_messages_are_those_that_apollo_and_urql_look_for() -> None:
    api = the_api()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash_of(NAMES)}}
    result = await api.schema.execute(None, {}, api.connection, operation_extensions=extensions)
    assert [error.message for error in result.errors] == ["PersistedQueryNotFound"]


@pytest.mark.parametrize(
    ("hash", "version", "code"),
    [
        (hash_of("another text"), 1, "PERSISTED_QUERY_HASH_MISMATCH"),
        (hash_of(NAMES).upper(), 1, "PERSISTED_QUERY_HASH_MISMATCH"),
        (hash_of(NAMES), 2, "BAD_REQUEST"),
    ],
)
async def test_a_hash_that_is_not_that_of_its_text_is_refused(hash: str, version: int, code: str) -> None:
    api = the_api()
    assert await ask(api, NAMES, hash, version) == (None, code)
    assert (await ask(api, None, hash_of(NAMES)))[1] == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize("asked", [7, [], {}, {"version": 1}, {"version": 1, "sha256Hash": 7}])
async def test_nonsense_in_place_of_a_hash_is_a_mistake_of_the_caller(asked: object) -> None:
    api = the_api()
    result = await api.schema.execute(NAMES, {}, api.connection, operation_extensions={"persistedQuery": asked})
    assert result.errors[0].extensions["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("text", ["{ nonsense }", "{", "{ ...A } fragment A on Query { ...A }"])
async def test_only_what_was_admitted_is_remembered(text: str) -> None:
    api = the_api()
    assert (await ask(api, text, hash_of(text)))[1] != "PERSISTED_QUERY_NOT_FOUND"
    assert (await ask(api, None, hash_of(text)))[1] == "PERSISTED_QUERY_NOT_FOUND"


async def test_the_least_recently_used_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "DOCUMENTS_KEPT", 2)
    api = the_api()
    texts = [f"query Q{number} {{ integrationProviders {{ key }} }}" for number in range(3)]
    for text in (texts[0], texts[1], texts[0], texts[2]):
        await ask(api, text, hash_of(text))
    codes = [(await ask(api, None, hash_of(text)))[1] for text in texts]
    assert codes == [None, "PERSISTED_QUERY_NOT_FOUND", None]


async def test_a_price_is_asked_of_a_hash_too() -> None:
    api = the_api()
    lines = "query ($n: Int, $id: ID!) { administration(id: $id) { " + "".join(
        f"a{n}: transactions(first: $n) {{ edges {{ cursor }} }} " for n in range(25)
    )
    text = lines + "} }"
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}
    variables = {"id": str(BOOKS.id)}
    await api.schema.execute(text, {**variables, "n": 1}, api.connection, operation_extensions=extensions)
    dear = await api.schema.execute(None, {**variables, "n": 500}, api.connection, operation_extensions=extensions)
    assert dear.errors[0].extensions["code"] == "QUERY_TOO_COSTLY"


# --- trusted documents ---------------------------------------------------------------------------------------------


async def test_only_trusted_documents_run_by_text_and_by_hash() -> None:
    api = the_api({hash_of(NAMES): NAMES})
    assert (await ask(api, NAMES))[1] is None
    assert (await ask(api, None, hash_of(NAMES)))[1] is None
    assert (await ask(api, "query Others { integrationProviders { name } }"))[1] == "DOCUMENT_NOT_TRUSTED"


async def test_a_text_is_not_registered_by_its_hash_where_only_trusted_ones_run() -> None:
    api = the_api({hash_of(NAMES): NAMES})
    other = "query Others { integrationProviders { name } }"
    assert (await ask(api, other, hash_of(other)))[1] == "DOCUMENT_NOT_TRUSTED"
    assert (await ask(api, None, hash_of(other)))[1] == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\nquery Names {\n  integrationProviders { key, }\n}",
        f"{NAMES} query Others {{ integrationProviders {{ name }} }}",
    ],
)
async def test_the_layout_of_a_trusted_document_and_what_stands_beside_it_do_not_matter(text: str) -> None:
    api = the_api({hash_of(NAMES): NAMES})
    assert (await ask(api, text, operation_name="Names"))[1] is None
    assert (await ask(api, text, operation_name="Others"))[1] is not None


async def test_a_trusted_operation_with_other_fragments_is_another_one() -> None:
    text = "query Names { integrationProviders { ...P } } fragment P on IntegrationProvider { key }"
    api = the_api({hash_of(text): text})
    assert (await ask(api, text))[1] is None
    assert (await ask(api, text.replace("{ key }", "{ key name }")))[1] == "DOCUMENT_NOT_TRUSTED"


async def test_a_schema_cannot_be_asked_about_where_only_trusted_ones_run() -> None:
    api = the_api({hash_of(NAMES): NAMES})
    for text in ("{ __schema { types { name } } }", "{ integratoin { id } }"):
        assert (await ask(api, text))[1] == "DOCUMENT_NOT_TRUSTED"


async def test_without_a_file_the_contracts_operations_are_trusted_whole_or_one_by_one(tmp_path: Path) -> None:
    api = the_api(dict(trusted.trusted_documents(tmp_path)))
    for name in separate_operations(parse(FRONTEND)):
        assert (await ask(api, FRONTEND, operation_name=name))[1] != "DOCUMENT_NOT_TRUSTED", name


async def test_the_file_says_which_are_trusted_in_the_formats_of_apollo_and_of_others(tmp_path: Path) -> None:
    file = tmp_path / trusted.FILE
    for held in (trusted.manifest({"own.graphql": NAMES}, SCHEMA), json.dumps({hash_of(NAMES): NAMES})):
        file.write_text(held)
        api = the_api(dict(trusted.trusted_documents(tmp_path)))
        assert (await ask(api, NAMES))[1] is None
        assert (await ask(api, FRONTEND, operation_name="TrialBalance"))[1] == "DOCUMENT_NOT_TRUSTED"


@pytest.mark.parametrize(
    ("held", "why"),
    [
        ("{", "no manifest"),
        ("[]", "no manifest"),
        ('{"format": "apollo-persisted-query-manifest", "version": 1}', "no manifest"),
        ('{"a": 7}', "no manifest"),
        ('{"abc": "{ a }"}', "not the SHA-256"),
        (json.dumps({hash_of("{"): "{"}), "no GraphQL"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_sentence(held: str, why: str, tmp_path: Path) -> None:
    (tmp_path / trusted.FILE).write_text(held)
    with pytest.raises(trusted.UnusableDocuments, match=why):
        trusted.trusted_documents(tmp_path)


@pytest.mark.parametrize(("text", "why"), [("{", "no GraphQL"), ("{ nonsense }", "does not fit the schema")])
def test_a_document_that_the_schema_does_not_take_is_not_written(text: str, why: str) -> None:
    with pytest.raises(trusted.UnusableDocuments, match=f"own.graphql.*{why}"):
        trusted.manifest({"own.graphql": text}, SCHEMA)


def test_the_operations_that_the_program_brings_are_those_of_the_contract() -> None:
    """Of each that this repository has a copy of, those that the schema takes: what a new one brings is added to the
    folder ``operations``."""
    schema = create_schema()._schema
    copies = {path.name: path.read_text() for path in (ROOT / "tests" / "contract").glob("*.graphql")}
    taken = {
        name: [document for document in separate_operations(parse(text)).values() if not validate(schema, document)]
        for name, text in copies.items()
        if "schema" not in name
    }
    brought = {name: separate_operations(parse(text)).values() for name, text in trusted.contract().items()}
    assert {name: list(map(print_ast, documents)) for name, documents in brought.items()} == {
        name: list(map(print_ast, documents)) for name, documents in taken.items()
    }


async def test_what_the_console_sends_is_trusted(tmp_path: Path) -> None:
    """It sends its files as they are, and names one operation."""
    (tmp_path / trusted.FILE).write_text("{}")
    api = the_api(dict(trusted.trusted_documents(tmp_path)))
    sent = [(text, name) for text in trusted.of_the_console().values() for name in separate_operations(parse(text))]
    assert len(sent) > 5
    for text, name in sent:
        result = await api.schema.execute(text, {}, api.connection, operation_name=name)
        codes = [error.extensions["code"] for error in result.errors or ()]
        assert "DOCUMENT_NOT_TRUSTED" not in codes, name
