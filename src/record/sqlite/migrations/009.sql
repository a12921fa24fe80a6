-- What an attempt's result depends on, where that can be told.
ALTER TABLE attempts ADD COLUMN fingerprint TEXT;
ALTER TABLE attempts ADD COLUMN fingerprint_parts TEXT;
CREATE INDEX runs_by_name ON runs (workflow, run, id);
CREATE INDEX attempts_by_fingerprint ON attempts (fingerprint) WHERE fingerprint IS NOT NULL;
