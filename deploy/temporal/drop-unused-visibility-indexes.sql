-- Run it once, in Temporal's visibility database, as its owner. Condition: our three search attributes (one Keyword, two
-- KeywordLists) are the only ones of all namespaces; check with `temporal operator search-attribute list`. Every start and every
-- end of a workflow writes each of these indexes, and no query reads them. Without them the two rows of a workflow cost PostgreSQL
-- 42 % less CPU (docs/scaling.md). A search attribute that is registered later needs its index again.
DO $$
DECLARE
  unused text;
BEGIN
  FOR unused IN
    SELECT indexname FROM pg_indexes
    WHERE tablename = 'executions_visibility'
      AND (indexname ~ '^by_(bool|datetime|double|int|text)_[0-9]{2}$' OR indexname ~ '^by_keyword_(0[2-9]|10)$' OR indexname = 'by_keyword_list_03')
  LOOP
    EXECUTE format('DROP INDEX %I', unused);
  END LOOP;
END $$;
