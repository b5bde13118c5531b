"""The worker and scheduler processes: their event loop, their signals, and the Dramatiq actor."""
