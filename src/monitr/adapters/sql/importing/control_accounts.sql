-- outstanding --
-- What is outstanding of one type, by the journals of the items.
SELECT journal_key, sum(amount_outstanding) AS outstanding
FROM outstanding_item
WHERE administration_id = :administration AND type = :type
GROUP BY journal_key;

-- lines_beside_items --
-- The items of one type, each beside the lines of its booking that have its size, whatever their sign: looked up by
-- the primary key. The domain tells which of them stand behind the item.
SELECT i.relation, i.amount, l.account, l.relation AS line_relation, l.amount AS line_amount, y.evidence IS NOT NULL
FROM outstanding_item AS i
JOIN
    unnest(CAST(:keys AS text[]), CAST(:types AS int[]), CAST(:numbers AS int[]))
        AS j (journal_key, journal_type, journal_number)
    USING (journal_key)
JOIN ledger_line AS l
    USING (administration_id, bookyear, journal_type, journal_number, document_number)
LEFT JOIN year_opening AS y
    USING (administration_id, bookyear, journal_type, journal_number, document_number)
WHERE administration_id = :administration AND i.type = :type AND abs(l.amount) = abs(i.amount);
