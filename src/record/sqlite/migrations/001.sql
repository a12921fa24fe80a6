-- The log of what happened. Every other table follows from it.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL,
  run_id TEXT,
  type TEXT NOT NULL,
  time TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_session ON events (session_id, seq);
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN
  SELECT RAISE(ABORT, 'the log of events is append-only');
END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
  SELECT RAISE(ABORT, 'the log of events is append-only');
END;

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL UNIQUE,
  workflow TEXT NOT NULL,
  workflow_file TEXT,
  project_path TEXT,
  command_line TEXT NOT NULL,
  git_commit TEXT,
  git_dirty INTEGER,
  status TEXT NOT NULL,
  start_time TEXT NOT NULL,
  end_time TEXT,
  duration_ms REAL
) STRICT;
CREATE INDEX sessions_by_time ON sessions (start_time, id);
CREATE INDEX sessions_by_workflow ON sessions (workflow, start_time, id);
CREATE INDEX sessions_by_status ON sessions (status, start_time, id);

-- One row per run of a session; run_id is its latest attempt's.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (session_id),
  run TEXT NOT NULL,
  workflow TEXT NOT NULL,
  kind TEXT NOT NULL,
  needs TEXT NOT NULL,
  env TEXT,
  runtime_params TEXT NOT NULL,
  pipeline_names TEXT NOT NULL,
  filters TEXT NOT NULL,
  status TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  run_id TEXT,
  -- When its latest attempt started; before that, when it was declared.
  moment TEXT NOT NULL,
  end_time TEXT,
  reason TEXT,
  skip_chain TEXT,
  UNIQUE (session_id, run)
) STRICT;
CREATE INDEX runs_by_moment ON runs (moment, id);
CREATE INDEX runs_by_workflow ON runs (workflow, moment, id);
CREATE INDEX runs_by_status ON runs (status, moment, id);
CREATE INDEX runs_by_workflow_and_status ON runs (workflow, status, moment, id);
CREATE INDEX runs_by_session ON runs (session_id, moment, id);
CREATE INDEX runs_by_session_and_status ON runs (session_id, status, moment, id);

-- How many runs of a session have each status: counting 100,000 of them for a list of sessions would take too long.
CREATE TABLE run_counts (
  session_id TEXT NOT NULL,
  status TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (session_id, status)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER runs_are_counted AFTER INSERT ON runs
BEGIN
  INSERT INTO run_counts VALUES (NEW.session_id, NEW.status, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER runs_are_counted_again AFTER UPDATE OF status ON runs WHEN OLD.status <> NEW.status
BEGIN
  UPDATE run_counts SET count = count - 1 WHERE session_id = OLD.session_id AND status = OLD.status;
  INSERT INTO run_counts VALUES (NEW.session_id, NEW.status, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  session_id TEXT NOT NULL,
  run TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  status TEXT NOT NULL,
  resolved_time TEXT NOT NULL,
  start_time TEXT,
  end_time TEXT,
  duration_ms REAL,
  pid INTEGER,
  log TEXT,
  total_nodes INTEGER,
  exception TEXT,
  reason TEXT,
  outputs_location TEXT,
  peak_memory_bytes INTEGER,
  FOREIGN KEY (session_id, run) REFERENCES runs (session_id, run),
  UNIQUE (session_id, run, attempt)
) STRICT;

CREATE TABLE nodes (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  node TEXT NOT NULL,
  status TEXT NOT NULL,
  start_time TEXT,
  end_time TEXT,
  duration_ms REAL,
  UNIQUE (run_id, node)
) STRICT;

-- What succeeded attempts saved; nothing else counts as a version.
CREATE TABLE versions (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  dataset TEXT NOT NULL,
  version TEXT NOT NULL,
  location TEXT NOT NULL,
  bytes INTEGER,
  hash TEXT,
  entry TEXT,
  plain_location TEXT,
  UNIQUE (run_id, dataset)
) STRICT;

CREATE TABLE pins (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  dataset TEXT NOT NULL,
  version TEXT NOT NULL,
  rule TEXT NOT NULL,
  from_run TEXT,
  from_dataset TEXT,
  reason TEXT NOT NULL,
  UNIQUE (run_id, dataset)
) STRICT;
CREATE INDEX pins_by_version ON pins (version);

-- What attempts really read.
CREATE TABLE loads (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  dataset TEXT NOT NULL,
  version TEXT,
  location TEXT,
  node TEXT,
  time TEXT NOT NULL
) STRICT;
CREATE INDEX loads_by_run ON loads (run_id);

CREATE TABLE publications (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  dataset TEXT NOT NULL,
  location TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;
CREATE INDEX publications_by_run ON publications (run_id);
