-- remove --
-- Matchings by their keys; their bookings have to be judged anew.
WITH removed AS (
    DELETE FROM matching AS m
    USING
        unnest(
            CAST(:debit_bookyear AS int[]), CAST(:debit_journal_key AS text[]), CAST(:debit_document_number AS int[]),
            CAST(:debit_line_sequence AS int[]), CAST(:credit_bookyear AS int[]), CAST(:credit_journal_key AS text[]),
            CAST(:credit_document_number AS int[]), CAST(:credit_line_sequence AS int[])
        ) AS k (
            debit_bookyear, debit_journal_key, debit_document_number, debit_line_sequence,
            credit_bookyear, credit_journal_key, credit_document_number, credit_line_sequence
        )
    WHERE
        m.administration_id = :own AND m.debit_bookyear = k.debit_bookyear
        AND m.debit_journal_key = k.debit_journal_key AND m.debit_document_number = k.debit_document_number
        AND m.debit_line_sequence = k.debit_line_sequence AND m.credit_bookyear = k.credit_bookyear
        AND m.credit_journal_key = k.credit_journal_key AND m.credit_document_number = k.credit_document_number
        AND m.credit_line_sequence = k.credit_line_sequence
    RETURNING m.*
)

INSERT INTO unjudged_booking
SELECT :own, debit_bookyear, debit_journal_key, debit_document_number FROM removed
UNION
SELECT :own, credit_bookyear, credit_journal_key, credit_document_number FROM removed
ON CONFLICT DO NOTHING;

-- drop_those_that_stand --
-- Of all that arrived, what is there as it is.
DELETE FROM incoming_matching AS n
USING matching AS m
WHERE
    m.administration_id = :own AND m.debit_bookyear = n.debit_bookyear
    AND m.debit_journal_key = n.debit_journal_key AND m.debit_document_number = n.debit_document_number
    AND m.debit_line_sequence = n.debit_line_sequence AND m.credit_bookyear = n.credit_bookyear
    AND m.credit_journal_key = n.credit_journal_key AND m.credit_document_number = n.credit_document_number
    AND m.credit_line_sequence = n.credit_line_sequence
    AND ROW(m.kind, m.relation, m.account, m.amount, m.credit_amount, m.debit_date, m.credit_date)
    IS NOT DISTINCT FROM ROW(n.kind, n.relation, n.account, n.amount, n.credit_amount, n.debit_date, n.credit_date);

-- write --
-- What arrived, the last of those of the same two lines; what is the same is not written. Bookings are noted where not
-- all of them are judged anyway.
WITH written AS (
    INSERT INTO matching AS m (
        administration_id, debit_bookyear, debit_journal_key, debit_document_number, debit_line_sequence,
        credit_bookyear, credit_journal_key, credit_document_number, credit_line_sequence,
        kind, relation, account, amount, credit_amount, debit_date, credit_date, matched_on
    )
    SELECT DISTINCT ON (
        debit_bookyear, debit_journal_key, debit_document_number, debit_line_sequence,
        credit_bookyear, credit_journal_key, credit_document_number, credit_line_sequence
    )
        :own, debit_bookyear, debit_journal_key, debit_document_number, debit_line_sequence,
        credit_bookyear, credit_journal_key, credit_document_number, credit_line_sequence,
        kind, relation, account, amount, credit_amount, debit_date, credit_date, matched_on
    FROM incoming_matching AS n
    ORDER BY
        debit_bookyear ASC, debit_journal_key ASC, debit_document_number ASC, debit_line_sequence ASC,
        credit_bookyear ASC, credit_journal_key ASC, credit_document_number ASC, credit_line_sequence ASC, n.ctid DESC
    ON CONFLICT (
        administration_id, debit_bookyear, debit_journal_key, debit_document_number, debit_line_sequence,
        credit_bookyear, credit_journal_key, credit_document_number, credit_line_sequence
    ) DO UPDATE
        SET
            (kind, relation, account, amount, credit_amount, debit_date, credit_date, matched_on, counts)
            = (
                excluded.kind, excluded.relation, excluded.account, excluded.amount, excluded.credit_amount,
                excluded.debit_date, excluded.credit_date, excluded.matched_on, TRUE
            )
        WHERE
        NOT m.counts
        OR ROW(m.kind, m.relation, m.account, m.amount, m.credit_amount, m.debit_date, m.credit_date)
        IS DISTINCT FROM ROW(
            excluded.kind, excluded.relation, excluded.account, excluded.amount, excluded.credit_amount,
            excluded.debit_date, excluded.credit_date
        )
    RETURNING m.*
),

