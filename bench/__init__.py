"""Benchmarks: ratios measured in one run, with the peer beside them. No wall-clock time is ever asserted."""
