"""A page of open items is read from its place on, however many are open."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Imports wait while it is built, a second for a million items; whoever reads does not.
    op.execute("""
        CREATE INDEX ix_outstanding_item_due ON outstanding_item (
            administration_id, type, coalesce(due_date, document_date),
            bookyear, journal_key, document_number, line_sequence, ordinal
        )
    """)
