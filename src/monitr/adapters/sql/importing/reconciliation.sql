-- journal_types --
-- Of the bookings that are missing.
SELECT DISTINCT bookyear, journal_type
FROM missing_booking
WHERE administration_id = :own;

-- record_removed --
-- The bookings that are missing, with the run, as ranges of consecutive document numbers. What happened to one of them
-- in the run before stays. Their matchings have to be judged anew.
WITH unjudged AS (
    INSERT INTO unjudged_booking
    SELECT
        :own, bookyear,
        coalesce((CAST(:letters AS text[]))[journal_type], 'T' || journal_type || '-') || journal_number,
        document_number
    FROM missing_booking
    WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]))
    ON CONFLICT DO NOTHING
)

INSERT INTO import_change (
    administration_id, run_id, kind, bookyear, journal_type, journal_number, document_number, last_document_number
)
SELECT
    :own, CAST(:run AS uuid), 'REMOVED', bookyear, journal_type, journal_number,
    min(document_number), max(document_number)
FROM (
    SELECT
        *,
        document_number - row_number() OVER (
            PARTITION BY journal_type, journal_number ORDER BY document_number
        ) AS island
    FROM missing_booking AS m
    WHERE
        administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]))
        AND NOT EXISTS (
            SELECT FROM import_change AS o
            WHERE
                o.administration_id = :own AND o.run_id = CAST(:run AS uuid) AND o.bookyear = m.bookyear
                AND o.journal_type = m.journal_type AND o.journal_number = m.journal_number
                AND m.document_number BETWEEN o.document_number AND o.last_document_number
        )
) AS islands
GROUP BY bookyear, journal_type, journal_number, island;

-- take_off_balances --
-- What the lines of missing bookings come to.
-- Worked out once, each booking looked up by pk_ledger_line: OFFSET 0 keeps the planner, who knows nothing of tables
-- that have just grown, from reading the lines of the bookyear again for each of its balances.
WITH gone AS MATERIALIZED (
    SELECT
        m.journal_type,
        coalesce(l.period, 0) AS period,
        CAST(date_trunc('month', l.effective_date) AS date) AS month,
        l.account,
        coalesce(l.cost_centre, 0) AS cost_centre,
        sum(greatest(l.amount, 0)) AS debit,
        sum(greatest(-l.amount, 0)) AS credit,
        count(*) AS lines
    FROM missing_booking AS m
    CROSS JOIN
        LATERAL (
            SELECT line.period, line.effective_date, line.account, line.cost_centre, line.amount
            FROM ledger_line AS line
            WHERE
                (line.administration_id, line.bookyear, line.journal_type, line.journal_number, line.document_number)
                = (:own, m.bookyear, m.journal_type, m.journal_number, m.document_number)
            OFFSET 0
        ) AS l
    WHERE m.administration_id = :own AND m.bookyear = :bookyear AND m.journal_type = ANY(CAST(:types AS int[]))
    GROUP BY 1, 2, 3, 4, 5
)

UPDATE account_month AS b
SET debit = b.debit - gone.debit, credit = b.credit - gone.credit, lines = b.lines - gone.lines
FROM gone
WHERE
    b.administration_id = :own AND b.bookyear = :bookyear
    AND (b.journal_type, b.period, b.month, b.account, b.cost_centre)
    = (gone.journal_type, gone.period, gone.month, gone.account, gone.cost_centre);

-- delete_lines --
-- Of missing bookings, which are out of balance no more.
WITH balanced AS (
    DELETE FROM unbalanced_booking AS u
    USING missing_booking AS m
    WHERE
        m.administration_id = :own AND m.bookyear = :bookyear AND m.journal_type = ANY(CAST(:types AS int[]))
        AND (u.administration_id, u.bookyear, u.journal_type, u.journal_number, u.document_number)
        = (m.administration_id, m.bookyear, m.journal_type, m.journal_number, m.document_number)
)