accounts AS (
    INSERT INTO control_account (administration_id, type, account)
    SELECT DISTINCT :own, CASE kind WHEN 'C' THEN 'RECEIVABLE' ELSE 'PAYABLE' END, account
    FROM written
    WHERE kind IN ('C', 'S') AND account IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING account
),

every_booking AS (
    INSERT INTO unjudged_booking (administration_id, bookyear, journal_key, document_number)
    SELECT :own, 0, '', min(account) FROM accounts
    HAVING count(*) > 0
    ON CONFLICT DO NOTHING
)

INSERT INTO unjudged_booking
SELECT :own, bookyear, journal_key, document_number
FROM (
    SELECT debit_bookyear AS bookyear, debit_journal_key AS journal_key, debit_document_number AS document_number
    FROM written
    UNION
    SELECT credit_bookyear, credit_journal_key, credit_document_number FROM written
) AS booking
WHERE NOT EXISTS (SELECT FROM unjudged_booking WHERE administration_id = :own AND journal_key = '')
ON CONFLICT DO NOTHING;

-- control_accounts --
-- Those that are known.
SELECT type, account
FROM control_account
WHERE administration_id = :own;

-- forget_control_accounts --
-- They are told anew.
DELETE FROM control_account
WHERE administration_id = :own;

-- accounts_of_matchings --
-- Of clients and suppliers.
SELECT DISTINCT CASE kind WHEN 'C' THEN 'RECEIVABLE' ELSE 'PAYABLE' END AS type, account
FROM matching
WHERE administration_id = :own AND kind IN ('C', 'S') AND account IS NOT NULL;

-- know_control_accounts --
-- Those that were not known.
INSERT INTO control_account (administration_id, type, account)
SELECT :own, type, account
FROM unnest(CAST(:types AS text[]), CAST(:accounts AS int[])) AS k (type, account)
ON CONFLICT DO NOTHING;

-- unjudged --
-- The journals of what has changed; '' stands for all that there is.
SELECT DISTINCT journal_key
FROM unjudged_booking
WHERE administration_id = :own;

-- journals --
-- All that items, matchings, lines and corrections can be in.
SELECT DISTINCT type || number AS journal_key FROM journal
WHERE administration_id = :own
UNION
SELECT DISTINCT journal_key FROM outstanding_item
WHERE administration_id = :own
UNION
SELECT DISTINCT debit_journal_key FROM matching
WHERE administration_id = :own
UNION
SELECT DISTINCT credit_journal_key FROM matching
WHERE administration_id = :own
UNION
SELECT DISTINCT journal_key FROM matching_correction
WHERE administration_id = :own;

