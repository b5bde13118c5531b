"""One program and one Octopus for the whole session; each test that changes something has dossiers of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from uuid import uuid4

import pytest

from tests.acceptance.books import Books
from tests.acceptance.companies import PLANS
from tests.acceptance.front_end import FrontEnd
from tests.acceptance.other_octopus import Dossier, OtherOctopus
from tests.acceptance.program import Program, database, settings_for, token
from tests.acceptance.sign_in import Login
from tests.acceptance.soak import SOAKING
from tests.acceptance.wire import Style

numbers = count(80001, 7)
Begun = Callable[..., tuple[FrontEnd, "Selected"]]


@dataclass
class Selected:
    """A dossier that is an administration and has had its first import."""

    dossier: Dossier
    id: str
    integration: str
    first_import: dict

    @property
    def books(self) -> Books:
        return self.dossier.books


@pytest.fixture(scope="session")
def octopus() -> Iterator[OtherOctopus]:
    yield from OtherOctopus().running()


@pytest.fixture(scope="session")
def database_settings() -> Iterator[dict[str, str]]:
    with database() as settings:
        yield settings


@pytest.fixture(scope="session")
def program(octopus: OtherOctopus, database_settings: dict[str, str]) -> Iterator[Program]:
    program = Program(settings_for(octopus.settings, database_settings))
    program.start()
    yield program
    assert program.stop() == 0


@pytest.fixture(scope="session")
def organisation() -> str:
    return str(uuid4())


@pytest.fixture(scope="session")
def an(program: Program, organisation: str) -> FrontEnd:
    """The administrator of the organisation whose books everyone reads."""
    return FrontEnd(program.url, token(organisation, "ORGANISATION_ADMIN"))


@pytest.fixture(scope="session")
def companies(octopus: OtherOctopus, an: FrontEnd) -> dict[str, Selected]:
    """Every sound company, connected by one login, selected in one go, imported once."""
    for plan in PLANS.values():
        octopus.keep(plan.write(), plan.style)
    dossiers = [plan.number for plan in PLANS.values()]
    login = octopus.sign_in.add(Login("an@voorbeeld.be", "geheim", dossiers, tells_expiry=False))
    integration = an.connect(login.user, login.password)
    administrations = an.select(integration, *dossiers)
    return {
        plan.name: Selected(
            octopus.dossiers[plan.number],
            administrations[plan.number],
            integration,
            an.wait(administrations[plan.number], 120),
        )
        for plan in PLANS.values()
    }


@pytest.fixture(params=list(PLANS))
def company(request: pytest.FixtureRequest, companies: dict[str, Selected]) -> Selected:
    return companies[request.param]


@pytest.fixture(params=list(PLANS) if SOAKING else list(PLANS)[:4:3] + list(PLANS)[6:7])
def sample(request: pytest.FixtureRequest, companies: dict[str, Selected]) -> Selected:
    """For what does not depend on how openings look."""
    return companies[request.param]


@pytest.fixture(scope="session")
def shown(an: FrontEnd) -> Callable[[str], list[dict]]:
    """Every line of an administration, asked once: for administrations that no test changes."""
    return cache(an.transactions)


@pytest.fixture(scope="session")
def begun(octopus: OtherOctopus, program: Program) -> Callable[..., tuple[FrontEnd, Selected]]:
    """Books of one's own: an organisation, a login, a dossier, its first import."""

    def begin(
        books: Books,
        style: Style | None = None,
        *,
        wait: bool = True,
        login: Login | None = None,
        seconds: float = 45,
        **more: object,
    ):
        books.number = next(numbers)
        dossier = octopus.keep(books, style, **more)
        login = octopus.sign_in.add(login or Login(f"user-{books.number}", "pw", []))
        login.dossiers.append(books.number)
        someone = FrontEnd(program.url, token(str(uuid4()), "ORGANISATION_ADMIN"))
        integration = someone.connect(login.user, login.password)
        id = someone.select(integration, books.number)[books.number]
        return someone, Selected(dossier, id, integration, someone.wait(id, seconds) if wait else {})

    return begin


@pytest.fixture(autouse=True)
def _no_faults_left(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "octopus" in request.fixturenames:
        request.getfixturevalue("octopus").faults.clear()
