"""What gets another name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from octopus_sandbox.office.desk import Desk


def rename_account(desk: Desk) -> str | None:
    number = desk.picked(sorted({number for _, number in desk.books.accounts}))
    if number is None:
        return None
    desk.books.rename_account(number, f"Rekening {desk.random.randint(1, 999)}")
    return str(number)


def rename_cost_centre(desk: Desk) -> str | None:
    id = desk.picked(sorted(desk.books.cost_centres))
    if id is None:
        return None
    desk.books.put_cost_centre(id, f"Kostenplaats {desk.random.randint(1, 999)}")
    return str(id)


def rename_relation(desk: Desk) -> str | None:
    id = desk.picked(sorted(desk.books.relations))
    if id is None:
        return None
    desk.books.rename_relation(id, f"Relatie {desk.random.randint(1, 999)}")
    return str(id)


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
