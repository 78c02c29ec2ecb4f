-- Which {resource} are there?
--   SELECT context, name FROM {resource} ORDER BY context, name;
CREATE VIEW {resource} AS
SELECT account_id, id, context, name, synced_at, raw
  FROM names
 WHERE resource = '{resource}';
