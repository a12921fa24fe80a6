import type { FrozenRead, PlainFile, PlainRead, ResolvedRead, ResolvedReads } from "../core/read.ts";
import { versionOf } from "../core/read-version.ts";
import type { Pin } from "../core/run.ts";

/** Lists the pins of a run: its reads as they are recorded. What floats has none. */
export function listPins(reads: ResolvedReads): Pin[] {
  return Object.entries(reads).flatMap(([dataset, read]) => {
    const version = versionOf(read);
    return read.rule === "floating" || version === null ? [] : [toPin(dataset, version, read)];
  });
}

function toPin(dataset: string, version: string, read: Exclude<ResolvedRead, { rule: "floating" }>): Pin {
  const { rule } = read;
  const { from_run = null, from_dataset = null } = sourceOf(read);
  const pin: Pin = { dataset, version, rule, from_run, from_dataset, reason: reasonOf(read) };
  if ("vouched_by" in read && read.vouched_by !== undefined) pin.vouched_by = read.vouched_by;
  const latest = "passed_over" in read ? read.passed_over : undefined;
  if (latest !== undefined && latest !== version) pin.passed_over = latest;
  return pin;
}

function sourceOf(read: ResolvedRead): Partial<Pick<Pin, "from_run" | "from_dataset">> {
  if (read.rule === "plain") return { from_dataset: read.file.path };
  return "from_dataset" in read ? read : {};
}

function reasonOf(read: Exclude<ResolvedRead, { rule: "floating" }>): string {
  switch (read.rule) {
    case "own":
      return "the run writes it itself, so what it reads back is its own";
    case "frozen":
      return explainFrozen(read);
    case "plain":
      return explainPlain(read);
    default:
      return read.reason;
  }
}

function explainFrozen({ held, file }: FrozenRead): string {
  const newest = "the newest version that the project had when the plan was made";
  const why = held ? "the version that the lock file has" : newest;
  return file === undefined ? why : `${why}: ${describeFile(file)}`;
}

function explainPlain({ file }: PlainRead): string {
  const what = file.tree === undefined ? "file" : "folder";
  return `the project's own ${what} as it was when the plan was made: ${describeFile(file)}`;
}

/** Describes a file with its hash last, where `findPinHashes` looks for it. */
function describeFile({ bytes, modifiedMs, hash, tree }: PlainFile): string {
  const size = tree === undefined ? `${bytes} bytes` : `${tree.files} files, ${bytes} bytes`;
  const seen = modifiedMs === null ? size : `${size}, last changed ${new Date(modifiedMs).toISOString()}`;
  return `${seen}, ${hash ?? "too large to be hashed"}`;
}
