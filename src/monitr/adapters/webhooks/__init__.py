"""Webhooks on their way out: which addresses may be connected to, the signature, the attempt, and who makes it when."""
