-- number_those_of_a_line --
-- From 1, whatever the order of the answer; nearly always there is but one, and nothing to number.
WITH shared AS (
    SELECT type, bookyear, journal_key, document_number, line_sequence
    FROM incoming_outstanding_item
    GROUP BY type, bookyear, journal_key, document_number, line_sequence
    HAVING count(*) > 1
),

numbered AS (
    SELECT
        item.ctid AS place,
        row_number() OVER (
            PARTITION BY type, bookyear, journal_key, document_number, line_sequence ORDER BY item
        ) AS ordinal
    FROM incoming_outstanding_item AS item
    JOIN shared USING (type, bookyear, journal_key, document_number, line_sequence)
)

UPDATE incoming_outstanding_item AS n
SET ordinal = numbered.ordinal
FROM numbered
WHERE n.ctid = numbered.place;

-- outstanding --
-- What is outstanding of one type, by the journals of the items.
SELECT journal_key, sum(amount_outstanding) AS outstanding
FROM outstanding_item
WHERE administration_id = :own AND type = :type
GROUP BY journal_key;

-- lines_beside_items --
-- How the lines of the bookings of the items of one type compare with the item. Each booking is looked up by the
-- primary key: OFFSET 0 keeps the planner from joining some other way.
SELECT DISTINCT
    l.account,
    coalesce(l.relation = i.relation, FALSE) AS has_its_relation,
    l.amount = i.amount AS debits_it,
    l.amount = -i.amount AS credits_it,
    y.evidence IS NOT NULL AS opens
FROM outstanding_item AS i
JOIN
    unnest(CAST(:keys AS text[]), CAST(:types AS int[]), CAST(:numbers AS int[]))
        AS j (journal_key, journal_type, journal_number)
    USING (journal_key)
CROSS JOIN
    LATERAL (
        SELECT *
        FROM ledger_line AS l
        WHERE
            l.administration_id = i.administration_id AND l.bookyear = i.bookyear AND l.journal_type = j.journal_type
            AND l.journal_number = j.journal_number AND l.document_number = i.document_number
        OFFSET 0
    ) AS l
LEFT JOIN year_opening AS y
    ON
        l.administration_id = y.administration_id AND l.bookyear = y.bookyear AND l.journal_type = y.journal_type
        AND l.journal_number = y.journal_number AND l.document_number = y.document_number
WHERE i.administration_id = :own AND i.type = :type;
