"""Logins, consent and tokens."""
