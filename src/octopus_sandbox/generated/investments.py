"""Purchases, depreciation, revaluation and disposal of fixed assets (octopus.md 5)."""

from datetime import date, timedelta

from octopus_sandbox.books.entries import CLIENTS, SUPPLIERS, Line, LineKey
from octopus_sandbox.books.fixed_assets import Asset
from octopus_sandbox.generated.bookkeeper import Bookkeeper
from octopus_sandbox.generated.payments import Agenda, Debt

_KINDS = (
    (230000, "Stroomgenerator", 561_160, 60),
    (240000, "Notebook", 184_900, 36),
    (241000, "Bestelwagen", 2_845_000, 60),
    (240000, "Bureaumeubilair", 742_500, 120),
    (211000, "Softwarelicentie", 1_250_000, 60),
    (230000, "Heftruck", 1_980_000, 84),
)
_CHARGES = {"20": 630000, "21": 630100}
"""Charge account by the first two digits of the asset's; 630200 for all others."""


class Investments:
    def __init__(self, bookkeeper: Bookkeeper, agenda: Agenda) -> None:
        self._bookkeeper = bookkeeper
        self._agenda = agenda
        self._assets = bookkeeper.books.assets
        self._suppliers = [r for r in bookkeeper.books.relations.values() if r.supplier and r.currency == "EUR"]

    def buy(self, day: date, which: int, size: int) -> None:
        """Buy one asset of the catalogue in A1, with an investment VAT code."""
        account, description, cents, life = _KINDS[which % len(_KINDS)]
        cost = cents * size
        vat = (cost * 21 + 50) // 100
        supplier = self._suppliers[which % len(self._suppliers)]
        lines = (
            Line(SUPPLIERS, -cost - vat, -cost - vat, supplier.id),
            Line(account, cost, cost, 0, 0, description, "I21", vat, 100, "83"),
            Line(411000, vat, vat, vat_section="59"),
        )
        due = day + timedelta(days=30)
        document = self._bookkeeper.post(1, 1, day, lines, due=due, relation=supplier.id, comment=description)
        self._assets.append(Asset(account, description, day, cost, life, supplier.id, document.key))
        head = lines[0]
        debt = Debt(LineKey(document.key, 0), supplier.id, SUPPLIERS, head.cents, head.cents, "EUR", description)
        self._agenda.plan(debt, due)

    def depreciate(self, last: date, months: int) -> None:
        """Book the linear depreciation of the months that end with `last`: a pair of lines for each account."""
        charges: dict[tuple[int, int], int] = {}
        for asset in self._assets:
            if asset.life_months and asset.disposed is None:
                cents = self._charge(asset, last, months)
                asset.depreciated_cents += cents
                pair = (_CHARGES.get(str(asset.account)[:2], 630200), asset.depreciation_account)
                charges[pair] = charges.get(pair, 0) + cents
        lines = [
            entry for (charge, account), cents in charges.items() for entry in ((charge, cents), (account, -cents))
        ]
        if any(charges.values()):
            self._bookkeeper.divers(last, "Afschrijvingen", *lines)

    def revalue(self, day: date, cents: int) -> None:
        """A surplus on land, against equity."""
        self._bookkeeper.divers(day, "Herwaardering terreinen", (220008, cents), (120000, -cents))

    def dispose(self, day: date, client: int) -> None:
        """Sell the oldest vehicle: out of the books with its depreciation, the proceeds as a sales invoice."""
        vehicle = next((a for a in self._assets if a.account == 241000 and a.disposed is None), None)
        if vehicle is None:
            return
        vehicle.disposed = day
        book_value = vehicle.cost_cents - vehicle.depreciated_cents
        self._bookkeeper.divers(
            day,
            f"Verkoop {vehicle.description}",
            (vehicle.depreciation_account, vehicle.depreciated_cents),
            (641000, book_value),
            (vehicle.account, -vehicle.cost_cents),
        )
        proceeds = book_value // 2 + 100_000
        vat = (proceeds * 21 + 50) // 100
        lines = (
            Line(CLIENTS, proceeds + vat, proceeds + vat, client),
            Line(741000, -proceeds, -proceeds, 0, 0, "", "21", -vat, 100, "03"),
            Line(451000, -vat, -vat, vat_section="54"),
        )
        self._bookkeeper.post(2, 1, day, lines, due=day, relation=client, comment=f"Verkoop {vehicle.description}")

    def _charge(self, asset: Asset, last: date, months: int) -> int:
        owned = (last.year - asset.acquired.year) * 12 + last.month - asset.acquired.month + 1
        return min(asset.monthly_cents() * min(months, owned), asset.cost_cents - asset.depreciated_cents)
