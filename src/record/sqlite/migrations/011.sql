-- Which session a session replays, and what was changed of it.
ALTER TABLE sessions ADD COLUMN replay_of TEXT;
