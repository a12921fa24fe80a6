-- Sessions and runs are listed in the order of the log: a clock that was put back must not make an earlier one the newest.
DROP INDEX sessions_by_time;
DROP INDEX sessions_by_workflow;
DROP INDEX sessions_by_status;
CREATE INDEX sessions_by_workflow ON sessions (workflow, id);
CREATE INDEX sessions_by_status ON sessions (status, id);
-- Number of the event that set the run's moment.
ALTER TABLE runs ADD COLUMN moment_seq INTEGER NOT NULL DEFAULT 0;
WITH told AS MATERIALIZED (
  SELECT e.session_id, json_extract(declared.value, '$.run') AS run, e.seq
  FROM events AS e, json_each(e.body, '$.runs') AS declared WHERE e.type = 'runs.declared' AND json_valid(e.body)
  UNION ALL
  SELECT session_id, json_extract(body, '$.run'), seq
  FROM events WHERE type IN ('run.started', 'run.reused') AND json_valid(body)
), last AS MATERIALIZED (SELECT session_id, run, max(seq) AS seq FROM told GROUP BY session_id, run)
UPDATE runs SET moment_seq = last.seq FROM last WHERE last.session_id = runs.session_id AND last.run = runs.run;
DROP INDEX runs_by_moment;
DROP INDEX runs_by_workflow;
DROP INDEX runs_by_status;
DROP INDEX runs_by_workflow_and_status;
DROP INDEX runs_by_session;
DROP INDEX runs_by_session_and_status;
-- The moment is in them for `--since`, which else would read every row.
CREATE INDEX runs_by_moment ON runs (moment_seq, id, moment);
CREATE INDEX runs_by_workflow ON runs (workflow, moment_seq, id, moment);
CREATE INDEX runs_by_status ON runs (status, moment_seq, id, moment);
CREATE INDEX runs_by_workflow_and_status ON runs (workflow, status, moment_seq, id, moment);
CREATE INDEX runs_by_session ON runs (session_id, moment_seq, id, moment);
CREATE INDEX runs_by_session_and_status ON runs (session_id, status, moment_seq, id, moment);
