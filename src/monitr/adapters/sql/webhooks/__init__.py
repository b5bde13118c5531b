"""The targets and events of webhooks."""
