"""What a person asks for on the page: the orders that a form stands for, and their answers in words."""

from collections.abc import Iterator, Mapping, Sequence

from octopus_sandbox.answers.wire import Json
from octopus_sandbox.control.orders import Order
from octopus_sandbox.control.typed_amounts import typed_amount

Form = Mapping[str, Sequence[str]]
"""The fields that were filled in, each as often as it was."""

_OF_DOCUMENTS = ("pay", "change", "delete", "reuse-number", "unmatch")
_DONE = {
    "invoice": "{} is booked.",
    "book": "{} is booked.",
    "pay": "It is paid by {}.",
    "change": "{} is corrected.",
    "delete": "{} is deleted.",
    "reuse-number": "{} is deleted, and its number is used again.",
    "carry-forward": "The balances are carried forward by {}.",
}


def orders(form: Form) -> Iterator[Order]:
    """One for each ticked document where the action is about documents, else one. Raises ValueError, KeyError."""
    order: dict[str, Json] = {name: values[-1] for name, values in form.items() if name != "document"}
    if "amount" in order:
        order["amount"] = str(typed_amount(order["amount"]))
    ticked = [_key(text) for text in form.get("document", ())]
    action = order.get("action")
    if action == "match":
        yield order | _pair(ticked)
    elif action == "book":
        yield order | {"lines": _two_lines(order)}
    elif action in _OF_DOCUMENTS and not {"bookyear", "journal", "number"} <= order.keys():
        if not ticked:
            raise ValueError("tick a document first")
        yield from (order | key for key in ticked)
    else:
        yield order


def told(action: str, answer: Json) -> str:
    """What was done, as a sentence."""
    if action in _DONE and "number" in answer:
        return _DONE[action].format(f"{answer['journal']}/{answer['number']} of bookyear {answer['bookyear']}")
    return ", ".join(f"{name} {value}" for name, value in answer.items()) or "That is forgotten."


def document_value(bookyear: int, journal: str, number: int) -> str:
    """Of the field that ticks a document."""
    return f"{bookyear}.{journal}.{number}"


def _key(text: str) -> dict[str, Json]:
    bookyear, journal, number = text.split(".")
    return {"bookyear": int(bookyear), "journal": journal, "number": int(number)}


def _pair(ticked: Sequence[dict[str, Json]]) -> dict[str, Json]:
    if len(ticked) != 2:
        raise ValueError("tick the two documents that are to be matched")
    return {**ticked[0], "with": ticked[1]}


def _two_lines(order: Order) -> list[Json]:
    amount, relation = str(order["amount"]), int(order.get("relation", 0))
    sides = ((int(order["debit"]), amount), (int(order["credit"]), str(-typed_amount(amount))))
    return [
        {"account": account, "amount": value, "relation": relation if account in (400000, 440000) else 0}
        for account, value in sides
    ]
