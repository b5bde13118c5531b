"""The audit trail: who did what, append-only for everybody."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE audit_entry (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    organisation_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT clock_timestamp(),
    recorded BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_id UUID,
    subject_name TEXT,
    detail TEXT,
    CONSTRAINT pk_audit_entry PRIMARY KEY (id)
);
CREATE INDEX ix_audit_entry_organisation_id_at_recorded ON audit_entry (organisation_id, at, recorded);
CREATE INDEX ix_audit_entry_organisation_id_subject_id_at_recorded
    ON audit_entry (organisation_id, subject_id, at, recorded);
CREATE INDEX ix_audit_entry_at ON audit_entry (at);
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;
"""

# As in 0001.
OWN = "organisation_id = (SELECT nullif(current_setting('app.organisation', true), '')::uuid)"
# An entry is kept for as long at least: SHORTEST_KEPT_DAYS in domain/audit.py.
YOUNGEST = "now() - interval '365 days'"
# Row security is forced upon the owner too, as whom the function below runs. Not by name: another may restore a dump.
IS_OWNER = "(SELECT current_user = pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'audit_entry'::regclass)"
# PostgreSQL asks a tenant's statement by this policy or its own. No index has `at + …`, so that it reads by its own.
FORGETTABLE = f"at + interval '365 days' < now() AND {IS_OWNER}"

POLICIES = f"""
CREATE POLICY tenant_reads ON audit_entry FOR SELECT TO monitr_tenant USING ({OWN});
CREATE POLICY tenant_appends ON audit_entry FOR INSERT TO monitr_tenant WITH CHECK ({OWN});
CREATE POLICY owner_finds_old ON audit_entry FOR SELECT USING ({FORGETTABLE});
CREATE POLICY owner_forgets_old ON audit_entry FOR DELETE USING ({FORGETTABLE});
GRANT SELECT, INSERT ON audit_entry TO monitr_tenant;
"""

# Privileges and policies bind neither a superuser nor, for TRUNCATE, the owner; a trigger does. ALWAYS: also where
# session_replication_role would leave triggers out.
APPEND_ONLY = f"""
CREATE FUNCTION keep_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN  -- there is no OLD row where a table is emptied
        IF OLD.at < {YOUNGEST} AND current_setting('monitr.forgetting_audit', true) = 'on' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION keep_audit_entry();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_entry();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER append_only, ENABLE ALWAYS TRIGGER never_emptied;
"""

# The one way in which entries leave: whole days, by the clock of the database, as the owner. Workers may take it.
FORGET = """
CREATE FUNCTION monitr_forget_audit(kept_days integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    forgotten bigint;
BEGIN
    IF kept_days IS NULL OR kept_days < 365 THEN
        RAISE EXCEPTION 'the audit trail is kept for 365 days at least, not %', kept_days
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM set_config('monitr.forgetting_audit', 'on', true);
    DELETE FROM audit_entry WHERE at < now() - make_interval(days => kept_days);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM set_config('monitr.forgetting_audit', '', true);
    RETURN forgotten;
END $$;
REVOKE EXECUTE ON FUNCTION monitr_forget_audit(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION monitr_forget_audit(integer) TO monitr_worker;
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute(POLICIES)
    op.execute(APPEND_ONLY)
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    op.execute(FORGET.format(schema=schema))
