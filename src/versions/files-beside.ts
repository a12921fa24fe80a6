import { readdir } from "node:fs/promises";
import { basename, dirname, join, parse } from "node:path";

/** A file or folder of a version, and where it is published. */
export interface PublishedPath {
  source: string;
  target: string;
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
}: {
  location: string;
  target: string;
  version: string;
}): Promise<PublishedPath[]> {
  const folder = dirname(location);
  const version = { source: location, target };
  // Elsewhere what is beside it is not this version's.
  if (basename(folder) !== owner) return [version];
  const [stem, plainStem] = [parse(location).name, parse(target).name];
  const names = (await readdir(folder)).filter((name) => name !== basename(location)).sort();
  const beside = names.map((name) => {
    const plain = name.startsWith(stem) ? plainStem + name.slice(stem.length) : name;
    return { source: join(folder, name), target: join(dirname(target), plain) };
  });
  return [version, ...beside];
}
