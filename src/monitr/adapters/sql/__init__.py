"""PostgreSQL: tables, migrations, repositories, the unit of work, the bulk load and the read queries."""
