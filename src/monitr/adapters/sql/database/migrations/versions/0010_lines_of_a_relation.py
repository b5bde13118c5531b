"""The lines that name a client or supplier are found by it."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Imports wait while it is built, some seconds for ten million lines; whoever reads does not.
    op.execute("""
        CREATE INDEX ix_ledger_line_relation ON ledger_line (administration_id, relation, effective_date)
        WHERE relation IS NOT NULL
    """)
