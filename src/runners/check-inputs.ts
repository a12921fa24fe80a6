import type { ResolvedInput, ResolvedRun } from "../core/runner.ts";
import { findChange, tellChange } from "../versions/find-change.ts";

/** Data that were settled when the plan was made, and that are something else when the run is to start. */
export class InputChangedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InputChanged";
  }
}

/** Whether there is anything to look at again before the run starts. */
export function hasFrozenInputs({ inputs }: ResolvedRun): boolean {
  return Object.values(inputs).some(({ frozen }) => frozen !== undefined);
}

/** Looks again at what planning settled. Throws InputChangedError, which names what was there and what is there now. */
export async function checkFrozenInputs({ inputs }: ResolvedRun): Promise<void> {
  const faults: string[] = [];
  for (const [dataset, input] of Object.entries(inputs)) {
    const fault = await findFault(dataset, input);
    if (fault !== null) faults.push(fault);
  }
  if (faults.length > 0) throw new InputChangedError(faults.join("\n"));
}

async function findFault(dataset: string, { version, frozen }: ResolvedInput): Promise<string | null> {
  if (frozen === undefined) return null;
  const { location, bytes, hash } = version;
  const change = await findChange({ location, bytes, hash, modifiedMs: frozen.modifiedMs });
  if (change === null) return null;
  return `'${dataset}' was ${hash} (${bytes} bytes) when the plan was made, and ${location} ${tellChange(change)}`;
}
