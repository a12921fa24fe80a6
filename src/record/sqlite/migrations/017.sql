-- The places of the state folder, so that a copy of it knows that it is one. The last row is of the folder as it was last written to.
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
