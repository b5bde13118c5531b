"""Sentences are kept by their keys and parameters, beside their English texts."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE timeline_event ADD COLUMN sentence JSONB")
    op.execute("ALTER TABLE import_note ADD COLUMN sentence JSONB")
