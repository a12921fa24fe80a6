import type { SessionRecord } from "../../../src/core/run.ts";
import { type Campaign, withoutBug } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";
import { listKinds, readProject } from "./listing.ts";
import type { SeenPoint } from "./point.ts";
import { preloadLog, readPoints } from "./preload.ts";
import { readRegistry } from "./read-registry.ts";
import { startRun } from "./sessions.ts";
import type { TrialFolder } from "./trial-folder.ts";

/** A workload's session to which nothing was done. */
export interface Undisturbed {
  /** Hash, bytes and files beside each output, by `run.dataset`. */
  outputs: Record<string, string>;
  /** The hash of each file of the project. */
  project: Record<string, string>;
  /** Kinds of all files and folders. */
  kinds: ReadonlySet<string>;
  points: readonly SeenPoint[];
}

const sessions = new Map<string, Promise<Undisturbed>>();

/** What a workload of this form comes to if nothing happens; null where that can't be tried. */
export function findUndisturbed(workload: TrialFolder, campaign: Campaign): Promise<Undisturbed> | null {
  if (workload.form === null) return null;
  const key = `${campaign.folder} ${workload.form}`;
  const found = sessions.get(key) ?? runUndisturbed(workload.twin(), withoutBug(campaign));
  sessions.set(key, found);
  return found;
}

async function runUndisturbed(twin: TrialFolder, campaign: Campaign): Promise<Undisturbed> {
  try {
    const { exitCode, stderr } = await startRun(twin, campaign, preloadLog(twin)).ended;
    if (exitCode !== 0) throw new Error(`an undisturbed session ended with ${exitCode}: ${stderr}`);
    return { ...observe(twin), points: readPoints(twin) };
  } finally {
    twin.remove();
  }
}

function observe(trial: TrialFolder): Omit<Undisturbed, "points"> {
  const session = readRegistry(trial, (registry) => registry.findSession("latest"));
  return { outputs: describeOutputs(session ?? null), project: readProject(trial), kinds: listKinds(trial) };
}

export function describeOutputs(session: SessionRecord | null): Record<string, string> {
  const outputs = (session?.runs ?? []).flatMap(({ run, outputs }) =>
    Object.entries(outputs).map(([dataset, { hash, bytes, beside = [] }]) => {
      return [`${run}.${dataset}`, `${hash}, ${bytes} bytes, beside it [${beside}]`] as const;
    }),
  );
  return Object.fromEntries(outputs.sort());
}

/**
 * What a session leaves that others have gone on with, or that was cut off, and an undisturbed one does not: records of an attempt, and
 * drafts of records under names that nobody reads. They are small, and lie in no folder of data.
 */
const LEFT_BY_KILLS: readonly RegExp[] = [
  /^state\/attempts\/ID\/(adopted|exit|claim)$/,
  /^state\/(attempts|sessions)\/ID\/\.[a-z.]+\.runweave-N-HEX$/,
  /^state\/trash\/[^/]+\/\.manifest\.json\.runweave-N-HEX$/,
  /^state\/trash\/\.gone-/,
  /^state\/registry\.sqlite\.UUID(-wal|-shm)?$/,
];

export function isLeftByKills(kind: string): boolean {
  return LEFT_BY_KILLS.some((known) => known.test(kind));
}

/** The newest session came to what an undisturbed one comes to, byte for byte, and left no file that such a one does not leave. */
export async function compareWithUndisturbed(trial: TrialFolder, campaign: Campaign): Promise<Violation[]> {
  const wanted = await findUndisturbed(trial, campaign);
  if (wanted === null) return [];
  const got = observe(trial);
  const left = [...got.kinds].filter((kind) => !wanted.kinds.has(kind) && !isLeftByKills(kind));
  return [
    ...compare("same-outputs-as-uninterrupted", wanted.outputs, got.outputs),
    ...compare("same-outputs-as-uninterrupted", wanted.project, got.project),
    ...left.map((kind) => violate("nothing-left-behind", kind)),
  ];
}

function compare(
  invariant: "same-outputs-as-uninterrupted",
  wanted: Record<string, string>,
  got: Record<string, string>,
): Violation[] {
  const names = Object.keys({ ...wanted, ...got }).filter((name) => wanted[name] !== got[name]);
  return names.map((name) =>
    violate(invariant, `${name} is ${got[name] ?? "not there"}, not ${wanted[name] ?? "there"}`),
  );
}
