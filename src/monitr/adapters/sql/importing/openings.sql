-- booked --
-- The accounts of the bookyear, and its journal types that are unusual or have lines in no period or a period 00: from
-- the balances, so that the ledger is rarely searched.
SELECT
    coalesce(array_agg(DISTINCT account), '{}') AS accounts,
    coalesce(
        array_agg(DISTINCT journal_type)
        FILTER (WHERE journal_type <> ALL(CAST(:types AS int[])) OR period % 100 = 0),
        '{}'
    ) AS unusual_types
FROM account_month
WHERE administration_id = :own AND bookyear = :bookyear;

-- candidates --
-- The bookings that might open the bookyear, one row for each booking and account. Those with a line on one of the
-- accounts that are not carried forward are left out.
-- The inner query finds them by the primary key (the divers lines of one bookyear, and unusual types) and by
-- ix_ledger_line_account (588888, and in the first period alone the accounts of group 58, over which transfers between
-- banks go all year): IS NOT DISTINCT FROM, which no index serves, keeps the planner from reading all financial lines
-- of the bookyear. The other lines of a booking are looked up by the primary key: OFFSET 0 keeps it from joining some
-- other way.
WITH booking AS MATERIALIZED (
    SELECT bookyear, journal_type, journal_number, document_number
    FROM ledger_line
    WHERE
        administration_id = :own AND bookyear = :bookyear AND journal_type = :divers
        AND effective_date <= :first_period_end
    UNION
    SELECT bookyear, journal_type, journal_number, document_number
    FROM ledger_line
    WHERE
        administration_id = :own AND bookyear = :bookyear AND journal_type = :divers
        AND document_date BETWEEN :start AND :first_period_end
    UNION
    SELECT bookyear, journal_type, journal_number, document_number
    FROM ledger_line
    WHERE
        administration_id = :own AND account = :opening_account
        AND (bookyear, journal_type) IS NOT DISTINCT FROM (:bookyear, :financial)
    UNION
    SELECT bookyear, journal_type, journal_number, document_number
    FROM ledger_line AS t
    WHERE
        administration_id = :own AND account = ANY(CAST(:transfers AS int[]))
        AND effective_date BETWEEN :first_period_start AND :first_period_end
        AND (bookyear, journal_type) IS NOT DISTINCT FROM (:bookyear, :financial)
        AND NOT EXISTS (
            SELECT FROM ledger_line AS p
            WHERE
                p.administration_id = :own AND p.bookyear = t.bookyear AND p.journal_type = t.journal_type
                AND p.journal_number = t.journal_number AND p.document_number = t.document_number
                AND p.account = ANY(CAST(:no_banks AS int[]))
            OFFSET 0
        )
    UNION
    SELECT bookyear, journal_type, journal_number, document_number
    FROM ledger_line
    WHERE
        administration_id = :own AND bookyear = :bookyear
        AND cardinality(CAST(:unusual AS int[])) > 0 AND journal_type = ANY(CAST(:unusual AS int[]))
        AND (journal_type <> ALL(CAST(:types AS int[])) OR coalesce(period, 0) % 100 = 0)
)

SELECT
    journal_type, journal_number, document_number, l.account,
    sum(l.amount) AS amount,
    min(l.document_date) AS date,
    array_agg(DISTINCT coalesce(l.period, -1)) AS periods
FROM booking AS b
JOIN ledger_line AS l USING (bookyear, journal_type, journal_number, document_number)
WHERE
    l.administration_id = :own
    AND NOT EXISTS (
        SELECT FROM ledger_line AS p
        WHERE
            p.administration_id = :own AND p.bookyear = b.bookyear AND p.journal_type = b.journal_type
            AND p.journal_number = b.journal_number AND p.document_number = b.document_number
            AND p.account = ANY(CAST(:not_carried AS int[]))
        OFFSET 0
    )
GROUP BY journal_type, journal_number, document_number, l.account
ORDER BY journal_type, journal_number, document_number, l.account;

-- divers_journals --
-- Of the bookyear.
SELECT number, name
FROM journal
WHERE administration_id = :own AND bookyear = :bookyear AND type = 'D';

-- moved --
-- What the lines of the bookyear come to, per account.
SELECT account, sum(debit - credit) AS amount
FROM account_month
WHERE administration_id = :own AND bookyear = :bookyear
GROUP BY account;

-- stored_openings --
-- The openings that the bookyear has.
SELECT journal_type, journal_number, document_number, evidence
FROM year_opening
WHERE administration_id = :own AND bookyear = :bookyear
ORDER BY journal_type, journal_number, document_number;

-- forget_openings --
-- All of the bookyear.
DELETE FROM year_opening
WHERE administration_id = :own AND bookyear = :bookyear;

-- add_opening --
-- To those of the bookyear.
INSERT INTO year_opening (administration_id, bookyear, journal_type, journal_number, document_number, evidence)
VALUES (:own, :bookyear, :journal_type, :journal_number, :document_number, :evidence);

-- carried --
-- What the lines of the openings come to, per month, account and cost centre. Each booking is looked up by the primary
-- key: OFFSET 0 keeps the planner from joining some other way.
SELECT
    CAST(date_trunc('month', l.effective_date) AS date) AS month,
    l.account,
    coalesce(l.cost_centre, 0) AS cost_centre,
    sum(greatest(l.amount, 0)) AS debit,
    sum(greatest(-l.amount, 0)) AS credit,
    CAST(count(*) AS int) AS lines
FROM year_opening AS o
CROSS JOIN
    LATERAL (
        SELECT *
        FROM ledger_line AS l
        WHERE
            l.administration_id = o.administration_id AND l.bookyear = o.bookyear AND l.journal_type = o.journal_type
            AND l.journal_number = o.journal_number AND l.document_number = o.document_number
        OFFSET 0
    ) AS l
WHERE o.administration_id = :own AND o.bookyear = :bookyear
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;

-- stored_balances --
-- What the openings of the bookyear came to when that was last stored.
SELECT month, account, cost_centre, debit, credit, lines
FROM opening_balance
WHERE administration_id = :own AND bookyear = :bookyear
ORDER BY month, account, cost_centre;

-- forget_balances --
-- All of the bookyear.
DELETE FROM opening_balance
WHERE administration_id = :own AND bookyear = :bookyear;

-- add_balance --
-- To those of the bookyear.
INSERT INTO opening_balance (administration_id, bookyear, month, account, cost_centre, debit, credit, lines)
VALUES (:own, :bookyear, :month, :account, :cost_centre, :debit, :credit, :lines);
