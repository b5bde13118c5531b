"""Whatever a client sends over its WebSocket, the socket is closed with a code of graphql-transport-ws, or goes on."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect
from structlog.testing import capture_logs

from monitr.application.bearer_tokens import ExpiredToken, InvalidToken, MissingToken
from monitr.domain.language import Language
from monitr.domain.words.catalogue import LANGUAGES
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.http import graphql_endpoint
from monitr.entrypoints.http.admission import KEYS_UNAVAILABLE, complaint
from monitr.entrypoints.http.graphql_socket import MOST_SOCKETS
from monitr.entrypoints.voices import in_words, voice_of
from tests.integration.http.a_server import PROTOCOL, a_token, an_app

HELLO = {"type": "connection_init", "payload": {"authorization": f"Bearer {a_token()}"}}
QUERY = {"query": "{ integrationProviders { integrations { id } } }"}
CODES = {4400, 4401, 4403, 4406, 4408, 4409, 4429}

texts = st.one_of(st.sampled_from(["1", "", "subscribe", "\ud800", "x" * 1000]), st.text(max_size=8))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
messages = st.fixed_dictionaries(
    {"type": st.one_of(st.sampled_from(["subscribe", "complete", "ping", "pong", "connection_init"]), values)},
    optional={
        "id": st.one_of(st.just("1"), values),
        "payload": st.one_of(
            values,
            st.just(QUERY),
            st.fixed_dictionaries(
                {"query": st.one_of(st.just(QUERY["query"]), texts, values)},
                optional={"variables": values, "operationName": values, "extensions": values},
            ),
        ),
    },
)
frames = st.one_of(messages, values)


@pytest.fixture(scope="module")
def client() -> Any:
    with TestClient(an_app(), raise_server_exceptions=True) as one:
        yield one


def send(socket: WebSocketTestSession, frame: object) -> None:
    if isinstance(frame, bytes):
        socket.send_bytes(frame)
    else:
        socket.send_text(frame if isinstance(frame, str) else json.dumps(frame))


def answers(client: TestClient, *frames: object, greeted: bool = True) -> tuple[list[dict[str, Any]], int | None]:
    """What comes before the pong of a last ping, and the code that it was closed with."""
    heard: list[dict[str, Any]] = []
    with client.websocket_connect("/graphql", subprotocols=[PROTOCOL]) as socket:
        for frame in ([HELLO] if greeted else []) + [*frames, {"type": "ping"}]:
            send(socket, frame)
        pings = 1 + sum(isinstance(frame, dict) and frame.get("type") == "ping" for frame in frames)
        try:
            while pings:
                heard.append(socket.receive_json())
                pings -= heard[-1]["type"] == "pong"
        except WebSocketDisconnect as closed:
            return heard, closed.code
    return heard, None


@pytest.mark.parametrize("greeted", [True, False])
@settings(max_examples=40)
@given(sent=st.lists(frames, max_size=3))
@example(sent=[[]])
@example(sent=[{"type": "subscribe", "id": {}, "payload": QUERY}])
@example(sent=[{"type": "complete", "id": []}])
def test_no_message_brings_it_to_a_fault(client: TestClient, greeted: bool, sent: list[object]) -> None:
    with capture_logs() as logs:
        _, code = answers(client, *[json.dumps(frame) for frame in sent], greeted=greeted)
    assert code is None or code in CODES
    assert [entry for entry in logs if entry["log_level"] in ("error", "critical")] == []


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"{}", 4400),
        ("not JSON", 4400),
        ("NaN", 4400),
        ("[" * 100_000, 4400),
        ('{"type": "ping", "payload": ' + "[" * 100_000, 4400),
        ("9" * 5000, 4400),
        ([], 4400),
        ({}, 4400),
        ({"type": 1}, 4400),
        ({"type": "unknown " + "é" * 500}, 4400),
        ({"type": "subscribe", "payload": QUERY}, 4400),
        ({"type": "subscribe", "id": 1, "payload": QUERY}, 4400),
        ({"type": "subscribe", "id": "", "payload": QUERY}, 4400),
        ({"type": "subscribe", "id": "i" * 201, "payload": QUERY}, 4400),
        ({"type": "subscribe", "id": "1"}, 4400),
        ({"type": "subscribe", "id": "1", "payload": {"query": 1}}, 4400),
        ({"type": "subscribe", "id": "1", "payload": {**QUERY, "variables": []}}, 4400),
        ({"type": "subscribe", "id": "1", "payload": {**QUERY, "operationName": {}}}, 4400),
        ({"type": "complete", "id": {}}, 4400),
        (HELLO, 4429),
    ],
    ids=lambda given: "greeted twice" if given is HELLO else str(given)[:60],
)
def test_what_is_no_message_closes_the_socket_with_the_code_of_the_protocol(
    client: TestClient, frame: object, code: int
) -> None:
    assert answers(client, frame)[1] == code


@pytest.mark.parametrize(
    ("authorization", "language", "words"),
    [
        (None, "en", "There is no bearer token"),
        (f"Bearer {a_token(life=timedelta(seconds=-1))}", "nl", "Het bearer-token is vervallen"),
        ("Bearer nonsense", "fr", "Le jeton d'accès est incorrect"),
    ],
    ids=["missing", "expired", "wrong"],
)
def test_a_token_that_is_refused_is_told_why(
    client: TestClient, authorization: str | None, language: str, words: str
) -> None:
    payload = {"authorization": authorization, "accept-language": language}
    with client.websocket_connect("/graphql", subprotocols=[PROTOCOL]) as socket:
        send(socket, {"type": "connection_init", "payload": payload})
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4403
    assert closed.value.reason.startswith(words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_a_socket_is_closed_has_room_in_its_last_frame(language: Language) -> None:
    reasons = [
        *(complaint(invalid) for invalid in (MissingToken(), ExpiredToken(), InvalidToken())),
        KEYS_UNAVAILABLE,
        Sentence.of("error.TOO_MANY_SOCKETS", limit=MOST_SOCKETS),
        Sentence.of("error.FAULT"),
    ]
    said = [in_words(reason, voice_of(language)) for reason in reasons]
    assert [words for words in said if len(words.encode()) > 123] == []


def test_what_has_no_operation_is_completed_in_silence(client: TestClient) -> None:
    heard, code = answers(client, {"type": "complete", "id": "of nothing"}, {"type": "pong"})
    assert ([message["type"] for message in heard], code) == (["connection_ack", "pong"], None)


def test_who_speaks_another_protocol_is_not_understood(client: TestClient) -> None:
    with client.websocket_connect("/graphql", subprotocols=["graphql-ws"]) as socket:
        assert socket.receive()["code"] == 4406


def test_who_does_not_say_who_it_is_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphql_endpoint, "GREETING_SECONDS", 0.01)
    with TestClient(an_app()) as client, client.websocket_connect("/graphql", subprotocols=[PROTOCOL]) as socket:
        assert socket.receive()["code"] == 4408


def test_an_id_that_is_in_use_closes_the_socket() -> None:
    """Of an operation that does not end by itself."""
    with TestClient(an_app(slow=True)) as client:
        twice = {"type": "subscribe", "id": "1", "payload": QUERY}
        assert answers(client, twice, twice)[1] == 4409
