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
