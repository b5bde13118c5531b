"""The types of the contract, and how rows become them."""

from monitr.entrypoints.graphql.types import enums

__all__ = ["enums"]  # first: it registers the enums of the domain, which the others use
