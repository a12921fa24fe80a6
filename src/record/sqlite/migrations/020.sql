-- Aliases and verdicts are checked against the log when a version is chosen by them: their events are found without reading the others.
CREATE INDEX events_of_statements ON events (seq)
  WHERE type IN ('alias.set', 'alias.removed', 'version.tainted', 'version.cleared', 'version.confirmed', 'version.replaced');
