"""Webhooks: an organisation's targets, and what is sent to them."""
