"""Actions on access, dossiers, switches, faults and the clock."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from octopus_sandbox.answers.wire import Json
from octopus_sandbox.control.orders import Action, Order, Orders, is_true
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.switch_values import parsed
from octopus_sandbox.trouble.faults import FaultKind, Trouble
from octopus_sandbox.trouble.weather import Weather

_TROUBLE = set(Trouble.__annotations__)


class RunningActions:
    def __init__(self, sandbox: Sandbox, orders: Orders) -> None:
        self._sandbox = sandbox
        self._orders = orders
        self.actions: Mapping[str, Action] = {
            "revoke": self._revoke,
            "disable-dossier": self._disable,
            "rename-dossier": self._rename,
            "remove-dossier": self._remove,
            "withdraw-access": self._withdraw,
            "give-access": self._admit,
            "expire-tokens": self._expire,
            "switch": self._switch,
            "fault": self._fault,
            "squall": self._squall,
            "clear-faults": self._clear_faults,
            "advance-clock": self._advance,
            "reset-quota": self._reset_quota,
        }

    def _revoke(self, order: Order) -> Json:
        login = str(order.get("login", "demo"))
        self._sandbox.revoke(login)
        return {"login": login}

    def _disable(self, order: Order) -> Json:
        """For everyone, or for one `login`; `disabled` false enables it again."""
        dossier, disabled = self._orders.dossier(order), is_true(order, "disabled", default=True)
        if "login" in order:
            self._sandbox.disable_for(str(order["login"]), dossier, disabled=disabled)
        else:
            self._sandbox.disable(dossier, disabled=disabled)
        return {"dossier": dossier, "disabled": disabled}

    def _rename(self, order: Order) -> Json:
        card = self._sandbox.rename(self._orders.dossier(order), order.get("name"), order.get("vatNumber"))
        return {"dossier": card.id, "name": card.name, "vatNumber": card.vat_number}

    def _remove(self, order: Order) -> Json:
        self._sandbox.remove(self._orders.dossier(order))
        return {"dossier": self._orders.dossier(order)}

    def _withdraw(self, order: Order) -> Json:
        self._sandbox.withdraw(self._orders.dossier(order), str(order.get("login", "demo")))
        return {"dossier": self._orders.dossier(order)}

    def _admit(self, order: Order) -> Json:
        self._sandbox.admit(self._orders.dossier(order), str(order.get("login", "demo")))
        return {"dossier": self._orders.dossier(order)}

    def _expire(self, order: Order) -> Json:
        refresh = is_true(order, "refresh")
        self._sandbox.tokens.expire(refresh=refresh)
        return {"refresh": refresh}

    def _switch(self, order: Order) -> Json:
        """switches: {name: value} as in the table of docs/sandbox.md."""
        self._sandbox.switches = replace(self._sandbox.switches, **parsed(order["switches"]))
        return dict(order["switches"])

    def _fault(self, order: Order) -> Json:
        """For `times` calls (1), or for a span of `span` seconds that begins `after` so many."""
        trouble: Trouble = {name: value for name, value in order.items() if name in _TROUBLE}  # type: ignore[assignment]  # its own names
        kind, operation = FaultKind(str(order["kind"])), order["operation"]
        times = int(order["times"]) if "times" in order else None
        if "span" in order:
            span, after = timedelta(seconds=float(order["span"])), timedelta(seconds=float(order.get("after", 0)))
            self._sandbox.faults.during(operation, span, kind=kind, after=after, times=times, **trouble)
        else:
            self._sandbox.faults.next(operation, 1 if times is None else times, kind=kind, **trouble)
        return {"operation": operation, "kind": kind.value}

    def _squall(self, order: Order) -> Json:
        """What a draw brings for a dossier, or the trouble that is named."""
        named = str(order["squall"]) if "squall" in order else None
        squall = Weather(self._sandbox).strike(int(order["draw"]), self._orders.dossier(order), named)
        until = squall.until.isoformat() if squall.until else None
        return {"squall": squall.name, "what": squall.what, "until": until}

    def _clear_faults(self, order: Order) -> Json:
        self._sandbox.faults.clear()
        return {}

    def _advance(self, order: Order) -> Json:
        self._sandbox.clock.advance(timedelta(seconds=float(order["seconds"])))
        return {"now": self._sandbox.clock.now().isoformat()}

    def _reset_quota(self, order: Order) -> Json:
        self._sandbox.quota.reset()
        return {}
