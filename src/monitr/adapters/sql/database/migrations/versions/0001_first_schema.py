"""The first schema: tables, row-level security, and what each role may do."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE account (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name_nl TEXT NOT NULL,
    name_fr TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_de TEXT NOT NULL,
    CONSTRAINT pk_account PRIMARY KEY (administration_id, bookyear, number)
);

CREATE TABLE account_amount (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    period INTEGER NOT NULL,
    account INTEGER NOT NULL,
    balance NUMERIC(18, 2) NOT NULL,
    CONSTRAINT pk_account_amount PRIMARY KEY (administration_id, bookyear, period, account)
);

CREATE TABLE account_month (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_type SMALLINT NOT NULL,
    period INTEGER NOT NULL,
    month DATE NOT NULL,
    account INTEGER NOT NULL,
    cost_centre INTEGER NOT NULL,
    debit NUMERIC(18, 2) NOT NULL,
    credit NUMERIC(18, 2) NOT NULL,
    lines INTEGER NOT NULL,
        CONSTRAINT pk_account_month PRIMARY KEY (administration_id, bookyear, journal_type, period, month, account,
        cost_centre)
);

CREATE TABLE bookyear (
    administration_id UUID NOT NULL,
    number INTEGER NOT NULL,
    description TEXT NOT NULL,
    start_date DATE NOT NULL,
    end_date DATE NOT NULL,
    closed BOOLEAN NOT NULL,
    periods JSONB NOT NULL,
    CONSTRAINT pk_bookyear PRIMARY KEY (administration_id, number)
);

CREATE TABLE cost_centre (
    administration_id UUID NOT NULL,
    number INTEGER NOT NULL,
    name_nl TEXT NOT NULL,
    name_fr TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_de TEXT NOT NULL,
    closed BOOLEAN NOT NULL,
    CONSTRAINT pk_cost_centre PRIMARY KEY (administration_id, number)
);

CREATE TABLE dataset_state (
    administration_id UUID NOT NULL,
    dataset TEXT NOT NULL,
    rows INTEGER NOT NULL,
    last_successful_at TIMESTAMP WITH TIME ZONE,
    failed BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_dataset_state PRIMARY KEY (administration_id, dataset)
);

CREATE TABLE fixed_asset (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_type SMALLINT NOT NULL,
    journal_number INTEGER NOT NULL,
    document_number INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    account INTEGER NOT NULL,
    counted_from DATE NOT NULL,
    acquired_on DATE,
    acquisition_value NUMERIC(18, 2) NOT NULL,
    description TEXT,
    relation INTEGER,
        CONSTRAINT pk_fixed_asset PRIMARY KEY (administration_id, bookyear, journal_type, journal_number,
        document_number, ordinal)
);

CREATE TABLE import_change (
    administration_id UUID NOT NULL,
    run_id UUID NOT NULL,
    kind TEXT NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_type SMALLINT NOT NULL,
    journal_number INTEGER NOT NULL,
    document_number INTEGER NOT NULL,
        CONSTRAINT pk_import_change PRIMARY KEY (administration_id, run_id, bookyear, journal_type, journal_number,
        document_number)
);

CREATE TABLE import_first_seen (
    administration_id UUID NOT NULL,
    run_id UUID NOT NULL,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    CONSTRAINT pk_import_first_seen PRIMARY KEY (administration_id, run_id, kind, number)
);

CREATE TABLE import_note (
    administration_id UUID NOT NULL,
    run_id UUID NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    text TEXT NOT NULL,
    CONSTRAINT pk_import_note PRIMARY KEY (id)
);
CREATE INDEX ix_import_note_administration_id_run_id ON import_note (administration_id, run_id);

CREATE TABLE import_run (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    administration_id UUID NOT NULL,
    mode TEXT NOT NULL,
    trigger TEXT NOT NULL,
    status TEXT NOT NULL,
    progress DOUBLE PRECISION NOT NULL,
    queued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    resume_at TIMESTAMP WITH TIME ZONE,
    watermark TIMESTAMP WITH TIME ZONE,
    cancel_requested BOOLEAN DEFAULT false NOT NULL,
    datasets JSONB NOT NULL,
    verification JSONB,
    error JSONB,
    origin JSONB,
    lease_owner TEXT,
    lease_until TIMESTAMP WITH TIME ZONE,
    fence BIGINT DEFAULT 0 NOT NULL,
    attempt INTEGER DEFAULT 0 NOT NULL,
    due_since TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_import_run PRIMARY KEY (id)
);
CREATE INDEX ix_import_run_administration_id_queued_at ON import_run (administration_id, queued_at);
CREATE INDEX ix_import_run_due ON import_run (queued_at) WHERE status IN ('QUEUED', 'RUNNING', 'WAITING');
CREATE UNIQUE INDEX uq_import_run_active ON import_run (administration_id) WHERE status IN ('QUEUED', 'RUNNING',
    'WAITING');

CREATE TABLE journal (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    type TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    closed BOOLEAN NOT NULL,
    currency TEXT,
    CONSTRAINT pk_journal PRIMARY KEY (administration_id, bookyear, type, number)
);

CREATE TABLE ledger_chunk (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_type SMALLINT NOT NULL,
    run_id UUID NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_ledger_chunk PRIMARY KEY (administration_id, bookyear, journal_type)
);

CREATE TABLE ledger_line (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_type SMALLINT NOT NULL,
    journal_number INTEGER NOT NULL,
    document_number INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    line_sequence INTEGER NOT NULL,
    period INTEGER,
    document_date DATE NOT NULL,
    effective_date DATE NOT NULL,
    due_date DATE,
    account INTEGER NOT NULL,
    amount NUMERIC(18, 2) NOT NULL,
    currency TEXT NOT NULL,
    currency_amount NUMERIC(18, 2),
    exchange_rate NUMERIC,
    relation INTEGER,
    cost_centre INTEGER,
    description TEXT,
    reference TEXT,
    vat_section TEXT,
    vat_recuperation NUMERIC,
        CONSTRAINT pk_ledger_line PRIMARY KEY (administration_id, bookyear, journal_type, journal_number,
        document_number, ordinal)
);
CREATE INDEX ix_ledger_line_account ON ledger_line (administration_id, account, effective_date);
CREATE INDEX ix_ledger_line_newest ON ledger_line (administration_id, effective_date DESC, bookyear DESC,
    journal_type DESC, journal_number DESC, document_number DESC, ordinal);

CREATE TABLE ledger_relation (
    administration_id UUID NOT NULL,
    number INTEGER NOT NULL,
    CONSTRAINT pk_ledger_relation PRIMARY KEY (administration_id, number)
);

CREATE TABLE missing_booking (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_type SMALLINT NOT NULL,
    journal_number INTEGER NOT NULL,
    document_number INTEGER NOT NULL,
        CONSTRAINT pk_missing_booking PRIMARY KEY (administration_id, bookyear, journal_type, journal_number,
        document_number)
);

CREATE TABLE oauth_authorization (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    integration_id UUID NOT NULL,
    subject TEXT NOT NULL,
    purpose TEXT NOT NULL,
    return_to TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ticket BYTEA NOT NULL,
    browser BYTEA,
    state BYTEA,
    verifier BYTEA,
    consumed_at TIMESTAMP WITH TIME ZONE,
    accept_different_account BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_oauth_authorization PRIMARY KEY (id),
    CONSTRAINT uq_oauth_authorization_ticket UNIQUE (ticket),
    CONSTRAINT uq_oauth_authorization_state UNIQUE (state)
);
CREATE INDEX ix_oauth_authorization_expires_at ON oauth_authorization (expires_at) WHERE consumed_at IS NULL;

CREATE TABLE octopus_call (
    scope TEXT NOT NULL,
    operation TEXT NOT NULL,
    day DATE NOT NULL,
    calls INTEGER NOT NULL,
    stopped BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_octopus_call PRIMARY KEY (scope, operation, day)
);
CREATE INDEX ix_octopus_call_day ON octopus_call (day);

CREATE TABLE opening_balance (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    month DATE NOT NULL,
    account INTEGER NOT NULL,
    cost_centre INTEGER NOT NULL,
    debit NUMERIC(18, 2) NOT NULL,
    credit NUMERIC(18, 2) NOT NULL,
    lines INTEGER NOT NULL,
    CONSTRAINT pk_opening_balance PRIMARY KEY (administration_id, bookyear, month, account, cost_centre)
);

CREATE TABLE organisation (
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_organisation PRIMARY KEY (id)
);

CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    organisation_id UUID,
    topic TEXT NOT NULL,
    payload JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    not_before TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_outbox PRIMARY KEY (id)
);
CREATE INDEX ix_outbox_pending ON outbox (id) WHERE published_at IS NULL;

CREATE TABLE outstanding_item (
    administration_id UUID NOT NULL,
    type TEXT NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_key TEXT NOT NULL,
    document_number INTEGER NOT NULL,
    line_sequence INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    relation INTEGER,
    document_date DATE NOT NULL,
    due_date DATE,
    amount NUMERIC(18, 2) NOT NULL,
    amount_outstanding NUMERIC(18, 2) NOT NULL,
    currency TEXT NOT NULL,
    currency_amount NUMERIC(18, 2),
    currency_amount_outstanding NUMERIC(18, 2),
    description TEXT,
    reference TEXT,
        CONSTRAINT pk_outstanding_item PRIMARY KEY (administration_id, type, bookyear, journal_key, document_number,
        line_sequence, ordinal)
);

CREATE TABLE relation (
    administration_id UUID NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    vat_number TEXT,
    country TEXT,
    is_client BOOLEAN NOT NULL,
    is_supplier BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    CONSTRAINT pk_relation PRIMARY KEY (administration_id, number)
);

CREATE TABLE timeline_event (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    organisation_id UUID NOT NULL,
    subject_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    what TEXT NOT NULL,
    status_before TEXT,
    status_after TEXT NOT NULL,
    agent TEXT NOT NULL,
    agent_subject TEXT,
    why TEXT NOT NULL,
    CONSTRAINT pk_timeline_event PRIMARY KEY (id)
);
CREATE INDEX ix_timeline_event_subject_id_id ON timeline_event (subject_id, id);

CREATE TABLE unbalanced_booking (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_type SMALLINT NOT NULL,
    journal_number INTEGER NOT NULL,
    document_number INTEGER NOT NULL,
    net NUMERIC(18, 2) NOT NULL,
        CONSTRAINT pk_unbalanced_booking PRIMARY KEY (administration_id, bookyear, journal_type, journal_number,
        document_number)
);

CREATE TABLE webhook_event (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    recorded BIGINT GENERATED ALWAYS AS IDENTITY,
    position BIGINT,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    subject TEXT NOT NULL,
    state_before TEXT,
    state_after TEXT,
    integration_id UUID,
    administration_id UUID,
    import_id UUID,
    dataset TEXT,
    reason TEXT,
    checks TEXT,
    CONSTRAINT pk_webhook_event PRIMARY KEY (id)
);
CREATE INDEX ix_webhook_event_occurred_at ON webhook_event (occurred_at);
CREATE INDEX ix_webhook_event_organisation_id_position ON webhook_event (organisation_id, position);
CREATE INDEX ix_webhook_event_unordered ON webhook_event (recorded) WHERE position IS NULL;

CREATE TABLE webhook_target (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    url TEXT NOT NULL,
    description TEXT,
    secret BYTEA NOT NULL,
    previous_secret BYTEA,
    previous_secret_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    position BIGINT NOT NULL,
    failures INTEGER DEFAULT 0 NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE,
    last_attempt_at TIMESTAMP WITH TIME ZONE,
    last_success_at TIMESTAMP WITH TIME ZONE,
    last_failure JSONB,
    disabled_at TIMESTAMP WITH TIME ZONE,
    lease_until TIMESTAMP WITH TIME ZONE,
    fence BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_webhook_target PRIMARY KEY (id)
);
CREATE INDEX ix_webhook_target_organisation_id ON webhook_target (organisation_id);

CREATE TABLE year_opening (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_type SMALLINT NOT NULL,
    journal_number INTEGER NOT NULL,
    document_number INTEGER NOT NULL,
    evidence TEXT NOT NULL,
        CONSTRAINT pk_year_opening PRIMARY KEY (administration_id, bookyear, journal_type, journal_number,
        document_number)
);

CREATE TABLE integration (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    status TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    authorized_at TIMESTAMP WITH TIME ZONE,
    authorization_expires_at TIMESTAMP WITH TIME ZONE,
    last_error JSONB,
    CONSTRAINT pk_integration PRIMARY KEY (id),
    CONSTRAINT fk_integration_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id)
);
CREATE INDEX ix_integration_organisation_id ON integration (organisation_id);

CREATE TABLE administration (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    integration_id UUID NOT NULL,
    dossier_number INTEGER NOT NULL,
    name TEXT NOT NULL,
    vat_number TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    status TEXT NOT NULL,
    purge_after TIMESTAMP WITH TIME ZONE,
    watermark TIMESTAMP WITH TIME ZONE,
    last_successful_import_at TIMESTAMP WITH TIME ZONE,
    complete_from DATE,
    CONSTRAINT pk_administration PRIMARY KEY (id),
    CONSTRAINT fk_administration_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    CONSTRAINT fk_administration_integration_id FOREIGN KEY(integration_id) REFERENCES integration (id)
);
CREATE INDEX ix_administration_integration_id ON administration (integration_id);
CREATE UNIQUE INDEX uq_administration_dossier ON administration (organisation_id, dossier_number) WHERE status <>
    'DELETED';

CREATE TABLE credential (
    integration_id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    refresh_token BYTEA NOT NULL,
    refresh_expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    access_token BYTEA NOT NULL,
    access_expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    access_lifetime_seconds INTEGER NOT NULL,
    CONSTRAINT pk_credential PRIMARY KEY (integration_id),
    CONSTRAINT fk_credential_integration_id FOREIGN KEY(integration_id) REFERENCES integration (id)
);
"""

