"""One function for each operation of the REST API."""
