"""Clients and suppliers with Belgian names and addresses, Flemish and Walloon, and some from abroad."""

from collections.abc import Iterator
from random import Random

from octopus_sandbox.books.master_data import Relation

_NL_NAMES = (
    "Peeters Janssens Maes Jacobs Mertens Willems Claes Goossens Wouters De_Smet Vermeulen Vanden_Berghe "
    "Aerts Hermans Pauwels Lemmens Michiels Van_Damme Coppens Baert Desmedt Lambrecht Martens Segers Thijs"
)
_FR_NAMES = (
    "Dubois Lambert Dupont Martin Simon Laurent Leroy Denis Lemaire Renard Thomas Collard Gérard Mathieu "
    "Toussaint Bodart Delvaux Charlier Hubert Noël Fontaine Marchal Wauters Massart Pirotte"
)
_NL_TRADES = (
    "Bouwbedrijf Drukkerij Schrijnwerkerij Transport Garage Bakkerij Elektro Dakwerken Metaalbouw "
    "Brouwerij Houthandel Tuinaanleg Verzekeringen IT-diensten Groothandel"
)
_FR_TRADES = (
    "Menuiserie Imprimerie Transports Garage Boulangerie Toitures Électricité Brasserie Construction "
    "Plomberie Librairie Assurances Horticulture Informatique Grossiste"
)
_NL_TOWNS = (
    "8000 Brugge,9000 Gent,2000 Antwerpen,3000 Leuven,8500 Kortrijk,2800 Mechelen,3500 Hasselt,"
    "9300 Aalst,8800 Roeselare,8400 Oostende,9100 Sint-Niklaas,2300 Turnhout,3600 Genk,"
    "9700 Oudenaarde,8900 Ieper"
)
_FR_TOWNS = (
    "4000 Liège,5000 Namur,7000 Mons,6000 Charleroi,1300 Wavre,7500 Tournai,4800 Verviers,"
    "6600 Bastogne,4500 Huy,6700 Arlon,5500 Dinant,7100 La Louvière,1400 Nivelles,4900 Spa,"
    "6900 Marche-en-Famenne"
)
_NL_STREETS = "Kerkstraat Stationsstraat Dorpsstraat Molenstraat Nieuwstraat Industrieweg Kaai Veldstraat"
_FR_STREETS = (
    "Rue de la Gare,Rue de l'Église,Grand-Place,Chaussée de Bruxelles,Avenue Louise,Rue du Moulin,Quai de Meuse"
)
_ABROAD = (
    ("Van Rijn Handel B.V.", "NL", "4401 GE", "Yerseke", "NL1633.92.705 B01", 4, "EUR"),
    ("Müller Maschinenbau GmbH", "DE", "50667", "Köln", "DE 811.234.567", 4, "EUR"),
    ("Établissements Mercier SARL", "FR", "59000", "Lille", "FR12.345.678.901", 4, "EUR"),
    ("Rossi Forniture S.r.l.", "IT", "20121", "Milano", "IT0123.456.7890", 4, "EUR"),
    ("Great Lakes Supply Inc.", "US", "60601", "Chicago IL", "", 6, "USD"),
    ("Hudson Trading LLC", "US", "10004", "New York NY", "", 6, "USD"),
    ("Pacific Components Corp.", "US", "94105", "San Francisco CA", "", 6, "USD"),
)


def relations(random: Random, clients: int, suppliers: int, modified: int, *, untidy: bool) -> Iterator[Relation]:
    """Clients first, then suppliers; every fourteenth is from abroad, every ninth is both client and supplier."""
    for number in range(1, clients + suppliers + 1):
        client = number <= clients
        both = number % 9 == 0
        if number % 14 == 0:
            yield _abroad(number, random, modified, client=client)
            continue
        french = random.random() < 0.4
        relation = _belgian(number, random, modified, french=french, client=client or both, supplier=not client or both)
        yield _untidy(relation) if untidy and number % 25 == 0 else relation


def _belgian(id: int, random: Random, modified: int, *, french: bool, client: bool, supplier: bool) -> Relation:
    trades, names = (_FR_TRADES, _FR_NAMES) if french else (_NL_TRADES, _NL_NAMES)
    town = random.choice((_FR_TOWNS if french else _NL_TOWNS).split(","))
    street = random.choice(_FR_STREETS.split(",") if french else _NL_STREETS.split())
    form = random.choice(("SRL", "SA", "SC") if french else ("BV", "NV", "CV"))
    enterprise = 400_000_000 + (id * 7_919_311) % 399_000_000
    digits = f"{enterprise // 100:08d}{97 - enterprise // 100 % 97:02d}"
    return Relation(
        id=id,
        name=f"{random.choice(trades.split())} {random.choice(names.split())} {form}".replace("_", " "),
        modified=modified,
        client=client,
        supplier=supplier,
        street=f"{street} {random.randint(1, 220)}",
        postal_code=town.split(" ", 1)[0],
        city=town.split(" ", 1)[1],
        vat_number=f"BE{digits[:4]}.{digits[4:7]}.{digits[7:]}",
        language=1 if french else 0,
        expiration_days=random.choice((0, 14, 30, 30, 30, 45, 60)),
        active=id % 17 != 0,
        external_id=id + 5000 if id % 11 == 0 else 0,
        iban=f"BE{(id * 37) % 90 + 10}0012345{id:05d}" if supplier else "",
        default_purchase_account=604000 if supplier else 0,
    )


def _abroad(id: int, random: Random, modified: int, *, client: bool) -> Relation:
    name, country, postal_code, city, vat_number, vat_type, currency = _ABROAD[id // 14 % len(_ABROAD)]
    return Relation(
        id=id,
        name=name if id // 14 < len(_ABROAD) else f"{name} {id}",
        modified=modified,
        client=client,
        supplier=not client,
        street=f"Main Street {random.randint(1, 900)}",
        postal_code=postal_code,
        city=city,
        country=country,
        vat_number=vat_number,
        vat_type=vat_type,
        language=2,
        currency=currency,
    )


def _untidy(relation: Relation) -> Relation:
    """As recorded: country of two spaces, no city (octopus.md 2.8)."""
    return Relation(
        id=relation.id,
        name=relation.name,
        modified=relation.modified,
        client=relation.client,
        supplier=relation.supplier,
        city=None,
        country="  ",
        vat_type=0,
    )
