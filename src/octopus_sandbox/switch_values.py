"""Switches by name and text, as they come over HTTP."""

from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum

from octopus_sandbox.answers.wire import Json
from octopus_sandbox.switches import OpeningVariant, Switches

_NAMES = {field.name for field in fields(Switches)}


def parsed(values: Mapping[str, Json]) -> dict[str, Json]:
    """The values of switches with the types they need; ValueError for a name or value that does not exist."""
    return {name: _value(name, value) for name, value in values.items()}


def current(switches: Switches) -> dict[str, Json]:
    """Every switch with its value as text, number or boolean."""
    return {name: _plain(getattr(switches, name)) for name in sorted(_NAMES)}


def _value(name: str, value: Json) -> Json:
    if name not in _NAMES:
        raise ValueError(f"unknown switch {name}")
    if name == "opening_by_dossier":
        return {int(dossier): OpeningVariant(variant) for dossier, variant in value.items()}
    default = getattr(Switches(), name)
    if isinstance(default, StrEnum):
        return type(default)(value)
    if isinstance(default, bool):
        return value if isinstance(value, bool) else str(value).lower() in ("true", "1", "on", "yes")
    return type(default)(value)


def _plain(value: Mapping[int, OpeningVariant] | StrEnum | int) -> Json:
    if isinstance(value, Mapping):
        return {str(dossier): str(variant) for dossier, variant in value.items()}
    return str(value) if isinstance(value, StrEnum) else value
