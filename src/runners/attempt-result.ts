import { isAbsolute } from "node:path";
import type { AttemptResult } from "../core/port/runner.ts";
import type { ExceptionRecord, VersionRecord } from "../core/run.ts";
import { commonFolder } from "../versions/layout.ts";
import type { ProcessExit } from "./attempt-files.ts";

export interface Ending extends Partial<ProcessExit> {
  durationMs: number;
  peakMemoryBytes?: number | null;
}

export interface Failure extends Ending {
  exception: ExceptionRecord;
  cancelled?: boolean;
}

export interface Success extends Ending {
  outputs: Record<string, VersionRecord>;
  store: string;
}

export function failAttempt(failure: Failure): AttemptResult {
  const { exception, cancelled = false } = failure;
  return { ...describeEnding(failure), status: "failed", cancelled, outputs: {}, outputsLocation: null, exception };
}

export function completeAttempt(success: Success): AttemptResult {
  const { outputs } = success;
  const outputsLocation = locateOutputs(success);
  return { ...describeEnding(success), status: "success", cancelled: false, outputs, outputsLocation, exception: null };
}

/** The folder that holds all outputs: the store if it is no single one, or on remote storage. Null if there are none. */
function locateOutputs({ outputs, store }: Pick<Success, "outputs" | "store">): string | null {
  const locations = Object.values(outputs).map(({ location }) => location);
  if (locations.length === 0) return null;
  return (locations.every((location) => isAbsolute(location)) ? commonFolder(locations) : null) ?? store;
}

/** An exception that no user code raised. */
export function describeFailure(type: string, message: string, traceback: string | null = null): ExceptionRecord {
  return { type, message, node: null, traceback, cause: null };
}

/** Formats the end of a process for people: `exit code 3`. */
export function formatExit({ exitCode, signal }: ProcessExit): string {
  if (signal === "SIGKILL") return "killed by SIGKILL (out of memory?)";
  if (signal !== null) return `killed by ${signal}`;
  return exitCode === null ? "its exit code is not known" : `exit code ${exitCode}`;
}

const NOT_STARTED_HINTS: Record<number, string> = {
  126: " (the command, or an interpreter that it names, may not be executed)",
  127: " (the command, or something that it calls, was not found)",
};

/** Tells how a command ended, with what a shell means by its exit code. */
export function formatCommandExit(end: ProcessExit): string {
  return formatExit(end) + (NOT_STARTED_HINTS[end.exitCode ?? 0] ?? "");
}

function describeEnding({ exitCode = null, signal = null, durationMs, peakMemoryBytes = null }: Ending) {
  return { exitCode, signal, durationMs: Math.round(durationMs), peakMemoryBytes, timedOut: false };
}
