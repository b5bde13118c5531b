"""The imported data of an administration, as a run writes and proves it."""
