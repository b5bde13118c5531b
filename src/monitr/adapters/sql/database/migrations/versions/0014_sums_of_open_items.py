"""Sums of open items are kept, so that their totals do not grow with their number.

``outstanding_due`` and ``outstanding_relation`` are the sums of ``outstanding_item``. ``outstanding_change`` says how
they went, day by day: what the report of day D held is what it holds now, less the changes of later days. Triggers keep
them in the transaction of the change, whoever writes: a row of ``outstanding_item`` has come on ``found_on``; one of
``outstanding_item_past`` has come on ``found_on``, and gone on the day after ``last_found_on``.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE outstanding_due (
    administration_id UUID NOT NULL,
    type TEXT NOT NULL,
    due DATE NOT NULL,
    journal TEXT NOT NULL,
    is_negative BOOLEAN NOT NULL,
    amount NUMERIC(18, 2) NOT NULL,
    items INTEGER NOT NULL,
    CONSTRAINT pk_outstanding_due PRIMARY KEY (administration_id, type, due, journal, is_negative)
);

CREATE TABLE outstanding_change (
    administration_id UUID NOT NULL,
    type TEXT NOT NULL,
    day DATE NOT NULL,
    due DATE NOT NULL,
    journal TEXT NOT NULL,
    is_negative BOOLEAN NOT NULL,
    amount NUMERIC(18, 2) NOT NULL,
    items INTEGER NOT NULL,
    CONSTRAINT pk_outstanding_change PRIMARY KEY (administration_id, type, day, due, journal, is_negative)
);

CREATE TABLE outstanding_relation (
    administration_id UUID NOT NULL,
    type TEXT NOT NULL,
    relation INTEGER NOT NULL,
    amount NUMERIC(18, 2) NOT NULL,
    items INTEGER NOT NULL,
    CONSTRAINT pk_outstanding_relation PRIMARY KEY (administration_id, type, relation)
);
CREATE INDEX ix_outstanding_relation_largest ON outstanding_relation (administration_id, type, amount DESC);

CREATE INDEX ix_outstanding_item_relation ON outstanding_item (administration_id, type, coalesce(relation, 0));
CREATE INDEX ix_outstanding_item_administration_id_type_found_on
    ON outstanding_item (administration_id, type, found_on);
"""

# As in 0001.
OWN_ADMINISTRATION = """
administration_id IN (
    SELECT id FROM administration
    WHERE organisation_id = (SELECT nullif(current_setting('app.organisation', true), '')::uuid)
)
"""

DUE = "coalesce(due_date, document_date), left(journal_key, 1), amount_outstanding < 0"


def added(table: str, key: str, columns: str, rows: str, sign: int) -> str:
    """Add the rows to the sums of the table, or take them off. In the order of the key, so that nobody waits for
    somebody who waits for him; sums without items go."""
    names = ", ".join(f"kept.{name.strip()}" for name in key.split(","))
    return f"""
    INSERT INTO {table} AS kept
    SELECT administration_id, type, {columns}, {sign} * sum(amount_outstanding), {sign} * count(*)
    FROM {rows}
    GROUP BY administration_id, type, {columns}
    ORDER BY administration_id, type, {columns}
    ON CONFLICT (administration_id, type, {key}) DO UPDATE
        SET amount = kept.amount + excluded.amount, items = kept.items + excluded.items;
    DELETE FROM {table} AS kept
    USING (SELECT DISTINCT administration_id, type, {columns} FROM {rows}) AS row (administration_id, type, {key})
    WHERE (kept.administration_id, kept.type, {names})
        = (row.administration_id, row.type, {", ".join(f"row.{name.strip()}" for name in key.split(","))})
      AND kept.items = 0 AND kept.amount = 0;
    """


def sums_of_items(rows: str, sign: int) -> str:
    return (
        added("outstanding_due", "due, journal, is_negative", DUE, rows, sign)
        + added("outstanding_relation", "relation", "coalesce(relation, 0)", rows, sign)
        + added("outstanding_change", "day, due, journal, is_negative", f"found_on, {DUE}", rows, sign)
    )


def changes_of_past(rows: str, sign: int) -> str:
    key = "day, due, journal, is_negative"
    return added("outstanding_change", key, f"found_on, {DUE}", rows, sign) + added(
        "outstanding_change", key, f"last_found_on + 1, {DUE}", rows, -sign
    )


def kept_by_triggers(table: str, sums: str, taken_off: str) -> str:
    function = f"keep_sums_of_{table}"
    return f"""
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        {taken_off}
    END IF;
    IF TG_OP <> 'DELETE' THEN
        {sums}
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_sums_of_new AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION {function}();
CREATE TRIGGER keep_sums_of_changed AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION {function}();
CREATE TRIGGER keep_sums_of_gone AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION {function}();
"""


def upgrade() -> None:
    op.execute(TABLES)
    _sum_up_what_is_there()
    for table in ("outstanding_due", "outstanding_change", "outstanding_relation"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO monitr_tenant"
            f" USING ({OWN_ADMINISTRATION}) WITH CHECK ({OWN_ADMINISTRATION})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO monitr_tenant")
    op.execute(kept_by_triggers("outstanding_item", sums_of_items("come", 1), sums_of_items("gone", -1)))
    op.execute(kept_by_triggers("outstanding_item_past", changes_of_past("come", 1), changes_of_past("gone", -1)))


def _sum_up_what_is_there() -> None:
    """While the owner, whom row security would leave without rows, sees all of them."""
    for table in ("outstanding_item", "outstanding_item_past"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(sums_of_items("outstanding_item", 1))
    op.execute(changes_of_past("outstanding_item_past", 1))
    for table in ("outstanding_item", "outstanding_item_past"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
