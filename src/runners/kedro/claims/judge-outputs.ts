import { isAbsolute } from "node:path";
import { OWN_PICKLE } from "../../../core/catalog-classes.ts";
import type { KedroTask, PlannedSave, ResolvedRun, StateFolders } from "../../../core/port/runner.ts";
import type { CatalogEntry, VersionRecord } from "../../../core/run.ts";
import { hashVersion } from "../../../versions/files-beside.ts";
import { partitionSuffix } from "../../../versions/partition-suffix.ts";
import { isInStore, isPlannedPlace, type OwnPlaces } from "./planned-place.ts";
import { settleEntry } from "./settle-entry.ts";

/** A run says of its outputs what can't be so, or is not so. */
export class ClaimRefusedError extends Error {
  constructor(name: "ManifestInvalid" | "OutputMissing", message: string) {
    super(message);
    this.name = name;
  }
}

type KedroRun = ResolvedRun & { task: KedroTask };
type Versions = Readonly<Record<string, VersionRecord>>;

/**
 * The outputs of a run that says it has succeeded, as they are recorded. What the run says is a claim: names, places, plain
 * places and entries are those of the plan, and size and hash are read from the disk here. Throws ClaimRefusedError.
 */
export async function judgeOutputs(
  told: Versions,
  { run, folders }: { run: KedroRun; folders: StateFolders },
): Promise<Record<string, VersionRecord>> {
  const judge = new Judge(told, { run, folders });
  const judged: [string, VersionRecord][] = [];
  for (const [dataset, version] of Object.entries(told)) {
    const found = await judge.settle(dataset, version);
    if (found !== null) judged.push([dataset, found]);
  }
  const lost = run.task.outputs.find((dataset) => !judged.some(([name]) => name === dataset));
  if (lost !== undefined) throw missing(`the run ended without saving '${lost}', which the workflow declares`);
  return Object.fromEntries(judged);
}

class Judge {
  readonly #told: Versions;
  readonly #run: KedroRun;
  readonly #own: OwnPlaces;
  readonly #versions: ReadonlySet<string>;
  /** Contents by location and suffix: `@` siblings are one file, and partitions of several datasets may share a folder. */
  readonly #contents = new Map<string, ReturnType<typeof hashVersion>>();

  constructor(told: Versions, { run, folders }: { run: KedroRun; folders: StateFolders }) {
    this.#told = told;
    this.#run = run;
    this.#own = { store: folders.store, remoteStores: run.task.remote_stores };
    this.#versions = new Set([run.run_id, ...(run.resumes?.run_ids ?? [])]);
  }

  /** Null for undeclared data that hooks of the project have put at a place outside the plan. */
  async settle(dataset: string, told: VersionRecord): Promise<VersionRecord | null> {
    const { version, location } = told;
    if (!this.#versions.has(version))
      throw invalid(`'${dataset}' has version ${JSON.stringify(version)}, not the run's own`);
    const planned = this.#findPlanned(dataset, location);
    if (!isPlannedPlace(told, planned, this.#own)) {
      if (planned?.declared === false) return null;
      const where = planned?.plain_location == null ? "" : `, or ${planned.plain_location}`;
      throw invalid(
        `'${dataset}' was saved at ${location}: its place is in ${this.#own.store}, under the run's own id${where}`,
      );
    }
    const entry = settleClaimedEntry(dataset, { told, planned, own: this.#own });
    const plain_location = planned === null ? told.plain_location : planned.plain_location;
    const content = await this.#read(dataset, told, entry);
    return { version, location, ...content, entry, plain_location };
  }

  /** Null if the project was not asked. Throws for a dataset that it does not write. */
  #findPlanned(dataset: string, location: string): PlannedSave | null {
    const { saves, task } = this.#run;
    if (saves == null) return null;
    // One that is declared without its `@` side is the file of those that have one.
    const isSide = (name: string) => Object.hasOwn(saves, name) && this.#told[name]?.location === location;
    const side = task.outputs.includes(dataset) ? Object.keys(this.#told).find(isSide) : undefined;
    const planned = Object.hasOwn(saves, dataset) ? saves[dataset] : saves[side ?? ""];
    if (planned === undefined) throw invalid(`${JSON.stringify(dataset)} is nothing that the run writes`);
    return planned;
  }

  /** Remote data have the checksum that their storage tells the run. */
  async #read(dataset: string, told: VersionRecord, entry: CatalogEntry | null) {
    const { version, location, bytes, hash, beside } = told;
    if (!isAbsolute(location)) return beside === undefined ? { bytes, hash } : { bytes, hash, beside };
    const suffix = partitionSuffix(entry);
    const key = JSON.stringify([location, suffix]);
    const known = this.#contents.get(key) ?? hashVersion({ location, version }, { suffix });
    this.#contents.set(key, known);
    const found = await known.catch((error: Error) => {
      throw missing(`${dataset} was saved at ${location}, but ${error.message}`);
    });
    if (hash === found.hash) return found;
    throw missing(
      `${dataset} was saved at ${location} as ${hash} (${bytes} bytes), but it is ${found.hash} (${found.bytes} bytes)`,
    );
  }
}

/**
 * A declared output in no catalog is a pickle. For any other output outside the plan, the class that reads it is
 * unknown.
 */
function settleClaimedEntry(
  dataset: string,
  { told, planned, own }: { told: VersionRecord; planned: PlannedSave | null; own: OwnPlaces },
): CatalogEntry | null {
  if (planned === null) return told.entry;
  const { version, location } = told;
  const isOwnPlace = (text: string) => text === location || isInStore(text, version, own);
  if (planned.entry !== null) return settleEntry(planned.entry, told.entry, isOwnPlace);
  const isPickle = told.entry?.config.type === OWN_PICKLE && planned.declared;
  return isPickle ? { config: { type: OWN_PICKLE, filepath: location, output: dataset }, versioned: false } : null;
}

function invalid(message: string): ClaimRefusedError {
  return new ClaimRefusedError("ManifestInvalid", `the manifest of the run can't be used: ${message}`);
}

function missing(message: string): ClaimRefusedError {
  return new ClaimRefusedError("OutputMissing", message);
}
