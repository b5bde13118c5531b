-- sums --
-- Of all lines, from the balances.
SELECT bookyear, period, month, account, sum(debit - credit) AS amount
FROM account_month
WHERE administration_id = :own AND bookyear = ANY(CAST(:bookyears AS int[]))
GROUP BY bookyear, period, month, account;

-- sums_of_openings --
-- Of the lines of year openings; with without_missing, of those that are not missing.
SELECT
    bookyear,
    coalesce(l.period, 0) AS period,
    CAST(date_trunc('month', l.effective_date) AS date) AS month,
    l.account,
    sum(l.amount) AS amount
FROM year_opening
JOIN ledger_line AS l USING (administration_id, bookyear, journal_type, journal_number, document_number)
LEFT JOIN missing_booking AS m USING (administration_id, bookyear, journal_type, journal_number, document_number)
WHERE
    administration_id = :own AND bookyear = ANY(CAST(:bookyears AS int[]))
    AND NOT (:without_missing AND m.bookyear IS NOT NULL)
GROUP BY 1, 2, 3, 4;

-- sums_of_missing --
-- Of the lines of missing bookings, to be taken off.
SELECT
    bookyear,
    coalesce(l.period, 0) AS period,
    CAST(date_trunc('month', l.effective_date) AS date) AS month,
    l.account,
    -sum(l.amount) AS amount
FROM missing_booking
JOIN ledger_line AS l USING (administration_id, bookyear, journal_type, journal_number, document_number)
WHERE administration_id = :own AND bookyear = ANY(CAST(:bookyears AS int[]))
GROUP BY 1, 2, 3, 4;

-- amounts --
-- Octopus's own.
SELECT bookyear, period, account, balance
FROM account_amount
WHERE administration_id = :own AND bookyear = ANY(CAST(:bookyears AS int[]));
