"""PostgreSQL itself: the connection, the tables, their migrations, and whose rows a transaction sees."""
