"""Every table, as the newest migration leaves it (a test compares the two).

Instants are ``timestamptz`` in UTC. Money is ``numeric(18,2)``, debit positive. Account and relation numbers are
Octopus's integers. The tenant is the organisation: row-level security (``migrations/``) covers every table below. Of
``octopus_call``, whose rows belong to Octopus's dossiers, a tenant sees those of the dossiers that it has selected.
"""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Sequence,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import BigInteger, Double, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

INSTANT = DateTime(timezone=True)
MONEY = Numeric(18, 2)

_IS_LIVE = text("status <> 'DELETED'")
_IS_UNFINISHED = text("status IN ('QUEUED', 'RUNNING', 'WAITING')")


def _required(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]], **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **options)


def _key(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]]) -> Column[Any]:
    """A part of the primary key, whose parts are in the order of the columns."""
    return Column(name, kind, primary_key=True)


def _owned(name: str, *parts: SchemaItem) -> Table:
    """A table whose rows have an id and name their organisation."""
    return Table(name, metadata, _key("id", Uuid), _required("organisation_id", Uuid), *parts)


def _imported(name: str, *parts: SchemaItem) -> Table:
    """A table of imported rows; their administration comes first in their key. They leave with it in batches, never by
    cascade, so it is no foreign key."""
    return Table(name, metadata, _key("administration_id", Uuid), *parts)


def _booking() -> tuple[Column[int], ...]:
    """Which booking, as parts of the key."""
    return (
        _key("bookyear", Integer),
        _key("journal_type", SmallInteger),
        _key("journal_number", Integer),
        _key("document_number", Integer),
    )


def _sums() -> tuple[Column[Any], ...]:
    return _required("debit", MONEY), _required("credit", MONEY), _required("lines", Integer)


def _names() -> tuple[Column[str], ...]:
    return tuple(_required(f"name_{language}", Text) for language in ("nl", "fr", "en", "de"))


organisation = Table("organisation", metadata, _key("id", Uuid), _required("created_at", INSTANT))

integration = Table(
    "integration",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, ForeignKey("organisation.id"), nullable=False),
    _required("status", Text),
    _required("created_at", INSTANT),
    Column("authorized_at", INSTANT),
    Column("authorization_expires_at", INSTANT),
    Column("last_error", JSONB(none_as_null=True)),  # {code, message, action, sentence, advice}
    Column("dossiers_asked_at", INSTANT),
    Index(None, "organisation_id"),
)

credential = Table(
    "credential",
    metadata,
    Column("integration_id", Uuid, ForeignKey("integration.id"), primary_key=True),
    _required("organisation_id", Uuid),
    _required("refresh_token", LargeBinary),  # AES-256-GCM, bound to table, column and row
    _required("refresh_expires_at", INSTANT),
    _required("access_token", LargeBinary),
    _required("access_expires_at", INSTANT),
    _required("access_lifetime_seconds", Integer),
)

# "authorization" is a word of SQL.
authorization = _owned(
    "oauth_authorization",
    _required("integration_id", Uuid),
    _required("subject", Text),
    _required("purpose", Text),
    _required("return_to", Text),
    _required("expires_at", INSTANT),
    _required("ticket", LargeBinary, unique=True),
    Column("browser", LargeBinary),
    Column("state", LargeBinary, unique=True),
    Column("verifier", LargeBinary),  # encrypted
    Column("consumed_at", INSTANT),
    _required("accept_different_account", Boolean, server_default=text("false")),
    Column("subject_name", Text),
    Column("organisation_name", Text),
    Index(None, "expires_at", postgresql_where=text("consumed_at IS NULL")),
)

administration = Table(
    "administration",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, ForeignKey("organisation.id"), nullable=False),
    Column("integration_id", Uuid, ForeignKey("integration.id"), nullable=False),
    _required("dossier_number", Integer),
    _required("name", Text),
    Column("vat_number", Text),
    _required("created_at", INSTANT),
    _required("status", Text),
    Column("purge_after", INSTANT),
    Column("watermark", INSTANT),
    Column("last_successful_import_at", INSTANT),
    Column("complete_from", Date),
    # a dossier is a live administration at most once; a removed one whose retention is over may still await its purge
    Index("uq_administration_dossier", "organisation_id", "dossier_number", unique=True, postgresql_where=_IS_LIVE),
    Index(None, "integration_id"),
)

