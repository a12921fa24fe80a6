import type { ResolvedInput } from "../core/port/runner.ts";
import { findChange, formatChange } from "../versions/find-change.ts";
import { findChangedFiles } from "../versions/plain-files.ts";
import { type InputMarks, markInputs, type Reads } from "./input-marks.ts";

/** Data that were settled when the plan was made, or saved by another run, and are something else now. */
export class InputChangedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InputChanged";
  }
}

/**
 * Looks once more at what the run is to read: a pin names a version whose recorded hash still holds. Gives marks of it, made
 * before that. Throws InputChangedError, which names what was there and what is there now.
 */
export async function checkInputs(reads: Reads): Promise<InputMarks> {
  const marks = await markInputs(reads);
  const faults = await findInputFaults(reads);
  if (faults.length > 0) throw new InputChangedError(faults.join("\n"));
  return marks;
}

/** Inputs of a run that hold something else than its pins name, one sentence each. */
export async function findInputFaults({ inputs, files }: Reads): Promise<string[]> {
  const faults = await findChangedFiles(files);
  for (const [dataset, input] of Object.entries(inputs)) {
    const fault = await findFault(dataset, input);
    if (fault !== null) faults.push(fault);
  }
  return faults;
}

async function findFault(dataset: string, input: ResolvedInput): Promise<string | null> {
  const { version, frozen, from_run } = input;
  const { location, bytes, hash } = version;
  const change = await findChange({ modifiedMs: null, ...version, ...frozen });
  if (change === null) return null;
  const when = frozen === undefined ? `${from_run} saved it` : "the plan was made";
  return `'${dataset}' was ${hash} (${bytes} bytes) when ${when}, and ${location} ${formatChange(change)}`;
}