# Whose rows carry an administration and leave with it.
IMPORTED = (
    "dataset_state",
    "bookyear",
    "journal",
    "account",
    "cost_centre",
    "relation",
    "ledger_chunk",
    "ledger_line",
    "account_month",
    "account_amount",
    "missing_booking",
    "unbalanced_booking",
    "ledger_relation",
    "import_note",
    "import_change",
    "import_first_seen",
    "year_opening",
    "opening_balance",
    "outstanding_item",
    "fixed_asset",
)

# Whose rows carry their organisation.
OWNED = (
    "integration",
    "credential",
    "oauth_authorization",
    "administration",
    "import_run",
    "webhook_event",
    "webhook_target",
)

# The sub-select makes it an InitPlan: read once a statement, not once a row. After a transaction the setting is ''.
CURRENT = "(SELECT nullif(current_setting('app.organisation', true), '')::uuid)"
OWN = f"organisation_id = {CURRENT}"
# A hashed SubPlan, filled once a statement. Measured with 100,000 lines: inserting takes as long with it as without it
# (within 5 %), and the planner's estimates stay usable. A correlated EXISTS made sums over the ledger ten times slower.
OWN_ADMINISTRATION = f"administration_id IN (SELECT id FROM administration WHERE {OWN})"

# Before PostgreSQL 16 the login inherits both roles, and with them both policies, where a statement forgot to take one.
AS_WORKER = "(SELECT current_user = 'monitr_worker')"

