-- How many events there are, by account and status, and since when the oldest of each waits.
SELECT account_id, status, count(*), min(received_at)
  FROM events
 GROUP BY account_id, status
 ORDER BY account_id, status;
