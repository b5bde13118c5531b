"""A page follows all imports at once, sees what is left of the day's calls, and has bookyears read again."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BOOKYEARS = """
ALTER TABLE import_run ADD COLUMN bookyears INTEGER[] NOT NULL DEFAULT '{}';
"""

# The news of a run names its organisation, so that nobody looks for what is another's, and new runs are news too.
# Programs of before listen to the other channel, and know its payload as it is.
NEWS = """
CREATE OR REPLACE FUNCTION import_run_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('monitr_import_run', NEW.id::text);
    PERFORM pg_notify('monitr_changed_run', NEW.organisation_id || '/' || NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER import_run_added AFTER INSERT ON import_run FOR EACH ROW EXECUTE FUNCTION import_run_changed();
"""

# As in 0001. What a dossier was asked is Octopus's count, whoever asked; a tenant sees that of the dossiers it has.
OWN = "organisation_id = (SELECT nullif(current_setting('app.organisation', true), '')::uuid)"
AS_WORKER = "(SELECT current_user = 'monitr_worker')"
CALLS = f"""
ALTER TABLE octopus_call ENABLE ROW LEVEL SECURITY;
ALTER TABLE octopus_call FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON octopus_call TO monitr_worker USING ({AS_WORKER}) WITH CHECK ({AS_WORKER});
CREATE POLICY tenant ON octopus_call FOR SELECT TO monitr_tenant
    USING (scope IN (SELECT 'dossier:' || dossier_number FROM administration WHERE {OWN} AND status <> 'DELETED'));
GRANT SELECT ON octopus_call TO monitr_tenant;
"""


def upgrade() -> None:
    op.execute(BOOKYEARS)
    op.execute(NEWS)
    op.execute(CALLS)