# What has happened to an integration or administration: written by the transaction of the transition, never changed.
timeline_event = Table(
    "timeline_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _required("organisation_id", Uuid),
    _required("subject_id", Uuid),  # the integration's or the administration's id
    _required("at", INSTANT),
    _required("what", Text),
    Column("status_before", Text),
    _required("status_after", Text),
    _required("agent", Text),  # USER, OCTOPUS, MONITR
    Column("agent_subject", Text),  # the user's
    _required("why", Text),  # in English
    Column("sentence", JSONB(none_as_null=True)),  # {key, parameters}; None: of a program that knew no codes
    Index(None, "subject_id", "id"),
)

# Who did what: written by the transaction of the deed, never changed, and kept when all that it speaks of is gone, so
# that it refers to nothing (adr/0012).
audit_entry = Table(
    "audit_entry",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    _required("organisation_id", Uuid),
    _required("at", INSTANT, server_default=text("clock_timestamp()")),
    Column("recorded", BigInteger, Identity(always=True), nullable=False),  # the order of those of one moment
    _required("actor", Text),
    _required("action", Text),
    Column("subject_id", Uuid),
    Column("subject_name", Text),
    Column("detail", Text),
    Index(None, "organisation_id", "at", "recorded"),
    Index(None, "organisation_id", "subject_id", "at", "recorded"),
    Index(None, "at"),
)

import_run = _owned(
    "import_run",
    _required("administration_id", Uuid),
    _required("mode", Text),
    _required("trigger", Text),
    _required("status", Text),
    _required("progress", Double),
    _required("queued_at", INSTANT),
    Column("started_at", INSTANT),
    Column("finished_at", INSTANT),
    Column("resume_at", INSTANT),
    Column("watermark", INSTANT),
    _required("cancel_requested", Boolean, server_default=text("false")),
    _required("datasets", JSONB),  # {dataset: {status, fetched, inserted, updated, unchanged, deleted}}
    Column("verification", JSONB(none_as_null=True)),  # [{code, status, detail, sentence}]
    Column("error", JSONB(none_as_null=True)),  # {code, message, action, sentence, advice}
    _required("waits", SmallInteger, server_default=text("0")),  # for an Octopus that did not answer
    _required("bookyears", ARRAY(Integer), server_default=text("'{}'")),  # that are read whole again
    Column("origin", JSONB(none_as_null=True)),  # the request that queued it: {request_id, traceparent}
    # the lease: who works on it, until when, and the fencing token that every write of a worker has to show
    Column("lease_owner", Text),
    Column("lease_until", INSTANT),
    _required("fence", BigInteger, server_default=text("0")),
    _required("attempt", Integer, server_default=text("0")),
    Column("due_since", INSTANT),  # when it was handed over last: it queues up again behind those that wait longer
    Index(None, "administration_id", "queued_at"),
    Index("uq_import_run_active", "administration_id", unique=True, postgresql_where=_IS_UNFINISHED),
    Index("ix_import_run_due", "queued_at", postgresql_where=_IS_UNFINISHED),
    _required("texts_indexed", Boolean, server_default=text("false")),  # what it changed is in text_piece
    Index(
        "ix_import_run_unindexed",
        "organisation_id",
        "administration_id",
        postgresql_where=text("NOT texts_indexed"),
    ),
)

# What is to be done, written by the transaction that causes it, published by the relay after the commit.
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("organisation_id", Uuid),
    _required("topic", Text),
    _required("payload", JSONB),
    _required("created_at", INSTANT),
    Column("not_before", INSTANT),  # published then; None: at once
    Column("published_at", INSTANT),
    Index("ix_outbox_pending", "id", postgresql_where=text("published_at IS NULL")),
)

octopus_call = Table(
    "octopus_call",
    metadata,
    _key("scope", Text),  # dossier:49555 or, for the list of dossiers, integration:<uuid>
    _key("operation", Text),
    _key("day", Date),  # in Brussels
    _required("calls", Integer),
    _required("stopped", Boolean, server_default=text("false")),  # refused by Octopus itself: no more today
    Index(None, "day"),
)

dataset_state = _imported(
    "dataset_state",
    _key("dataset", Text),
    _required("rows", Integer),
    Column("last_successful_at", INSTANT),
    Column("heard_at", INSTANT),  # up to when its changes came in a document of Octopus's
    _required("failed", Boolean, server_default=text("false")),  # the last run that asked for it could not read it
)

bookyear = _imported(
    "bookyear",
    _key("number", Integer),
    _required("description", Text),
    _required("start_date", Date),
    _required("end_date", Date),
    _required("closed", Boolean),
    _required("periods", JSONB),  # [[number, start, end], …] in Octopus's order
    Column("unlisted_since", INSTANT),
)

journal = _imported(
    "journal",
    _key("bookyear", Integer),
    _key("type", Text),
    _key("number", Integer),
    _required("name", Text),
    _required("closed", Boolean),
    Column("currency", Text),
)

