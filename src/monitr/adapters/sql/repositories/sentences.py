"""Sentences as they are stored, each with its English text beside it, for a program that does not know its code."""

from collections.abc import Mapping
from typing import Any

from monitr.domain.accounting.verification import Check
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.words.sentence import Sentence

Stored = Mapping[str, Any]


def stored(sentence: Sentence) -> Stored:
    return {"key": sentence.key, "parameters": dict(sentence.parameters)}


def sentence_of(text: str, said: Stored | None) -> Sentence:
    """Verbatim where that is all that is known of it."""
    sentence = Sentence(said.get("key", ""), said.get("parameters", {})) if said else None
    return sentence if sentence is not None and sentence.is_known else Sentence.verbatim(text)


def stored_explanation(explanation: Explanation) -> Stored:
    advice = explanation.advice
    return {
        "code": explanation.code.value,
        "message": explanation.message,
        "action": explanation.action,
        "sentence": stored(explanation.sentence),
        "advice": None if advice is None else stored(advice),
    }


def explanation_of(told: Stored | None) -> Explanation | None:
    """A code that a newer program has written, and this one does not know, is told by its message."""
    if told is None:
        return None
    action = told.get("action")
    return Explanation(
        known_code(told["code"]),
        sentence_of(told["message"], told.get("sentence")),
        None if action is None else sentence_of(action, told.get("advice")),
    )


def known_code(code: str) -> ExplanationCode:
    """INTERNAL for one that a newer program has written."""
    return ExplanationCode(code) if code in ExplanationCode.__members__ else ExplanationCode.INTERNAL


def stored_check(check: Check) -> Stored:
    said = None if check.sentence is None else stored(check.sentence)
    return {"code": check.code.value, "status": check.status.value, "detail": check.detail, "sentence": said}


def check_of(told: Stored) -> Stored:
    """The fields of a Check."""
    detail = told.get("detail")
    return {**told, "sentence": None if detail is None else sentence_of(detail, told.get("sentence"))}
