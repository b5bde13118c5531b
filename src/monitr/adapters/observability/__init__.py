"""What operators see: metrics for Prometheus, traces for OpenTelemetry, and the ids that tie log lines together.

Use cases know nothing of it. What is observed is wrapped in the composition root, at the seams that ports and hooks
are: the work on a run, its store, the requests to Octopus, the messages of the outbox. Nothing is done per line.
"""
