-- What people, and healing, say of versions: tainted, not tainted after all, come out equal again, or replaced.
CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  dataset TEXT NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT,
  said_by TEXT,
  other_run_id TEXT,
  time TEXT NOT NULL
) STRICT;