WORKER = f"""
CREATE POLICY worker ON import_run TO monitr_worker USING ({AS_WORKER}) WITH CHECK ({AS_WORKER});
CREATE POLICY worker ON outbox TO monitr_worker USING ({AS_WORKER}) WITH CHECK ({AS_WORKER});
CREATE POLICY worker ON oauth_authorization TO monitr_worker USING ({AS_WORKER}) WITH CHECK ({AS_WORKER});
CREATE POLICY worker ON administration FOR SELECT TO monitr_worker USING ({AS_WORKER});
CREATE POLICY worker ON integration FOR SELECT TO monitr_worker USING ({AS_WORKER});
GRANT SELECT, UPDATE ON import_run TO monitr_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox, oauth_authorization, octopus_call TO monitr_worker;
GRANT SELECT (id, organisation_id, integration_id, dossier_number, status, purge_after, created_at,
    last_successful_import_at) ON administration TO monitr_worker;
GRANT SELECT (id, organisation_id, status, authorization_expires_at) ON integration TO monitr_worker;
CREATE POLICY worker ON credential FOR SELECT TO monitr_worker USING ({AS_WORKER});
GRANT SELECT (integration_id, access_expires_at) ON credential TO monitr_worker;
"""

# Append-only: nobody may change a row, and only those of an administration that was removed leave, with its purge.
TIMELINE = f"""
CREATE POLICY tenant_reads ON timeline_event FOR SELECT TO monitr_tenant USING ({OWN});
CREATE POLICY tenant_appends ON timeline_event FOR INSERT TO monitr_tenant WITH CHECK ({OWN});
CREATE POLICY tenant_purges ON timeline_event FOR DELETE TO monitr_tenant
    USING ({OWN} AND subject_id IN (SELECT id FROM administration WHERE status = 'DELETED'));
GRANT SELECT, INSERT, DELETE ON timeline_event TO monitr_tenant;
"""

