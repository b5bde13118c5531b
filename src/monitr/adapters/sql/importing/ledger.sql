-- temporary_tables --
-- What follows from ledger_stage, where lines arrive: per booking and per month what they come to; the bookings that a
-- statement is about; the lines, numbered, and where they differ from those that are there. In one round trip.
CREATE TEMP TABLE IF NOT EXISTS ledger_booking ON COMMIT DELETE ROWS AS
SELECT bookyear, journal_type, journal_number, document_number, net, 0 AS lines FROM unbalanced_booking
WITH NO DATA;
CREATE TEMP TABLE IF NOT EXISTS ledger_month (LIKE account_month) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS ledger_scope ON COMMIT DELETE ROWS AS
SELECT bookyear, journal_type, journal_number, document_number FROM missing_booking
WITH NO DATA;
CREATE TEMP TABLE IF NOT EXISTS ledger_next (LIKE ledger_line) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS ledger_diff ON COMMIT DELETE ROWS AS
SELECT
    '' AS kind, n.ctid AS place, n.bookyear, n.journal_type, n.journal_number, n.document_number, n.ordinal, n AS line
FROM ledger_next AS n
WITH NO DATA;

-- set_broken_aside --
-- What arrived of bookings with a line that could not be read.
DELETE FROM ledger_stage AS s
USING
    unnest(
        CAST(:bookyear AS int[]), CAST(:journal_type AS int[]), CAST(:journal_number AS int[]),
        CAST(:document_number AS int[])
    ) AS b (bookyear, journal_type, journal_number, document_number)
WHERE
    (s.bookyear, s.journal_type, s.journal_number, s.document_number)
    = (b.bookyear, b.journal_type, b.journal_number, b.document_number);

-- hold_broken --
-- They are the scope, where a chunk is published.
INSERT INTO ledger_scope
SELECT *
FROM
    unnest(
        CAST(:bookyear AS int[]), CAST(:journal_type AS int[]), CAST(:journal_number AS int[]),
        CAST(:document_number AS int[])
    );

-- keep_broken --
-- What is there of the bookings of the scope stays as it is.
DELETE FROM ledger_diff AS d
USING ledger_scope AS k
WHERE
    (d.bookyear, d.journal_type, d.journal_number, d.document_number)
    = (k.bookyear, k.journal_type, k.journal_number, k.document_number);

-- sum_up --
-- What arrived, per booking, in place of what was summed up before; those that do not net to zero are returned.
WITH before AS (DELETE FROM ledger_booking),

booking AS (
    INSERT INTO ledger_booking
    SELECT bookyear, journal_type, journal_number, document_number, sum(amount), count(*)
    FROM ledger_stage
    GROUP BY bookyear, journal_type, journal_number, document_number
    RETURNING *
)

SELECT bookyear, journal_type, journal_number, document_number
FROM booking
WHERE net <> 0;

-- repeating --
-- Of the bookings that do not net to zero, those with lines that are equal in every field, and what they come to where
-- each counts once.
SELECT bookyear, journal_type, journal_number, document_number, b.net, once.net AS net_once
FROM ledger_booking AS b
JOIN (
    SELECT bookyear, journal_type, journal_number, document_number, sum(amount) AS net, count(*) AS lines
    FROM (
        SELECT DISTINCT s.*
        FROM ledger_stage AS s
        JOIN ledger_booking USING (bookyear, journal_type, journal_number, document_number)
        WHERE net <> 0
    ) AS line
    GROUP BY bookyear, journal_type, journal_number, document_number
) AS once USING (bookyear, journal_type, journal_number, document_number)
WHERE once.lines < b.lines;

-- drop_repetitions --
-- Of lines that are equal in every field, all but one, in some bookings.
DELETE FROM ledger_stage AS s
USING (
    SELECT line.ctid AS place, row_number() OVER (PARTITION BY line) AS copy
    FROM ledger_stage AS line
    JOIN
        unnest(
            CAST(:bookyear AS int[]), CAST(:journal_type AS int[]), CAST(:journal_number AS int[]),
            CAST(:document_number AS int[])
        ) AS b (bookyear, journal_type, journal_number, document_number)
        USING (bookyear, journal_type, journal_number, document_number)
) AS line
WHERE s.ctid = line.place AND line.copy > 1;

