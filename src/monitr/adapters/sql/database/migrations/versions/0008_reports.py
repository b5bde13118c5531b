"""Reports of one's own."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE report (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    lines JSONB NOT NULL,
    rules JSONB NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_by TEXT NOT NULL,
    CONSTRAINT pk_report PRIMARY KEY (id)
);
CREATE INDEX ix_report_organisation_id ON report (organisation_id);
ALTER TABLE report ENABLE ROW LEVEL SECURITY;
ALTER TABLE report FORCE ROW LEVEL SECURITY;
"""

# As in 0001.
OWN = "organisation_id = (SELECT nullif(current_setting('app.organisation', true), '')::uuid)"
POLICY = f"""
CREATE POLICY tenant ON report TO monitr_tenant USING ({OWN}) WITH CHECK ({OWN});
GRANT SELECT, INSERT, UPDATE, DELETE ON report TO monitr_tenant;
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute(POLICY)
