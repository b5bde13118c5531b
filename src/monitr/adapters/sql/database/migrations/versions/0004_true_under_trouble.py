"""What an import has to remember of an Octopus that is silent, slow or wrong."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # up to when its changes came in a document of Octopus's; since when Octopus's list is without it
    op.execute("ALTER TABLE dataset_state ADD COLUMN heard_at TIMESTAMP WITH TIME ZONE")
    op.execute("ALTER TABLE bookyear ADD COLUMN unlisted_since TIMESTAMP WITH TIME ZONE")
    # when the list of the login's dossiers was asked for last
    op.execute("ALTER TABLE integration ADD COLUMN dossiers_asked_at TIMESTAMP WITH TIME ZONE")
    # how often it has waited for an Octopus that did not answer
    op.execute("ALTER TABLE import_run ADD COLUMN waits SMALLINT NOT NULL DEFAULT 0")
