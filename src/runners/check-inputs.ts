import type { ResolvedInput, ResolvedRun } from "../core/runner.ts";
import { findChange, tellChange } from "../versions/find-change.ts";
import { findChangedFiles } from "../versions/plain-files.ts";

/** Data that were settled when the plan was made, or saved by another run, and are something else now. */
export class InputChangedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InputChanged";
  }
}

/** Whether there is anything to look at before the run starts. */
export function hasInputs({ inputs, files }: ResolvedRun): boolean {
  return Object.keys(inputs).length > 0 || Object.keys(files).length > 0;
}

/**
 * Looks once more at what the run is to read: a pin names a version whose recorded hash still holds. Throws
 * InputChangedError, which names what was there and what is there now.
 */
export async function checkInputs({ inputs, files }: ResolvedRun): Promise<void> {
  const faults = await findChangedFiles(files);
  for (const [dataset, input] of Object.entries(inputs)) {
    const fault = await findFault(dataset, input);
    if (fault !== null) faults.push(fault);
  }
  if (faults.length > 0) throw new InputChangedError(faults.join("\n"));
}

async function findFault(dataset: string, input: ResolvedInput): Promise<string | null> {
  const { version, frozen, from_run } = input;
  const { location, bytes, hash } = version;
  const change = await findChange({ modifiedMs: null, ...version, ...frozen });
  if (change === null) return null;
  const when = frozen === undefined ? `${from_run} saved it` : "the plan was made";
  return `'${dataset}' was ${hash} (${bytes} bytes) when ${when}, and ${location} ${tellChange(change)}`;
}
