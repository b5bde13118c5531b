"""The servers of the integration tests."""

from tests.integration.conftest import server_url

__all__ = ["server_url"]
