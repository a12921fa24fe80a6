import { existsSync } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { VersionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import type { CommandTask } from "../../core/runner.ts";
import { hashVersion } from "../../versions/files-beside.ts";
import { measurePath } from "../../versions/find-change.ts";
import { assertBelow, versionPath } from "../../versions/layout.ts";
import { publishVersion } from "../../versions/publish.ts";

/** An output and its two places; they are the same unless it is captured. */
export interface PlannedOutput {
  name: string;
  /** Where the command writes it. */
  written: string;
  /** Where its version is kept. */
  kept: string;
  captured: boolean;
}

/** The command succeeded and did not write what it promised. */
export class OutputMissingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "OutputMissing";
  }
}

/** Where each output is written and kept. */
export function planOutputs(task: CommandTask, store: string, runId: RunId): PlannedOutput[] {
  return Object.entries(task.outputs).map(([name, { path }]) => {
    const captured = path !== null;
    // Not `join`, which would let `..` in a dataset's name climb: the key is hashed, its last part made safe.
    const written = captured ? resolve(task.cwd, path) : `${task.cwd}/${name}`;
    const kept = versionPath(store, written, runId);
    return { name, written: captured ? written : kept, kept, captured };
  });
}

/** Makes the folders that the command is to write into. */
export async function prepareOutputs(outputs: readonly PlannedOutput[], store: string): Promise<void> {
  for (const { kept } of outputs) {
    await mkdir(store, { recursive: true, mode: 0o700 });
    await mkdir(dirname(assertBelow(store, kept)), { recursive: true });
  }
}

/** Takes in what a successful command wrote: captured files are copied, all are flushed and hashed. Throws if one is missing. */
export async function collectOutputs(
  outputs: readonly PlannedOutput[],
  store: string,
  runId: RunId,
): Promise<Record<string, VersionRecord>> {
  const missing = outputs.filter(({ written }) => !existsSync(written));
  if (missing.length > 0) {
    const list = missing.map(({ name, written }) => `"${name}" at ${written}`).join(", ");
    throw new OutputMissingError(`the command succeeded without writing ${list}`);
  }
  const collected: [string, VersionRecord][] = [];
  for (const output of outputs) collected.push([output.name, await collectOutput(output, store, runId)]);
  return Object.fromEntries(collected);
}

async function collectOutput(output: PlannedOutput, store: string, runId: RunId): Promise<VersionRecord> {
  const { written, kept, captured } = output;
  if (captured) {
    const place = capturePath(store, runId);
    await mkdir(place, { recursive: true });
    await publishVersion({ location: written, target: kept, staging: join(place, "copy") });
    await rm(place, { recursive: true, force: true });
  }
  assertBelow(store, kept);
  const owned = { version: runId, location: kept };
  const content = await hashVersion(owned, { durable: !captured });
  return { ...owned, ...content, entry: null, plain_location: captured ? written : null };
}

/** Where an attempt's captured outputs are copied to before they appear as its versions; among what is its own, so that gc takes it. */
export function capturePath(store: string, runId: RunId): string {
  return join(store, ".capturing", runId);
}

/** Whether anybody wrote to a captured path after the command had ended, as its `exit` file tells. */
export async function hasChangedSince(outputs: readonly PlannedOutput[], exit: string): Promise<boolean> {
  const endedMs = (await stat(exit)).mtimeMs;
  const captured = outputs.filter((output) => output.captured && existsSync(output.written));
  const measured = await Promise.all(captured.map(({ written }) => measurePath(written)));
  return measured.some(({ modifiedMs }) => modifiedMs > endedMs);
}
