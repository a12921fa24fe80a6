-- What was odd about an attempt that did not fail for it.
CREATE TABLE warnings (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;
CREATE INDEX warnings_by_run ON warnings (run_id);
