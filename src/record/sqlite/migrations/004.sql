-- What other processes ask of a session under way, and what became of it.
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

-- Since when no run of the session starts; null while they do.
ALTER TABLE sessions ADD COLUMN paused_time TEXT;

-- When what a session did outside of its own places was taken back; null if it was not.
ALTER TABLE sessions ADD COLUMN rolled_back_time TEXT;
CREATE INDEX publications_by_location ON publications (location);
