"""What a run changed is kept as ranges of document numbers: a first import was as many rows as bookings."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE import_change ADD COLUMN last_document_number INTEGER")
    # an UPDATE would obey the row security and find no row
    op.execute("ALTER TABLE import_change ALTER COLUMN last_document_number TYPE INTEGER USING document_number")
    op.execute("ALTER TABLE import_change ALTER COLUMN last_document_number SET NOT NULL")
