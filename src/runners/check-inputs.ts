import type { ConsumedVersion, GivenData } from "../core/read.ts";
import { listFiles, listInputs } from "../core/select-reads.ts";
import { findChange, formatChange } from "../versions/find-change.ts";
import { findChangedFiles } from "../versions/plain-files.ts";
import { type InputMarks, markInputs, type RunReads } from "./input-marks.ts";

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
export async function checkInputs(run: RunReads): Promise<InputMarks> {
  const marks = await markInputs(run);
  const faults = await findInputFaults(run);
  if (faults.length > 0) throw new InputChangedError(faults.join("\n"));
  return marks;
}

/** Inputs of a run that hold something else than its pins name, one sentence each. */
export async function findInputFaults(run: RunReads): Promise<string[]> {
  const faults = await findChangedFiles(Object.fromEntries(listFiles(run)));
  for (const [dataset, input] of listInputs(run)) {
    const fault = await findFault(dataset, input);
    if (fault !== null) faults.push(fault);
  }
  return faults;
}

async function findFault(dataset: string, input: ConsumedVersion | GivenData): Promise<string | null> {
  const { version, from_run } = input;
  const frozen = input.rule === "consumed" ? undefined : input.frozen;
  const { location, bytes, hash } = version;
  const change = await findChange({ modifiedMs: null, ...version, ...frozen });
  if (change === null) return null;
  const when = frozen === undefined ? `${from_run} saved it` : "the plan was made";
  return `'${dataset}' was ${hash} (${bytes} bytes) when ${when}, and ${location} ${formatChange(change)}`;
}
