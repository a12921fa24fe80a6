-- What stood where versions were published, and how a session's work is taken back.
CREATE TABLE formers (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (session_id),
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  dataset TEXT NOT NULL,
  location TEXT NOT NULL,
  entry TEXT NOT NULL,
  manifest TEXT NOT NULL,
  time TEXT NOT NULL,
  undone_time TEXT,
  UNIQUE (session_id, run_id, dataset)
) STRICT;
CREATE TABLE compensations (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (session_id),
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  status TEXT NOT NULL,
  message TEXT NOT NULL,
  log TEXT NOT NULL,
  time TEXT NOT NULL,
  UNIQUE (session_id, run_id)
) STRICT;
ALTER TABLE sessions ADD COLUMN rollback_status TEXT;
