import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/core/port/clock.ts";
import type {
  CommandTask,
  KedroTask,
  ModuleTask,
  ResolvedRun,
  StateFolders,
  Task,
} from "../../src/core/port/runner.ts";
import type {
  ConsumedVersion,
  GivenData,
  GivenValue,
  PlainFile,
  ResolvedRead,
  ResolvedReads,
} from "../../src/core/read.ts";
import { createIdSource } from "../../src/core/run-id.ts";
import { NO_FILTERS } from "./make-definition.ts";

const ids = createIdSource(systemClock);

/** A version that an upstream run has saved, but for the words about it; or data from elsewhere. */
export type RigInput = Omit<ConsumedVersion, "rule" | "reason"> | GivenData;

export interface RunParts<T extends Task> {
  task: T;
  run?: string;
  inputs?: Record<string, RigInput>;
  values?: Record<string, Pick<GivenValue, "version" | "value">>;
  files?: Record<string, PlainFile>;
}

/** A run as the resolver makes them, with a new run_id. */
export function makeRun<T extends Task>({ task, run = "a", inputs = {}, values = {}, files = {} }: RunParts<T>) {
  const made = {
    session_id: ids.nextSessionId(),
    run,
    run_id: ids.nextRunId(),
    ...{ attempt: 1, run_index: 0, total_runs: 1, timeoutMs: null },
    task,
    reads: makeReads({ inputs, values, files }),
    places: [],
  };
  return made as unknown as ResolvedRun & { task: T };
}

/** Reads as the resolver makes them. */
export function makeReads({ inputs = {}, values = {}, files = {} }: Omit<RunParts<Task>, "task">): ResolvedReads {
  const entries = <T>(map: Record<string, T>, toRead: (part: T) => ResolvedRead) =>
    Object.entries(map).map(([dataset, part]) => [dataset, toRead(part)] as const);
  const about = { source: "it", reason: "given" };
  return Object.fromEntries([
    ...entries(inputs, (input) => ({ rule: "consumed", reason: "consumed", ...input })),
    ...entries(values, (value) => ({ rule: "value", ...about, ...value })),
    ...entries(files, (file) => ({ rule: "plain", file })),
  ]);
}

export function commandTask(argv: string[], parts: Partial<CommandTask> & { cwd: string }): CommandTask {
  return { kind: "command", argv, shell: false, environment: {}, outputs: {}, ...parts };
}

export function moduleTask(module: ModuleTask["module"], parts: Partial<ModuleTask> & { cwd: string }): ModuleTask {
  return { kind: "module", module, environment: {}, outputs: {}, ...parts };
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
