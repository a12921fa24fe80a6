-- What was declared of a run's failures.
ALTER TABLE runs ADD COLUMN max_attempts INTEGER NOT NULL DEFAULT 1;
ALTER TABLE runs ADD COLUMN allow_failure INTEGER NOT NULL DEFAULT 0;
