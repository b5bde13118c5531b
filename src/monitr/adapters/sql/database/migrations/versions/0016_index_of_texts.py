"""An index of the texts of ledger lines, built behind the imports.

PostgreSQL's own (pg_trgm) is of no use here: row security lets an index be searched before a policy is applied only by
operators that are leakproof, and those of texts are not. So the three-letter pieces are rows of a table, found by
equality: which blocks of documents hold a line with that piece (``adapters/sql/text_blocks.py``).

``import_run.texts_indexed``: what the run has changed is in it.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE text_piece (
    administration_id UUID NOT NULL,
    piece TEXT NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_type SMALLINT NOT NULL,
    journal_number INTEGER NOT NULL,
    blocks INTEGER[] NOT NULL,
    CONSTRAINT pk_text_piece PRIMARY KEY (administration_id, piece, bookyear, journal_type, journal_number)
);
ALTER TABLE import_run ADD COLUMN texts_indexed BOOLEAN DEFAULT false NOT NULL;
CREATE INDEX ix_import_run_unindexed ON import_run (organisation_id, administration_id) WHERE NOT texts_indexed;
"""

# As in 0001.
OWN_ADMINISTRATION = """
administration_id IN (
    SELECT id FROM administration
    WHERE organisation_id = (SELECT nullif(current_setting('app.organisation', true), '')::uuid)
)
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute("ALTER TABLE text_piece ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE text_piece FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON text_piece TO monitr_tenant"
        f" USING ({OWN_ADMINISTRATION}) WITH CHECK ({OWN_ADMINISTRATION})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON text_piece TO monitr_tenant")
