-- The succeeded attempt that took a version over from an earlier one of its run, and lists it among its outputs.
ALTER TABLE pins ADD COLUMN vouched_by TEXT;
