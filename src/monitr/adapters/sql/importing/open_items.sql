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

-- whole_against_whole --
-- The planner does not know what has arrived.
SELECT set_config('enable_nestloop', 'off', TRUE);

-- take_away --
-- The rows that did not arrive as they are: how many, and of how many of them there is another by the same key. As the
-- last snapshot of an earlier day found them they are kept; what was found on the same day was found too early.
WITH gone AS (
    DELETE FROM outstanding_item AS old
    WHERE
        old.administration_id = :own AND old.type = :type
        AND NOT EXISTS (
            SELECT FROM incoming_outstanding_item AS n
            WHERE
                old.type = n.type AND old.bookyear = n.bookyear AND old.journal_key = n.journal_key
                AND old.document_number = n.document_number AND old.line_sequence = n.line_sequence
                AND old.ordinal = n.ordinal
                AND ROW(
                    old.relation, old.document_date, old.due_date, old.amount, old.amount_outstanding, old.currency,
                    old.currency_amount, old.currency_amount_outstanding, old.description, old.reference
                ) IS NOT DISTINCT FROM ROW(
                    n.relation, n.document_date, n.due_date, n.amount, n.amount_outstanding, n.currency,
                    n.currency_amount, n.currency_amount_outstanding, n.description, n.reference
                )
        )
    RETURNING *
),

unjudged AS (
    INSERT INTO unjudged_booking
    SELECT DISTINCT :own, bookyear, journal_key, document_number FROM gone
    ON CONFLICT DO NOTHING
),

kept AS (
    INSERT INTO outstanding_item_past
    SELECT
        administration_id, type, bookyear, journal_key, document_number, line_sequence, ordinal, found_on, last.day,
        relation, document_date, due_date, amount, amount_outstanding, currency, currency_amount,
        currency_amount_outstanding, description, reference
    FROM gone
    JOIN (
        SELECT max(day) AS day FROM outstanding_snapshot
        WHERE administration_id = :own AND type = :type AND day < :found_on
    ) AS last ON gone.found_on <= last.day
)

SELECT
    count(*) AS gone,
    count(*) FILTER (
        WHERE EXISTS (
            SELECT FROM incoming_outstanding_item AS n
            WHERE
                gone.type = n.type AND gone.bookyear = n.bookyear AND gone.journal_key = n.journal_key
                AND gone.document_number = n.document_number AND gone.line_sequence = n.line_sequence
                AND gone.ordinal = n.ordinal
        )
    ) AS updated
FROM gone;

-- write --
-- What has arrived and is not there: how many. Bookings are noted where not all of them are judged anyway.
WITH written AS (
    INSERT INTO outstanding_item (
        administration_id, type, bookyear, journal_key, document_number, line_sequence, ordinal, relation,
        document_date, due_date, amount, amount_outstanding, currency, currency_amount, currency_amount_outstanding,
        description, reference, found_on
    )
    SELECT
        :own, n.type, n.bookyear, n.journal_key, n.document_number, n.line_sequence, n.ordinal, n.relation,
        n.document_date, n.due_date, n.amount, n.amount_outstanding, n.currency, n.currency_amount,
        n.currency_amount_outstanding, n.description, n.reference, :found_on
    FROM incoming_outstanding_item AS n
    WHERE
        NOT EXISTS (
            SELECT FROM outstanding_item AS old
            WHERE
                old.administration_id = :own AND old.type = n.type AND old.bookyear = n.bookyear
                AND old.journal_key = n.journal_key AND old.document_number = n.document_number
                AND old.line_sequence = n.line_sequence AND old.ordinal = n.ordinal
        )
    RETURNING bookyear, journal_key, document_number
),

unjudged AS (
    INSERT INTO unjudged_booking
    SELECT DISTINCT :own, bookyear, journal_key, document_number FROM written
    WHERE NOT EXISTS (SELECT FROM unjudged_booking WHERE administration_id = :own AND journal_key = '')
    ON CONFLICT DO NOTHING
)

SELECT count(*) FROM written;

-- note_snapshot --
-- The report was read on that day.
INSERT INTO outstanding_snapshot (administration_id, type, day)
VALUES (:own, :type, :found_on)
ON CONFLICT DO NOTHING;

-- outstanding --
-- What is outstanding of one type, by the journals of the items.
SELECT journal_key, sum(amount_outstanding) AS outstanding
FROM outstanding_item
WHERE administration_id = :own AND type = :type
GROUP BY journal_key;

-- lines_beside_items --
-- How the lines of the bookings of the items of one type compare with the item; those of another relation or amount
-- stand behind none. Each booking is looked up by the primary key: OFFSET 0 keeps the planner from joining some other
-- way.
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
            AND l.relation = i.relation AND abs(l.amount) = abs(i.amount)
        OFFSET 0
    ) AS l
LEFT JOIN year_opening AS y
    ON
        l.administration_id = y.administration_id AND l.bookyear = y.bookyear AND l.journal_type = y.journal_type
        AND l.journal_number = y.journal_number AND l.document_number = y.document_number
WHERE i.administration_id = :own AND i.type = :type;
