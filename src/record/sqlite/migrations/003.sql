-- Which process has a session. Epoch 0 and nulls: a session from before sessions had owners.
ALTER TABLE sessions ADD COLUMN owner_pid INTEGER;
ALTER TABLE sessions ADD COLUMN owner_start_time INTEGER;
ALTER TABLE sessions ADD COLUMN owner_boot_id TEXT;
ALTER TABLE sessions ADD COLUMN owner_host TEXT;
ALTER TABLE sessions ADD COLUMN owner_epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN lease_until TEXT;
