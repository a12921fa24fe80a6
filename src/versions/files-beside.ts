import { readdir } from "node:fs/promises";
import { basename, dirname, join, parse, relative } from "node:path";
import { isNameBelow, MAX_FILES_BESIDE } from "../core/files-beside.ts";
import { compareText } from "../core/text/compare-text.ts";
import { type DataKind, kindAt, kindOf } from "./data-kind.ts";
import { type Content, type HashRequest, hashPath } from "./hash.ts";
import { isStaging } from "./staging.ts";

/** A file or folder of a version, and where it is published. */
export interface PublishedPath {
  source: string;
  target: string;
}

/** A file or folder of a version, and the version: the run_id of its writer, or one that Kedro gave. */
export interface OwnedLocation {
  location: string;
  version: string;
}

/** A version can't be recorded as it is. */
export class OutputRefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "OutputRefused";
  }
}

/** True if the folder of a version belongs to it alone, as in the store and in Kedro's versions. */
function hasOwnFolder({ location, version }: OwnedLocation): boolean {
  return basename(dirname(location)) === version;
}

/**
 * The files that lie beside a version in its own folder, by their names below that, sorted. Links count as in `hashPath`.
 * Throws OutputRefusedError if there are too many to be recorded, or one has a name that can't be.
 */
export async function listBeside({ location, version }: OwnedLocation): Promise<string[]> {
  if (!hasOwnFolder({ location, version })) return [];
  const folder = dirname(location);
  const found: string[] = [];
  for await (const path of walkBeside(folder, basename(location))) {
    const name = relative(folder, path);
    if (found.push(name) > MAX_FILES_BESIDE) throw new OutputRefusedError(describeTooMany(location));
    if (isNameBelow(name) && !name.includes("\uFFFD")) continue;
    throw new OutputRefusedError(
      `${location} has a file beside it whose name can't be recorded: ${JSON.stringify(name)}`,
    );
  }
  return found.sort(compareText);
}

/**
 * Hashes a version as its record has it: its own path, and the files beside it if there are any. Throws like
 * `listBeside` and `hashPath`.
 */
export async function hashVersion(
  owned: OwnedLocation,
  options: Pick<HashRequest, "durable" | "suffix"> = {},
): Promise<Content & { beside?: readonly string[] }> {
  const beside = await listBeside(owned);
  const content = await hashPath({ path: owned.location, beside, ...options });
  return beside.length === 0 ? content : { ...content, beside };
}

function describeTooMany(location: string): string {
  return `${location} has more than ${MAX_FILES_BESIDE} files beside it, which belong to it: write a folder instead`;
}

async function* walkBeside(folder: string, own: string | null): AsyncIterable<string> {
  for (const { name, kind } of await readBeside(folder, own)) {
    if (kind === "folder") yield* walkBeside(join(folder, name), null);
    else yield join(folder, name);
  }
}

/** Files, folders and links to files are listed; everything else is no data. */
async function readBeside(folder: string, own: string | null): Promise<{ name: string; kind: DataKind }[]> {
  const found: { name: string; kind: DataKind }[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (name === own || isStaging(name)) continue;
    const led = entry.isSymbolicLink() ? await kindAt(join(folder, name)).catch(() => "other" as const) : kindOf(entry);
    if (led === "file" || entry.isDirectory()) found.push({ name, kind: led });
  }
  return found;
}

/**
 * A version, and what its class has written beside it in the version's own folder, as classes do that keep an index or
 * a part of the metadata in files of their own. Their names change as the version's does: `_model.json.meta` of `_model.json`
 * goes to `ümodel.json.meta` beside `ümodel.json`.
 */
export async function listPublished({
  location,
  target,
  version: owner,
}: OwnedLocation & { target: string }): Promise<PublishedPath[]> {
  const folder = dirname(location);
  const version = { source: location, target };
  // Elsewhere what is beside it is not this version's.
  if (!hasOwnFolder({ location, version: owner })) return [version];
  const [stem, plainStem] = [parse(location).name, parse(target).name];
  const found = await readBeside(folder, basename(location));
  const beside = found
    .sort((a, b) => compareText(a.name, b.name))
    .map(({ name }) => {
      const plain = name.startsWith(stem) ? plainStem + name.slice(stem.length) : name;
      return { source: join(folder, name), target: join(dirname(target), plain) };
    });
  return [version, ...beside];
}