-- lines_held --
-- How many the chunk held when its answer was last stored.
SELECT lines
FROM ledger_chunk
WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]));

-- look --
-- Whether the ledger holds nothing of the chunk, or something that is out of balance.
SELECT
    NOT EXISTS (
        SELECT FROM ledger_line
        WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]))
    ) AS is_new,
    EXISTS(
        SELECT FROM unbalanced_booking
        WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]))
    ) AS is_out_of_balance;

-- is_same --
-- Whether the chunk holds just what arrived, and its lines with the sum of their versions.
-- Two multisets of lines are equal if as many lines have the same sum of hashes (Clarke et al., Incremental Multiset
-- Hash Functions and Their Application to Memory Integrity Checking, 2003, AdHash): with 64 bits a difference goes
-- unseen once in 10^19 comparisons. Ordinals follow from the rest. A version is the number of the transaction that
-- wrote the row (xmin), and those go up: whatever is written to the chunk later makes other lines or a larger sum.
SELECT (arrived.lines, arrived.digest) = (held.lines, held.digest) AS is_same, held.lines, held.versions
FROM (
    SELECT count(*) AS lines, sum(hash_record_extended(line, 0)) AS digest
    FROM ledger_stage AS line
) AS arrived
CROSS JOIN (
    SELECT
        count(*) AS lines,
        coalesce(sum(xmin::text::int8), 0) AS versions,
        sum(
            hash_record_extended(
                ROW(
                    bookyear, journal_type, journal_number, document_number, line_sequence, period, document_date,
                    effective_date, due_date, account, amount, currency, currency_amount, exchange_rate, relation,
                    cost_centre, description, reference, vat_section, vat_recuperation
                ),
                0
            )
        ) AS digest
    FROM ledger_line
    WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]))
) AS held;

-- types_of_bookyear --
-- The journal types of what arrived and of what is there.
SELECT journal_type FROM ledger_booking
WHERE bookyear = :bookyear
UNION
SELECT journal_type FROM account_month
WHERE administration_id = :own AND bookyear = :bookyear;

-- has_strays --
-- Whether lines of another chunk arrived.
SELECT EXISTS(
    SELECT FROM ledger_booking
    WHERE bookyear <> :bookyear OR journal_type <> ALL(CAST(:types AS int[]))
);

-- drop_strays --
-- The lines of another chunk.
DELETE FROM ledger_stage
WHERE bookyear <> :bookyear OR journal_type <> ALL(CAST(:types AS int[]));

-- sum_up_months --
-- What arrived, at the grain of the balances.
INSERT INTO ledger_month
SELECT
    :own, bookyear, journal_type, coalesce(period, 0),
    date_trunc('month', effective_date)::date, account, coalesce(cost_centre, 0),
    sum(greatest(amount, 0)), sum(greatest(-amount, 0)), count(*)
FROM ledger_stage
GROUP BY 2, 3, 4, 5, 6, 7;

-- numbered_lines --
-- What arrived, numbered from 1 in each booking, whatever the order of the answer. The rest of the order stands behind
-- (lineSequenceNr, account, amount, relation, cost centre, comment, reference) of decisions.md, section 6.
SELECT
    :own, bookyear, journal_type, journal_number, document_number,
    row_number() OVER (
        PARTITION BY bookyear, journal_type, journal_number, document_number
        ORDER BY
            line_sequence, account, amount, relation, cost_centre, description, reference, period, document_date,
            effective_date, due_date, currency, currency_amount, exchange_rate, vat_section, vat_recuperation
    ),
    line_sequence, period, document_date, effective_date, due_date, account, amount, currency, currency_amount,
    exchange_rate, relation, cost_centre, description, reference, vat_section, vat_recuperation
FROM ledger_stage;

-- publish_new_balances --
-- Of the chunk.
INSERT INTO account_month
SELECT * FROM ledger_month
WHERE administration_id = :own;

-- held_when_new --
-- The lines that this transaction has published, and the sum of their versions.
SELECT
    CAST(:inserted AS int8) AS lines,
    CAST(:inserted AS int8) * pg_current_xact_id()::xid::text::int8 AS versions;

