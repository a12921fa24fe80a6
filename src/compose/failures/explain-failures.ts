import { existsSync } from "node:fs";
import type { GivenVersion, RunFailure } from "../../core/error/run-failure.ts";
import { isProcess } from "../../core/kinds.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { ExceptionRecord, RunKind, RunRecord, SessionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { hideVariables } from "../../core/variables.ts";
import { listEarlierAttempts } from "../../explain/earlier-attempts.ts";
import { readLogTail } from "../../processes/log-file.ts";
import { attemptLog } from "../../versions/layout.ts";
import type { StateLocation } from "../locate-state.ts";
import { formatRepeatCommand } from "./format-repeat-command.ts";
import { readSpec } from "./read-spec.ts";

const LOG_LINES = 15;

interface ExplainOptions {
  session: SessionRecord;
  state: StateLocation;
  /** Largest number of failures. */
  limit?: number | undefined;
}

/** The failed runs of a session, with all that one looks at first. Reads the registry and the attempts' files. */
export function explainFailures(
  reader: RegistryReader,
  { session, state, limit = Number.POSITIVE_INFINITY }: ExplainOptions,
): RunFailure[] {
  const failed = session.runs.filter(({ status }) => status === "failed");
  // Runs that made the session fail come first.
  const sorted = failed.toSorted((left, right) => Number(left.allow_failure) - Number(right.allow_failure));
  const shown = sorted.slice(0, limit);
  const earlier = shown.some(isGivenUp) ? listEarlierAttempts(reader, session.session_id) : [];
  return shown.map((last) => {
    const run = isGivenUp(last) ? { ...last, ...findStarted(earlier, last) } : last;
    const { session_id, workflow, run_id, attempt, max_attempts, allow_failure, exception, reason } = run;
    const { unstarted_attempts } = run;
    const log = run_id === null ? null : attemptLog(state, run_id);
    const tail =
      log === null || run_id === null ? "" : readLogTail(log, { lines: LOG_LINES, hide: findHider(state, run_id) });
    return {
      ...{ session_id, workflow, run: run.run, run_id, attempt, max_attempts, allow_failure },
      ...(unstarted_attempts === undefined ? {} : { unstarted_attempts }),
      node: findNode(exception),
      exception,
      reason,
      loaded_from: run_id === null ? [] : listGiven(reader, run_id, run.kind),
      log: log !== null && existsSync(log) ? log : null,
      log_tail: tail === "" ? [] : tail.split("\n"),
      reproduce: formatRepeatCommand(run, session, state),
    };
  });
}

/** True if the run was waiting for its next attempt when that was given up. */
function isGivenUp({ attempt, start_time, reason }: RunRecord): boolean {
  return attempt > 1 && start_time === null && reason !== null;
}

/** Finds the attempt that failed: it has the log and the loads. */
function findStarted(
  earlier: readonly RunRecord[],
  { run }: RunRecord,
): Partial<Pick<RunRecord, "run_id" | "attempt" | "unstarted_attempts">> {
  const found = earlier.findLast((each) => each.run === run && each.start_time !== null);
  if (found === undefined) return {};
  const { run_id, attempt, unstarted_attempts = 0 } = found;
  return { run_id, attempt, unstarted_attempts };
}

/** Returns what hides the variables that the run was given by `${env:NAME}`, as far as this process has the same values. */
function findHider(state: StateLocation, runId: RunId): (text: string) => string {
  const variables = readSpec(state, runId)?.variables;
  const names = Array.isArray(variables) ? variables.filter((name) => typeof name === "string") : [];
  return hideVariables(names, process.env);
}

function listGiven(reader: RegistryReader, runId: RunId, kind: RunKind): GivenVersion[] {
  const loaded = isProcess({ kind }) ? null : new Set(reader.loadsOf([runId]).map(({ dataset }) => dataset));
  const given = reader.pinsOf([runId]).filter(({ rule }) => rule !== "own");
  return given.map(({ dataset, version, rule, from_run, from_dataset }) => {
    return { dataset, version, rule, from_run, from_dataset, loaded: loaded?.has(dataset) ?? null };
  });
}

/** A timeout's cause knows the node. */
function findNode(exception: ExceptionRecord | null): string | null {
  for (let link = exception; link !== null; link = link.cause) if (link.node !== null) return link.node;
  return null;
}
