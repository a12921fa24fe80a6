import type { Json, VersionRecord } from "./run.ts";
import type { RunId } from "./run-id.ts";

/** The project whose catalog entry reads a dataset. */
export type ReadAs = "upstream" | "downstream";

/** Data from outside the session, as planning saw them. */
export interface FrozenContent {
  /** Newest change of any of its files, milliseconds since the epoch; null where runweave can't look. */
  modifiedMs: number | null;
}

/** A file or folder of the project, or on remote storage, that no run saves, as it was when the plan was made. */
export interface PlainFile {
  /** Absolute, or a URL. */
  path: string;
  bytes: number;
  /** Milliseconds since the epoch; of a folder, of the newest of its files; null on remote storage. */
  modifiedMs: number | null;
  /** `sha256:...`, or the storage's own checksum; null if it is too large to be read for that. */
  hash: string | null;
  /** Facts of a folder; absent for a file. */
  tree?: PlainTree;
}

/** Facts of a folder besides its content. */
export interface PlainTree {
  /** End of the names of the files that count; empty for all files. */
  suffix: string;
  /** Relative names of those that don't. */
  ignored: string[];
  /** Number of files. */
  files: number;
  /** Mark of the folder: it changes as soon as a file in it is written, touched, added or removed. */
  mark: string;
  /** The file that tells of each of them. Absolute. */
  listing: string;
}

/** Part of reads that take another version than the newest of the project. */
interface Chosen {
  /** Newest version that the project itself had under this name when the plan was made; absent if it had none. */
  passed_over?: string;
}

/** A dataset that another run of the session saves: its version is known when that run has succeeded. */
export interface ConsumedRead extends Chosen {
  rule: "consumed";
  run: string;
  /** Name of the dataset there. */
  dataset: string;
  as: ReadAs;
}

interface Given extends Chosen {
  /** Source for people: `the file data/raw.csv`. */
  source: string;
  /** Reason for the version, as one sentence. */
  reason: string;
}

/** A file, or data that an earlier run saved, which the workflow names. */
export interface GivenData extends Given {
  rule: "file" | "run_id" | "alias";
  /** Null for a file. */
  from_run: string | null;
  /** Name of the dataset in that run; for a file, its path. */
  from_dataset: string;
  as: ReadAs;
  version: VersionRecord;
  /** The run that lists the version among its outputs, if that is another than the version names. */
  vouched_by?: RunId;
  /** True of a declared output that the plan of its writer has in no catalog, and that is kept as our own pickle. */
  in_no_catalog?: true;
  frozen: FrozenContent;
}

/** A value that the workflow itself has. */
export interface GivenValue extends Given {
  rule: "value";
  /** `value-` and the beginning of its hash. */
  version: string;
  value: Json;
}

/** A dataset from outside the session, as it was when the plan was made. */
export type GivenRead = GivenData | GivenValue;

/** A version that the project itself had when the plan was made: the newest one, or the one of a lock file. */
export interface FrozenRead extends Chosen {
  rule: "frozen";
  version: string;
  /** True if a lock file chose the version, and the project has a newer one. */
  held?: true;
  /** Content of the version; absent where it is not known. */
  file?: PlainFile;
}

/** Data of the project that have no version. */
export interface PlainRead {
  rule: "plain";
  file: PlainFile;
}

/** A dataset that the run itself writes and that has a place: what it reads back is its own. */
export interface OwnRead extends Chosen {
  rule: "own";
}

/** A dataset that the workflow lists under `floating`: the run reads what is there. */
export interface FloatingRead {
  rule: "floating";
}

/** Decision on one dataset of a planned run: only versions that the session itself saves are still to come. */
export type Read = ConsumedRead | GivenRead | FrozenRead | PlainRead | OwnRead | FloatingRead;

/** Decisions on all datasets of a run, by name. */
export type Reads = Readonly<Record<string, Read>>;

/** A consumed dataset, settled: exactly this version. */
export interface ConsumedVersion extends Chosen {
  rule: "consumed";
  from_run: string;
  /** Name of the dataset in that run. */
  from_dataset: string;
  as: ReadAs;
  version: VersionRecord;
  /** Reason for the version, as one sentence. */
  reason: string;
  /** The run that lists the version among its outputs, if that is another than the version names. */
  vouched_by?: RunId;
}

/** A dataset of the run's own, under its run_id. */
export interface OwnVersion extends Chosen {
  rule: "own";
  version: RunId;
}

/** Decision on one dataset of a run that is about to start. */
export type ResolvedRead = ConsumedVersion | OwnVersion | Exclude<Read, ConsumedRead | OwnRead>;

/** Decisions on all datasets of a run that is about to start, by name. */
export type ResolvedReads = Readonly<Record<string, ResolvedRead>>;
