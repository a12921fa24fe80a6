-- Certificates: the hash of an event covers it and the hash before. What was logged before this migration has none.
ALTER TABLE events ADD COLUMN hash TEXT;
CREATE TABLE chain_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX events_of_ends ON events (run_id, seq) WHERE type IN ('run.resolved', 'run.succeeded', 'run.failed');

-- Where, by whom and of which changes to the code a session was started. JSON.
ALTER TABLE sessions ADD COLUMN origin TEXT;

-- The environment that an attempt ran in, by its digest; what it reported of itself, JSON.
ALTER TABLE attempts ADD COLUMN environment TEXT;
ALTER TABLE attempts ADD COLUMN metrics TEXT;
CREATE TABLE environments (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  facts TEXT NOT NULL
) STRICT;

-- The newest version that the project itself had, where the pin's rule took another one.
ALTER TABLE pins ADD COLUMN passed_over TEXT;
-- A run_id begins with its time: who saved a dataset before a given attempt is one search.
CREATE INDEX versions_by_dataset ON versions (dataset, run_id);

-- Who wrote at a path that runs share. What lies in a folder of its attempt's own is left out: the path says whose it is.
CREATE TABLE writes (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES attempts (run_id),
  location TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;
CREATE INDEX writes_by_location ON writes (location, time, id);
INSERT INTO writes (run_id, location, time)
  SELECT run_id, json_extract(body, '$.location') AS location, time FROM events
  WHERE type IN ('dataset.saved', 'dataset.published') AND location IS NOT NULL
    AND location NOT GLOB '*/[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9].[0-9][0-9].[0-9][0-9].[0-9][0-9][0-9]Z-*'
  ORDER BY seq;
INSERT INTO writes (run_id, location, time)
  SELECT v.run_id, v.plain_location, a.end_time FROM versions AS v
  JOIN attempts AS a USING (run_id) JOIN runs AS r ON r.session_id = a.session_id AND r.run = a.run
  WHERE r.kind = 'command' AND v.plain_location IS NOT NULL ORDER BY v.id;

-- Names: the last move of an alias says what it stands for; dataset and run_id are null if it was removed.
CREATE TABLE alias_moves (
  id INTEGER PRIMARY KEY,
  alias TEXT NOT NULL,
  dataset TEXT,
  run_id TEXT REFERENCES attempts (run_id),
  time TEXT NOT NULL
) STRICT;
CREATE INDEX alias_moves_by_alias ON alias_moves (alias, id);
CREATE INDEX alias_moves_by_run ON alias_moves (run_id);

-- A tag without a value was taken off again.
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