-- held --
-- The lines of the chunk, and the sum of their versions.
SELECT count(*) AS lines, coalesce(sum(xmin::text::int8), 0) AS versions
FROM ledger_line
WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]));

-- checkpoint --
-- With the digest of the answer, where the chunk holds it and nothing else, and the lines that it holds now.
INSERT INTO ledger_chunk (administration_id, bookyear, journal_type, run_id, read_at, answer, lines, versions)
SELECT
    :own, :bookyear, :type, :run, now(),
    CASE WHEN NOT EXISTS (
        SELECT FROM missing_booking
        WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]))
    ) THEN CAST(:answer AS text) END,
    :lines, :versions
ON CONFLICT (administration_id, bookyear, journal_type) DO UPDATE
    SET
        (run_id, read_at, answer, lines, versions)
        = (excluded.run_id, excluded.read_at, excluded.answer, excluded.lines, excluded.versions);

-- checkpoint_of_the_known --
-- Everything else stays, so that what is written by hand meanwhile is seen by the next one.
UPDATE ledger_chunk
SET run_id = :run, read_at = now()
WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]));

-- doubt --
-- As if the chunk had not been read.
DELETE FROM ledger_chunk
WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = :type;

-- answers --
-- Of the chunks whose lines nobody has written since their answer was stored.
SELECT bookyear, journal_type, c.answer
FROM ledger_chunk AS c
JOIN (
    SELECT bookyear, journal_type, count(*) AS lines, coalesce(sum(xmin::text::int8), 0) AS versions
    FROM ledger_line
    WHERE administration_id = :own
    GROUP BY bookyear, journal_type
) AS held USING (bookyear, journal_type, lines, versions)
WHERE c.administration_id = :own AND c.answer IS NOT NULL;

-- compare_with_chunk --
-- Where the lines of the chunk and those that arrived differ: I only arrived, D only there, U changed. One full join
-- finds them all. Ordinals have no gaps: a difference at ordinal 1 on one side alone is a booking that is new, or gone.
INSERT INTO ledger_diff
SELECT
    CASE WHEN l.place IS NULL THEN 'I' WHEN n.administration_id IS NULL THEN 'D' ELSE 'U' END,
    l.place, bookyear, journal_type, journal_number, document_number, ordinal, n
FROM (
    SELECT bookyear, journal_type, journal_number, document_number, ordinal, line.ctid AS place, line
    FROM ledger_line AS line
    WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]))
) AS l
FULL JOIN ledger_next AS n USING (bookyear, journal_type, journal_number, document_number, ordinal)
WHERE l.line IS DISTINCT FROM n;

-- compare_with_scope --
-- The same with the lines of the bookings of the scope. Each is looked up by the primary key: OFFSET 0 keeps the
-- planner from joining some other way, and `:own` from taking the administration for one that, as far as its statistics
-- go, has hardly a line.
INSERT INTO ledger_diff
SELECT
    CASE WHEN l.place IS NULL THEN 'I' WHEN n.administration_id IS NULL THEN 'D' ELSE 'U' END,
    l.place, bookyear, journal_type, journal_number, document_number, ordinal, n
FROM (
    SELECT l.*
    FROM ledger_scope AS k
    CROSS JOIN LATERAL (
        SELECT bookyear, journal_type, journal_number, document_number, ordinal, line.ctid AS place, line
        FROM ledger_line AS line
        WHERE
            (line.administration_id, line.bookyear, line.journal_type, line.journal_number, line.document_number)
            = (:own, k.bookyear, k.journal_type, k.journal_number, k.document_number)
        OFFSET 0
    ) AS l
) AS l
FULL JOIN ledger_next AS n USING (bookyear, journal_type, journal_number, document_number, ordinal)
WHERE l.line IS DISTINCT FROM n;

-- delete_lines --
-- By where the lines are (ctid), if they still are what they were; the comparison is one that no index serves.
DELETE FROM ledger_line AS l
USING ledger_diff AS d
WHERE
    d.kind = 'D' AND l.ctid = d.place
    AND (l.administration_id, l.bookyear, l.journal_type, l.journal_number, l.document_number, l.ordinal)
    IS NOT DISTINCT FROM (:own, d.bookyear, d.journal_type, d.journal_number, d.document_number, d.ordinal);

