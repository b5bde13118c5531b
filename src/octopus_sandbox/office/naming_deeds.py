"""What gets another name."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from octopus_sandbox.office.desk import Desk


def rename_account(desk: Desk) -> str | None:
    numbers = {number for _, number in desk.books.accounts}
    return _renamed(desk, numbers, "Rekening", desk.books.rename_account)


def rename_cost_centre(desk: Desk) -> str | None:
    return _renamed(desk, desk.books.cost_centres, "Kostenplaats", desk.books.put_cost_centre)


def rename_relation(desk: Desk) -> str | None:
    return _renamed(desk, desk.books.relations, "Relatie", desk.books.rename_relation)


def _renamed(desk: Desk, among: Iterable[int], title: str, rename: Callable[[int, str], object]) -> str | None:
    number = desk.picked(sorted(among))
    if number is None:
        return None
    rename(number, f"{title} {desk.random.randint(1, 999)}")
    return str(number)


def rename_dossier(desk: Desk) -> str | None:
    number = desk.random.randint(1, 9_999)
    vat_number = f"BE0{number:03d}.{number:03d}.{desk.random.randint(1, 99):03d}"
    name, vat = (f"Dossier {number} NV", None) if desk.random.random() < 0.7 else (None, vat_number)
    return desk.sandbox.rename(desk.dossier, name, vat).name


DEEDS: Mapping[str, Callable[[Desk], str | None]] = MappingProxyType(
    {
        "rename-account": rename_account,
        "rename-cost-centre": rename_cost_centre,
        "rename-relation": rename_relation,
        "rename-dossier": rename_dossier,
    }
)
