-- Version 22, written from the migrations by `npm run schema`.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL,
  run_id TEXT,
  type TEXT NOT NULL,
  time TEXT NOT NULL,
  body TEXT NOT NULL
, hash TEXT) STRICT;
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
, owner_pid INTEGER, owner_start_time INTEGER, owner_boot_id TEXT, owner_host TEXT, owner_epoch INTEGER NOT NULL DEFAULT 0, lease_until TEXT, paused_time TEXT, rolled_back_time TEXT, origin TEXT, replay_of TEXT, rollback_status TEXT, mark TEXT) STRICT;
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
  skip_chain TEXT, max_attempts INTEGER NOT NULL DEFAULT 1, allow_failure INTEGER NOT NULL DEFAULT 0, moment_seq INTEGER NOT NULL DEFAULT 0,
  UNIQUE (session_id, run)
) STRICT;
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
  peak_memory_bytes INTEGER, environment TEXT, metrics TEXT, fingerprint TEXT, fingerprint_parts TEXT,
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
CREATE TABLE versions (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  dataset TEXT NOT NULL,
  version TEXT NOT NULL,
  location TEXT NOT NULL,
  bytes INTEGER,
  hash TEXT,
  entry TEXT,
  plain_location TEXT, beside TEXT,
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
  reason TEXT NOT NULL, passed_over TEXT, vouched_by TEXT,
  UNIQUE (run_id, dataset)
) STRICT;
CREATE INDEX pins_by_version ON pins (version);
CREATE TABLE loads (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  dataset TEXT NOT NULL,
  version TEXT,
  location TEXT,
  node TEXT,
  time TEXT NOT NULL
, bytes INTEGER, hash TEXT) STRICT;
CREATE INDEX loads_by_run ON loads (run_id);
CREATE TABLE publications (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  dataset TEXT NOT NULL,
  location TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;
CREATE INDEX publications_by_run ON publications (run_id);
CREATE TABLE requests (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (session_id),
  request_id TEXT NOT NULL,
  action TEXT NOT NULL,
  run TEXT,
  force INTEGER NOT NULL,
  user TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  made_time TEXT NOT NULL,
  accepted_time TEXT,
  answered_time TEXT,
  outcome TEXT,
  message TEXT,
  UNIQUE (session_id, request_id)
) STRICT;
CREATE INDEX publications_by_location ON publications (location);
CREATE TABLE chain_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX events_of_ends ON events (run_id, seq) WHERE type IN ('run.resolved', 'run.succeeded', 'run.failed');
CREATE TABLE environments (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  facts TEXT NOT NULL
) STRICT;
CREATE INDEX versions_by_dataset ON versions (dataset, run_id);
CREATE TABLE writes (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  location TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;
CREATE INDEX writes_by_location ON writes (location, time, id);
CREATE TABLE alias_moves (
  id INTEGER PRIMARY KEY,
  alias TEXT NOT NULL,
  dataset TEXT,
  run_id TEXT REFERENCES attempts (run_id),
  time TEXT NOT NULL
) STRICT;
CREATE INDEX alias_moves_by_alias ON alias_moves (alias, id);
CREATE INDEX alias_moves_by_run ON alias_moves (run_id);
CREATE TABLE tags (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  key TEXT NOT NULL,
  value TEXT,
  time TEXT NOT NULL,
  UNIQUE (run_id, key)
) STRICT;
CREATE INDEX tags_by_value ON tags (key, value, run_id);
CREATE TABLE notes (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  text TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;
CREATE INDEX notes_by_run ON notes (run_id);
CREATE INDEX runs_by_run_id ON runs (run_id);
CREATE TABLE warnings (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;
CREATE INDEX warnings_by_run ON warnings (run_id);
CREATE INDEX runs_by_name ON runs (workflow, run, id);
CREATE INDEX attempts_by_fingerprint ON attempts (fingerprint) WHERE fingerprint IS NOT NULL;
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
CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  dataset TEXT NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT,
  said_by TEXT,
  other_run_id TEXT,
  time TEXT NOT NULL
, only_this INTEGER) STRICT;
CREATE TABLE homes (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL,
  device TEXT NOT NULL,
  inode TEXT NOT NULL,
  cause TEXT NOT NULL,
  after_seq INTEGER NOT NULL,
  time TEXT NOT NULL,
  settled_time TEXT
) STRICT;
CREATE TABLE holds (
  seq INTEGER PRIMARY KEY,
  holder TEXT NOT NULL UNIQUE,
  act TEXT NOT NULL,
  places TEXT NOT NULL,
  session_id TEXT,
  run TEXT,
  run_id TEXT,
  epoch INTEGER,
  owner_pid INTEGER NOT NULL,
  owner_start_time INTEGER,
  owner_boot_id TEXT,
  owner_host TEXT NOT NULL,
  asked_time TEXT NOT NULL,
  held_time TEXT
) STRICT;
CREATE INDEX versions_by_content ON versions (hash, dataset, run_id) WHERE hash IS NOT NULL;
CREATE INDEX events_of_statements ON events (seq)
  WHERE type IN ('alias.set', 'alias.removed', 'version.tainted', 'version.cleared', 'version.confirmed', 'version.replaced');
CREATE INDEX sessions_by_workflow ON sessions (workflow, id);
CREATE INDEX sessions_by_status ON sessions (status, id);
CREATE INDEX runs_by_moment ON runs (moment_seq, id, moment);
CREATE INDEX runs_by_workflow ON runs (workflow, moment_seq, id, moment);
CREATE INDEX runs_by_status ON runs (status, moment_seq, id, moment);
CREATE INDEX runs_by_workflow_and_status ON runs (workflow, status, moment_seq, id, moment);
CREATE INDEX runs_by_session ON runs (session_id, moment_seq, id, moment);
CREATE INDEX runs_by_session_and_status ON runs (session_id, status, moment_seq, id, moment);
