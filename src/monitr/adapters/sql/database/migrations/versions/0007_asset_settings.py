"""What users set about fixed assets: the role of an account, and how something is depreciated."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE asset_role (
    administration_id UUID NOT NULL,
    account INTEGER NOT NULL,
    role TEXT NOT NULL,
    CONSTRAINT pk_asset_role PRIMARY KEY (administration_id, account)
);
CREATE TABLE asset_depreciation (
    administration_id UUID NOT NULL,
    target TEXT NOT NULL,
    method TEXT NOT NULL,
    useful_life_months INTEGER NOT NULL,
    residual_value NUMERIC NOT NULL,
    full_first_year BOOLEAN NOT NULL,
    CONSTRAINT pk_asset_depreciation PRIMARY KEY (administration_id, target)
);
"""

# As in 0001.
OWN_ADMINISTRATION = """
administration_id IN (
    SELECT id FROM administration
    WHERE organisation_id = (SELECT nullif(current_setting('app.organisation', true), '')::uuid)
)
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("asset_role", "asset_depreciation"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO monitr_tenant"
            f" USING ({OWN_ADMINISTRATION}) WITH CHECK ({OWN_ADMINISTRATION})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO monitr_tenant")
