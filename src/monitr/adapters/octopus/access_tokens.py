"""The stored access tokens, as a read needs them: where Octopus does not renew one, it does not answer, and is asked
again like for everything else."""

from dataclasses import dataclass

from monitr.adapters.octopus.retries import Interrupted
from monitr.application.octopus import Credentials, OctopusUnavailable
from monitr.domain.integration import IntegrationId


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """The port ``Credentials`` once more. Raises Interrupted where the other raises OctopusUnavailable."""

    stored: Credentials

    async def access_token(self, integration: IntegrationId, rejected: str | None = None) -> str:
        try:
            return await self.stored.access_token(integration, rejected)
        except Interrupted:
            raise
        except OctopusUnavailable as error:
            raise Interrupted(error.said) from error
