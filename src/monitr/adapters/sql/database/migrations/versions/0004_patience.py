"""Up to when a dataset was heard in Octopus's own words, since when a bookyear is missing from its list, and how
often a run has waited for it."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE dataset_state ADD COLUMN heard_at TIMESTAMP WITH TIME ZONE")
    op.execute("ALTER TABLE bookyear ADD COLUMN unlisted_since TIMESTAMP WITH TIME ZONE")
    op.execute("ALTER TABLE import_run ADD COLUMN waits SMALLINT NOT NULL DEFAULT 0")
