-- What is the next number of each series?
--   SELECT resource, year, numeration, next_number FROM numerations ORDER BY resource, year, numeration;
-- It shows a last document that was deleted, which no gap between numbers can.
CREATE VIEW numerations AS
SELECT account_id, id, document_resource AS resource, year, numeration, next_number, synced_at, raw
  FROM numeration_rows;
