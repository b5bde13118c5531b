"""Octopus: OAuth, the REST reads, their wire format, quota and tokens. It can express reads only (decision 10)."""
