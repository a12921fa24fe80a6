import { basename, extname } from "node:path";
import type { ExceptionRecord, JsonObject, RunRecord, VersionRecord } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import type { CommandRun, InjectInput, KedroRun, ModuleRun, Run, Workflow } from "../../define/define-workflow.ts";

/** A succeeded run of a script's session: what later runs consume. */
export interface RunHandle {
  /** Its name in the session. */
  readonly run: string;
  readonly runId: RunId;
  readonly sessionId: SessionId;
  /** Every pin of the run, dataset to version. */
  readonly loadVersions: Readonly<Record<string, string>>;
  /** What it saved, dataset to version, place, size and hash. */
  readonly outputs: Readonly<Record<string, VersionRecord>>;
  readonly durationMs: number;
  /** Measurements that the run reported; null if there are none. */
  readonly metrics: JsonObject | null;
}

/** A dataset of an earlier run of the session, of the same name or more; or one from outside the session. */
export type ConsumedRun =
  | RunHandle
  | { run: RunHandle; dataset?: string; as?: "upstream" | "downstream" }
  | InjectInput;

type WithHandles<R> = R extends unknown
  ? Omit<R, "consumes" | "needs" | "matrix" | "run_on" | "on_rollback"> & ScriptRunOptions
  : never;

interface ScriptRunOptions {
  /** Default: the pipeline's, the program's or the module's name; a number is added to a name that is taken. */
  name?: string;
  consumes?: Record<string, ConsumedRun>;
  /** Runs that have to end before this one, though it consumes none of their outputs. */
  needs?: readonly RunHandle[];
}

/** One run of a script, with the fields of a workflow file's run. */
export type ScriptRun = WithHandles<KedroRun> | WithHandles<CommandRun> | WithHandles<ModuleRun>;

/** The fields of a workflow that hold for every run of a script. */
export type ScriptHeader = Omit<Workflow, "runs" | "publish" | "on_failure">;

/** A run of a script has failed, or was cancelled. `record` is what the registry knows of it. */
export class RunFailedError extends Error {
  readonly record: RunRecord;
  readonly exception: ExceptionRecord | null;

  constructor(record: RunRecord) {
    const { run, run_id, status, exception, reason } = record;
    const why = exception === null ? (reason ?? status) : `${exception.type}: ${exception.message}`;
    super(`${run} (${run_id}) ${status === "failed" ? "failed" : `was ${status}`}: ${why}`);
    this.name = "RunFailedError";
    this.record = record;
    this.exception = exception;
  }
}

/** The run as a workflow file would declare it. */
export function declareScriptRun(run: ScriptRun): Run {
  const { name: _, consumes = {}, needs = [], ...fields } = run;
  const byName = Object.entries(consumes).map(([dataset, consumed]) => [dataset, nameConsumed(consumed)]);
  return { ...fields, consumes: Object.fromEntries(byName), needs: needs.map(({ run: upstream }) => upstream) } as Run;
}

function nameConsumed(consumed: ConsumedRun) {
  if ("runId" in consumed) return consumed.run;
  if (!("run" in consumed)) return consumed;
  const { run, ...rest } = consumed;
  return { run: run.run, ...rest };
}

/** A name for a run that says none. */
export function nameScriptRun(run: ScriptRun): string {
  const { name, pipeline, pipelines, command, module } = run;
  const program = Array.isArray(command) ? String(command[0]).split("/").at(-1) : "command";
  const file = module === undefined ? undefined : basename(module, extname(module));
  const words = name ?? pipeline ?? (pipelines && [pipelines].flat().join("_")) ?? file ?? program ?? "run";
  return words.replaceAll(/[^A-Za-z0-9_-]/g, "_").replace(/^[^A-Za-z_]/, "_$&");
}

/** What a succeeded run's record gives to the script. */
export function toHandle(record: RunRecord, runId: RunId): RunHandle {
  return {
    run: record.run,
    runId,
    sessionId: record.session_id,
    loadVersions: record.load_versions,
    outputs: record.outputs,
    durationMs: record.duration_ms ?? 0,
    metrics: record.metrics,
  };
}
