-- first_days --
-- Of each bookyear, and the day from which the books are complete.
SELECT b.number, b.start_date, a.complete_from
FROM bookyear AS b
JOIN administration AS a ON b.administration_id = a.id
WHERE b.administration_id = :own;

-- debits --
-- The debit lines on some ranges of accounts, by ix_ledger_line_account, and whether their booking is a year opening.
SELECT
    l.bookyear, l.journal_type, l.journal_number, l.document_number, l.ordinal, l.account, l.effective_date, l.amount,
    l.description, l.relation, y.evidence IS NOT NULL AS opens
FROM
    unnest(CAST(:lowest AS int[]), CAST(:highest AS int[])) AS r (lowest, highest)
CROSS JOIN
    LATERAL (
        SELECT *
        FROM ledger_line AS l
        WHERE l.administration_id = :own AND l.account BETWEEN r.lowest AND r.highest AND l.amount > 0
        OFFSET 0
    ) AS l
LEFT JOIN year_opening AS y
    USING (administration_id, bookyear, journal_type, journal_number, document_number);

-- stored --
-- The acquisitions as they were derived last.
SELECT
    bookyear, journal_type, journal_number, document_number, ordinal, account, counted_from, acquired_on,
    acquisition_value, description, relation
FROM fixed_asset
WHERE administration_id = :own;
