"""Changing the books while the sandbox runs: one action after another, over HTTP and from the page for a person."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from octopus_sandbox.answers.wire import Json, encoded
from octopus_sandbox.control.booking_actions import BookingActions
from octopus_sandbox.control.control_page import control_page
from octopus_sandbox.control.orders import Action, Order, Orders
from octopus_sandbox.control.page_orders import Form, orders, told
from octopus_sandbox.control.reference_actions import ReferenceActions
from octopus_sandbox.control.running_actions import RunningActions
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.switch_values import current


class Control:
    """POST /sandbox/control with {"action": name, …}, and the page /sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        read = Orders(sandbox)
        self._actions: Mapping[str, Action] = {
            **BookingActions(sandbox, read).actions,
            **ReferenceActions(read).actions,
            **RunningActions(sandbox, read).actions,
        }

    def routes(self) -> list[Route]:
        return [
            Route("/sandbox/control", self._over_http, methods=["POST"]),
            Route("/sandbox/switches", self._switches, methods=["GET"]),
            Route("/sandbox/quota", self._quota, methods=["GET"]),
            Route("/sandbox", self._page, methods=["GET"]),
            Route("/sandbox", self._from_page, methods=["POST"]),
        ]

    @property
    def actions(self) -> list[str]:
        return list(self._actions)

    def act(self, order: Order) -> Json:
        """Do one action; KeyError, ValueError or TypeError where it cannot be done."""
        name = str(order.get("action"))
        if name not in self._actions:
            raise ValueError(f"unknown action {name}; known: {', '.join(self._actions)}")
        return self._actions[name](order)

    async def _over_http(self, request: Request) -> Response:
        try:
            order = json.loads(await request.body())
            answer = await self._sandbox.aside(self.act, order)
        except (KeyError, ValueError, TypeError, AttributeError) as wrong:
            return Response(encoded({"error": _explained(wrong)}), 400, media_type="application/json")
        return Response(encoded(answer), media_type="application/json")

    async def _switches(self, request: Request) -> Response:
        return Response(encoded(current(self._sandbox.switches)), media_type="application/json")

    async def _quota(self, request: Request) -> Response:
        return Response(encoded({"forgotten": self._sandbox.quota.forgotten}), media_type="application/json")

    async def _page(self, request: Request) -> Response:
        return HTMLResponse(await self._sandbox.aside(control_page, self._sandbox, dict(request.query_params)))

    async def _from_page(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        try:
            message = await self._sandbox.aside(self._done, form)
        except (KeyError, ValueError, TypeError) as wrong:
            message = f"Not done: {_explained(wrong)}."
        dossier = {"dossier": form["dossier"][-1]} if "dossier" in form else {}
        return HTMLResponse(await self._sandbox.aside(control_page, self._sandbox, dossier, message))

    def _done(self, form: Form) -> str:
        """In words: all that the form asks for. Raises as `act`; what came before stays done."""
        sentences = [told(str(order.get("action")), self.act(order)) for order in orders(form)]
        return f"Done: {' '.join(sentences)}"


def _explained(wrong: Exception) -> str:
    return f"{wrong} is missing or unknown" if isinstance(wrong, KeyError) else str(wrong)
