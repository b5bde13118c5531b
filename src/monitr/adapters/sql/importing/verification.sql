-- unbalanced_bookings --
-- As publishing has noted them.
SELECT bookyear, journal_type, journal_number, document_number, net
FROM unbalanced_booking
WHERE administration_id = :own;

-- bookyears --
-- What the lines of each come to, from the balances.
SELECT bookyear, sum(debit - credit) AS net
FROM account_month
WHERE administration_id = :own
GROUP BY bookyear;

-- unlisted_accounts --
-- What is booked on an account that the chart of the bookyear does not have.
SELECT DISTINCT bookyear, account
FROM account_month AS m
WHERE
    administration_id = :own
    AND NOT EXISTS (
        SELECT FROM account AS a
        WHERE a.administration_id = :own AND a.bookyear = m.bookyear AND a.number = m.account
    );

-- unlisted_cost_centres --
-- Those of balances (0: none) that Octopus does not list.
SELECT DISTINCT cost_centre
FROM account_month AS m
WHERE
    administration_id = :own
    AND cost_centre <> 0
    AND NOT EXISTS (SELECT FROM cost_centre AS c WHERE c.administration_id = :own AND c.number = m.cost_centre);

-- relations_once_named --
-- What lines have named at some time, and Octopus does not list.
SELECT number FROM ledger_relation WHERE administration_id = :own
EXCEPT
SELECT number FROM relation WHERE administration_id = :own;

-- relations_still_named --
-- Of some relations, those that a line names now: the ledger itself is asked only about the few that are unknown.
SELECT u.number
FROM unnest(CAST(:unlisted AS int[])) AS u (number)
WHERE EXISTS (SELECT FROM ledger_line AS l WHERE l.administration_id = :own AND l.relation = u.number);

-- notes --
-- What the run has reported.
SELECT text, sentence
FROM import_note
WHERE administration_id = :own AND run_id = :run
ORDER BY id;
