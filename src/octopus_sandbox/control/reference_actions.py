"""Actions on bookyears, openings, accounts, journals, cost centres and relations."""

from collections.abc import Mapping

from octopus_sandbox.answers.wire import Json
from octopus_sandbox.books.bookyears import months_later
from octopus_sandbox.books.entries import cents
from octopus_sandbox.books.second_transfer import SecondTransfer, transfer_again
from octopus_sandbox.control.orders import Action, Order, Orders, document_key, is_true


class ReferenceActions:
    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self.actions: Mapping[str, Action] = {
            "new-bookyear": self._new_bookyear,
            "carry-forward": self._carry_forward,
            "transfer-again": self._transfer_again,
            "close-bookyear": self._close_bookyear,
            "unlist-bookyear": self._unlist_bookyear,
            "rename-account": self._rename_account,
            "add-account": self._add_account,
            "add-journal": self._add_journal,
            "rename-journal": self._rename_journal,
            "remove-journal": self._remove_journal,
            "put-cost-centre": self._put_cost_centre,
            "rename-relation": self._rename_relation,
            "misstate-total": self._misstate,
            "mend-totals": self._mend,
        }

    def _new_bookyear(self, order: Order) -> Json:
        """A bookyear after the newest, of the same kind; with `carryForward` it is opened too."""
        books = self._orders.books(order)
        newest = max(books.bookyears.values(), key=lambda year: year.start)
        start = months_later(newest.start, 12)
        year = books.add_bookyear(start, period_length=newest.period_length)
        if is_true(order, "carryForward"):
            books.carry_forward(year.id)
        return {"bookyear": year.id, "start": str(start)}

    def _carry_forward(self, order: Order) -> Json:
        """Open a bookyear; by hand in any divers `journal`, the banks `byWayOf` an account."""
        by_way_of = int(order["byWayOf"]) if "byWayOf" in order else None
        document = self._orders.books(order).carry_forward(
            int(order["bookyear"]), journal=str(order.get("journal", "D1")), by_way_of=by_way_of
        )
        return document_key(document.key) if document else {}

    def _transfer_again(self, order: Order) -> Json:
        """`how`: replaces, anew, difference or doubles."""
        how = SecondTransfer(str(order.get("how", "difference")))
        document = transfer_again(self._orders.books(order), int(order["bookyear"]), how)
        return document_key(document.key) if document else {}

    def _close_bookyear(self, order: Order) -> Json:
        closed = is_true(order, "closed", default=True)
        self._orders.books(order).close_bookyear(int(order["bookyear"]), closed=closed)
        return {"bookyear": int(order["bookyear"]), "closed": closed}

    def _unlist_bookyear(self, order: Order) -> Json:
        """Octopus lists the bookyear no more, or with `listed` true again."""
        books, bookyear = self._orders.books(order), int(order["bookyear"])
        listed = is_true(order, "listed")
        (books.list_bookyear if listed else books.unlist_bookyear)(bookyear)
        return {"bookyear": bookyear, "listed": listed}

    def _rename_account(self, order: Order) -> Json:
        self._orders.books(order).rename_account(
            int(order["account"]), str(order["name"]), str(order.get("nameFr", "")), bookyear=_bookyear(order)
        )
        return {"account": int(order["account"])}

    def _add_account(self, order: Order) -> Json:
        books = self._orders.books(order)
        books.add_account(int(order["account"]), str(order["name"]), str(order.get("nameFr", "")))
        return {"account": int(order["account"])}

    def _add_journal(self, order: Order) -> Json:
        """In every bookyear, or in one; `account` is the ledger account of a financial one."""
        account = int(order["account"]) if "account" in order else None
        self._orders.books(order).add_journal(
            str(order["journal"]), str(order["name"]), account=account, bookyear=_bookyear(order)
        )
        return {"journal": str(order["journal"])}

    def _rename_journal(self, order: Order) -> Json:
        self._orders.books(order).rename_journal(str(order["journal"]), str(order["name"]))
        return {"journal": str(order["journal"])}

    def _remove_journal(self, order: Order) -> Json:
        """From one bookyear; with `told` false, nothing says that it was ever there."""
        told = is_true(order, "told", default=True)
        self._orders.books(order).remove_journal(str(order["journal"]), int(order["bookyear"]), told=told)
        return {"journal": str(order["journal"])}

    def _put_cost_centre(self, order: Order) -> Json:
        """Add, rename or close a cost centre."""
        id = int(order["costCentre"])
        self._orders.books(order).put_cost_centre(id, str(order["name"]), closed=is_true(order, "closed"))
        return {"costCentre": id}

    def _rename_relation(self, order: Order) -> Json:
        id = int(order["relation"])
        self._orders.books(order).rename_relation(id, str(order["name"]))
        return {"relation": id}

    def _misstate(self, order: Order) -> Json:
        """Put Octopus's own total of an `account` out by `amount`, in a `period` of a `bookyear` or the newest one."""
        books, account = self._orders.books(order), int(order["account"])
        bookyear = _bookyear(order)
        keys = [key for key in books.amounts.amounts if key.account == account and bookyear in (None, key.bookyear)]
        if "period" in order:
            keys = [key for key in keys if key.period == int(order["period"])]
        if not keys:
            raise ValueError(f"nothing is booked on {account} there")
        books.misstate_total(max(keys), cents(str(order["amount"])))
        return {"account": account, "bookyear": max(keys).bookyear, "period": max(keys).period}

    def _mend(self, order: Order) -> Json:
        return {"mended": self._orders.books(order).mend_totals()}


def _bookyear(order: Order) -> int | None:
    return int(order["bookyear"]) if "bookyear" in order else None
