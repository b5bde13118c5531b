"""Open items at any date: matchings, what Octopus's report showed on earlier days, and what neither explains.

``outstanding_item`` is the report as it was found last, and the judge: a past day is worked out backwards from it.
What was open of a line on day D is what the report says now, plus every matching of the line with ``matched_on`` > D,
plus every correction of it with ``found_on`` > D; nothing where the document is dated after D. Forwards it is the same
sum: the line's amount less matchings and corrections up to D, for the corrections are what makes the two agree.

A matching counts where ``counts`` is true: Octopus has told it, has not told its removal, and the ledger and the report
do not contradict it. Its lines are named as the report names them (-1 is the head line of an invoice), which may differ
from ``ledger_line.line_sequence``: the line that is meant has the matching's relation and account, and the number where
one of these has it.

The report as it was found on day D, if ``outstanding_snapshot`` has that day, is what ``outstanding_item`` and
``outstanding_item_past`` hold with ``found_on`` <= D <= ``last_found_on`` (no end for the former). A version is written
only where a row changes, and only the last import of a day leaves one.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE matching (
    administration_id UUID NOT NULL,
    debit_bookyear INTEGER NOT NULL,
    debit_journal_key TEXT NOT NULL,
    debit_document_number INTEGER NOT NULL,
    debit_line_sequence INTEGER NOT NULL,
    credit_bookyear INTEGER NOT NULL,
    credit_journal_key TEXT NOT NULL,
    credit_document_number INTEGER NOT NULL,
    credit_line_sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    relation INTEGER,
    account INTEGER,
    amount NUMERIC(18, 2) NOT NULL,
    credit_amount NUMERIC(18, 2) NOT NULL,
    debit_date DATE NOT NULL,
    credit_date DATE NOT NULL,
    matched_on DATE NOT NULL,
    counts BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT pk_matching PRIMARY KEY (administration_id, debit_bookyear, debit_journal_key, debit_document_number,
        debit_line_sequence, credit_bookyear, credit_journal_key, credit_document_number, credit_line_sequence)
);
CREATE INDEX ix_matching_credit ON matching (administration_id, credit_bookyear, credit_journal_key,
    credit_document_number);
CREATE INDEX ix_matching_administration_id_matched_on ON matching (administration_id, matched_on);

CREATE TABLE matching_correction (
    administration_id UUID NOT NULL,
    type TEXT NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_key TEXT NOT NULL,
    document_number INTEGER NOT NULL,
    line_sequence INTEGER NOT NULL,
    relation INTEGER NOT NULL,
    found_on DATE NOT NULL,
    amount NUMERIC(18, 2) NOT NULL,
    CONSTRAINT pk_matching_correction PRIMARY KEY (administration_id, type, bookyear, journal_key, document_number,
        line_sequence, relation, found_on)
);
CREATE INDEX ix_matching_correction_administration_id_found_on ON matching_correction (administration_id, found_on);

CREATE TABLE control_account (
    administration_id UUID NOT NULL,
    type TEXT NOT NULL,
    account INTEGER NOT NULL,
    CONSTRAINT pk_control_account PRIMARY KEY (administration_id, type, account)
);

CREATE TABLE unjudged_booking (
    administration_id UUID NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_key TEXT NOT NULL,
    document_number INTEGER NOT NULL,
    CONSTRAINT pk_unjudged_booking PRIMARY KEY (administration_id, bookyear, journal_key, document_number)
);

ALTER TABLE outstanding_item ADD COLUMN found_on DATE
    DEFAULT (now() AT TIME ZONE 'Europe/Brussels')::date NOT NULL;

CREATE TABLE outstanding_item_past (
    administration_id UUID NOT NULL,
    type TEXT NOT NULL,
    bookyear INTEGER NOT NULL,
    journal_key TEXT NOT NULL,
    document_number INTEGER NOT NULL,
    line_sequence INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    found_on DATE NOT NULL,
    last_found_on DATE NOT NULL,
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
    CONSTRAINT pk_outstanding_item_past PRIMARY KEY (administration_id, type, bookyear, journal_key, document_number,
        line_sequence, ordinal, found_on)
);
CREATE INDEX ix_outstanding_item_past_span ON outstanding_item_past (administration_id, type, last_found_on, found_on);

CREATE TABLE outstanding_snapshot (
    administration_id UUID NOT NULL,
    type TEXT NOT NULL,
    day DATE NOT NULL,
    CONSTRAINT pk_outstanding_snapshot PRIMARY KEY (administration_id, type, day)
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
    for table in (
        "matching",
        "matching_correction",
        "control_account",
        "unjudged_booking",
        "outstanding_item_past",
        "outstanding_snapshot",
    ):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO monitr_tenant"
            f" USING ({OWN_ADMINISTRATION}) WITH CHECK ({OWN_ADMINISTRATION})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO monitr_tenant")
