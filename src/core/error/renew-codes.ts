import type { ExceptionRecord } from "../run.ts";

/** Codes as older versions spelled them, in capitals: what they recorded of failed runs begins with one. */
const FORMER_CODES = [
  "ASYNC_GENERATOR",
  "ASYNC_IGNORED",
  "CATALOG",
  "CONF_SOURCE_NOT_FOUND",
  "CONSUMED_AND_WRITTEN",
  "CONSUMED_NOT_READ",
  "CONSUMED_WITHOUT_CLASS",
  "CONSUMED_WITHOUT_ENTRY",
  "CONSUMED_WITHOUT_PATH",
  "CONTENT_UNKNOWN",
  "COPY_INEXACT",
  "EMPTY_SLICE",
  "ENV_NOT_FOUND",
  "HOOKS_DISABLED",
  "HOOKS_UNKNOWN",
  "HOOK_REPLACED",
  "INPUT_CHANGED",
  "INPUT_MISSING",
  "INPUT_UNREADABLE",
  "ISOLATION_CONFLICT",
  "KEDRO_MISSING",
  "KEDRO_TOO_OLD",
  "MISSING_PARAMETER",
  "NOT_ISOLATABLE",
  "NUMBER_AS_TEXT",
  "OUTPUT_NOT_WRITTEN",
  "PIPELINE_IMPORT",
  "PLACE_IN_MEMORY",
  "PROBE_FAILED",
  "PROJECT_IMPORT",
  "PROJECT_NOT_FOUND",
  "PUBLISH_FAILED",
  "PYTHON_MISSING",
  "REMOTE_UNREADABLE",
  "RUNNER",
  "SINGLE_PROCESS_DATASET",
  "START_FAILED",
  "STORAGE_FAILED",
  "STORE_IN_DATA",
  "UNKNOWN_DATASET",
  "UNKNOWN_NAMESPACE",
  "UNKNOWN_NODE",
  "UNKNOWN_PARAMETER",
  "UNKNOWN_PIPELINE",
  "UNKNOWN_TAG",
  "UNPICKLABLE_NODE",
  "UNREAD_PARAMETER",
  "UNSETTLED",
  "UNSHARED_DATASET",
  "UNUSED_PARAMETER",
  "WORKER_BROKEN",
  "WORKER_DIED",
];

/** A message has a code at the beginning of each problem that it lists. */
const FORMER_CODE = new RegExp(`^(?:${FORMER_CODES.join("|")})(?=: )`, "gm");
/** The types of runweave's own failures that begin with a code; others are of the user's code, and stay as they are. */
const CODED_TYPES: ReadonlySet<string> = new Set(["EnvironmentError", "ProjectError", "SettleError"]);

/** The exception with codes as they are spelled now: `UNKNOWN_PIPELINE: ...` reads `unknown-pipeline: ...`. Also of its causes. */
export function renewCodes(exception: ExceptionRecord): ExceptionRecord {
  const cause = exception.cause === null ? null : renewCodes(exception.cause);
  const message = CODED_TYPES.has(exception.type) ? renewText(exception.message) : exception.message;
  return { ...exception, message, cause };
}

function renewText(text: string): string {
  return text.replace(FORMER_CODE, (code) => code.toLowerCase().replaceAll("_", "-"));
}
