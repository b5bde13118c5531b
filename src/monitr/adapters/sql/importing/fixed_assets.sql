-- booked_accounts --
-- From the balances, which are few beside the lines.
SELECT DISTINCT account
FROM account_month
WHERE administration_id = :administration;

-- first_days --
-- Of each bookyear, and the day from which the books are complete.
SELECT b.number, b.start_date, a.complete_from
FROM bookyear AS b
JOIN administration AS a ON b.administration_id = a.id
WHERE b.administration_id = :administration;

-- debits --
-- The debit lines on some accounts, by ix_ledger_line_account, and whether their booking is a year opening.
SELECT
    bookyear, journal_type, journal_number, document_number, l.ordinal, l.account, l.effective_date, l.amount,
    l.description, l.relation, y.evidence IS NOT NULL AS opens
FROM ledger_line AS l
LEFT JOIN year_opening AS y
    USING (administration_id, bookyear, journal_type, journal_number, document_number)
WHERE administration_id = :administration AND l.account = ANY(CAST(:accounts AS int[])) AND l.amount > 0;
