"""The tenant, and the companies in it."""

from typing import NewType
from uuid import UUID

OrganisationId = NewType("OrganisationId", UUID)
AdministrationId = NewType("AdministrationId", UUID)
