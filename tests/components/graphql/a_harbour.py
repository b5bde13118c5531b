"""A schema that is described in every form that there is."""

from enum import Enum
from typing import Annotated

import strawberry


@strawberry.enum
class Tide(Enum):
    """Which way the water goes."""

    EBB = "EBB"
    """Away from the land."""
    FLOW = "FLOW"
    """Towards it, in ``m/s``."""


@strawberry.input
class Span:
    """Days, both included."""

    days: int = 1
    """At least 1."""


@strawberry.interface
class Place:
    name: str
    """In Dutch."""


@strawberry.type
class Harbour(Place):
    """A place for ships."""

    tide: Tide
    """As measured."""

    @strawberry.field
    def height(self, span: Span, at: Annotated[str, strawberry.argument(description="RFC 3339.")] = "") -> int:
        """In centimetres."""
        return span.days


@strawberry.type
class Query:
    harbour: Harbour


SDL = '''\
type Query {
  harbour: Harbour!
}

"""A place for ships."""
type Harbour implements Place {
  """In Dutch."""
  name: String!

  """As measured."""
  tide: Tide!

  """In centimetres."""
  height(
    """Days, both included."""
    span: Span!

    """RFC 3339."""
    at: String! = ""
  ): Int!
}

interface Place {
  """In Dutch."""
  name: String!
}

"""Which way the water goes."""
enum Tide {
  """Away from the land."""
  EBB

  """Towards it, in `m/s`."""
  FLOW
}

"""Days, both included."""
input Span {
  """At least 1."""
  days: Int! = 1
}
'''
