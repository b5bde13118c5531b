"""Balances are kept by calendar year beside those by month: a report reads the months of the years that it parts.

``account_year`` is ``account_month`` summed over the months of a year and their periods: a chunk of the ledger owns its
rows of it as well (adr/0004). Triggers keep it in the transaction that writes ``account_month``, in proportion to what
is written.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE account_year (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_type SMALLINT NOT NULL,
    year DATE NOT NULL,
    account INTEGER NOT NULL,
    cost_centre INTEGER NOT NULL,
    debit NUMERIC(18, 2) NOT NULL,
    credit NUMERIC(18, 2) NOT NULL,
    lines INTEGER NOT NULL,
    CONSTRAINT pk_account_year PRIMARY KEY (administration_id, bookyear, journal_type, year, account, cost_centre)
);
CREATE INDEX ix_account_month_administration_id_month ON account_month (administration_id, month);
"""

# As in 0001.
OWN_ADMINISTRATION = """
administration_id IN (
    SELECT id FROM administration
    WHERE organisation_id = (SELECT nullif(current_setting('app.organisation', true), '')::uuid)
)
"""

OF_YEAR = "administration_id, bookyear, journal_type, date_trunc('year', month)::date, account, cost_centre"


def added(rows: str, sign: str) -> str:
    """In the order of the key, so that nobody waits for somebody who waits for him."""
    return f"""
    INSERT INTO account_year AS kept
    SELECT {OF_YEAR}, {sign} sum(debit), {sign} sum(credit), {sign} sum(lines)
    FROM {rows}
    GROUP BY {OF_YEAR}
    ORDER BY {OF_YEAR}
    ON CONFLICT (administration_id, bookyear, journal_type, year, account, cost_centre) DO UPDATE
        SET debit = kept.debit + excluded.debit, credit = kept.credit + excluded.credit,
            lines = kept.lines + excluded.lines;
    """


TRIGGERS = f"""
CREATE FUNCTION keep_account_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        {added("come", "")}
    END IF;
    IF TG_OP <> 'INSERT' THEN
        {added("gone", "-")}
        DELETE FROM account_year AS kept
        USING (SELECT DISTINCT {OF_YEAR} FROM gone)
            AS row (administration_id, bookyear, journal_type, year, account, cost_centre)
        WHERE (kept.administration_id, kept.bookyear, kept.journal_type, kept.year, kept.account, kept.cost_centre)
            = (row.administration_id, row.bookyear, row.journal_type, row.year, row.account, row.cost_centre)
          AND kept.lines = 0 AND kept.debit = 0 AND kept.credit = 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_year_of_new AFTER INSERT ON account_month
    REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION keep_account_year();
CREATE TRIGGER keep_year_of_changed AFTER UPDATE ON account_month
    REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION keep_account_year();
CREATE TRIGGER keep_year_of_gone AFTER DELETE ON account_month
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION keep_account_year();
"""


def upgrade() -> None:
    op.execute(TABLE)
    # while the owner, whom row security would leave without rows, sees all of them
    op.execute("ALTER TABLE account_month NO FORCE ROW LEVEL SECURITY")
    op.execute(added("account_month", ""))
    op.execute("ALTER TABLE account_month FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE account_year ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE account_year FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON account_year TO monitr_tenant"
        f" USING ({OWN_ADMINISTRATION}) WITH CHECK ({OWN_ADMINISTRATION})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON account_year TO monitr_tenant")
    op.execute(TRIGGERS)
