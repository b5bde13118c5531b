"""The aggregates of the use cases, in one transaction (the port ``UnitOfWork``)."""
