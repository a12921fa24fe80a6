-- A taint is of that version alone (1), or of every version with its content (null), which the index finds.
ALTER TABLE verdicts ADD COLUMN only_this INTEGER;
CREATE INDEX versions_by_content ON versions (hash, dataset, run_id) WHERE hash IS NOT NULL;
