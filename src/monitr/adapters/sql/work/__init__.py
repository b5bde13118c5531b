"""What is to be done, by whom, and how often: runs, leases, outbox, schedule, counters."""
