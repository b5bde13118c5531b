-- last_reads --
-- When each dataset was last read, and up to when it was heard.
SELECT dataset, last_successful_at, coalesce(heard_at, last_successful_at) AS heard_at
FROM dataset_state
WHERE administration_id = :own AND last_successful_at IS NOT NULL;

-- note --
-- As many as there is room for.
INSERT INTO import_note (administration_id, run_id, text, sentence)
SELECT :own, CAST(:run AS uuid), note.text, CAST(note.sentence AS jsonb)
FROM unnest(CAST(:texts AS text[]), CAST(:sentences AS text[])) AS note (text, sentence)
LIMIT greatest(
    0, :kept - (SELECT count(*) FROM import_note WHERE administration_id = :own AND run_id = CAST(:run AS uuid))
);

-- rows_stored --
-- How many of each dataset, named like it; the lines are counted in the balances.
SELECT
    (SELECT coalesce(sum(lines), 0) FROM account_month WHERE administration_id = :own) AS general_ledger,
    (SELECT count(*) FROM account WHERE administration_id = :own) AS accounts,
    (SELECT count(*) FROM cost_centre WHERE administration_id = :own) AS dimensions,
    (SELECT count(*) FROM outstanding_item WHERE administration_id = :own) AS outstanding_items,
    (SELECT count(*) FROM fixed_asset WHERE administration_id = :own) AS fixed_assets,
    (SELECT count(*) FROM bookyear WHERE administration_id = :own) AS bookyears,
    (SELECT count(*) FROM journal WHERE administration_id = :own) AS journals,
    (SELECT count(*) FROM relation WHERE administration_id = :own) AS relations;

-- save_state --
-- A dataset that was not read keeps the moment at which it last was.
INSERT INTO dataset_state AS s (administration_id, dataset, rows, last_successful_at, heard_at, failed)
VALUES (:own, :dataset, :rows, :read_at, :heard_at, :failed)
ON CONFLICT (administration_id, dataset) DO UPDATE
    SET
        (rows, failed, last_successful_at, heard_at)
        = (
            excluded.rows, excluded.failed,
            coalesce(excluded.last_successful_at, s.last_successful_at), coalesce(excluded.heard_at, s.heard_at)
        );
