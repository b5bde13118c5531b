"""A simulated year: the whole program against the sandbox, under one clock and one seed (docs/testing.md)."""
