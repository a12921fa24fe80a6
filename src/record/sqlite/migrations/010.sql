-- What became of an attempt's data after its end: in the trash, deleted, or restored.
CREATE TABLE discards (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE REFERENCES attempts (run_id),
  cause TEXT NOT NULL,
  state TEXT NOT NULL,
  entry TEXT NOT NULL,
  manifest TEXT NOT NULL,
  reason TEXT NOT NULL,
  bytes INTEGER,
  time TEXT NOT NULL
) STRICT;