-- update_lines --
-- Found like those that are deleted.
UPDATE ledger_line AS l
SET (
    line_sequence, period, document_date, effective_date, due_date, account, amount, currency, currency_amount,
    exchange_rate, relation, cost_centre, description, reference, vat_section, vat_recuperation
) = (
    (d.line).line_sequence, (d.line).period, (d.line).document_date, (d.line).effective_date, (d.line).due_date,
    (d.line).account, (d.line).amount, (d.line).currency, (d.line).currency_amount, (d.line).exchange_rate,
    (d.line).relation, (d.line).cost_centre, (d.line).description, (d.line).reference, (d.line).vat_section,
    (d.line).vat_recuperation
)
FROM ledger_diff AS d
WHERE
    d.kind = 'U' AND l.ctid = d.place
    AND (l.administration_id, l.bookyear, l.journal_type, l.journal_number, l.document_number, l.ordinal)
    IS NOT DISTINCT FROM (:own, d.bookyear, d.journal_type, d.journal_number, d.document_number, d.ordinal);

-- insert_lines --
-- Those that only arrived.
INSERT INTO ledger_line
SELECT (line).*
FROM ledger_diff
WHERE kind = 'I' AND (line).administration_id = :own;

-- record_changes --
-- Which bookings were added, changed and removed, with the run, as ranges of consecutive document numbers: a first
-- import is a few rows. Of what happens to a booking twice in a run, the first is kept. Where the chunk is new, all of
-- its bookings are, and there are no differences. The others' matchings have to be judged anew.
WITH unjudged AS (
    INSERT INTO unjudged_booking
    SELECT DISTINCT
        :own, bookyear,
        coalesce((CAST(:letters AS text[]))[journal_type], 'T' || journal_type || '-') || journal_number,
        document_number
    FROM ledger_diff
    ON CONFLICT DO NOTHING
)

INSERT INTO import_change (
    administration_id, run_id, kind, bookyear, journal_type, journal_number, document_number, last_document_number
)
SELECT
    :own, CAST(:run AS uuid), kind, bookyear, journal_type, journal_number,
    min(document_number), max(document_number)
FROM (
    SELECT
        *,
        document_number - row_number() OVER (
            PARTITION BY kind, bookyear, journal_type, journal_number ORDER BY document_number
        ) AS island
    FROM (
        SELECT 'ADDED' AS kind, bookyear, journal_type, journal_number, document_number
        FROM ledger_booking
        WHERE :is_new
        UNION ALL
        SELECT
            CASE
                WHEN bool_or(kind = 'I' AND ordinal = 1) THEN 'ADDED'
                WHEN bool_or(kind = 'D' AND ordinal = 1) THEN 'REMOVED'
                ELSE 'CHANGED'
            END AS kind,
            bookyear, journal_type, journal_number, document_number
        FROM ledger_diff
        GROUP BY bookyear, journal_type, journal_number, document_number
    ) AS c
    WHERE NOT EXISTS (
        SELECT FROM import_change AS o
        WHERE
            o.administration_id = :own AND o.run_id = CAST(:run AS uuid) AND o.bookyear = c.bookyear
            AND o.journal_type = c.journal_type AND o.journal_number = c.journal_number
            AND c.document_number BETWEEN o.document_number AND o.last_document_number
    )
) AS islands
GROUP BY kind, bookyear, journal_type, journal_number, island;

-- judge_all_anew --
-- The chunk is new. A row of its own, since another one may be published at once.
INSERT INTO unjudged_booking (administration_id, bookyear, journal_key, document_number)
VALUES (:own, :bookyear, '', :type)
ON CONFLICT DO NOTHING;

-- forget_balances --
-- Of the chunk.
DELETE FROM account_month
WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]));

-- rebuild_balances --
-- Of the chunk, from its lines.
INSERT INTO account_month
SELECT
    administration_id, bookyear, journal_type, coalesce(period, 0),
    date_trunc('month', effective_date)::date, account, coalesce(cost_centre, 0),
    sum(greatest(amount, 0)), sum(greatest(-amount, 0)), count(*)
