import { stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import type { AttemptResult } from "../../core/port/runner.ts";
import type { ExceptionRecord, VersionRecord } from "../../core/run.ts";

/**
 * Checks that each version that an attempt saved is on disk, with its recorded size. Returns the fault; null if there is none.
 * Remote versions are left to their store. Hashes are not compared: the writer itself computed them.
 */
export async function verifyOutputs({ outputs }: Pick<AttemptResult, "outputs">): Promise<ExceptionRecord | null> {
  for (const [dataset, version] of Object.entries(outputs)) {
    const fault = await findFault(version);
    if (fault === null) continue;
    const message = `${dataset} was saved at ${version.location}, but ${fault}`;
    return { type: "OutputMissing", message, node: null, traceback: null, cause: null };
  }
  return null;
}

async function findFault({ location, bytes, beside = [] }: VersionRecord): Promise<string | null> {
  if (!isAbsolute(location)) return null;
  try {
    const found = await stat(location);
    const others = await Promise.all(beside.map((name) => stat(join(dirname(location), name))));
    const size = others.reduce((sum, other) => sum + other.size, found.size);
    if (!found.isFile() || bytes === null || size === bytes) return null;
    return `it has ${size} bytes instead of ${bytes}: something wrote to it after the run`;
  } catch (error) {
    return (error as Error).message;
  }
}
