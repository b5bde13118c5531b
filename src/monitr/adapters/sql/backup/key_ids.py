"""Which encryption keys the secrets of a database need. An id tells nothing of its key (``security/cipher.py``)."""

import psycopg

from monitr.adapters.sql.database.secrets_at_rest import SECRET_COLUMNS

_KEY_ID = "substring({column} FROM 2 FOR 4)"


def keys_needed(connection: psycopg.Connection) -> dict[str, int]:
    """How many secrets there are by the id of their key, in hexadecimal; for a login that sees all of them."""
    each = " UNION ALL ".join(
        f"SELECT encode({_KEY_ID.format(column=secret.column.name)}, 'hex') FROM {secret.table.name}"
        f" WHERE {secret.column.name} IS NOT NULL"
        for secret in SECRET_COLUMNS
    )
    counted = f"SELECT id, count(*) FROM ({each}) AS secret (id) GROUP BY id ORDER BY id"
    return {str(id): int(count) for id, count in connection.execute(counted.encode())}