account = _imported("account", _key("bookyear", Integer), _key("number", Integer), *_names())

cost_centre = _imported("cost_centre", _key("number", Integer), *_names(), _required("closed", Boolean))

relation = _imported(
    "relation",
    _key("number", Integer),
    _required("name", Text),
    Column("vat_number", Text),
    Column("country", Text),
    _required("is_client", Boolean),
    _required("is_supplier", Boolean),
    _required("active", Boolean),
)

# Which chunks of the ledger are in, and the run that read each last: its checkpoints. An answer that could be read
# without a remark is kept as its digest, with the lines that the chunk held then and the sum of their versions (xmin).
_imported(
    "ledger_chunk",
    _key("bookyear", Integer),
    _key("journal_type", SmallInteger),
    _required("run_id", Uuid),
    _required("read_at", INSTANT),
    Column("answer", Text),
    Column("lines", BigInteger),
    Column("versions", BigInteger),
)

ledger_line = _imported(
    "ledger_line",
    *_booking(),
    _key("ordinal", Integer),  # 1 to n in the booking, independent of the order of the answer
    _required("line_sequence", Integer),  # Octopus's lineSequenceNr
    Column("period", Integer),
    _required("document_date", Date),
    _required("effective_date", Date),
    Column("due_date", Date),
    _required("account", Integer),
    _required("amount", MONEY),
    _required("currency", Text),
    Column("currency_amount", MONEY),
    Column("exchange_rate", Numeric),
    Column("relation", Integer),
    Column("cost_centre", Integer),
    Column("description", Text),
    Column("reference", Text),
    Column("vat_section", Text),
    Column("vat_recuperation", Numeric),
    # the list of transactions, newest first, and every span of dates
    Index(
        "ix_ledger_line_newest",
        "administration_id",
        *(text(f"{name} DESC") for name in ("effective_date", *(part.name for part in _booking()))),
        "ordinal",
    ),
    Index("ix_ledger_line_account", "administration_id", "account", "effective_date"),
    # what a client or supplier is named in: on few of the lines of a booking
    Index(
        "ix_ledger_line_relation",
        *("administration_id", "relation", "effective_date"),
        postgresql_where=text("relation IS NOT NULL"),
    ),
)

# The index of the texts of ledger lines (adapters/sql/text_blocks.py): which blocks of documents hold a piece of three
# letters. A block may be named that holds it no longer.
_imported(
    "text_piece",
    _key("piece", Text),
    _key("bookyear", Integer),
    _key("journal_type", SmallInteger),
    _key("journal_number", Integer),
    _required("blocks", ARRAY(Integer)),
)

# Debit and credit per account, period, month, cost centre and journal type, kept by the transaction that publishes the
# lines. A period lies in one month or holds whole months, so that the grain is hardly finer than the month's.
account_month = _imported(
    "account_month",
    _key("bookyear", Integer),
    _key("journal_type", SmallInteger),
    _key("period", Integer),  # as in Octopus; 0: none
    _key("month", Date),  # its first day; of the effective date
    _key("account", Integer),
    _key("cost_centre", Integer),  # 0: none
    *_sums(),
    Index(None, "administration_id", "month"),
)

# The same by calendar year, kept by triggers on account_month (migration 0015).
_imported(
    "account_year",
    _key("bookyear", Integer),
    _key("journal_type", SmallInteger),
    _key("year", Date),  # its first day
    _key("account", Integer),
    _key("cost_centre", Integer),  # 0: none
    *_sums(),
)

# Octopus's own figures (octopus.md 2.6), for verification.
account_amount = _imported(
    "account_amount",
    _key("bookyear", Integer),
    _key("period", Integer),
    _key("account", Integer),
    _required("balance", MONEY),
)

# Bookings that a complete answer for their chunk no longer held: kept until the verification has judged (decision 7).
_imported("missing_booking", *_booking())

# Bookings whose lines do not net to zero: verification reports them until they do.
_imported("unbalanced_booking", *_booking(), _required("net", MONEY))

# The relations that ledger lines have named, so that unknown ones are found without reading the ledger.
_imported("ledger_relation", _key("number", Integer))

# What a run has to report beside its counts: odd records, dropped duplicates.
Table(
    "import_note",
    metadata,
    _required("administration_id", Uuid),
    _required("run_id", Uuid),
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _required("text", Text),  # in English
    Column("sentence", JSONB(none_as_null=True)),  # as in timeline_event
    Index(None, "administration_id", "run_id"),
)