-- temporary_tables --
-- The bookings that are judged; their lines on control accounts, their matchings (where they are, and what becomes of
-- them) and their items.
CREATE TEMP TABLE IF NOT EXISTS judged_booking (
    bookyear int,
    journal_key text,
    journal_type int,
    journal_number int,
    document_number int,
    has_changed boolean
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS judged_line (
    type text,
    bookyear int,
    journal_key text,
    document_number int,
    relation int,
    line_sequence int,
    document_date date,
    amount numeric
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS judged_matching ON COMMIT DELETE ROWS AS
SELECT m.*, m.ctid AS place, '' AS type FROM matching AS m
WITH NO DATA;
CREATE TEMP TABLE IF NOT EXISTS judged_item (
    type text,
    bookyear int,
    journal_key text,
    document_number int,
    relation int,
    line_sequence int,
    amount_outstanding numeric
) ON COMMIT DELETE ROWS;

-- scope_of_changes --
-- What has changed, and what is matched with it. Each matching is looked up by an index: OFFSET 0 keeps the planner
-- from joining some other way.
WITH j AS (
    SELECT *
    FROM
        unnest(CAST(:keys AS text[]), CAST(:types AS int[]), CAST(:numbers AS int[]))
            AS given (journal_key, journal_type, journal_number)
),

changed AS (
    SELECT bookyear, journal_key, document_number
    FROM unjudged_booking
    WHERE administration_id = :own
),

beside AS (
    SELECT m.credit_bookyear, m.credit_journal_key, m.credit_document_number
    FROM changed AS k
    CROSS JOIN
        LATERAL (
            SELECT *
            FROM matching AS m
            WHERE
                m.administration_id = :own AND m.debit_bookyear = k.bookyear AND m.debit_journal_key = k.journal_key
                AND m.debit_document_number = k.document_number
            OFFSET 0
        ) AS m
    UNION
    SELECT m.debit_bookyear, m.debit_journal_key, m.debit_document_number
    FROM changed AS k
    CROSS JOIN
        LATERAL (
            SELECT *
            FROM matching AS m
            WHERE
                m.administration_id = :own AND m.credit_bookyear = k.bookyear AND m.credit_journal_key = k.journal_key
                AND m.credit_document_number = k.document_number
            OFFSET 0
        ) AS m
)

INSERT INTO judged_booking
SELECT bookyear, journal_key, j.journal_type, j.journal_number, document_number, bool_or(has_changed)
FROM (
    SELECT bookyear, journal_key, document_number, TRUE AS has_changed FROM changed
    UNION ALL
    SELECT credit_bookyear, credit_journal_key, credit_document_number, FALSE FROM beside
) AS booking
JOIN j USING (journal_key)
WHERE
    bookyear = ANY(CAST(:bookyears AS int[]))
    AND NOT EXISTS (
        SELECT FROM year_opening AS o
        WHERE
            o.administration_id = :own AND o.bookyear = booking.bookyear AND o.journal_type = j.journal_type
            AND o.journal_number = j.journal_number AND o.document_number = booking.document_number
    )
GROUP BY bookyear, journal_key, j.journal_type, j.journal_number, document_number;

-- scope_of_all --
-- Every booking on a control account, with an item or with a matching.
WITH j AS (
    SELECT *
    FROM
        unnest(CAST(:keys AS text[]), CAST(:types AS int[]), CAST(:numbers AS int[]))
            AS given (journal_key, journal_type, journal_number)
)

INSERT INTO judged_booking
SELECT bookyear, journal_key, j.journal_type, j.journal_number, document_number, TRUE
FROM (
    SELECT l.bookyear, of_line.journal_key, l.document_number
    FROM ledger_line AS l
    JOIN j AS of_line USING (journal_type, journal_number)
    WHERE l.administration_id = :own AND l.account = ANY(CAST(:accounts AS int[])) AND l.relation IS NOT NULL
    UNION
    SELECT bookyear, journal_key, document_number FROM outstanding_item
    WHERE administration_id = :own
    UNION
    SELECT debit_bookyear, debit_journal_key, debit_document_number FROM matching
    WHERE administration_id = :own
    UNION
    SELECT credit_bookyear, credit_journal_key, credit_document_number FROM matching
    WHERE administration_id = :own
    UNION
    SELECT bookyear, journal_key, document_number FROM matching_correction
    WHERE administration_id = :own
) AS booking
JOIN j USING (journal_key)
WHERE
    bookyear = ANY(CAST(:bookyears AS int[]))
    AND NOT EXISTS (
        SELECT FROM year_opening AS o
        WHERE
            o.administration_id = :own AND o.bookyear = booking.bookyear AND o.journal_type = j.journal_type
            AND o.journal_number = j.journal_number AND o.document_number = booking.document_number
    );

-- join --
-- A few bookings one by one, by the primary keys; very many whole against whole.
SELECT
    set_config('enable_nestloop', :one_by_one, TRUE),
    set_config('enable_hashjoin', :whole, TRUE),
    set_config('enable_mergejoin', :whole, TRUE),
    set_config('enable_seqscan', :whole, TRUE),
    set_config('work_mem', '64MB', TRUE);

-- lines_of_changes --
-- Of the bookings, those that can be open. Whatever a few bookings have is looked up like this, one by one: OFFSET 0
-- keeps the planner, who knows little of tables that have just grown, from joining some other way.
INSERT INTO judged_line
SELECT
    c.type, k.bookyear, k.journal_key, k.document_number, l.relation, l.line_sequence, l.document_date, l.amount
FROM judged_booking AS k
CROSS JOIN
    LATERAL (
        SELECT line.account, line.relation, line.line_sequence, line.document_date, line.amount
        FROM ledger_line AS line
        WHERE
            (line.administration_id, line.bookyear, line.journal_type, line.journal_number, line.document_number)
            = (:own, k.bookyear, k.journal_type, k.journal_number, k.document_number)
        OFFSET 0
    ) AS l
JOIN unnest(CAST(:accounts AS int[]), CAST(:account_types AS text[])) AS c (account, type) ON l.account = c.account
WHERE l.relation IS NOT NULL;

-- lines_of_all --
-- Of the bookings, those that can be open.
INSERT INTO judged_line
SELECT
    c.type, k.bookyear, k.journal_key, k.document_number, l.relation, l.line_sequence, l.document_date, l.amount
FROM judged_booking AS k
JOIN ledger_line AS l USING (bookyear, journal_type, journal_number, document_number)
JOIN unnest(CAST(:accounts AS int[]), CAST(:account_types AS text[])) AS c (account, type) ON l.account = c.account
WHERE l.administration_id = :own AND l.relation IS NOT NULL;

-- matchings_of_changes --
-- Those that the bookings are in, on either side.
INSERT INTO judged_matching
SELECT
    m.*,
    coalesce(c.type, CASE m.kind WHEN 'C' THEN 'RECEIVABLE' WHEN 'S' THEN 'PAYABLE' END)
FROM (
    SELECT d.*
    FROM judged_booking AS k
    CROSS JOIN
        LATERAL (
            SELECT m.*, m.ctid AS place
            FROM matching AS m
            WHERE
                (m.administration_id, m.debit_bookyear, m.debit_journal_key, m.debit_document_number)
                = (:own, k.bookyear, k.journal_key, k.document_number)
            OFFSET 0
        ) AS d
    UNION
    SELECT o.*
    FROM judged_booking AS k
    CROSS JOIN
        LATERAL (
            SELECT m.*, m.ctid AS place
            FROM matching AS m
            WHERE
                (m.administration_id, m.credit_bookyear, m.credit_journal_key, m.credit_document_number)
                = (:own, k.bookyear, k.journal_key, k.document_number)
            OFFSET 0
        ) AS o
) AS m
LEFT JOIN
    unnest(CAST(:accounts AS int[]), CAST(:account_types AS text[])) AS c (account, type)
    ON m.account = c.account;

-- matchings_of_all --
-- All that there are.
INSERT INTO judged_matching
SELECT
    m.*, m.ctid,
    coalesce(c.type, CASE m.kind WHEN 'C' THEN 'RECEIVABLE' WHEN 'S' THEN 'PAYABLE' END)
FROM matching AS m
LEFT JOIN unnest(CAST(:accounts AS int[]), CAST(:account_types AS text[])) AS c (account, type) ON m.account = c.account
WHERE m.administration_id = :own;

-- items_of_changes --
-- What the report lists of the bookings. Their order is that of the primary key, which no other index has.
INSERT INTO judged_item
SELECT i.type, k.bookyear, k.journal_key, k.document_number, i.relation, i.line_sequence, i.amount_outstanding
FROM (VALUES ('RECEIVABLE'), ('PAYABLE')) AS t (type)
CROSS JOIN judged_booking AS k
CROSS JOIN
    LATERAL (
        SELECT i.type, coalesce(i.relation, 0) AS relation, i.line_sequence, i.amount_outstanding
        FROM outstanding_item AS i
        WHERE
            (i.administration_id, i.type, i.bookyear, i.journal_key, i.document_number)
            = (:own, t.type, k.bookyear, k.journal_key, k.document_number)
        ORDER BY i.type, i.bookyear, i.journal_key, i.document_number, i.line_sequence, i.ordinal
        OFFSET 0
    ) AS i;

-- items_of_all --
-- What the report lists of the bookings.
INSERT INTO judged_item
SELECT
    i.type, i.bookyear, i.journal_key, i.document_number, coalesce(i.relation, 0), i.line_sequence,
    i.amount_outstanding
FROM outstanding_item AS i
JOIN judged_booking USING (bookyear, journal_key, document_number)
WHERE i.administration_id = :own;

-- date_anew --
-- The dates of matchings are those of their documents as they are now; where one of these is not there, they do not
-- count. Of those between two bookings of which neither has changed, nothing is asked anew.
WITH booked AS (
    SELECT k.bookyear, k.journal_key, k.document_number, k.has_changed, min(l.document_date) AS document_date
    FROM judged_booking AS k
    LEFT JOIN judged_line AS l USING (bookyear, journal_key, document_number)
    GROUP BY k.bookyear, k.journal_key, k.document_number, k.has_changed
)

UPDATE judged_matching AS m
SET
    counts = d.document_date IS NOT NULL AND c.document_date IS NOT NULL,
    debit_date = coalesce(d.document_date, m.debit_date), credit_date = coalesce(c.document_date, m.credit_date)
FROM booked AS d, booked AS c
WHERE
    m.debit_bookyear = d.bookyear AND m.debit_journal_key = d.journal_key
    AND m.debit_document_number = d.document_number AND m.credit_bookyear = c.bookyear
    AND m.credit_journal_key = c.journal_key AND m.credit_document_number = c.document_number
    AND (d.has_changed OR c.has_changed) AND m.type IS NOT NULL
    AND (m.counts, m.debit_date, m.credit_date) IS DISTINCT FROM (
        d.document_date IS NOT NULL AND c.document_date IS NOT NULL,
        coalesce(d.document_date, m.debit_date), coalesce(c.document_date, m.credit_date)
    );

-- differences --
-- Lines less matchings less items, where they do not come to nothing; debit positive.
WITH part AS (
    SELECT type, bookyear, journal_key, document_number, relation, amount, TRUE AS is_booked
    FROM judged_line
    UNION ALL
    SELECT
        m.type, k.bookyear, k.journal_key, k.document_number, coalesce(m.relation, 0),
        -m.amount, FALSE
    FROM judged_matching AS m
    JOIN judged_booking AS k
        ON
            m.debit_bookyear = k.bookyear AND m.debit_journal_key = k.journal_key
            AND m.debit_document_number = k.document_number
    WHERE m.counts AND m.type IS NOT NULL
    UNION ALL
    SELECT
        m.type, k.bookyear, k.journal_key, k.document_number, coalesce(m.relation, 0),
        m.credit_amount, FALSE
    FROM judged_matching AS m
    JOIN judged_booking AS k
        ON
            m.credit_bookyear = k.bookyear AND m.credit_journal_key = k.journal_key
            AND m.credit_document_number = k.document_number
    WHERE m.counts AND m.type IS NOT NULL
    UNION ALL
    SELECT
        type, bookyear, journal_key, document_number, relation,
        CASE type WHEN 'RECEIVABLE' THEN -amount_outstanding ELSE amount_outstanding END, FALSE
    FROM judged_item
)

SELECT
    type, bookyear, journal_key, document_number, relation, sum(amount) AS difference, bool_or(is_booked) AS is_booked
FROM part
GROUP BY type, bookyear, journal_key, document_number, relation
HAVING sum(amount) <> 0;

-- matchings_in_doubt --
-- Between two of the groups in which something is wrong: the debit side is more open than it should be, and the credit
-- side too.
WITH g AS (
    SELECT *
    FROM
        unnest(
            CAST(:types AS text[]), CAST(:bookyears AS int[]), CAST(:journal_keys AS text[]),
            CAST(:document_numbers AS int[]), CAST(:relations AS int[]), CAST(:amounts AS numeric[])
        ) AS given (type, bookyear, journal_key, document_number, relation, amount)
)

SELECT
    m.debit_bookyear, m.debit_journal_key, m.debit_document_number, m.debit_line_sequence,
    m.credit_bookyear, m.credit_journal_key, m.credit_document_number, m.credit_line_sequence,
    m.amount, m.credit_amount, greatest(m.debit_date, m.credit_date) AS matched_on, d.type, d.relation
FROM judged_matching AS m
JOIN g AS d
    ON
        m.type = d.type AND coalesce(m.relation, 0) = d.relation AND m.debit_bookyear = d.bookyear
        AND m.debit_journal_key = d.journal_key AND m.debit_document_number = d.document_number
JOIN g AS o
    ON
        m.type = o.type AND coalesce(m.relation, 0) = o.relation AND m.credit_bookyear = o.bookyear
        AND m.credit_journal_key = o.journal_key AND m.credit_document_number = o.document_number
WHERE m.counts AND -d.amount >= m.amount AND o.amount >= m.credit_amount;

-- do_not_count --
-- Matchings that were removed, though nobody told.
UPDATE judged_matching AS m
SET counts = FALSE
FROM
    unnest(
        CAST(:debit_bookyear AS int[]), CAST(:debit_journal_key AS text[]), CAST(:debit_document_number AS int[]),
        CAST(:debit_line_sequence AS int[]), CAST(:credit_bookyear AS int[]), CAST(:credit_journal_key AS text[]),
        CAST(:credit_document_number AS int[]), CAST(:credit_line_sequence AS int[])
    ) AS k (
        debit_bookyear, debit_journal_key, debit_document_number, debit_line_sequence,
        credit_bookyear, credit_journal_key, credit_document_number, credit_line_sequence
    )
WHERE
    m.debit_bookyear = k.debit_bookyear AND m.debit_journal_key = k.debit_journal_key
    AND m.debit_document_number = k.debit_document_number AND m.debit_line_sequence = k.debit_line_sequence
    AND m.credit_bookyear = k.credit_bookyear AND m.credit_journal_key = k.credit_journal_key
    AND m.credit_document_number = k.credit_document_number AND m.credit_line_sequence = k.credit_line_sequence;

-- write_back --
-- What has become of the matchings, by where they are; the other comparison is one that no index serves.
UPDATE matching AS m
SET
    counts = j.counts, debit_date = j.debit_date, credit_date = j.credit_date,
    matched_on = greatest(j.debit_date, j.credit_date)
FROM judged_matching AS j
WHERE
    m.ctid = j.place AND m.administration_id IS NOT DISTINCT FROM :own
    AND (m.counts, m.debit_date, m.credit_date) IS DISTINCT FROM (j.counts, j.debit_date, j.credit_date);

-- corrections --
-- Of the bookings that are judged.
SELECT n.type, n.bookyear, n.journal_key, n.document_number, n.relation, n.found_on, sum(n.amount) AS amount
FROM judged_booking
JOIN matching_correction AS n USING (bookyear, journal_key, document_number)
WHERE n.administration_id = :own
GROUP BY n.type, n.bookyear, n.journal_key, n.document_number, n.relation, n.found_on;

-- forget_corrections --
-- Of some groups.
DELETE FROM matching_correction AS n
USING
    unnest(
        CAST(:types AS text[]), CAST(:bookyears AS int[]), CAST(:journal_keys AS text[]),
        CAST(:document_numbers AS int[]), CAST(:relations AS int[])
    ) AS g (type, bookyear, journal_key, document_number, relation)
WHERE
    n.administration_id = :own AND n.type = g.type AND n.bookyear = g.bookyear AND n.journal_key = g.journal_key
    AND n.document_number = g.document_number AND n.relation = g.relation;

-- correct --
-- At a line of the group, named as the report or a matching names one; else as the ledger does.
WITH named AS (
    SELECT DISTINCT ON (type, bookyear, journal_key, document_number, relation)
        type, bookyear, journal_key, document_number, relation, line_sequence
    FROM (
        SELECT
            type, bookyear, journal_key, document_number, relation, line_sequence,
            1 AS rank,
            abs(amount_outstanding) AS size
        FROM judged_item
        UNION ALL
        SELECT
            type, debit_bookyear, debit_journal_key, debit_document_number, coalesce(relation, 0),
            debit_line_sequence, 2, amount
        FROM judged_matching
        UNION ALL
        SELECT
            type, credit_bookyear, credit_journal_key, credit_document_number, coalesce(relation, 0),
            credit_line_sequence, 2, credit_amount
        FROM judged_matching
        UNION ALL
        SELECT type, bookyear, journal_key, document_number, relation, line_sequence, 3, abs(amount)
        FROM judged_line
    ) AS line
    ORDER BY
        type ASC, bookyear ASC, journal_key ASC, document_number ASC, relation ASC, rank ASC, size DESC,
        line_sequence ASC
)

INSERT INTO matching_correction (
    administration_id, type, bookyear, journal_key, document_number, line_sequence, relation, found_on, amount
)
SELECT
    :own, type, bookyear, journal_key, document_number, named.line_sequence, relation, g.found_on, g.amount
FROM
    unnest(
        CAST(:types AS text[]), CAST(:bookyears AS int[]), CAST(:journal_keys AS text[]),
        CAST(:document_numbers AS int[]), CAST(:relations AS int[]), CAST(:found_on AS date[]),
        CAST(:amounts AS numeric[])
    ) AS g (type, bookyear, journal_key, document_number, relation, found_on, amount)
JOIN named USING (type, bookyear, journal_key, document_number, relation);

-- all_is_judged --
-- What had changed.
DELETE FROM unjudged_booking
WHERE administration_id = :own;

-- unexplained --
-- What was corrected, by type: how many groups, and what they come to.
SELECT type, count(*) AS groups, sum(amount) AS amount
FROM (
    SELECT type, sum(amount) AS amount
    FROM matching_correction
    WHERE administration_id = :own
    GROUP BY type, bookyear, journal_key, document_number, relation
) AS g
GROUP BY type
ORDER BY type DESC;

-- some_unexplained --
-- The first groups of a type.
SELECT type, bookyear, journal_key, document_number, relation, sum(amount) AS amount
FROM matching_correction
WHERE administration_id = :own AND type = :type
GROUP BY type, bookyear, journal_key, document_number, relation
ORDER BY bookyear, journal_key, document_number, relation
LIMIT :first;
