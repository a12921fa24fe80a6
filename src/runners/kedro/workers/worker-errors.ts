import { type Complaint, EnvironmentError } from "../../../core/error/environment-error.ts";
import type { ExceptionRecord } from "../../../core/run.ts";
import { describeFailure } from "../../attempt-result.ts";

/** The project, or what the workflow asks of it, is wrong. */
export class ProjectError extends Error {
  readonly code: string;
  readonly hint: string | null;
  /** Text of Python, for people. */
  readonly traceback: string | null;

  constructor({ code, message, hint, traceback }: Complaint) {
    super(message);
    this.name = "ProjectError";
    this.code = code;
    this.hint = hint;
    this.traceback = traceback;
  }
}

const PROJECT_CODES = new Set([
  "project-not-found",
  "project-import",
  "env-not-found",
  "conf-source-not-found",
  "probe-failed",
  "publish-failed",
  "storage-failed",
  "copy-inexact",
  "start-failed",
]);

/** A worker was ended before it was ready, without a message: another one may fare better. */
export class WorkerLostError extends EnvironmentError {}

export function toWorkerError(message: Complaint): EnvironmentError | ProjectError {
  return PROJECT_CODES.has(message.code) ? new ProjectError(message) : new EnvironmentError(message);
}

/** Describes why a run could not start, as the exception of that run. */
export function describeStartError(error: unknown): ExceptionRecord {
  if (error instanceof EnvironmentError || error instanceof ProjectError) {
    const message = `${error.code}: ${error.message}${error.hint === null ? "" : ` (${error.hint})`}`;
    return { type: error.name, message, node: null, traceback: error.traceback, cause: null };
  }
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return describeFailure(name, message);
}
