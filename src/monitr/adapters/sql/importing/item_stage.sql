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
