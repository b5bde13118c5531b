"""The vendor's document as a validator stricter than itself: exact property names and number types, sorted keys."""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, validators

CONTRACT = Path(__file__).parents[2] / "contract" / "openapi-read.json"
_INT32 = 2**31


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return document


@cache
def _components() -> dict[str, Any]:
    """The schemas, each refusing properties that it does not name."""
    components = copy.deepcopy(_document()["components"])
    for schema in components["schemas"].values():
        if schema.get("type") == "object" or "properties" in schema:
            schema["additionalProperties"] = False
    return dict(components)


_types = (Draft202012Validator.TYPE_CHECKER.redefine("number", lambda _, value: isinstance(value, float))).redefine(
    "integer", lambda _, v: isinstance(v, int) and not isinstance(v, bool) and -_INT32 <= v < _INT32
)
_Validator = validators.extend(Draft202012Validator, type_checker=_types)


def operations() -> dict[str, tuple[str, str]]:
    """Method and path of each operationId."""
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in _document()["paths"].items()
        for method, operation in methods.items()
    }


def daily_maximum(operation: str) -> int | None:
    method, path = operations()[operation]
    found = _document()["paths"][path][method.lower()].get("x-max-calls-per-day")
    return None if found is None else int(found)


@cache
def _validator(operation: str, status: int) -> Any:
    method, path = operations()[operation]
    responses = _document()["paths"][path][method.lower()]["responses"]
    assert str(status) in responses, f"{operation} declares no {status}"
    content = responses[str(status)].get("content")
    if content is None:
        return None
    schema = {**content["application/json"]["schema"], "components": _components()}
    return _Validator(schema, format_checker=FormatChecker(["date"]))


def check(operation: str, status: int, body: bytes) -> Any:
    """Validate an answer; answers its JSON."""
    validator = _validator(operation, status)
    if validator is None:
        assert body == b""
        return None
    hook = None if operation == "getDossiers" else _sorted_object
    value = json.loads(body, object_pairs_hook=hook)
    validator.validate(value)
    return value


def _sorted_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    assert names == sorted(names), names
    assert all(value is not None for _, value in pairs)
    return dict(pairs)
