"""The outside of the ports: Octopus over HTTP, PostgreSQL, jobs, and security."""