FROM ledger_line
WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]))
GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- add_to_scope --
-- The bookings that were deleted, and those that arrived.
INSERT INTO ledger_scope
SELECT *
FROM
    unnest(
        CAST(:bookyear AS int[]), CAST(:journal_type AS int[]), CAST(:journal_number AS int[]),
        CAST(:document_number AS int[])
    )
UNION
SELECT bookyear, journal_type, journal_number, document_number
FROM ledger_booking;

-- shift_balances --
-- By what the bookings of the scope will hold, less what they hold now: the cost of the change alone. They are looked
-- up like those that are compared.
INSERT INTO account_month AS m
SELECT
    :own, bookyear, journal_type, coalesce(period, 0),
    date_trunc('month', effective_date)::date, account, coalesce(cost_centre, 0),
    sum(sign * greatest(amount, 0)), sum(sign * greatest(-amount, 0)), sum(sign)
FROM (
    SELECT
        bookyear, journal_type, l.period, l.effective_date, l.account, l.cost_centre, l.amount,
        -1 AS sign
    FROM ledger_scope AS k
    CROSS JOIN
        LATERAL (
            SELECT line.period, line.effective_date, line.account, line.cost_centre, line.amount
            FROM ledger_line AS line
            WHERE
                (line.administration_id, line.bookyear, line.journal_type, line.journal_number, line.document_number)
                = (:own, k.bookyear, k.journal_type, k.journal_number, k.document_number)
            OFFSET 0
        ) AS l
    UNION ALL
    SELECT bookyear, journal_type, period, effective_date, account, cost_centre, amount, 1
    FROM ledger_stage
) AS moved
GROUP BY 2, 3, 4, 5, 6, 7
HAVING sum(sign) <> 0 OR sum(sign * greatest(amount, 0)) <> 0 OR sum(sign * greatest(-amount, 0)) <> 0
ON CONFLICT (administration_id, bookyear, journal_type, period, month, account, cost_centre) DO UPDATE
    SET debit = m.debit + excluded.debit, credit = m.credit + excluded.credit, lines = m.lines + excluded.lines;

-- forget_empty_balances --
-- In the bookyears of the scope.
DELETE FROM account_month
WHERE administration_id = :own AND lines = 0 AND bookyear = ANY(SELECT DISTINCT bookyear FROM ledger_scope);

-- leave_out_unbalanced --
-- Of what arrived, the bookings that do not net to zero, and their lines.
WITH left_out AS (DELETE FROM ledger_booking WHERE net <> 0 RETURNING *)

DELETE FROM ledger_stage AS s
USING left_out AS k
WHERE
    (s.bookyear, s.journal_type, s.journal_number, s.document_number)
    = (k.bookyear, k.journal_type, k.journal_number, k.document_number);

-- hold_back --
-- The lines that arrived of bookings that do not net to zero where the ledger holds them in balance.
DELETE FROM ledger_stage AS s
USING ledger_booking AS k
WHERE
    k.net <> 0 AND (s.bookyear, s.journal_type, s.journal_number, s.document_number)
    = (k.bookyear, k.journal_type, k.journal_number, k.document_number)
    AND EXISTS (
        SELECT FROM ledger_line AS l
        WHERE
            l.administration_id = :own AND l.bookyear = k.bookyear AND l.journal_type = k.journal_type
            AND l.journal_number = k.journal_number AND l.document_number = k.document_number
    )
    AND NOT EXISTS (
        SELECT FROM unbalanced_booking AS u
        WHERE
            u.administration_id = :own AND u.bookyear = k.bookyear AND u.journal_type = k.journal_type
            AND u.journal_number = k.journal_number AND u.document_number = k.document_number
    )
RETURNING s.bookyear, s.journal_type, s.journal_number, s.document_number;

-- forget_found --
-- Bookings of the chunk that were missing and arrived again.
DELETE FROM missing_booking AS m
USING ledger_booking AS b
WHERE
    m.administration_id = :own AND m.bookyear = :bookyear AND m.journal_type = ANY(CAST(:types AS int[]))
    AND (m.bookyear, m.journal_type, m.journal_number, m.document_number)
    = (b.bookyear, b.journal_type, b.journal_number, b.document_number);

