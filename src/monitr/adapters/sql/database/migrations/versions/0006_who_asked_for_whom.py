"""A round of OAuth remembers by what names its page speaks of who asked, and for whom."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE oauth_authorization ADD COLUMN subject_name TEXT, ADD COLUMN organisation_name TEXT")