# Which bookings a run added, changed and removed: ranges of consecutive document numbers, which never overlap.
_imported(
    "import_change",
    _key("run_id", Uuid),
    _required("kind", Text),  # ADDED, CHANGED, REMOVED
    *_booking(),
    _required("last_document_number", Integer),
)

# Accounts and cost centres that a run saw for the first time, in whatever bookyear.
_imported(
    "import_first_seen",
    _key("run_id", Uuid),
    _key("kind", Text),  # ACCOUNT, COST_CENTRE
    _key("number", Integer),
)

# The bookings recognised as year openings. Their lines are in ledger_line and account_month like all others.
year_opening = _imported("year_opening", *_booking(), _required("evidence", Text))

# What those bookings carry, per account: subtracted from the movements, used as opening of the oldest bookyear.
opening_balance = _imported(
    "opening_balance",
    _key("bookyear", Integer),
    _key("month", Date),  # the month whose account_month rows hold the lines
    _key("account", Integer),
    _key("cost_centre", Integer),  # 0: none
    *_sums(),
)


def _item_key() -> tuple[Column[Any], ...]:
    """Which row of Octopus's report, as parts of the key."""
    return (
        _key("type", Text),
        _key("bookyear", Integer),
        _key("journal_key", Text),
        _key("document_number", Integer),
        _key("line_sequence", Integer),
        _key("ordinal", Integer),  # 1 for the first row with that key
    )


def _item() -> tuple[Column[Any], ...]:
    """What the row says."""
    return (
        Column("relation", Integer),
        _required("document_date", Date),
        Column("due_date", Date),
        _required("amount", MONEY),
        _required("amount_outstanding", MONEY),
        _required("currency", Text),
        Column("currency_amount", MONEY),
        Column("currency_amount_outstanding", MONEY),
        Column("description", Text),
        Column("reference", Text),
    )


# Octopus's report as it was found last; ``found_on`` is the day (in Brussels) that found the row so first.
outstanding_item = _imported(
    "outstanding_item",
    *_item_key(),
    *_item(),
    _required("found_on", Date, server_default=text("(now() AT TIME ZONE 'Europe/Brussels')::date")),
    # the order of a page
    Index(
        "ix_outstanding_item_due",
        *("administration_id", "type", text("coalesce(due_date, document_date)")),
        *("bookyear", "journal_key", "document_number", "line_sequence", "ordinal"),
    ),
    Index("ix_outstanding_item_relation", "administration_id", "type", text("coalesce(relation, 0)")),
    Index(None, "administration_id", "type", "found_on"),
)

# What it held on days before, and no longer holds so.
_imported(
    "outstanding_item_past",
    *_item_key(),
    _key("found_on", Date),
    _required("last_found_on", Date),
    *_item(),
    Index("ix_outstanding_item_past_span", "administration_id", "type", "last_found_on", "found_on"),
)


def _due_key() -> tuple[Column[Any], ...]:
    """What a sum of open items is of, as parts of the key: what is due on a day, in journals with that letter."""
    return _key("due", Date), _key("journal", Text), _key("is_negative", Boolean)


def _open_sums() -> tuple[Column[Any], ...]:
    return _required("amount", MONEY), _required("items", Integer)


# Sums of open items, kept by triggers on the two tables above (migration 0014). What the report held on a day is what
# it holds now, less the changes of later days.
_imported("outstanding_due", _key("type", Text), *_due_key(), *_open_sums())
_imported("outstanding_change", _key("type", Text), _key("day", Date), *_due_key(), *_open_sums())
_imported(
    "outstanding_relation",
    _key("type", Text),
    _key("relation", Integer),  # 0: none
    *_open_sums(),
    Index("ix_outstanding_relation_largest", "administration_id", "type", text("amount DESC")),
)

# The days on which it was read.
_imported("outstanding_snapshot", _key("type", Text), _key("day", Date))

# Which debit line settles which credit line (octopus.md 2.17). The lines are named as the report names them.
matching = _imported(
    "matching",
    _key("debit_bookyear", Integer),
    _key("debit_journal_key", Text),
    _key("debit_document_number", Integer),
    _key("debit_line_sequence", Integer),
    _key("credit_bookyear", Integer),
    _key("credit_journal_key", Text),
    _key("credit_document_number", Integer),
    _key("credit_line_sequence", Integer),
    _required("kind", Text),  # C client, S supplier, A account, as Octopus writes it
    Column("relation", Integer),
    Column("account", Integer),
    _required("amount", MONEY),  # of the debit line, positive
    _required("credit_amount", MONEY),
    _required("debit_date", Date),
    _required("credit_date", Date),
    _required("matched_on", Date),  # the later of the two
    _required("counts", Boolean, server_default=text("true")),  # neither the ledger nor the report contradicts it
    Index(
        "ix_matching_credit",
        "administration_id",
        "credit_bookyear",
        "credit_journal_key",
        "credit_document_number",
    ),
    Index(None, "administration_id", "matched_on"),
)