# Superseded and erased tokens do not stay as dead rows: the table is tiny, so it is vacuumed with every round of the
# autovacuum (a minute) in which one row died.
VACUUM = """
ALTER TABLE credential SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1);
"""

# Live progress: whoever changes a run tells it with the commit, once a transaction. Renewing a lease is no change.
_SHOWN = ("status", "progress", "datasets", "started_at", "finished_at", "resume_at", "verification", "error")
NEWS = f"""
CREATE FUNCTION import_run_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('monitr_import_run', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER import_run_changed AFTER UPDATE ON import_run FOR EACH ROW
    WHEN (({", ".join(f"OLD.{column}" for column in _SHOWN)})
        IS DISTINCT FROM ({", ".join(f"NEW.{column}" for column in _SHOWN)}))
    EXECUTE FUNCTION import_run_changed();
"""

# A row for each change of a state, in the transaction of the change (adr/0007). An integration that nobody has
# authorised is on no card, and in no event.
WEBHOOK_EVENTS = f"""
CREATE SEQUENCE webhook_position;

CREATE FUNCTION note_integration_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhook_event
        (id, organisation_id, occurred_at, subject, state_before, state_after, integration_id, reason)
    VALUES (gen_random_uuid(), NEW.organisation_id, clock_timestamp(), 'INTEGRATION', OLD.status, NEW.status, NEW.id,
        NEW.last_error ->> 'code');
    RETURN NULL;
END $$;

CREATE TRIGGER note_change AFTER UPDATE OF status, authorized_at ON integration FOR EACH ROW
WHEN ((OLD.status, OLD.authorized_at) IS DISTINCT FROM (NEW.status, NEW.authorized_at)
    AND NEW.status <> 'AWAITING_AUTHORIZATION'
    AND NOT (OLD.status = 'AWAITING_AUTHORIZATION' AND NEW.status = 'DELETED'))
EXECUTE FUNCTION note_integration_change();

CREATE FUNCTION note_administration_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    present administration := coalesce(NEW, OLD);
BEGIN
    INSERT INTO webhook_event
        (id, organisation_id, occurred_at, subject, state_before, state_after, administration_id, integration_id)
    VALUES (gen_random_uuid(), present.organisation_id, clock_timestamp(), 'ADMINISTRATION', OLD.status, NEW.status,
        present.id, present.integration_id);
    RETURN NULL;
END $$;

CREATE TRIGGER note_creation_or_end AFTER INSERT OR DELETE ON administration FOR EACH ROW
EXECUTE FUNCTION note_administration_change();

CREATE TRIGGER note_change AFTER UPDATE OF status, integration_id ON administration FOR EACH ROW
WHEN ((OLD.status, OLD.integration_id) IS DISTINCT FROM (NEW.status, NEW.integration_id))
EXECUTE FUNCTION note_administration_change();

CREATE FUNCTION note_import_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELLED') THEN
        INSERT INTO webhook_event (id, organisation_id, occurred_at, subject, administration_id, import_id, dataset)
                SELECT gen_random_uuid(), NEW.organisation_id, clock_timestamp(), 'DATASET', NEW.administration_id,
            NEW.id, key
        FROM jsonb_each(NEW.datasets)
        WHERE coalesce((value ->> 'inserted')::bigint, 0) + coalesce((value ->> 'updated')::bigint, 0)
            + coalesce((value ->> 'deleted')::bigint, 0) > 0
        ORDER BY key;
    END IF;
    INSERT INTO webhook_event
        (id, organisation_id, occurred_at, subject, state_before, state_after, administration_id, import_id, reason,
        checks)
    VALUES (gen_random_uuid(), NEW.organisation_id, clock_timestamp(), 'IMPORT', OLD.status, NEW.status,
        NEW.administration_id, NEW.id, NEW.error ->> 'code',
        (SELECT string_agg(DISTINCT part ->> 'status', ',') FROM jsonb_array_elements(NEW.verification) part));
    RETURN NULL;
END $$;

CREATE TRIGGER note_queueing AFTER INSERT ON import_run FOR EACH ROW EXECUTE FUNCTION note_import_change();

-- progress and leases change every second, the status a few times: WHEN keeps the function out of all the rest
CREATE TRIGGER note_change AFTER UPDATE OF status ON import_run FOR EACH ROW
WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION note_import_change();

CREATE POLICY worker ON webhook_event TO monitr_worker USING ({AS_WORKER}) WITH CHECK ({AS_WORKER});
CREATE POLICY worker ON webhook_target TO monitr_worker USING ({AS_WORKER}) WITH CHECK ({AS_WORKER});
REVOKE UPDATE, DELETE ON webhook_event FROM monitr_tenant;
GRANT SELECT (id, organisation_id, recorded, position, occurred_at), INSERT, UPDATE (position), DELETE
    ON webhook_event TO monitr_worker;
GRANT USAGE ON SEQUENCE webhook_position TO monitr_worker;
GRANT SELECT (id, organisation_id, position, next_attempt_at, last_attempt_at, disabled_at, lease_until, fence),
    UPDATE (lease_until, fence) ON webhook_target TO monitr_worker;
"""

