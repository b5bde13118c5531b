"""A chunk remembers the answer that it holds, so that the same answer need not be decoded again."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ledger_chunk ADD COLUMN answer TEXT, ADD COLUMN lines BIGINT, ADD COLUMN versions BIGINT")
