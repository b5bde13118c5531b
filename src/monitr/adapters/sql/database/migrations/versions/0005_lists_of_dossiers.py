"""When the list of a login's dossiers was last asked for."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE integration ADD COLUMN dossiers_asked_at TIMESTAMP WITH TIME ZONE")
