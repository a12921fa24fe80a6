import type { AttemptResult, StateFolders } from "../../core/port/runner.ts";
import type { ExceptionRecord } from "../../core/run.ts";
import { listFew } from "../../core/text/list-few.ts";
import { type ExecuteOptions, reject, VERIFIED, type Verification } from "../../execute/execute-options.ts";
import { findInputFaults } from "../../runners/check-inputs.ts";
import { leaveOutUntouched, type RunReads, readInputMarks } from "../../runners/input-marks.ts";
import { attemptFolder } from "../../versions/layout.ts";
import { verifyOutputs } from "./verify-outputs.ts";

const NAMES_TOLD = 5;

/** Verifies attempts by what they left in these folders, and by what they read. */
export function verifyAttempts(folders: StateFolders): ExecuteOptions["verify"] {
  return (result, run) => verifyAttempt(result, { reads: run, folder: attemptFolder(folders, run.run_id) });
}

/**
 * Tells whether all that an attempt saved is there, and whether what it read is still what its pins name. Data that were
 * written or touched while the attempt was under way, and hold the same again, leave a doubt about what it read.
 */
async function verifyAttempt(
  result: Pick<AttemptResult, "outputs">,
  { reads, folder }: { reads: RunReads; folder: string },
): Promise<Verification> {
  const missing = await verifyOutputs(result);
  if (missing !== null) return reject(missing);
  const marks = readInputMarks(folder);
  const suspects = await leaveOutUntouched(reads, marks);
  const faults = await findInputFaults(suspects);
  if (faults.length > 0) return reject(describeChanged(faults));
  const touched = Object.keys(suspects.reads).filter((name) => Object.hasOwn(marks, name));
  if (touched.length === 0) return VERIFIED;
  const names = listFew(
    touched.map((name) => `'${name}'`),
    NAMES_TOLD,
  );
  return { rejection: null, doubt: `${names} was written to or touched while the run was under way` };
}

function describeChanged(faults: readonly string[]): ExceptionRecord {
  const message = `${faults.join("\n")}\nit is unknown which of the two the run has read: run it again, or list what may change under \`floating\``;
  return { type: "InputChanged", message, node: null, traceback: null, cause: null };
}