-- keep_missing --
-- Bookings that did not arrive: noted, and left as they are.
WITH noted AS (
    INSERT INTO missing_booking
    SELECT :own, bookyear, journal_type, journal_number, document_number
    FROM ledger_diff
    WHERE kind = 'D' AND ordinal = 1
    ON CONFLICT DO NOTHING
)

DELETE FROM ledger_diff AS d
USING ledger_diff AS gone
WHERE
    gone.kind = 'D' AND gone.ordinal = 1
    AND (d.bookyear, d.journal_type, d.journal_number, d.document_number)
    = (gone.bookyear, gone.journal_type, gone.journal_number, gone.document_number);

-- forget_missing_of_chunk --
-- All of them are there.
DELETE FROM missing_booking
WHERE administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]));

-- forget_unbalanced_of_chunk --
-- Bookings that are missing stay as they are noted, and so do those of the scope.
DELETE FROM unbalanced_booking AS u
WHERE
    administration_id = :own AND bookyear = :bookyear AND journal_type = ANY(CAST(:types AS int[]))
    AND NOT EXISTS (
        SELECT FROM ledger_scope AS k
        WHERE
            k.bookyear = u.bookyear AND k.journal_type = u.journal_type AND k.journal_number = u.journal_number
            AND k.document_number = u.document_number
    )
    AND NOT EXISTS (
        SELECT FROM missing_booking AS m
        WHERE
            m.administration_id = :own AND m.bookyear = u.bookyear AND m.journal_type = u.journal_type
            AND m.journal_number = u.journal_number AND m.document_number = u.document_number
    );

-- forget_missing_of_scope --
-- What could not be read is not missing.
DELETE FROM missing_booking AS m
USING ledger_scope AS k
WHERE
    m.administration_id = :own
    AND (m.bookyear, m.journal_type, m.journal_number, m.document_number)
    = (k.bookyear, k.journal_type, k.journal_number, k.document_number);

-- forget_marks_of_scope --
-- Whatever was missing or out of balance: its bookings arrived in balance, or were deleted.
WITH missing AS (
    DELETE FROM missing_booking AS m
    USING ledger_scope AS k
    WHERE
        m.administration_id = :own
        AND (m.bookyear, m.journal_type, m.journal_number, m.document_number)
        = (k.bookyear, k.journal_type, k.journal_number, k.document_number)
)

DELETE FROM unbalanced_booking AS u
USING ledger_scope AS k
WHERE
    u.administration_id = :own
    AND (u.bookyear, u.journal_type, u.journal_number, u.document_number)
    = (k.bookyear, k.journal_type, k.journal_number, k.document_number);

-- note_unbalanced --
-- Bookings that do not net to zero; those that were not noted before are returned.
INSERT INTO unbalanced_booking
SELECT :own, bookyear, journal_type, journal_number, document_number, net
FROM ledger_booking
WHERE net <> 0
ON CONFLICT DO NOTHING
RETURNING bookyear, journal_type, journal_number, document_number;

-- note_relations --
-- The last thing before the commit, and in their order: chunks that are published at once name the same ones, and the
-- second to do so waits for the first.
INSERT INTO ledger_relation
SELECT DISTINCT :own, relation
FROM ledger_stage
WHERE relation IS NOT NULL
ORDER BY relation
ON CONFLICT DO NOTHING;

-- join --
-- How the planner may do it, for what follows in the transaction: one by one (by an index, or a place), whole against
-- whole, or either. It does not know a table that has just grown, and its guesses have been minutes off.
SELECT
    set_config('enable_nestloop', :one_by_one, TRUE),
    set_config('enable_hashjoin', :whole, TRUE),
    set_config('enable_mergejoin', :whole, TRUE),
    set_config('enable_seqscan', :whole, TRUE);

-- work_in_memory --
-- Numbering and joining a chunk: with PostgreSQL's 4 MB both go through files, at twice the time.
SELECT set_config('work_mem', '64MB', TRUE);
