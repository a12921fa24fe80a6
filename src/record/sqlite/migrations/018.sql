-- Who has places, or waits for them. No part of the log: a row is void once its holder is gone.
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