DELETE FROM ledger_line AS l
USING missing_booking AS m
WHERE
    m.administration_id = :own AND m.bookyear = :bookyear AND m.journal_type = ANY(CAST(:types AS int[]))
    AND (l.administration_id, l.bookyear, l.journal_type, l.journal_number, l.document_number)
    = (m.administration_id, m.bookyear, m.journal_type, m.journal_number, m.document_number);

-- forget_empty_balances --
-- That no line is behind any more.
DELETE FROM account_month
WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[])) AND lines = 0;

-- forget_missing --
-- They are deleted, or here after all.
DELETE FROM missing_booking
WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]));

-- repeating_bookings --
-- The bookings with lines that are equal in every field. Reads the given bookyears whole, and is only asked where their
-- totals do not agree, or where there are none.
SELECT
    bookyear, journal_type, journal_number, document_number,
    sum(amount * copies) AS net,
    sum(amount) AS net_once
FROM (
    SELECT
        bookyear, journal_type, journal_number, document_number, amount,
        count(*) AS copies
    FROM ledger_line
    WHERE administration_id = :own AND bookyear = ANY(CAST(:bookyears AS int[]))
    GROUP BY
        bookyear, journal_type, journal_number, document_number, line_sequence, period, document_date, effective_date,
        due_date, account, amount, currency, currency_amount, exchange_rate, relation, cost_centre, description,
        reference, vat_section, vat_recuperation
) AS line
GROUP BY bookyear, journal_type, journal_number, document_number
HAVING max(copies) > 1;

-- lines_of_bookings --
-- All lines of some bookings, in the order of their keys and ordinals.
SELECT
    bookyear, journal_type, journal_number, document_number, line_sequence, period, document_date, effective_date,
    due_date, account, amount, currency, currency_amount, exchange_rate, relation, cost_centre, description,
    reference, vat_section, vat_recuperation
FROM
    unnest(
        CAST(:bookyear AS int[]), CAST(:journal_type AS int[]), CAST(:journal_number AS int[]),
        CAST(:document_number AS int[])
    ) AS b (bookyear, journal_type, journal_number, document_number)
JOIN ledger_line AS l USING (bookyear, journal_type, journal_number, document_number)
WHERE l.administration_id = :own
ORDER BY bookyear, journal_type, journal_number, document_number, l.ordinal;

-- sums --
-- Of all lines, from the balances; with without_missing, less those of missing bookings.
SELECT bookyear, period, month, account, sum(debit - credit) AS amount
FROM account_month
WHERE administration_id = :own AND bookyear = ANY(CAST(:bookyears AS int[]))
GROUP BY bookyear, period, month, account
UNION ALL
SELECT bookyear, coalesce(l.period, 0), CAST(date_trunc('month', l.effective_date) AS date), l.account, -sum(l.amount)
FROM missing_booking
JOIN ledger_line AS l USING (administration_id, bookyear, journal_type, journal_number, document_number)
WHERE :without_missing AND administration_id = :own AND bookyear = ANY(CAST(:bookyears AS int[]))
GROUP BY 1, 2, 3, 4;

-- sums_of_openings --
-- Of the lines of year openings; with without_missing, of those that are not missing.
SELECT bookyear, coalesce(l.period, 0), CAST(date_trunc('month', l.effective_date) AS date), l.account, sum(l.amount)
FROM year_opening
JOIN ledger_line AS l USING (administration_id, bookyear, journal_type, journal_number, document_number)
LEFT JOIN missing_booking AS m USING (administration_id, bookyear, journal_type, journal_number, document_number)
WHERE
    administration_id = :own AND bookyear = ANY(CAST(:bookyears AS int[]))
    AND NOT (:without_missing AND m.bookyear IS NOT NULL)
GROUP BY 1, 2, 3, 4;

-- amounts --
-- Octopus's own.
SELECT bookyear, period, account, balance
FROM account_amount
WHERE administration_id = :own AND bookyear = ANY(CAST(:bookyears AS int[]));