# For everybody who may connect: only the number of the schema's revision. TEMP is everybody's by default, but may have
# been revoked; imports stage their rows in temporary tables.
DATABASE = """
GRANT SELECT ON alembic_version TO PUBLIC;
DO $$
BEGIN
    IF NOT has_database_privilege('monitr_tenant', current_database(), 'TEMP') THEN
        EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO monitr_tenant', current_database());
    END IF;
    IF NOT has_schema_privilege('monitr_tenant', current_schema(), 'USAGE') THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO monitr_tenant, monitr_worker', current_schema());
    END IF;
END $$;
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("organisation", *OWNED, "outbox", "timeline_event", *IMPORTED):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    _tenant("organisation", f"id = {CURRENT}")
    for table in OWNED:
        _tenant(table, OWN)
    for table in IMPORTED:
        _tenant(table, OWN_ADMINISTRATION)
    op.execute(f"CREATE POLICY tenant ON outbox FOR INSERT TO monitr_tenant WITH CHECK ({OWN})")
    op.execute("GRANT INSERT ON outbox TO monitr_tenant")
    op.execute(WORKER)
    op.execute(TIMELINE)
    op.execute(VACUUM)
    op.execute(NEWS)
    op.execute(WEBHOOK_EVENTS)
    op.execute(DATABASE)


def _tenant(table: str, own: str) -> None:
    op.execute(f"CREATE POLICY tenant ON {table} TO monitr_tenant USING ({own}) WITH CHECK ({own})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO monitr_tenant")
