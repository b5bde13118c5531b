"""What operators ask from the command line."""

from collections.abc import Sequence

import httpx

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.work.administration_owner import owner_of
from monitr.adapters.sql.work.encrypting_anew import EncryptedAnew, encrypt_anew
from monitr.adapters.sql.work.listed_administrations import (
    ListedAdministration as ListedAdministration,
)
from monitr.adapters.sql.work.listed_administrations import administrations_of, organisations
from monitr.bootstrap.ports import Ports
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.installation import Fault, encryption_keys
from monitr.settings import Settings

NAMED_AT_MOST = 5


class WhichOrganisation(Exception):
    """There are several: one sentence with their ids."""


async def listed_administrations(database: str, organisation: OrganisationId | None) -> Sequence[ListedAdministration]:
    """Of the organisation; without one, of the only one there is. Raises WhichOrganisation where there are more."""
    engine = create_engine(database, application_name="monitr-administrations")
    try:
        if organisation is not None:
            return await administrations_of(engine, organisation)
        match await organisations(engine):
            case []:
                return []
            case [only]:
                return await administrations_of(engine, only)
            case several:
                named = ", ".join(map(str, several[:NAMED_AT_MOST]))
                more = f" and {len(several) - NAMED_AT_MOST} more" if len(several) > NAMED_AT_MOST else ""
                raise WhichOrganisation(
                    f"There are {len(several)} organisations: name one by --organisation ({named}{more})."
                )
    finally:
        await engine.dispose()


async def octopus_trouble(settings: Settings) -> Fault | None:
    """None where Octopus's API answers at all (its version needs no token)."""
    where = f"at MONITR_OCTOPUS_API_URL ({settings.octopus_api_url})"
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.get(f"{settings.octopus_api_url}/about/version")
    except httpx.TimeoutException:
        return Fault(f"Octopus does not answer {where} within ten seconds", _REACH_OCTOPUS)
    except (httpx.HTTPError, httpx.InvalidURL):
        return Fault(f"Octopus does not answer {where}: no connection comes about", _REACH_OCTOPUS)
    if answer.is_server_error:
        return Fault(f"Octopus answers {where} with HTTP status {answer.status_code}", "wait until it is well again")
    return None


_REACH_OCTOPUS = "let this machine through to it (a firewall, a proxy, DNS), or correct the address"


async def encrypted_anew(settings: Settings, database: str) -> EncryptedAnew:
    """Every secret in the database, with the first key. Raises SettingsError where there is no key."""
    cipher = AesGcmCipher(encryption_keys(settings))
    engine = create_engine(database, application_name="monitr-keys")
    try:
        return await encrypt_anew(engine, cipher)
    finally:
        await engine.dispose()


async def organisation_of(of: Ports, administration: AdministrationId) -> OrganisationId | None:
    return await owner_of(of.engine, administration)
