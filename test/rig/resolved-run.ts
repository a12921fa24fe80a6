import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/core/port/clock.ts";
import type {
  CommandTask,
  KedroTask,
  PlainFile,
  ResolvedInput,
  ResolvedRun,
  ResolvedValue,
  StateFolders,
  Task,
} from "../../src/core/port/runner.ts";
import { createIdSource } from "../../src/core/run-id.ts";
import { NO_FILTERS } from "./make-definition.ts";

const ids = createIdSource(systemClock);

export interface RunParts<T extends Task> {
  task: T;
  run?: string;
  inputs?: Record<string, ResolvedInput>;
  values?: Record<string, ResolvedValue>;
  load_versions?: Record<string, string>;
  files?: Record<string, PlainFile>;
}

/** A run as the resolver makes them, with a new run_id. */
export function makeRun<T extends Task>({
  task,
  run = "a",
  inputs = {},
  values = {},
  load_versions = {},
  files = {},
}: RunParts<T>) {
  const ordinal = { attempt: 1, run_index: 0, total_runs: 1, timeoutMs: null, pins: [] };
  const made = {
    session_id: ids.nextSessionId(),
    run,
    run_id: ids.nextRunId(),
    ...ordinal,
    task,
    inputs,
    values,
    load_versions,
    files,
    places: [],
  };
  return made as unknown as ResolvedRun & { task: T };
}

export function commandTask(argv: string[], parts: Partial<CommandTask> & { cwd: string }): CommandTask {
  return { kind: "command", argv, shell: false, environment: {}, outputs: {}, ...parts };
}

export function kedroTask(parts: Partial<KedroTask> & { project_path: string }): KedroTask {
  const where = { python: null, env: null, conf_source: null };
  const what = {
    pipeline_names: [],
    filters: NO_FILTERS,
    runtime_params: {},
    outputs: [],
    floating: [],
    remote_stores: {},
  };
  return { kind: "kedro", ...where, ...what, runner: "SequentialRunner", is_async: false, isolate: "all", ...parts };
}

/** The state folders of a registry in `parent`. */
export function makeStateFolders(parent: string): StateFolders {
  const root = join(parent, ".runweave");
  mkdirSync(root, { mode: 0o700 });
  const [attempts, logs, store, trash] = ["attempts", "logs", "data", "trash"].map((name) => join(root, name));
  return { root, attempts, logs, store, trash } as StateFolders;
}
