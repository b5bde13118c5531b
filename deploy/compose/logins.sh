#!/bin/sh
# Two logins, made when the database is: one owns the tables and migrates, the other owns none and is what the program
# uses. The roles that transactions run as are made by `monitr migrate`.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=owner_password="$MONITR_OWNER_PASSWORD" --set=program_password="$MONITR_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE monitr_owner LOGIN CREATEROLE PASSWORD :'owner_password';
CREATE ROLE monitr LOGIN PASSWORD :'program_password';
SELECT format('ALTER DATABASE %I OWNER TO monitr_owner', current_database()) AS own \gexec
ALTER SCHEMA public OWNER TO monitr_owner;
SQL
