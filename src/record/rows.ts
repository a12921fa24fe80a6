import type { RequestAction, RequestOutcome } from "../core/control-request.ts";
import type { VersionVerdict } from "../core/event/verdict-event.ts";
import type { PinRule, RunKind, RunStatus, SessionStatus } from "../core/run.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import type { Compensation, Discard, Former, Rollback } from "../core/trash.ts";

// Types and not interfaces: only a type alias fits `Row`. Fields named here as JSON hold it as text.

export type RowValue = string | number | null;
export type Row = Record<string, RowValue>;

export type SessionRow = {
  session_id: SessionId;
  workflow: string;
  workflow_file: string | null;
  project_path: string | null;
  /** JSON. */
  command_line: string;
  git_commit: string | null;
  /** 0 or 1. */
  git_dirty: number | null;
  status: SessionStatus;
  start_time: string;
  end_time: string | null;
  duration_ms: number | null;
  /** JSON. */
  origin: string | null;
  paused_time: string | null;
  rollback_status: Rollback["status"] | null;
  rolled_back_time: string | null;
  /** JSON. */
  replay_of: string | null;
  owner_pid: number | null;
  owner_start_time: number | null;
  owner_boot_id: string | null;
  owner_host: string | null;
  /** 0 for a session from before sessions had owners. */
  owner_epoch: number;
  lease_until: string | null;
  /** Mark of the session's log; null if it was begun without a key. */
  mark: string | null;
};

export type RunRow = {
  session_id: SessionId;
  run: string;
  workflow: string;
  kind: RunKind;
  /** JSON, like the four after `env`. */
  needs: string;
  env: string | null;
  runtime_params: string;
  pipeline_names: string;
  filters: string;
  status: RunStatus;
  /** 0 before the first. */
  attempt: number;
  /** The latest attempt's. */
  run_id: RunId | null;
  /** Start of the latest attempt; before that, time of the run's declaration. */
  moment: string;
  /** Number of the event that set `moment`: the order of runs, whatever the clock did meanwhile. */
  moment_seq: number;
  end_time: string | null;
  reason: string | null;
  /** JSON. */
  skip_chain: string | null;
  max_attempts: number;
  /** 0 or 1. */
  allow_failure: number;
};

export type AttemptRow = {
  run_id: RunId;
  session_id: SessionId;
  run: string;
  attempt: number;
  status: RunStatus;
  resolved_time: string;
  start_time: string | null;
  end_time: string | null;
  duration_ms: number | null;
  pid: number | null;
  log: string | null;
  total_nodes: number | null;
  /** JSON. */
  exception: string | null;
  reason: string | null;
  outputs_location: string | null;
  peak_memory_bytes: number | null;
  /** A digest. */
  environment: string | null;
  /** JSON. */
  metrics: string | null;
  fingerprint: string | null;
  /** JSON. */
  fingerprint_parts: string | null;
};

export type NodeRow = {
  run_id: RunId;
  node: string;
  status: "running" | "finished" | "failed";
  start_time: string | null;
  end_time: string | null;
  duration_ms: number | null;
};

export type VersionRow = {
  run_id: RunId;
  dataset: string;
  version: string;
  location: string;
  bytes: number | null;
  hash: string | null;
  /** JSON; null if no files lie beside it. */
  beside: string | null;
  /** JSON. */
  entry: string | null;
  plain_location: string | null;
};

export type PinRow = {
  run_id: RunId;
  dataset: string;
  version: string;
  rule: PinRule;
  from_run: string | null;
  from_dataset: string | null;
  reason: string;
  passed_over: string | null;
  vouched_by: RunId | null;
};

export type LoadRow = {
  run_id: RunId;
  dataset: string;
  version: string | null;
  location: string | null;
  node: string | null;
  time: string;
  bytes: number | null;
  hash: string | null;
};

export type PublicationRow = { run_id: RunId; dataset: string; location: string; time: string };

export type WriteRow = { run_id: RunId; location: string; time: string };
/** Facts are JSON. */
export type EnvironmentRow = { digest: string; facts: string };
export type AliasMoveRow = { alias: string; dataset: string | null; run_id: RunId | null; time: string };
export type TagRow = { run_id: RunId; key: string; value: string | null; time: string };
export type WarningRow = { run_id: RunId; code: string; message: string; time: string };

export type DiscardRow = {
  run_id: RunId;
  cause: Discard["cause"];
  /** `restored`: the data are where they were. */
  state: Discard["state"] | "restored";
  entry: string;
  manifest: string;
  reason: string;
  bytes: number | null;
  time: string;
};

/** Mapped, as an interface does not fit `Row`. */
export type FormerRow = { [Key in keyof Former]: Former[Key] };
export type CompensationRow = { [Key in keyof Compensation]: Compensation[Key] };
export type VerdictRow = {
  run_id: RunId;
  dataset: string;
  kind: VersionVerdict["kind"];
  reason: string | null;
  /** JSON. */
  said_by: string | null;
  other_run_id: RunId | null;
  time: string;
  /** 1, or null. */
  only_this: number | null;
};

export type NoteRow = { run_id: RunId; text: string; time: string };
export type RequestRow = {
  session_id: SessionId;
  request_id: string;
  action: RequestAction;
  run: string | null;
  /** 0 or 1. */
  force: number;
  user: string;
  host: string;
  pid: number;
  made_time: string;
  accepted_time: string | null;
  answered_time: string | null;
  outcome: RequestOutcome | null;
  message: string | null;
};

/** The tables that follow from the log of events. */
export interface Rows {
  sessions: SessionRow;
  runs: RunRow;
  attempts: AttemptRow;
  nodes: NodeRow;
  versions: VersionRow;
  pins: PinRow;
  loads: LoadRow;
  publications: PublicationRow;
  writes: WriteRow;
  environments: EnvironmentRow;
  alias_moves: AliasMoveRow;
  tags: TagRow;
  notes: NoteRow;
  requests: RequestRow;
  warnings: WarningRow;
  verdicts: VerdictRow;
  discards: DiscardRow;
  formers: FormerRow;
  compensations: CompensationRow;
}

export type TableName = keyof Rows;

/** Columns that identify a row; rows of a table without a key may repeat. */
export const TABLE_KEYS: Readonly<Record<TableName, readonly string[]>> = {
  sessions: ["session_id"],
  runs: ["session_id", "run"],
  attempts: ["run_id"],
  nodes: ["run_id", "node"],
  versions: ["run_id", "dataset"],
  pins: ["run_id", "dataset"],
  loads: [],
  publications: [],
  writes: [],
  environments: ["digest"],
  alias_moves: [],
  tags: ["run_id", "key"],
  notes: [],
  requests: ["session_id", "request_id"],
  warnings: [],
  verdicts: [],
  discards: ["run_id"],
  formers: ["session_id", "run_id", "dataset"],
  compensations: ["session_id", "run_id"],
};
