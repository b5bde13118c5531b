"""What is found by its id alone, where the id is a row's own; rows without one are named by ``opaque_ids``."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from monitr.application.reading.audit import RecordedEntry
from monitr.application.reading.cards import integration_seen_by, seen_by
from monitr.domain.accounting.statements.own_reports import Report
from monitr.domain.administration import Administration
from monitr.domain.import_run import ImportRun
from monitr.domain.integration import Integration
from monitr.domain.roles import Permission, Principal
from monitr.domain.webhooks import WebhookTarget

Node = Administration | Integration | ImportRun | WebhookTarget | Report | RecordedEntry


class NodeReader(Protocol):
    """Of one organisation."""

    async def nodes(self, ids: Sequence[UUID]) -> Mapping[UUID, Node]:
        """What has one of the ids; what is not found is left out, and so are deleted administrations, with their runs,
        and deleted integrations."""
        ...


def node_seen_by(principal: Principal, node: Node) -> Node | None:
    """What the principal sees of it; None where that is nothing."""
    match node:
        case Administration():
            return seen_by(principal, node) if principal.may(Permission.SEE_NAMES, node.id) else None
        case Integration():
            return integration_seen_by(principal, node)
        case ImportRun():
            return node if principal.may(Permission.SEE_IMPORTS, node.administration_id) else None
        case WebhookTarget():
            return node if principal.may(Permission.MANAGE_WEBHOOKS) else None
        case Report():
            return node if principal.may(Permission.READ_REPORTS) else None
        case RecordedEntry():
            return node if principal.may(Permission.SEE_AUDIT) else None
