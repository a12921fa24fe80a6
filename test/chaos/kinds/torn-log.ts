import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { simulateSession } from "../../../src/compose/simulate/simulate-session.ts";
import { RegistryError } from "../../../src/core/error/registry-error.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { checkRegistry } from "../registry-invariants.ts";
import { type Draw, drawFrom, type TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";
import { pickSimulation } from "./simulated-crash.ts";

/** A registry whose last writes are in its log alone, as a loss of power finds it. */
interface Specimen {
  file: string;
  log: Buffer;
  events: RunEvent[];
}

const SPECIMENS = 4;
const SECTOR = 512;
const specimens = new Map<string, Promise<Specimen>>();

export const tornLog: TrialKind = {
  name: "torn-log",
  what: "a copied SQLite log cut, flipped or overwritten anywhere: what opens is a whole beginning, or it is refused",
  hasProcesses: false,
  share: 200,
  async run(seed, { folder }) {
    const draw = drawFrom(String(seed), "tear");
    const specimen = await findSpecimen(folder, seed % SPECIMENS);
    const copy = join(folder, `torn-${seed}`);
    mkdirSync(copy);
    const path = join(copy, "registry.sqlite");
    copyFileSync(specimen.file, path);
    writeFileSync(`${path}-wal`, tear(specimen.log, draw));
    try {
      return judge(path, specimen.events);
    } finally {
      rmSync(copy, { recursive: true });
    }
  },
};

function findSpecimen(folder: string, number: number): Promise<Specimen> {
  const key = `${folder} ${number}`;
  const found = specimens.get(key) ?? makeSpecimen(join(folder, `specimen-${number}`), number);
  specimens.set(key, found);
  return found;
}

async function makeSpecimen(folder: string, seed: number): Promise<Specimen> {
  mkdirSync(folder);
  const path = join(folder, "registry.sqlite");
  openSqliteRegistry(path).close();
  const registry = openSqliteRegistry(path);
  await simulateSession({ ...pickSimulation(seed), registry });
  const events = [...registry.events()];
  const file = join(folder, "copy.sqlite");
  copyFileSync(path, file);
  const log = readFileSync(`${path}-wal`);
  registry.close();
  return { file, log, events };
}

/** Some of it cut off, a bit flipped, or a sector that is not there. */
export function tear(log: Buffer, draw: Draw): Buffer {
  const torn = Buffer.from(log);
  const at = Math.floor(draw() * torn.length);
  const how = draw();
  if (how < 0.4) return torn.subarray(0, at);
  if (how < 0.8) torn[at] = (torn[at] ?? 0) ^ (1 << Math.floor(draw() * 8));
  // A sector that never reached the disk.
  else torn.fill(0, at, Math.min(torn.length, at + SECTOR));
  return torn;
}

function judge(path: string, events: readonly RunEvent[]): Violation[] {
  try {
    const registry = openSqliteRegistry(path);
    try {
      const kept = [...registry.events()];
      const beginning = events.slice(0, kept.length);
      const isBeginning = JSON.stringify(kept) === JSON.stringify(beginning);
      const foreign = isBeginning
        ? []
        : [violate("no-run-lost", `what is left is no beginning: ${kept.length} events`)];
      return [...foreign, ...checkRegistry(registry)];
    } finally {
      registry.close();
    }
  } catch (error) {
    if (error instanceof RegistryError && error.code === "registry-corrupt") return [];
    throw error;
  } finally {
    if (existsSync(`${path}-shm`)) rmSync(`${path}-shm`);
  }
}