# What is settled of a line by Octopus's report, and by no matching, since the day that found it; debit positive.
_imported(
    "matching_correction",
    _key("type", Text),
    _key("bookyear", Integer),
    _key("journal_key", Text),
    _key("document_number", Integer),
    _key("line_sequence", Integer),
    _key("relation", Integer),  # 0: none
    _key("found_on", Date),
    _required("amount", MONEY),
    Index(None, "administration_id", "found_on"),
)

# The accounts that hold, in one sum, what the items hold one by one.
_imported("control_account", _key("type", Text), _key("account", Integer))

# Bookings whose lines, matchings or open items have changed since these were held against each other.
_imported("unjudged_booking", _key("bookyear", Integer), _key("journal_key", Text), _key("document_number", Integer))

# Acquisitions derived from the ledger (octopus.md 5).
fixed_asset = _imported(
    "fixed_asset",
    *_booking(),
    _key("ordinal", Integer),
    _required("account", Integer),
    _required("counted_from", Date),  # the effective date of the line
    Column("acquired_on", Date),  # unknown for what the books began with
    _required("acquisition_value", MONEY),
    Column("description", Text),
    Column("relation", Integer),
)

# What users have set about fixed assets (domain/accounting/asset_settings.py). Not imported, but leaves like what is.
asset_role = _imported("asset_role", _key("account", Integer), _required("role", Text))
asset_depreciation = _imported(
    "asset_depreciation",
    _key("target", Text),  # a category, or the id of an asset
    _required("method", Text),
    _required("useful_life_months", Integer),
    _required("residual_value", MONEY),
    _required("full_first_year", Boolean),
)

# What webhooks tell: one row for each change of a state, written by triggers (adr/0007) in the transaction of the
# change, never changed afterwards but for its place. domain/webhooks.py makes events of them.
webhook_position = Sequence("webhook_position", metadata=metadata)
webhook_event = _owned(
    "webhook_event",
    Column("recorded", BigInteger, Identity(always=True)),  # the order of writing, not of commits
    Column("position", BigInteger),  # from webhook_position, given after the commit: who has seen 7 never misses a 6
    _required("occurred_at", INSTANT),
    _required("subject", Text),  # INTEGRATION, ADMINISTRATION, IMPORT, DATASET
    Column("state_before", Text),
    Column("state_after", Text),
    Column("integration_id", Uuid),
    Column("administration_id", Uuid),
    Column("import_id", Uuid),
    Column("dataset", Text),
    Column("reason", Text),  # the code of a failure
    Column("checks", Text),  # the states of the checks of an import, separated by commas
    Index(None, "organisation_id", "position"),
    Index("ix_webhook_event_unordered", "recorded", postgresql_where=text("position IS NULL")),
    Index(None, "occurred_at"),
)

webhook_target = _owned(
    "webhook_target",
    _required("url", Text),
    Column("description", Text),
    _required("secret", LargeBinary),  # encrypted, like those of credential
    Column("previous_secret", LargeBinary),
    Column("previous_secret_until", INSTANT),
    _required("created_at", INSTANT),
    _required("position", BigInteger),  # all events up to it have arrived
    _required("failures", Integer, server_default=text("0")),  # attempts in a row with the next one
    Column("next_attempt_at", INSTANT),
    Column("last_attempt_at", INSTANT),
    Column("last_success_at", INSTANT),
    Column("last_failure", JSONB(none_as_null=True)),  # {code, message, action, sentence, advice}
    Column("disabled_at", INSTANT),
    # who sends to it, until when, and the fencing token that the outcome of an attempt has to show
    Column("lease_until", INSTANT),
    _required("fence", BigInteger, server_default=text("0")),
    Index(None, "organisation_id"),
)

# Reports of one's own (domain/accounting/statements/own_reports.py).
report = _owned(
    "report",
    _required("name", Text),
    _required("version", Integer),
    _required("lines", JSONB),  # [{key, name, parent_key, side}] in their order
    _required("rules", JSONB),  # [{line_key, account_from, account_to, dimension, dimension_code}]
    _required("changed_at", INSTANT),
    _required("changed_by", Text),
    Index(None, "organisation_id"),
)

IMPORTED_TABLES = tuple(
    table for table in metadata.tables.values() if "administration_id" in table.c and "organisation_id" not in table.c
)
"""The tables whose rows belong to an administration and leave with it."""
