-- How many events there are, of one account or of all, by account and status, and since when the oldest of each waits.
SELECT account_id, status, count(*), min(received_at)
  FROM events
 WHERE account_id BETWEEN coalesce(:account_id, 0) AND coalesce(:account_id, 9223372036854775807)
 GROUP BY account_id, status
 ORDER BY account_id, status;
